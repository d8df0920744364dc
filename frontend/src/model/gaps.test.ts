import { describe, expect, it } from 'vitest';
import type { OpenedMessage } from '../crypto/vaultApi';
import { gapsOf, NOTHING_SEEN } from './gaps';

const cites = (seq: number, hash: string, seen: string) => ({ seq, hash, opened: { seen } as OpenedMessage });

describe('a gap', () => {
  it('is where a sender had seen what is not here', () => {
    expect([...gapsOf([cites(1, 'one', NOTHING_SEEN), cites(2, 'three', 'two')])]).toEqual([2]);
  });

  it('is none where everything cited is here, even what could not be opened', () => {
    const shut = { seq: 2, hash: 'two', opened: null };
    expect([...gapsOf([cites(1, 'one', NOTHING_SEEN), shut, cites(3, 'three', 'two'), cites(4, 'four', 'one')])]).toEqual([]);
  });

  it('is not filled by a message that comes after', () => {
    expect([...gapsOf([cites(1, 'two', 'one'), cites(2, 'one', NOTHING_SEEN)])]).toEqual([1]);
  });
});
