/** CE1: fixed order, big-endian, length-prefixed, no optional fields and no trailing bytes (docs/protocol.md 2). */
import { Ct1Error } from './errors';
import { ascii, compare, concat, equal } from './primitives';
import { MAX_INTEGER, VERSION } from './tables.gen';

/** Builds a CE1 object; every method returns the writer, so that an object reads as its layout does. */
export class Writer {
  readonly #parts: Uint8Array[] = [];

  constructor(label: string | null = null) {
    if (label !== null) this.#parts.push(Uint8Array.of(label.length), ascii(label), Uint8Array.of(VERSION));
  }

  #uint(value: number, size: number, limit: number): this {
    if (!Number.isSafeInteger(value) || value < 0 || value > limit) throw new Ct1Error('E_ENC', `${value} does not fit`);
    const part = new Uint8Array(size);
    let rest = value;
    for (let at = size - 1; at >= 0; at--) {
      part[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#parts.push(part);
    return this;
  }

  u8(value: number): this {
    return this.#uint(value, 1, 0xff);
  }

  u16(value: number): this {
    return this.#uint(value, 2, 0xffff);
  }

  u32(value: number): this {
    return this.#uint(value, 4, 0xffffffff);
  }

  u64(value: number): this {
    return this.#uint(value, 8, MAX_INTEGER);
  }

  fixed(raw: Uint8Array, size: number): this {
    if (raw.length !== size) throw new Ct1Error('E_ENC', `expected ${size} bytes, got ${raw.length}`);
    this.#parts.push(raw);
    return this;
  }

  v16(raw: Uint8Array): this {
    return this.u16(raw.length).fixed(raw, raw.length);
  }

  v32(raw: Uint8Array): this {
    return this.u32(raw.length).fixed(raw, raw.length);
  }

  /** `list16<T>`: a u16 count and the items. */
  each<T>(items: readonly T[], write: (writer: Writer, item: T) => unknown): this {
    this.u16(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  done(): Uint8Array {
    return concat(...this.#parts);
  }
}

/** Reads a CE1 object and refuses everything that the writer would not have written. */
export class Reader {
  readonly #raw: Uint8Array;
  #at = 0;

  constructor(raw: Uint8Array, label: string | null = null) {
    this.#raw = raw;
    if (label !== null) this.#header(label);
  }

  #header(label: string): void {
    if (!equal(this.fixed(this.u8()), ascii(label))) throw new Ct1Error('E_LABEL', `not a ${label}`);
    if (this.u8() !== VERSION) throw new Ct1Error('E_VERSION', `${label}: unknown version`);
  }

  #uint(size: number): number {
    return this.fixed(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  u8(): number {
    return this.#uint(1);
  }

  u16(): number {
    return this.#uint(2);
  }

  u32(): number {
    return this.#uint(4);
  }

  u64(): number {
    const raw = this.fixed(8);
    // Above 2^53 a double would round: the high eleven bits must be clear before it is computed.
    const value = raw.reduce((sum, byte) => sum * 256 + byte, 0);
    if ((raw[0] ?? 0) !== 0 || (raw[1] ?? 0) > 0x1f || value > MAX_INTEGER) {
      throw new Ct1Error('E_ENC', 'an integer above 2^53 - 1');
    }
    return value;
  }

  /** A copy: what was read stays as it was, whatever happens to the buffer. */
  fixed(size: number): Uint8Array {
    const end = this.#at + size;
    if (end > this.#raw.length) throw new Ct1Error('E_ENC', 'truncated');
    const taken = this.#raw.slice(this.#at, end);
    this.#at = end;
    return taken;
  }

  v16(): Uint8Array {
    return this.fixed(this.u16());
  }

  v32(): Uint8Array {
    return this.fixed(this.u32());
  }

  /** A u8 that must be one of a closed set; E_ENUM otherwise. */
  enum<T extends number>(members: Readonly<Record<string, T>>): T {
    const value = this.u8();
    const found = Object.values(members).find((one) => one === value);
    if (found === undefined) throw new Ct1Error('E_ENUM', `${value} is unknown`);
    return found;
  }

  /** The bytes of a `text`: a v16 of UTF-8, not normalised. */
  utf8(): Uint8Array {
    const raw = this.v16();
    fromUtf8(raw);
    return raw;
  }

  each<T>(read: (reader: Reader) => T): T[] {
    const count = this.u16();
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(read(this));
    return items;
  }

  /** Throws E_ENC when bytes are left over: a second meaning could hide in them. */
  done(): void {
    if (this.#at !== this.#raw.length) throw new Ct1Error('E_ENC', 'trailing bytes');
  }
}

/** The items, which must stand in ascending byte order without a repeat; E_ENC otherwise. */
export function sortedOnce(items: readonly Uint8Array[], what: string): readonly Uint8Array[] {
  for (const [index, item] of items.entries()) {
    const next = items[index + 1];
    if (next && compare(item, next) >= 0) throw new Ct1Error('E_ENC', `${what} must be sorted and without repeats`);
  }
  return items;
}

/** Base64url without padding, as bytes travel in JSON; also how bytes are named in maps here. */
export function b64(raw: Uint8Array): string {
  let text = '';
  for (const byte of raw) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** Throws E_ENC for anything that `b64` would not have written. */
export function unb64(text: string): Uint8Array {
  try {
    const raw = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
    if (b64(raw) === text) return raw;
  } catch {
    // Falls through to the one refusal below.
  }
  throw new Ct1Error('E_ENC', 'not base64url');
}

export function utf8(text: string): Uint8Array {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** Throws E_ENC for bytes that are not UTF-8; a leading U+FEFF is kept. */
export function fromUtf8(raw: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    throw new Ct1Error('E_ENC', 'not UTF-8');
  }
}
