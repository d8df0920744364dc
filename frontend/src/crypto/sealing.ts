/** What a client does before it sends: seal an epoch's key to each reader, and a message under the epoch. */
import { Writer } from './encoding';
import { Ct1Error } from './errors';
import type { Identity } from './keys';
import { blockOf, encodeHeader, signedBytes } from './messages';
import type { Header, SealedMessage } from './messages';
import { aeadSeal, concat, domain, kdf, NONCE_BYTES, pad, randomBytes, seal, sign } from './primitives';
import type { Random } from './primitives';
import { Label, MAX_BODY } from './tables.gen';

/** The key of one message and its commitment: revealing `mk` discloses this message and no other. */
export type MessageKeys = { readonly mk: Uint8Array; readonly kc: Uint8Array };

/** A fresh 32-byte epoch key; never one that was received (rule S8). */
export function newEpochKey(rng: Random = randomBytes): Uint8Array {
  return rng(32);
}

/** Binds every member to one key; without the epoch's number, so that a key used twice is seen (E_KEY_REUSE). */
export function epochCommitment(epochKey: Uint8Array, threadId: Uint8Array): Uint8Array {
  return kdf(epochKey, Label.EPOCH_COMMIT, threadId);
}

export function sealPrefix(threadId: Uint8Array, epoch: number, user: Uint8Array, boxPk: Uint8Array): Uint8Array {
  return domain(Label.EPOCH_SEAL, new Writer().fixed(threadId, 32).u32(epoch).fixed(user, 16).fixed(boxPk, 32).done());
}

/** The epoch's key in a sealed box for one reader, bound to thread, epoch, person and key. */
export function sealEpochKey(
  epochKey: Uint8Array,
  threadId: Uint8Array,
  epoch: number,
  reader: { readonly user: Uint8Array; readonly boxPk: Uint8Array },
): Uint8Array {
  return seal(concat(sealPrefix(threadId, epoch, reader.user, reader.boxPk), epochKey), reader.boxPk);
}

export function messageKeys(epochKey: Uint8Array, headerBytes: Uint8Array): MessageKeys {
  const keys = kdf(epochKey, Label.MSG_KEY, headerBytes, 64);
  return { mk: keys.slice(0, 32), kc: keys.slice(32) };
}

/**
 * A message as it is sent. The whole header is associated data and the key is committed to, so that one ciphertext
 * means one message in one place; throws E_SIZE for a body over 64 KiB.
 */
export function sealMessage(
  header: Header,
  body: Uint8Array,
  epochKey: Uint8Array,
  identity: Identity,
  rng: Random = randomBytes,
): SealedMessage {
  if (body.length > MAX_BODY) throw new Ct1Error('E_SIZE', 'the body is too large: send an attachment');
  const headerBytes = encodeHeader(header);
  const nonce = rng(NONCE_BYTES);
  const { mk, kc } = messageKeys(epochKey, headerBytes);
  const ct = aeadSeal(mk, nonce, pad(body, blockOf(body.length)), headerBytes);
  const sig = sign(identity.signSeed, Label.MSG_SIG, signedBytes(headerBytes, kc, nonce, ct));
  const wire = new Writer().v16(headerBytes).fixed(nonce, 24).fixed(kc, 32).v32(ct).fixed(sig, 64).done();
  return { header, headerBytes, nonce, kc, ct, sig, wire };
}
