// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ContentType } from '../crypto/tables.gen';
import type { OpenedMessage } from '../crypto/vaultApi';
import { randomBytes } from '../crypto/primitives';
import { WordIndex } from '../crypto/wordIndex';
import { MemoryWordStore } from '../crypto/wordStore';
import type { ThreadSummary } from '../wire.gen';
import { Observable } from './observable';
import { coverageOf, heardOf, Search } from './search';
import { nameOf, speechOf } from './speech';
import type { Held } from './history';

const anIndex = () => new WordIndex(new MemoryWordStore(), { key: randomBytes(32), owner: new Uint8Array(48) });
const summary = (id: string, head: number, standing: ThreadSummary['standing'] = 'member', patient = 'p'): ThreadSummary =>
  ({ id, head, standing, patient, patient_name: 'Maya Lindqvist', members: [{ user: 'elena', name: 'Dr. Elena Marsh' }] }) as ThreadSummary;

const id = (at: number) => String(at).padStart(22, '0');
const opened = (seq: number, ctype: number, body: object, sender = 'elena'): OpenedMessage => ({ msgId: id(seq), sender, sentAt: 0, ctype, body: JSON.stringify(body), hash: '', epoch: 1, device: '', seen: '' });
const held = (seq: number, ctype: number, body: object, sender = 'elena'): Held => ({ seq, at: seq * 1000, wire: '', hash: '', opened: opened(seq, ctype, body, sender), code: '' });

/** A small generator (mulberry32), so that what fails can be run again. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const WORDS = ['lithium', 'sertraline', 'sleep', 'visit', 'level', 'family'];

function aConversation(below: (top: number) => number): Held[] {
  const types = [ContentType.TEXT, ContentType.TEXT, ContentType.CARD, ContentType.ATTACHMENT, ContentType.EDIT, ContentType.EDIT, ContentType.REDACT];
  return Array.from({ length: 30 }, (_, at) => {
    const ctype = types[below(types.length)] ?? ContentType.TEXT;
    const text = `${WORDS[below(WORDS.length)]} ${WORDS[below(WORDS.length)]}`;
    return held(at + 1, ctype, { text, ref: id(1 + below(30)) }, below(4) === 0 ? 'samuel' : 'elena');
  });
}

describe('what is found', () => {
  it('is what the conversation says now, in whatever order and pieces it was heard: 300 conversations', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const below = seeded(seed);
      const messages = aConversation(below);
      const index = anIndex();
      const waiting = messages.map((one) => ({ one, place: below(1000) })).sort((a, b) => a.place - b.place).map(({ one }) => one);
      while (waiting.length) await index.hear('t', waiting.splice(0, 1 + below(8)).map(heardOf), 1);
      const speech = speechOf(messages);
      for (const word of WORDS) {
        const { hits } = await index.find({ asked: word, threads: ['t'], limit: 100 });
        const expected = messages.filter(({ opened: one }) => one && [...(speech.get(nameOf(one.sender, one.msgId))?.versions ?? [])].at(-1)?.text.includes(word));
        const said = expected.filter(({ opened: one }) => one && [ContentType.TEXT, ContentType.CARD, ContentType.ATTACHMENT].some((type) => type === one.ctype));
        expect(hits.map(({ seq }) => seq), `seed ${seed}, ${word}`).toEqual(said.map(({ seq }) => seq).reverse());
      }
    }
  });
});

describe('what is covered', () => {
  const cover = (thread: string, low: number, high: number, floor = 0) => ({ thread, low, lowAt: low * 1000, high, floor, unopened: 0 });

  it('counts conversations that may be read and have something written', () => {
    const threads = [summary('a', 10), summary('b', 10), summary('c', 0), summary('d', 10, 'ended'), summary('e', 10, 'waiting')];
    expect(coverageOf(threads, [cover('a', 1, 10)])).toEqual({ taken: 1, of: 2, isWhole: false, backTo: null, unopened: 0 });
    expect(coverageOf(threads, [cover('a', 1, 10), cover('b', 1, 10)])).toMatchObject({ taken: 2, of: 2, isWhole: true });
  });

  it('goes back as far as the one that goes back least', () => {
    const threads = [summary('a', 10), summary('b', 10)];
    expect(coverageOf(threads, [cover('a', 3, 10), cover('b', 7, 10)]).backTo).toBe(7000);
  });

  it('is whole from the first message that one may read, and not while a newer one is missing', () => {
    expect(coverageOf([summary('a', 10)], [cover('a', 5, 10, 5)]).isWhole).toBe(true);
    expect(coverageOf([summary('a', 11)], [cover('a', 5, 10, 5)]).isWhole).toBe(false);
  });
});

/** A server with one conversation of texts, and a vault of its own index. */
function aSearch(messages: Held[], list: ThreadSummary[]) {
  const index = anIndex();
  const asked: string[] = [];
  vi.stubGlobal('fetch', (address: string) => {
    const range = new URL(address, 'http://house').searchParams;
    asked.push(range.toString());
    const before = Number(range.get('before') ?? Infinity);
    const isAside = ({ opened: one }: Held) => one?.ctype === ContentType.EDIT || one?.ctype === ContentType.REDACT;
    const found = range.has('asides') ? messages.filter((one) => isAside(one) && one.seq > Number(range.get('after'))) : messages.filter(({ seq }) => seq < before).slice(-200);
    const page = { messages: found.map(({ seq, at }) => ({ seq, at, wire: `w${seq}` })), head: messages.length, floor: 0, own_only: false };
    return Promise.resolve(new Response(JSON.stringify(page), { status: 200, headers: { 'content-type': 'application/json' } }));
  });
  const vault = {
    hearWords: (...given: Parameters<WordIndex['hear']>) => index.hear(...given),
    findWords: (query: Parameters<WordIndex['find']>[0]) => index.find(query),
    coverOfWords: (threads: string[]) => index.cover(threads),
    forgetWords: (thread: string) => index.forget(thread),
    threadsOfWords: () => index.threads(),
    openMessages: (_: string, placed: { wire: string }[]) => Promise.resolve(placed.map(({ wire }) => ({ ok: true as const, message: messages.find(({ seq }) => wire === `w${seq}`)?.opened ?? opened(0, 0, {}) }))),
  };
  const threads = new Observable<readonly ThreadSummary[] | null>(list);
  return { search: new Search({ vault, me: 'samuel', list: threads, ready: () => Promise.resolve() }), threads, asked };
}

describe('searching', () => {
  afterEach(() => vi.unstubAllGlobals());
  const texts = Array.from({ length: 950 }, (_, at) => held(at + 1, ContentType.TEXT, { text: `message ${at + 1}` }));

  it('goes back until the conversation is whole, and tells how far it is', async () => {
    const { search } = aSearch(texts, [summary('t', 950)]);
    expect((await search.find('message', {}, 5)).total).toBe(0);
    await search.goBack();
    expect(search.coverage.get()).toMatchObject({ taken: 1, of: 1, isWhole: true });
    const found = await search.find('mess 17', {}, 5);
    expect(found.messages.map(({ seq, sender, title }) => [seq, sender, title])).toEqual([[179, 'Dr. Elena Marsh', 'Maya Lindqvist'], [178, 'Dr. Elena Marsh', 'Maya Lindqvist'], [177, 'Dr. Elena Marsh', 'Maya Lindqvist'], [176, 'Dr. Elena Marsh', 'Maya Lindqvist'], [175, 'Dr. Elena Marsh', 'Maya Lindqvist']]);
  });

  it('stops when it is asked to, and goes on from there', async () => {
    const { search } = aSearch(texts, [summary('t', 950)]);
    const stopping = search.coverage.subscribe(() => search.stopGoingBack());
    await search.goBack();
    stopping();
    expect(search.coverage.get()).toMatchObject({ isWhole: false, backTo: 751_000 });
    await search.goBack();
    expect(search.coverage.get().isWhole).toBe(true);
  });

  it('has the edits and retractions of all that follows before the first old word', async () => {
    const messages = [...texts.slice(0, 948), held(949, ContentType.REDACT, { ref: id(3) }), held(950, ContentType.EDIT, { ref: id(4), text: 'other words' })];
    const { search, asked } = aSearch(messages, [summary('t', 950)]);
    await search.goBack();
    expect(asked[0]).toContain('asides=true');
    expect((await search.find('message 3', { thread: 't' }, 1000)).messages.map(({ seq }) => seq)).not.toContain(3);
    expect((await search.find('other', {}, 5)).messages.map(({ seq }) => seq)).toEqual([4]);
  });

  it('finds nothing in a conversation that may not be read any more, before and after it is dropped', async () => {
    const { search, threads } = aSearch(texts, [summary('t', 950), summary('u', 950, 'member', 'q')]);
    await search.goBack();
    expect((await search.find('message', {}, 5)).total).toBe(1900);
    expect((await search.find('message', { patient: 'q' }, 5)).total).toBe(950);
    threads.set([summary('t', 950, 'ended'), summary('u', 950, 'member', 'q')]);
    expect((await search.find('message', {}, 5)).total).toBe(950);
    await search.forget('t');
    threads.set([summary('t', 950)]);
    expect((await search.find('message', {}, 5)).total).toBe(0);
    expect(await search.threads()).toEqual(['u']);
  });

  it('follows what is written while somebody searches, in conversations that are not on the screen', async () => {
    const messages = texts.slice(0, 10);
    const { search, threads } = aSearch(messages, [summary('t', 10)]);
    await search.goBack();
    const leave = search.watch();
    messages.push(held(11, ContentType.EDIT, { ref: id(4), text: 'other words' }), held(12, ContentType.TEXT, { text: 'news' }));
    threads.set([summary('t', 12)]);
    await search.catchUp();
    expect((await search.find('news', {}, 5)).messages.map(({ seq }) => seq)).toEqual([12]);
    expect((await search.find('other', {}, 5)).messages.map(({ seq }) => seq)).toEqual([4]);
    leave();
  });

  it('what was being taken while a conversation was dropped does not bring it back', async () => {
    const { search } = aSearch(texts, [summary('t', 950)]);
    search.hear('t', texts, 0);
    const flushing = search.flush();
    await search.forget('t');
    await flushing;
    expect(await search.threads()).toEqual([]);
  });

  it('a conversation that gives nothing more is asked once, and not for ever', async () => {
    const { search, asked } = aSearch(texts.slice(100), [summary('t', 950)]);
    await search.goBack();
    expect(asked.length).toBeLessThan(10);
    expect(search.isGoingBack.get()).toBe(false);
  });
});
