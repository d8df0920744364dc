import { describe, expect, it } from 'vitest';
import { Arrived, MOST_IDS } from './arrived';

const header = (msg: number, ctr: number, device = 1) => ({
  sender: new Uint8Array(16).fill(9),
  device: new Uint8Array(16).fill(device),
  msgId: new Uint8Array(16).fill(msg),
  ctr,
});

describe('the order of arrival', () => {
  it('works: places in any order, as long as the counters ascend with them', () => {
    const arrived = new Arrived();
    for (const seq of [5, 6, 7, 2, 3, 4, 1]) arrived.take(header(seq, 10 * seq), `h${seq}`, seq);
    expect(() => arrived.take(header(5, 50), 'h5', 5)).not.toThrow();
  });

  it('refuses the same message at a second place', () => {
    const arrived = new Arrived();
    arrived.take(header(1, 1), 'h', 1);
    expect(() => arrived.take(header(1, 1), 'h', 2)).toThrow(expect.objectContaining({ code: 'E_DUP' }));
  });

  it('refuses an id that another message has', () => {
    const arrived = new Arrived();
    arrived.take(header(1, 1), 'h', 1);
    expect(() => arrived.take(header(1, 2), 'other', 2)).toThrow(expect.objectContaining({ code: 'E_DUP' }));
  });

  it('refuses two messages whose places were changed, whichever comes first', () => {
    for (const [first, second] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const arrived = new Arrived();
      // What was written first, with counter 10, was put at place 2.
      const at = { 1: header(8, 20), 2: header(7, 10) };
      arrived.take(at[first], `h${first}`, first);
      expect(() => arrived.take(at[second], `h${second}`, second)).toThrow(expect.objectContaining({ code: 'E_REPLAY' }));
    }
  });

  it('refuses a counter that was used, and another message at a place that is taken', () => {
    const arrived = new Arrived();
    arrived.take(header(1, 10), 'h1', 1);
    expect(() => arrived.take(header(2, 10), 'h2', 2)).toThrow(expect.objectContaining({ code: 'E_REPLAY' }));
    expect(() => arrived.take(header(3, 11), 'h3', 1)).toThrow(expect.objectContaining({ code: 'E_REPLAY' }));
  });

  it('counts each device by itself', () => {
    const arrived = new Arrived();
    arrived.take(header(1, 10, 1), 'h1', 1);
    expect(() => arrived.take(header(2, 3, 2), 'h2', 2)).not.toThrow();
  });

  it('forgets when places are given anew', () => {
    const arrived = new Arrived();
    arrived.take(header(1, 10), 'h1', 4);
    arrived.clear();
    expect(() => arrived.take(header(2, 12), 'h2', 3)).not.toThrow();
    expect(() => arrived.take(header(1, 10), 'h1', 2)).not.toThrow();
  });

  it('keeps its memory bounded over a long thread, and still refuses an old message at a new place', () => {
    const arrived = new Arrived();
    const long = (seq: number) => ({ ...header(1, 10 * seq), msgId: Uint8Array.from({ length: 16 }, (_, at) => (at < 4 ? (seq >> (8 * at)) & 255 : 0)) });
    for (let seq = 1; seq <= 3 * MOST_IDS; seq++) arrived.take(long(seq), `h${seq}`, seq);
    expect(() => arrived.take(long(5), 'h5', 3 * MOST_IDS + 1)).toThrow(expect.objectContaining({ code: 'E_REPLAY' }));
    expect(() => arrived.take(long(5), 'h5', 9000)).toThrow(expect.objectContaining({ code: 'E_REPLAY' }));
    for (const seq of [5, 6, 7, 5]) expect(() => arrived.take(long(seq), `h${seq}`, seq)).not.toThrow();
  });
});
