// @vitest-environment node
import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { randomBytes } from './primitives';
import { ContentType } from './tables.gen';
import { WordIndex } from './wordIndex';
import type { Heard } from './wordState';
import { IndexedWordStore, MemoryWordStore, nameOfWords, type WordStore } from './wordStore';

const owner = new Uint8Array(48);
const key = randomBytes(32);

const text = (seq: number, words: string, msgId = `m${seq}`, sender = 'elena'): Heard => ({ seq, at: seq * 1000, said: { sender, msgId, ctype: ContentType.TEXT, text: words, file: '', ref: '' } });
const edit = (seq: number, ref: string, words: string, sender = 'elena'): Heard => ({ seq, at: seq * 1000, said: { sender, msgId: `m${seq}`, ctype: ContentType.EDIT, text: words, file: '', ref } });
const retraction = (seq: number, ref: string, sender = 'elena'): Heard => ({ seq, at: seq * 1000, said: { sender, msgId: `m${seq}`, ctype: ContentType.REDACT, text: '', file: '', ref } });
const closed = (seq: number): Heard => ({ seq, at: seq * 1000, said: null });
const anIndex = (store: WordStore = new MemoryWordStore()) => new WordIndex(store, { key, owner });

async function seqs(index: WordIndex, asked: string, threads: string[] = ['t']): Promise<number[]> {
  return (await index.find({ asked, threads, limit: 50 })).hits.map(({ seq }) => seq);
}

describe('the index of words', () => {
  it('answers the newest first, in the threads that were asked for alone', async () => {
    const index = anIndex();
    await index.hear('t', [text(1, 'lithium level'), text(2, 'Lithium again'), text(3, 'sleep')], 1);
    await index.hear('other', [text(9, 'lithium elsewhere')], 1);
    expect(await seqs(index, 'lith')).toEqual([2, 1]);
    expect(await seqs(index, 'lith', ['t', 'other'])).toEqual([9, 2, 1]);
    expect(await seqs(index, 'lith', [])).toEqual([]);
    expect(await seqs(index, 'lith', ['unknown'])).toEqual([]);
  });

  it('counts all and gives as many as it was asked for', async () => {
    const index = anIndex();
    await index.hear('t', Array.from({ length: 3000 }, (_, at) => text(at + 1, `lithium number ${at + 1}`)), 1);
    const found = await index.find({ asked: 'lithium', threads: ['t'], limit: 3 });
    expect([found.total, ...found.hits.map(({ seq }) => seq)]).toEqual([3000, 3000, 2999, 2998]);
    expect(await seqs(index, 'number 1234')).toEqual([1234]);
  });

  it('finds a message as it stands: other words after an edit, in whatever order the two were heard', async () => {
    for (const order of [[text(1, 'sertraline'), edit(5, 'm1', 'lithium')], [edit(5, 'm1', 'lithium'), text(1, 'sertraline')]]) {
      const index = anIndex();
      for (const one of order) await index.hear('t', [one], 1);
      expect([await seqs(index, 'lithium'), await seqs(index, 'sertraline')]).toEqual([[1], []]);
    }
  });

  it('lets nobody but the author edit or take back', async () => {
    const index = anIndex();
    await index.hear('t', [text(1, 'lithium'), edit(2, 'm1', 'other', 'mallory'), retraction(3, 'm1', 'mallory')], 1);
    expect(await seqs(index, 'lithium')).toEqual([1]);
  });

  it('has no word of a message that was taken back, heard before or after, edited later or not', async () => {
    const whole = [text(1, 'sertraline'), edit(2, 'm1', 'lithium'), retraction(3, 'm1'), edit(4, 'm1', 'valproate')];
    for (const order of [whole, [...whole].reverse()]) {
      const store = new MemoryWordStore();
      const index = anIndex(store);
      for (const one of order) await index.hear('t', [one], 1);
      for (const word of ['sertraline', 'lithium', 'valproate']) expect(await seqs(index, word)).toEqual([]);
      expect(await seqs(anIndex(store), 'lithium')).toEqual([]);
      expect((await store.read('t'))?.words, 'the segment itself is gone').toEqual([]);
    }
  });

  it('hears each message once, and one that opened later then', async () => {
    const index = anIndex();
    await index.hear('t', [text(1, 'one'), closed(2), text(3, 'three')], 1);
    expect(await index.cover(['t', 'unknown'])).toEqual([{ thread: 't', low: 1, lowAt: 1000, high: 3, floor: 1, unopened: 1 }]);
    await index.hear('t', [text(1, 'another one'), text(2, 'two')], 1);
    expect([await seqs(index, 'two'), await seqs(index, 'another')]).toEqual([[2], []]);
    expect((await index.cover(['t']))[0]?.unopened).toBe(0);
  });

  it('tells how far back it goes without a hole, and closes holes as they are filled', async () => {
    const index = anIndex();
    await index.hear('t', [text(10, 'ten'), text(11, 'eleven')], 1);
    await index.hear('t', [text(5, 'five')], 1);
    expect((await index.cover(['t']))[0]).toMatchObject({ low: 10, high: 11, lowAt: 10_000 });
    await index.hear('t', [9, 8, 7, 6].map((seq) => text(seq, 'between')), 1);
    expect((await index.cover(['t']))[0]).toMatchObject({ low: 5, high: 11, lowAt: 5000 });
  });
});

describe('at rest', () => {
  it('it outlives the worker, and nothing of it is readable there', async () => {
    const store = new IndexedWordStore('rest-1');
    await anIndex(store).hear('t', [text(1, 'lithium for Lindqvist')], 1);
    const stored = await store.read('t');
    const sealed = [stored?.row.sealed, stored?.words[0]?.sealed, (await store.texts('t', 1, 1, 0)) ?? undefined];
    const rows = sealed.map((bytes) => new TextDecoder('latin1').decode(bytes));
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      expect(row).not.toMatch(/lith|lindq|elena/i);
      expect((row.length - 24 - 16) % 4096, 'its size is a step').toBe(0);
    }
    expect(await seqs(new WordIndex(new IndexedWordStore('rest-1'), { key, owner }), 'lindq')).toEqual([1]);
  });

  it('other keys, or renewed ones, open nothing: it begins anew', async () => {
    const store = new MemoryWordStore();
    await anIndex(store).hear('t', [text(1, 'lithium')], 1);
    const renewed = new WordIndex(store, { key, owner: new Uint8Array(48).fill(1) });
    expect([await seqs(renewed, 'lithium'), await store.read('t')]).toEqual([[], null]);
    await renewed.hear('t', [text(1, 'lithium')], 1);
    expect(await seqs(renewed, 'lithium')).toEqual([1]);
  });

  it('a segment of an earlier time under the state of a later one is not taken', async () => {
    const store = new MemoryWordStore();
    const index = anIndex(store);
    await index.hear('t', [text(1, 'lithium'), text(2, 'sleep')], 1);
    const before = await store.read('t');
    await index.hear('t', [retraction(3, 'm1')], 1);
    const after = await store.read('t');
    store.read = () => Promise.resolve(before && after ? { row: after.row, words: before.words } : null);
    expect(await seqs(anIndex(store), 'lithium')).toEqual([]);
  });

  it('two tabs lose none of each other’s messages, and see what the other dropped', async () => {
    const [one, other] = [new WordIndex(new IndexedWordStore('tabs'), { key, owner }), new WordIndex(new IndexedWordStore('tabs'), { key, owner })];
    await one.hear('t', [text(1, 'first')], 1);
    await other.hear('t', [text(2, 'second')], 1);
    await Promise.all([one.hear('t', [text(3, 'third')], 1), other.hear('t', [text(4, 'fourth')], 1)]);
    for (const index of [one, other]) for (const [at, word] of ['first', 'second', 'third', 'fourth'].entries()) expect(await seqs(index, word)).toEqual([at + 1]);
    await one.forget('t');
    expect(await seqs(other, 'first')).toEqual([]);
  });

  it('a thread goes at once and whole, and the rest stays', async () => {
    const store = new IndexedWordStore('forget');
    const index = anIndex(store);
    await index.hear('t', [text(1, 'lithium')], 1);
    await index.hear('other', [text(1, 'lithium')], 1);
    await index.forget('t');
    expect(await seqs(index, 'lithium', ['t', 'other'])).toEqual([1]);
    expect([await store.read('t'), await store.texts('t', 1, 1, 0), [...(await store.versions()).keys()]]).toEqual([null, null, ['other']]);
  });

  it('the whole can be dropped from another tab while it is open here', async () => {
    const index = anIndex(new IndexedWordStore('whole'));
    await index.hear('t', [text(1, 'lithium')], 1);
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(nameOfWords('whole'));
      request.onsuccess = () => resolve();
      request.onerror = () => reject(new Error('refused'));
    });
    expect(await seqs(index, 'lithium')).toEqual([]);
  });

  it('what is under way when the keys are locked seals nothing', async () => {
    const store = new MemoryWordStore();
    const index = anIndex(store);
    const hearing = index.hear('t', [text(1, 'lithium')], 1);
    index.close();
    await expect(hearing).rejects.toMatchObject({ code: 'locked' });
    expect([...(await store.versions())]).toEqual([]);
  });
});
