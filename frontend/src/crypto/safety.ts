/** What two people compare to be sure of each other's keys, and all members of one thread (docs/protocol.md 3.9). */
import { Ct1Error } from './errors';
import { compare, concat, digest, equal } from './primitives';
import { Label, WORDS } from './tables.gen';

const DIGITS = 60;
const GROUP = 5;
const PHRASE_WORDS = 6;
const WORD_BITS = 10n;
const QR_PREFIX = Uint8Array.of(0x43, 0x54, 0x31, 1);

/** A key, and the fingerprint of the root that certifies it. */
export type Vouched = { readonly fp: Uint8Array; readonly root: Uint8Array };

function numberOf(hash: Uint8Array): bigint {
  return hash.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** Sixty digits in twelve groups, the same on both sides. */
export function safetyNumber(one: Vouched, other: Vouched): string {
  const sides = [one, other].map(({ fp, root }) => concat(fp, root)).sort(compare);
  const number = numberOf(digest(Label.SAFETY, concat(...sides))) % 10n ** BigInt(DIGITS);
  const digits = number.toString().padStart(DIGITS, '0');
  return Array.from({ length: DIGITS / GROUP }, (_, at) => digits.slice(at * GROUP, (at + 1) * GROUP)).join(' ');
}

/** Six words that everybody who sees the same log, and the same members, reads alike. */
export function threadPhrase(threadId: Uint8Array, head: Uint8Array, memberFps: readonly Uint8Array[], compFp: Uint8Array = new Uint8Array(0)): string {
  const number = numberOf(digest(Label.THREAD_FP, concat(threadId, head, ...[...memberFps].sort(compare), compFp)));
  const words = Array.from({ length: PHRASE_WORDS }, (_, at) => WORDS[Number((number >> (256n - WORD_BITS * BigInt(at + 1))) & 1023n)]);
  return words.join(' ');
}

/** What one shows to the other's camera: one's own key, and the other's as one has it. */
export function qrPayload(mine: Uint8Array, theirs: Uint8Array): Uint8Array {
  return concat(QR_PREFIX, mine, theirs);
}

/** Throws E_LABEL for another kind of code, E_KEY_CHANGED unless they hold my key and I theirs. */
export function checkQr(payload: Uint8Array, mine: Uint8Array, theirs: Uint8Array): void {
  if (payload.length !== QR_PREFIX.length + 64 || !equal(payload.subarray(0, QR_PREFIX.length), QR_PREFIX)) {
    throw new Ct1Error('E_LABEL', 'not a code of this kind');
  }
  if (!equal(payload, qrPayload(theirs, mine))) throw new Ct1Error('E_KEY_CHANGED', 'the keys are not the same on both sides');
}
