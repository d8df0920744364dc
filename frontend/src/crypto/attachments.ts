/** Files as they are sealed: their measures, and the sealing itself (docs/protocol.md 3.9). */
import { Writer } from './encoding';
import { Ct1Error } from './errors';
import type { Random } from './primitives';
import { concat, domain, KEY_BYTES, NONCE_BYTES, randomBytes, Stream, StreamHash } from './primitives';
import { ATT_CHUNK, ATT_HEADER, ATT_OVERHEAD, Label } from './tables.gen';

/** Chunks are numbered in a u32. */
const MAX_SIZE = ATT_CHUNK * 2 ** 32 - 1;

/** Where a file belongs: `attId` is the msg_id of the message that carries it. */
export type FilePlace = { readonly attId: Uint8Array; readonly thread: Uint8Array };

/** What the message that carries a file says of it: key, size of the content, hash of what is sealed. */
export type SealedFile = { readonly key: Uint8Array; readonly size: number; readonly hash: Uint8Array };

/** What the chunk of this number is bound to. */
export function associatedOf(place: FilePlace, index: number): Uint8Array {
  return domain(Label.ATT, new Writer().fixed(place.attId, 16).fixed(place.thread, 32).u32(index).done());
}

/** Padmé of a size in bytes: at most 12 % more, so that a size tells log log of itself; throws E_SIZE. */
export function paddedSize(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0 || size > MAX_SIZE) {
    throw new Ct1Error('E_SIZE', 'a file of that size cannot be numbered in chunks');
  }
  if (size < 2) return size;
  const exponent = bitLength(size) - 1;
  const step = 2 ** (exponent - bitLength(exponent));
  return Math.ceil(size / step) * step;
}

/** Exact for every safe integer, where Math.log2 is not. */
function bitLength(value: number): number {
  return value.toString(2).length;
}

/** How many chunks a padded content has; an empty file has one. */
export function chunkCount(padded: number): number {
  return Math.max(1, Math.ceil(padded / ATT_CHUNK));
}

/** The bytes of a sealed file whose content has `size` bytes. */
export function sealedSize(size: number): number {
  const padded = paddedSize(size);
  return ATT_HEADER + padded + ATT_OVERHEAD * chunkCount(padded);
}

/** Seals one file under a fresh key, in parts of any size; `done` gives the rest, and what the message says of it. */
export class FileSealer {
  readonly #place: FilePlace;
  readonly #size: number;
  readonly #padded: number;
  readonly #key: Uint8Array;
  readonly #header: Uint8Array;
  readonly #stream: Stream;
  readonly #hash = new StreamHash();
  #held: Uint8Array = new Uint8Array(0);
  #given = 0;
  #index = 0;

  constructor(place: FilePlace, size: number, random: Random = randomBytes) {
    this.#place = place;
    this.#size = size;
    this.#padded = paddedSize(size);
    this.#key = random(KEY_BYTES);
    this.#header = random(NONCE_BYTES);
    this.#stream = new Stream(this.#key, this.#header);
  }

  /** What this part of the content completes, sealed; throws E_SIZE when more comes than was said. */
  take(part: Uint8Array): Uint8Array {
    this.#given += part.length;
    if (this.#given > this.#size) throw new Ct1Error('E_SIZE', 'the file is longer than it was said to be');
    this.#held = concat(this.#held, part);
    const made: Uint8Array[] = [];
    let at = 0;
    for (; this.#held.length - at > ATT_CHUNK; at += ATT_CHUNK) made.push(this.#seal(this.#held.subarray(at, at + ATT_CHUNK)));
    this.#held = this.#held.slice(at);
    return this.#taken(made);
  }

  /** The last chunks; throws E_SIZE when the content is shorter than was said. */
  done(): { rest: Uint8Array; file: SealedFile } {
    if (this.#given !== this.#size) throw new Ct1Error('E_SIZE', 'the file is not as long as it was said to be');
    const made: Uint8Array[] = [];
    const chunks = chunkCount(this.#padded);
    while (this.#index < chunks) {
      const chunk = new Uint8Array(Math.min(ATT_CHUNK, this.#padded - this.#index * ATT_CHUNK));
      chunk.set(this.#held);
      this.#held = new Uint8Array(0);
      made.push(this.#seal(chunk));
    }
    const rest = this.#taken(made);
    return { rest, file: { key: this.#key, size: this.#size, hash: this.#hash.done() } };
  }

  #seal(chunk: Uint8Array): Uint8Array {
    const isLast = this.#index === chunkCount(this.#padded) - 1;
    const header = this.#index === 0 ? this.#header : new Uint8Array(0);
    const sealed = this.#stream.seal(chunk, associatedOf(this.#place, this.#index), isLast);
    this.#index += 1;
    return concat(header, sealed);
  }

  #taken(made: readonly Uint8Array[]): Uint8Array {
    const sealed = concat(...made);
    this.#hash.take(sealed);
    return sealed;
  }
}
