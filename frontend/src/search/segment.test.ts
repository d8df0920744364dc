import { describe, expect, it } from 'vitest';
import { build, decode, encode, matching, withId, type Entry } from './segment';

const entry = (seq: number, text: string, file = ''): Entry => ({ seq, at: seq * 1000, sender: 's', msgId: `id-${seq}`, ctype: 1, text, file, changed: seq });
const entries = [entry(1, 'The lithium level is due'), entry(2, 'Lithotripsy was planned'), entry(3, 'Level with me', 'lithium.pdf')];

describe('a segment', () => {
  it('answers who has a word that begins so, for every beginning', () => {
    const segment = build(entries);
    expect(matching(segment, ['lith'])).toEqual([0, 1, 2]);
    expect(matching(segment, ['lithi', 'lev'])).toEqual([0, 2]);
    expect(matching(segment, ['lith', 'planned', 'w'])).toEqual([1]);
    expect(matching(segment, ['zzz'])).toEqual([]);
    expect(matching(segment, [])).toEqual([]);
  });

  it('counts a message once, however many of its words begin so', () => {
    expect(matching(build([entry(1, 'lithium lithium lithotripsy')]), ['li', 'lith'])).toEqual([0]);
  });

  it('finds by id what no word finds', () => {
    const segment = build(entries);
    expect(withId(segment, 'id-2')).toEqual([1]);
    expect(matching(segment, ['id'])).toEqual([]);
  });

  it('reads the same from its bytes, wherever they were cut from', () => {
    for (const of of [[], entries, [entry(9, 'Ünïcödé 抑郁 أحمد')]]) {
      const segment = build(of);
      const bytes = encode(segment);
      const shifted = new Uint8Array(bytes.length + 3);
      shifted.set(bytes, 3);
      expect(decode(shifted.subarray(3))).toEqual(segment);
    }
  });
});
