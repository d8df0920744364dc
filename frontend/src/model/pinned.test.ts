import { describe, expect, it } from 'vitest';
import { ContentType } from '../crypto/tables.gen';
import { MOST_PINS, pinsOf } from './pinned';
import type { Heard } from './speech';

const id = (letter: string) => letter.repeat(22);

function pin(order: number, sender: string, seq: unknown, pinned: unknown, ref: unknown = id('r')): Heard {
  return { seq: order, at: order, opened: { msgId: id('p'), sender: id(sender), sentAt: order, ctype: ContentType.PIN, body: JSON.stringify({ ref, seq, pinned }), hash: '', seen: '', epoch: 1, device: '' } };
}

describe('pins', () => {
  it('of all that was said of a message the last word stands, whoever said it', () => {
    const said = [pin(10, 'e', 1, true), pin(11, 'm', 2, true), pin(12, 'e', 2, false), pin(13, 'e', 3, true), pin(14, 'm', 1, true)];
    expect(pinsOf(said).map(({ seq, by }) => [seq, by])).toEqual([[1, id('m')], [3, id('e')]]);
  });

  it('that are none as the protocol says change nothing', () => {
    expect(pinsOf([pin(1, 'e', 0, true), pin(2, 'e', 1.5, true), pin(3, 'e', 1, 'yes'), pin(4, 'e', 1, true, 'short'), pin(5, 'e', undefined, true)])).toEqual([]);
  });

  it('are shown up to a number, those pinned last', () => {
    const many = Array.from({ length: MOST_PINS + 5 }, (_, index) => pin(1000 + index, 'e', index + 1, true));
    expect([pinsOf(many).length, pinsOf(many)[0]?.seq]).toEqual([MOST_PINS, MOST_PINS + 5]);
  });
});
