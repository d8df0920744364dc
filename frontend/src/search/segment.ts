/**
 * Up to a thousand messages and the words that they are found by: built at once, never changed, read where it lies.
 * Of all words a sorted string is kept, and of each word the numbers of the messages that have it.
 */
import { wordsOf } from './words';

/** One message as it stands: `changed` is the seq of the edit that gave it these words, else its own. */
export type Entry = { seq: number; at: number; sender: string; msgId: string; ctype: number; text: string; file: string; changed: number };

export type Segment = {
  readonly seqs: Uint32Array;
  readonly ats: Float64Array;
  /** All words, sorted and one after the other; the first ends where the second of `starts` says. */
  readonly words: string;
  readonly starts: Uint32Array;
  /** Where each word's messages begin in `entries`. */
  readonly firsts: Uint32Array;
  readonly entries: Uint16Array;
};

export const MOST_ENTRIES = 1024;
/** A segment is rewritten whole, when one of its messages changes: it must stay small. */
export const MOST_TEXT = 256 * 1024;

/** Under this a message is found by its id; no word has the sign. */
const byId = (msgId: string) => `\u0001${msgId}`;

const inOrder = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** A segment that grows is built again with each page: its messages are taken apart once. */
const apart = new WeakMap<Entry, readonly string[]>();

function wordsOfEntry(entry: Entry): readonly string[] {
  const known = apart.get(entry);
  if (known) return known;
  const words = [...wordsOf(`${entry.text}\n${entry.file}`), byId(entry.msgId)];
  apart.set(entry, words);
  return words;
}

export function build(entries: readonly Entry[]): Segment {
  const found = new Map<string, number[]>();
  entries.forEach((entry, number) => {
    for (const word of wordsOfEntry(entry)) {
      const known = found.get(word);
      if (known) known.push(number);
      else found.set(word, [number]);
    }
  });
  const sorted = [...found].sort(([one], [other]) => inOrder(one, other));
  const starts = new Uint32Array(sorted.length + 1);
  const firsts = new Uint32Array(sorted.length + 1);
  sorted.forEach(([word, numbers], at) => {
    starts[at + 1] = (starts[at] ?? 0) + word.length;
    firsts[at + 1] = (firsts[at] ?? 0) + numbers.length;
  });
  return {
    seqs: Uint32Array.from(entries, ({ seq }) => seq),
    ats: Float64Array.from(entries, ({ at }) => at),
    words: sorted.map(([word]) => word).join(''),
    starts,
    firsts,
    entries: Uint16Array.from(sorted.flatMap(([, numbers]) => numbers)),
  };
}

function wordAt(segment: Segment, index: number): string {
  return segment.words.slice(segment.starts[index], segment.starts[index + 1]);
}

/** The index of the first word that is not before `wanted`. */
function firstFrom(segment: Segment, wanted: string): number {
  let low = 0;
  let high = segment.starts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (wordAt(segment, middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The numbers of the messages that have, for each beginning, a word that begins so. */
export function matching(segment: Segment, beginnings: readonly string[]): number[] {
  if (beginnings.length === 0) return [];
  const reached = new Uint8Array(segment.seqs.length);
  for (const [step, beginning] of beginnings.entries()) {
    let isThere = false;
    for (let index = firstFrom(segment, beginning); index < segment.starts.length - 1 && wordAt(segment, index).startsWith(beginning); index++) {
      for (const number of segment.entries.subarray(segment.firsts[index], segment.firsts[index + 1])) {
        if (reached[number] !== step) continue;
        reached[number] = step + 1;
        isThere = true;
      }
    }
    if (!isThere) return [];
  }
  const numbers: number[] = [];
  reached.forEach((steps, number) => {
    if (steps === beginnings.length) numbers.push(number);
  });
  return numbers;
}

/** The numbers of the messages with this id: several only where two senders chose the same. */
export function withId(segment: Segment, msgId: string): number[] {
  return matching(segment, [byId(msgId)]);
}

/** Four numbers, of which three say how long the arrays are; sixteen bytes, so that every array lies where its width asks. */
const HEAD_BYTES = 16;

/** Numbers of messages, of bounds and of entries, then each array, the widest first, then the words in UTF-8. */
export function encode({ seqs, ats, words, starts, firsts, entries }: Segment): Uint8Array {
  const head = Uint32Array.of(seqs.length, starts.length, entries.length, 0);
  const parts = [head, ats, seqs, starts, firsts, entries, new TextEncoder().encode(words)];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
}

/** What `encode` wrote, of bytes that this device sealed itself. */
export function decode(bytes: Uint8Array): Segment {
  // A buffer of its own: a view into another one could begin where no array may.
  const { buffer } = bytes.slice();
  const [messages = 0, bounds = 0, count = 0] = new Uint32Array(buffer, 0, 4);
  const seqsAt = HEAD_BYTES + messages * 8;
  const startsAt = seqsAt + messages * 4;
  const firstsAt = startsAt + bounds * 4;
  const entriesAt = firstsAt + bounds * 4;
  return {
    ats: new Float64Array(buffer, HEAD_BYTES, messages),
    seqs: new Uint32Array(buffer, seqsAt, messages),
    starts: new Uint32Array(buffer, startsAt, bounds),
    firsts: new Uint32Array(buffer, firstsAt, bounds),
    entries: new Uint16Array(buffer, entriesAt, count),
    words: new TextDecoder().decode(new Uint8Array(buffer, entriesAt + count * 2)),
  };
}
