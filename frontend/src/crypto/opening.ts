/** What only clients do: open epoch keys and messages. */
import type { Directory } from './directory';
import { Ct1Error } from './errors';
import type { Identity } from './keys';
import { checkPlace } from './messages';
import type { SealedMessage } from './messages';
import { aeadOpen, equal, openSeal, unpad } from './primitives';
import { epochCommitment, messageKeys, sealPrefix } from './sealing';
import type { ThreadState } from './state';
import { PAD_LARGE, PAD_LARGE_FROM, PAD_SMALL } from './tables.gen';

/** What precedes the last 32 bytes, and those; as Python slices, also of what is shorter. */
export function splitKey(plain: Uint8Array): { prefix: Uint8Array; key: Uint8Array } {
  const at = Math.max(0, plain.length - 32);
  return { prefix: plain.slice(0, at), key: plain.slice(at) };
}

/** The epoch's key; E_SEAL, E_SEAL_CTX when it was sealed for another place, E_KEY_COMMIT when it is another key. */
export function openEpochSeal(
  blob: Uint8Array,
  threadId: Uint8Array,
  epoch: number,
  keyCommit: Uint8Array,
  identity: Identity,
): Uint8Array {
  const { prefix, key } = splitKey(openSeal(blob, identity.boxSeed));
  if (!equal(prefix, sealPrefix(threadId, epoch, identity.user, identity.boxPk))) {
    throw new Ct1Error('E_SEAL_CTX', 'the key was sealed for another thread, epoch or person');
  }
  if (!equal(epochCommitment(key, threadId), keyCommit)) {
    throw new Ct1Error('E_KEY_COMMIT', 'not the key that the log commits to');
  }
  return key;
}

/** The body of a message that stands where it says, from whom it says (rules R2 to R8). */
export function openMessage(sealed: SealedMessage, state: ThreadState, directory: Directory, epochKey: Uint8Array): Uint8Array {
  checkPlace(sealed, state, directory);
  return openBody(sealed, epochKey);
}

/** The body of a message whose place was checked (R8). */
export function openBody(sealed: SealedMessage, epochKey: Uint8Array): Uint8Array {
  const { mk, kc } = messageKeys(epochKey, sealed.headerBytes);
  if (!equal(kc, sealed.kc)) throw new Ct1Error('E_KEY_COMMIT', 'the message commits to another key');
  const padded = aeadOpen(mk, sealed.nonce, sealed.ct, sealed.headerBytes);
  // A short body is padded to 256 bytes; at 4 KiB and above the block is 4 KiB.
  return unpad(padded, padded.length > PAD_LARGE_FROM ? PAD_LARGE : PAD_SMALL);
}
