/** What only clients do: open epoch keys, messages and files. */
import { associatedOf, chunkCount, paddedSize } from './attachments';
import type { FilePlace, SealedFile } from './attachments';
import type { Directory } from './directory';
import { Ct1Error } from './errors';
import type { Identity } from './keys';
import { checkPlace } from './messages';
import type { SealedMessage } from './messages';
import { aeadOpen, concat, equal, openSeal, Stream, StreamHash, unpad } from './primitives';
import { epochCommitment, messageKeys, sealPrefix } from './sealing';
import type { ThreadState } from './state';
import { ATT_CHUNK, ATT_HEADER, ATT_OVERHEAD, PAD_LARGE, PAD_LARGE_FROM, PAD_SMALL } from './tables.gen';

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

/** Opens one file as its sealed bytes arrive, in parts of any size; nothing of it is whole before `done`. */
export class FileOpener {
  readonly #file: SealedFile;
  readonly #place: FilePlace;
  readonly #padded: number;
  readonly #chunks: number;
  readonly #hash = new StreamHash();
  #held: Uint8Array = new Uint8Array(0);
  #stream: Stream | null = null;
  #index = 0;

  constructor(file: SealedFile, place: FilePlace) {
    this.#file = file;
    this.#place = place;
    this.#padded = paddedSize(file.size);
    this.#chunks = chunkCount(this.#padded);
  }

  /** The content that this part completes; throws E_ATT for what does not authenticate in its place, E_ATT_TRAIL. */
  take(part: Uint8Array): Uint8Array {
    this.#hash.take(part);
    const held = concat(this.#held, part);
    const opened: Uint8Array[] = [];
    let at = 0;
    while (this.#index < this.#chunks && held.length - at >= this.#next()) {
      const size = this.#next();
      opened.push(this.#open(held.subarray(at, at + size)));
      at += size;
    }
    this.#held = held.slice(at);
    if (this.#index === this.#chunks && this.#held.length > 0) throw new Ct1Error('E_ATT_TRAIL', 'something follows the end of the file');
    return concat(...opened);
  }

  /** Says that nothing more arrives; throws E_ATT_TRUNC when something is missing, E_ATT for another hash. */
  done(): void {
    if (this.#index < this.#chunks) throw new Ct1Error('E_ATT_TRUNC', 'the file is not all there');
    if (!equal(this.#hash.done(), this.#file.hash)) throw new Ct1Error('E_ATT', 'not the file that the message names');
  }

  /** How many bytes the next thing to read has: the header, or a chunk. */
  #next(): number {
    if (!this.#stream) return ATT_HEADER;
    return Math.min(ATT_CHUNK, this.#padded - this.#index * ATT_CHUNK) + ATT_OVERHEAD;
  }

  #open(sealed: Uint8Array): Uint8Array {
    if (!this.#stream) {
      this.#stream = new Stream(this.#file.key, sealed);
      return new Uint8Array(0);
    }
    const isLast = this.#index === this.#chunks - 1;
    const chunk = this.#stream.open(sealed, associatedOf(this.#place, this.#index), isLast);
    const wanted = Math.max(0, Math.min(this.#file.size - this.#index * ATT_CHUNK, chunk.length));
    this.#index += 1;
    if (chunk.subarray(wanted).some((byte) => byte !== 0)) throw new Ct1Error('E_ATT', 'the padding is not zeros');
    return chunk.subarray(0, wanted);
  }
}
