/**
 * The only door to libsodium: each operation of CT1 with the reason why it is safe as used here.
 * No options and no algorithm names from the wire: a caller cannot ask for anything weaker.
 */
import sodium, { type StateAddress } from 'libsodium-wrappers-sumo';
import { Ct1Error } from './errors';
import type { ErrorCode } from './tables.gen';

await sodium.ready;

export const KEY_BYTES = 32;
export const NONCE_BYTES = 24;
export const SIGNATURE_BYTES = 64;
export const SEAL_OVERHEAD = 48;

/** A public key and the secret that libsodium derives from its 32-byte seed. */
export type KeyPair = { readonly public: Uint8Array; readonly secret: Uint8Array };
export type Random = (size: number) => Uint8Array;

const NOTHING = new Uint8Array(0);

/** Bytes from the operating system's generator. */
export function randomBytes(size: number): Uint8Array {
  return sodium.randombytes_buf(size);
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Not in constant time: for public bytes and for commitments, which are hashes of what an attacker must not know. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** As bytes are ordered in CE1: negative, zero or positive. */
export function compare(one: Uint8Array, other: Uint8Array): number {
  const size = Math.min(one.length, other.length);
  for (let at = 0; at < size; at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** `u8(len(label)) ‖ label ‖ data`: no input of one purpose can be read as an input of another. */
export function domain(label: string, data: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(label.length), ascii(label), data);
}

/** BLAKE2b (RFC 7693); a MAC and PRF when keyed. */
export function blake2b(data: Uint8Array, key: Uint8Array | null = null, size = 32): Uint8Array {
  return sodium.crypto_generichash(size, data, key);
}

/** BLAKE2b-256 of the labelled data. */
export function digest(label: string, data: Uint8Array): Uint8Array {
  return blake2b(domain(label, data));
}

/** Keyed BLAKE2b as a KDF: a PRF under a uniform 32-byte key, one output length a label. */
export function kdf(key: Uint8Array, label: string, context: Uint8Array = NOTHING, size = 32): Uint8Array {
  return blake2b(domain(label, context), key, size);
}

/** The Ed25519 pair of a 32-byte seed (RFC 8032). */
export function signingPair(seed: Uint8Array): KeyPair {
  const pair = sodium.crypto_sign_seed_keypair(seed);
  return { public: pair.publicKey, secret: pair.privateKey };
}

/** An Ed25519 signature over the labelled data. */
export function sign(seed: Uint8Array, label: string, data: Uint8Array): Uint8Array {
  return sodium.crypto_sign_detached(domain(label, data), signingPair(seed).secret);
}

/**
 * Throws E_SIG unless libsodium accepts.
 * It refuses S+L, small-order and non-canonical keys, which OpenSSL and WebCrypto accept: with two verifier families
 * one member would accept a log that another refuses.
 */
export function verify(publicKey: Uint8Array, label: string, data: Uint8Array, signature: Uint8Array): void {
  const fits = publicKey.length === KEY_BYTES && signature.length === SIGNATURE_BYTES;
  if (!fits || !sodium.crypto_sign_verify_detached(signature, domain(label, data), publicKey)) {
    throw new Ct1Error('E_SIG', `${label}: the signature does not verify`);
  }
}

/** The X25519 pair of a 32-byte seed. */
export function boxPair(seed: Uint8Array): KeyPair {
  const pair = sodium.crypto_box_seed_keypair(seed);
  return { public: pair.publicKey, secret: pair.privateKey };
}

/** An anonymous box to one public key; who sent it must be proved elsewhere (the commitment in the log). */
export function seal(data: Uint8Array, boxPk: Uint8Array): Uint8Array {
  return attempt('E_SEAL', "the recipient's key cannot be sealed to", () => sodium.crypto_box_seal(data, boxPk));
}

/** The content of a sealed box; throws E_SEAL. */
export function openSeal(blob: Uint8Array, boxSeed: Uint8Array): Uint8Array {
  if (blob.length < SEAL_OVERHEAD) throw new Ct1Error('E_SEAL', 'too short for a sealed box');
  const pair = boxPair(boxSeed);
  const open = () => sodium.crypto_box_seal_open(blob, pair.public, pair.secret);
  return attempt('E_SEAL', 'the sealed box does not open', open);
}

/** XChaCha20-Poly1305: the 24-byte nonce is long enough to be drawn at random for ever under one key. */
export function aeadSeal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, associated, null, nonce, key);
}

/** The plaintext, or `code` when key, nonce, ciphertext or associated data is not what was sealed. */
export function aeadOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  associated: Uint8Array,
  code: ErrorCode = 'E_AEAD',
): Uint8Array {
  if (ciphertext.length < 16) throw new Ct1Error(code, 'too short for an authenticated ciphertext');
  const open = () => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, associated, nonce, key);
  return attempt(code, 'the ciphertext does not authenticate', open);
}

/**
 * Secretstream XChaCha20-Poly1305: chunks in their order, of which the last one says so. The state begins alike on
 * both sides, so a header that the caller drew serves the sealing too.
 */
export class Stream {
  readonly #state: StateAddress;

  constructor(key: Uint8Array, header: Uint8Array) {
    this.#state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key);
  }

  seal(chunk: Uint8Array, associated: Uint8Array, isLast: boolean): Uint8Array {
    return sodium.crypto_secretstream_xchacha20poly1305_push(this.#state, chunk, associated, tagOf(isLast));
  }

  /** The chunk; throws E_ATT when it does not authenticate here, or is the last one where it must not be. */
  open(sealed: Uint8Array, associated: Uint8Array, isLast: boolean): Uint8Array {
    const pull = () => sodium.crypto_secretstream_xchacha20poly1305_pull(this.#state, sealed, associated);
    const found = attempt('E_ATT', 'a part of the file does not authenticate', pull);
    if (!found) throw new Ct1Error('E_ATT', 'a part of the file does not authenticate');
    if (found.tag !== tagOf(isLast)) throw new Ct1Error('E_ATT', 'the file ends elsewhere than it says');
    return found.message;
  }
}

function tagOf(isLast: boolean): number {
  return isLast ? sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL : sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
}

/** BLAKE2b-256 of bytes that arrive in parts. */
export class StreamHash {
  readonly #state = sodium.crypto_generichash_init(null, 32);

  take(part: Uint8Array): void {
    sodium.crypto_generichash_update(this.#state, part);
  }

  /** Once: the state is of no use after. */
  done(): Uint8Array {
    return sodium.crypto_generichash_final(this.#state, 32);
  }
}

/** Argon2id version 1.3 (RFC 9106) with one lane; `memory` in bytes, `salt` 16 bytes. */
export function argon2id(password: Uint8Array, salt: Uint8Array, passes: number, memory: number, size: number): Uint8Array {
  return sodium.crypto_pwhash(size, password, salt, passes, memory, sodium.crypto_pwhash_ALG_ARGON2ID13);
}

/** ISO/IEC 7816-4 padding to a multiple of `block`: 0x80, then zeros. */
export function pad(body: Uint8Array, block: number): Uint8Array {
  const padded = new Uint8Array(Math.ceil((body.length + 1) / block) * block);
  padded.set(body);
  padded[body.length] = 0x80;
  return padded;
}

/** The body before the padding; throws E_PAD when it is not exactly what `pad` makes. */
export function unpad(padded: Uint8Array, block: number): Uint8Array {
  let end = padded.length;
  while (end > 0 && padded[end - 1] === 0) end -= 1;
  const isWhole = end > 0 && padded[end - 1] === 0x80 && padded.length % block === 0 && padded.length - end < block;
  if (!isWhole) throw new Ct1Error('E_PAD', 'the padding is not ISO/IEC 7816-4 to this block');
  return padded.slice(0, end - 1);
}

/** libsodium.js throws plain errors (and TypeErrors for lengths): each call here has one meaning for them. */
function attempt<T>(code: ErrorCode, message: string, act: () => T): T {
  try {
    return act();
  } catch {
    throw new Ct1Error(code, message);
  }
}
