/**
 * SFrame (RFC 9605) with AES_256_GCM_SHA512_128, the one suite of this product, over encoded audio and video frames.
 *
 *     sealed frame = clear ‖ SFrame header ‖ ciphertext ‖ tag[16]
 *     AAD          = SFrame header ‖ metadata,  metadata = kind u8 (1 audio, 2 video, 3 screen) ‖ clear
 *     KID          = n · 256 + index of the sender in the ranks of the call's key notice number n
 *     base_key     = the sender's frame key (docs/protocol.md 3.8), 32 bytes
 *
 * `clear` is what the forwarder and the packetiser must read: 10 bytes of a VP8 key frame, 3 of a VP8 delta frame, 1 of
 * Opus (its table of contents); authenticated, not secret. The kind is authenticated, so that a camera's frame cannot be
 * played as a screen's. One counter for all kinds of a sender, from 0 under each n: the nonce is salt xor counter and must
 * never come twice under one key.
 */

export type MediaKind = 'audio' | 'video' | 'screen';
export type KeyPair = { readonly key: CryptoKey; readonly salt: Uint8Array };
export type SframeHeader = { readonly kid: number; readonly ctr: number; readonly size: number };

const SUITE = 5;
const KEY_BITS = 256;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KIND_BYTE: Readonly<Record<MediaKind, number>> = { audio: 1, video: 2, screen: 3 };
const WINDOW = 1024;
const SENDERS = 256;

/** Why a frame was not opened. */
export type Refusal = 'short' | 'no_key' | 'replay' | 'forged';

export class FrameRefused extends Error {
  readonly why: Refusal;

  constructor(why: Refusal) {
    super(why);
    this.name = 'FrameRefused';
    this.why = why;
  }
}

function bigEndian(value: number, size: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (let at = 0; at < size; at++) {
    bytes.unshift(rest % 256);
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

function sizeOf(value: number): number {
  let size = 1;
  for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) size += 1;
  return size;
}

/** Values below 8 stand in the first byte, others follow it in as few bytes as they need; both at most 2^53 - 1. */
export function encodeSframeHeader(kid: number, ctr: number): Uint8Array {
  if (!Number.isSafeInteger(kid) || !Number.isSafeInteger(ctr) || kid < 0 || ctr < 0) throw new RangeError('not a KID or CTR');
  const kidBytes = kid < 8 ? [] : bigEndian(kid, sizeOf(kid));
  const ctrBytes = ctr < 8 ? [] : bigEndian(ctr, sizeOf(ctr));
  const kidBits = kid < 8 ? kid : 8 | (kidBytes.length - 1);
  const ctrBits = ctr < 8 ? ctr : 8 | (ctrBytes.length - 1);
  return Uint8Array.of((kidBits << 4) | ctrBits, ...kidBytes, ...ctrBytes);
}

/** The header at `at`; throws `short` when it is cut off, or names more than this version counts to. */
export function parseSframeHeader(data: Uint8Array, at = 0): SframeHeader {
  const first = data[at];
  if (first === undefined) throw new FrameRefused('short');
  let next = at + 1;
  const read = (bits: number): number => {
    if ((bits & 8) === 0) return bits;
    const size = (bits & 7) + 1;
    if (next + size > data.length) throw new FrameRefused('short');
    let value = 0;
    for (let index = 0; index < size; index++) value = value * 256 + (data[next + index] ?? 0);
    next += size;
    return value;
  };
  const kid = read(first >> 4);
  const ctr = read(first & 15);
  if (!Number.isSafeInteger(kid) || !Number.isSafeInteger(ctr)) throw new FrameRefused('short');
  return { kid, ctr, size: next - at };
}

export function kidOf(n: number, index: number): number {
  return n * SENDERS + index;
}

export function clearBytes(kind: MediaKind, isKeyFrame: boolean): number {
  if (kind === 'audio') return 1;
  return isKeyFrame ? 10 : 3;
}

function label(text: string, kid: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...[...text].map((char) => char.charCodeAt(0)), ...bigEndian(kid, 8), ...bigEndian(SUITE, 2)]);
}

/** RFC 9605 4.4.2: HKDF with an empty salt splits one base key into a key and a salt of this KID. */
export async function deriveKeys(baseKey: Uint8Array, kid: number): Promise<KeyPair> {
  const base = await crypto.subtle.importKey('raw', new Uint8Array(baseKey), 'HKDF', false, ['deriveBits', 'deriveKey']);
  const terms = (info: Uint8Array<ArrayBuffer>) => ({ name: 'HKDF', hash: 'SHA-512', salt: new Uint8Array(0), info });
  const [key, salt] = await Promise.all([
    crypto.subtle.deriveKey(terms(label('SFrame 1.0 Secret key ', kid)), base, { name: 'AES-GCM', length: KEY_BITS }, false, ['encrypt', 'decrypt']),
    crypto.subtle.deriveBits(terms(label('SFrame 1.0 Secret salt ', kid)), base, NONCE_BYTES * 8),
  ]);
  return { key, salt: new Uint8Array(salt) };
}

function terms(pair: KeyPair, ctr: number, header: Uint8Array, metadata: Uint8Array): AesGcmParams {
  const iv = new Uint8Array(pair.salt);
  for (const [index, byte] of bigEndian(ctr, 8).entries()) {
    const at = NONCE_BYTES - 8 + index;
    iv[at] = (iv[at] ?? 0) ^ byte;
  }
  return { name: 'AES-GCM', iv, additionalData: joined(header, metadata), tagLength: TAG_BYTES * 8 };
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `header ‖ ciphertext ‖ tag` of a plaintext under a counter that was never used with this pair. */
export async function sealSframe(pair: KeyPair, kid: number, ctr: number, plain: Uint8Array, metadata: Uint8Array): Promise<Uint8Array> {
  const header = encodeSframeHeader(kid, ctr);
  const sealed = await crypto.subtle.encrypt(terms(pair, ctr, header, metadata), pair.key, new Uint8Array(plain));
  return joined(header, new Uint8Array(sealed));
}

/** The plaintext; throws `forged` when key, counter, metadata or ciphertext is not what was sealed. */
export async function openSframe(pair: KeyPair, header: SframeHeader, sealed: Uint8Array, metadata: Uint8Array): Promise<Uint8Array> {
  const head = sealed.slice(0, header.size);
  try {
    const plain = await crypto.subtle.decrypt(terms(pair, header.ctr, head, metadata), pair.key, new Uint8Array(sealed.slice(header.size)));
    return new Uint8Array(plain);
  } catch {
    throw new FrameRefused('forged');
  }
}

function metadataOf(kind: MediaKind, clear: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(KIND_BYTE[kind]), clear);
}

/** Seals this device's frames under one key number; every kind counts in it, so no counter comes twice. */
export class FrameSealer {
  readonly n: number;
  readonly #kid: number;
  readonly #pair: KeyPair;
  #next = 0;

  private constructor(n: number, kid: number, pair: KeyPair) {
    this.n = n;
    this.#kid = kid;
    this.#pair = pair;
  }

  static async make(n: number, index: number, frameKey: Uint8Array): Promise<FrameSealer> {
    const kid = kidOf(n, index);
    return new FrameSealer(n, kid, await deriveKeys(frameKey, kid));
  }

  async seal(frame: Uint8Array, kind: MediaKind, isKeyFrame: boolean): Promise<Uint8Array> {
    const ctr = this.#next++;
    const clear = frame.slice(0, clearBytes(kind, isKeyFrame));
    const sealed = await sealSframe(this.#pair, this.#kid, ctr, frame.slice(clear.length), metadataOf(kind, clear));
    return joined(clear, sealed);
  }
}

/** The counters that have come under one key and kind; those 1,024 behind the highest are too old to tell. */
export class ReplayWindow {
  #highest = -1;
  #seen = new Set<number>();

  isFresh(ctr: number): boolean {
    return ctr > this.#highest - WINDOW && !this.#seen.has(ctr);
  }

  /** Only after the frame was authenticated, else a forgery could push the window on. */
  take(ctr: number): void {
    this.#seen.add(ctr);
    this.#highest = Math.max(this.#highest, ctr);
    if (this.#seen.size > 2 * WINDOW) this.#seen = new Set([...this.#seen].filter((one) => one > this.#highest - WINDOW));
  }
}

type Sender = { readonly turn: number; readonly user: string; readonly pair: KeyPair; readonly windows: Map<MediaKind, ReplayWindow> };

/** Opens the frames of everybody in a call: the key by the KID, and only for the person whose track it should be. */
export class FrameOpener {
  /** The newest first: leaders count by their own clocks, so two of them may have given the same number. */
  readonly #senders = new Map<number, readonly Sender[]>();

  /** `turn` is the place of the key in the order of their use. */
  async add(turn: number, n: number, index: number, user: string, frameKey: Uint8Array): Promise<void> {
    const kid = kidOf(n, index);
    const sender: Sender = { turn, user, pair: await deriveKeys(frameKey, kid), windows: new Map<MediaKind, ReplayWindow>() };
    this.#senders.set(kid, [sender, ...(this.#senders.get(kid) ?? [])].sort((one, other) => other.turn - one.turn));
  }

  /** Forgets all keys that were given before this turn. */
  retire(turn: number): void {
    for (const [kid, senders] of this.#senders) {
      const left = senders.filter((sender) => sender.turn >= turn);
      if (left.length > 0) this.#senders.set(kid, left);
      else this.#senders.delete(kid);
    }
  }

  clear(): void {
    this.#senders.clear();
  }

  /** The frame as its sender encoded it; throws FrameRefused. `user` is whose track the server says this is. */
  async open(sealed: Uint8Array, user: string, kind: MediaKind, isKeyFrame: boolean): Promise<Uint8Array> {
    const clear = sealed.slice(0, clearBytes(kind, isKeyFrame));
    const rest = sealed.slice(clear.length);
    const header = parseSframeHeader(rest);
    if (rest.length < header.size + TAG_BYTES) throw new FrameRefused('short');
    let refusal = new FrameRefused('no_key');
    for (const sender of this.#senders.get(header.kid) ?? []) {
      // A server that hands one person's frames out as another's finds no key: who speaks is who is shown.
      if (sender.user !== user) continue;
      const window = sender.windows.get(kind) ?? new ReplayWindow();
      sender.windows.set(kind, window);
      try {
        const plain = await openSframe(sender.pair, header, rest, metadataOf(kind, clear));
        if (!window.isFresh(header.ctr)) throw new FrameRefused('replay');
        window.take(header.ctr);
        return joined(clear, plain);
      } catch (error) {
        if (!(error instanceof FrameRefused)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }
}
