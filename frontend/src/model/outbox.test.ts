import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import { FrameRefused, NoAnswer, type LiveSocket, type LinkState } from '../live/socket';
import { DeviceStore } from '../store/db';
import type { MessageAck, MessagePost } from '../wire.gen';
import { Outbox } from './outbox';

// jsdom has no Web Locks; one page alone needs no more than to run.
Object.defineProperty(navigator, 'locks', { value: { request: (_name: string, work: () => Promise<void>) => work() } });

const sealing = {
  sealLocal: (plain: string) => Promise.resolve(`sealed:${btoa(plain)}`),
  openLocal: (sealed: string) => Promise.resolve(atob(sealed.slice('sealed:'.length))),
};
/** 'ack', 'lost', or the code of a refusal. */
type Answer = string;

/** A server that answers each post as it is told, and remembers what reached it. */
class Server {
  state: LinkState = 'online';
  posts: MessagePost[] = [];
  answers: Answer[] = [];
  stored = new Set<string>();
  ask(frame: MessagePost): Promise<MessageAck> {
    this.posts.push(frame);
    const answer = this.answers.shift() ?? 'ack';
    if (answer === 'lost') return Promise.reject(new NoAnswer(''));
    if (answer !== 'ack') return Promise.reject(new FrameRefused({ type: 'error', code: answer, message: '', re: frame.id }));
    return Promise.resolve({ type: 'message.ack', re: frame.id, thread: frame.thread, msg_id: frame.id, seq: this.posts.length, at: 0, dup: false });
  }
}

let number = 0;
function play(store = new DeviceStore(`outbox-${number++}`), server = new Server()) {
  let seals = 0;
  let prepared = 0;
  let cancelled = 0;
  const waits: number[] = [];
  let pass: () => void = () => undefined;
  const outbox = new Outbox({
    store,
    vault: sealing,
    live: server as unknown as LiveSocket,
    posting: () => ({
      prepare: () => Promise.resolve(void prepared++),
      seal: ({ msgId }) => Promise.resolve(`wire-${++seals}-${msgId}`),
      posted: () => Promise.resolve(),
      isThere: (msgId) => Promise.resolve(server.stored.has(msgId)),
      raise: () => Promise.resolve(),
    }),
    changed: () => undefined,
    random: () => 1,
    later: (act, ms) => {
      waits.push(ms);
      pass = act;
      return () => void cancelled++;
    },
  });
  return { outbox, server, store, waits, pass: () => pass(), cancelled: () => cancelled, prepared: () => prepared };
}

describe('the outbox', () => {
  beforeEach(() => indexedDB.databases().then(() => undefined));

  it('works: what is written reaches the server, in order', async () => {
    const { outbox, server } = play();
    server.state = 'offline';
    const first = await outbox.add('t', 1, { text: 'one', card: null }, 0);
    const second = await outbox.add('t', 1, { text: 'two', card: null }, 1);
    server.state = 'online';
    await outbox.send('t');
    expect(server.posts.map((post) => post.id)).toEqual([first, second]);
    expect(outbox.of('t')).toEqual([]);
  });

  it('never keeps the text in the clear', async () => {
    const { outbox, server, store } = play();
    server.state = 'offline';
    await outbox.add('t', 1, { text: 'clozapine', card: null }, 0);
    expect(JSON.stringify(await store.outbox.toArray())).not.toContain('clozapine');
  });

  it('resumes after a reload, under the same id', async () => {
    const store = new DeviceStore(`outbox-${number++}`);
    const before = play(store);
    before.server.state = 'offline';
    const id = await before.outbox.add('t', 1, { text: 'one', card: null }, 0);
    const after = play(store);
    await after.outbox.load();
    expect(after.outbox.of('t')[0]?.body.text).toBe('one');
    await after.outbox.sendAll();
    expect(after.server.posts.map((post) => post.id)).toEqual([id]);
  });

  it('sends the same bytes again when the answer was lost, since the server may have them', async () => {
    const { outbox, server } = play();
    server.answers = ['lost', 'ack'];
    await outbox.add('t', 1, { text: 'one', card: null }, 0);
    await expect.poll(() => outbox.of('t')[0]?.state).toBe('queued');
    await outbox.hurry();
    expect(server.posts.length).toBe(2);
    expect(server.posts[0]).toEqual(server.posts[1]);
  });

  it('seals anew under the same id when the epoch has moved, and is right with the log first', async () => {
    const { outbox, server, prepared } = play();
    server.answers = ['E_STALE_EPOCH', 'ack'];
    await outbox.add('t', 1, { text: 'one', card: null }, 0);
    await expect.poll(() => outbox.of('t').length).toBe(0);
    expect(server.posts[0]?.id).toBe(server.posts[1]?.id);
    expect(server.posts[0]?.wire).not.toBe(server.posts[1]?.wire);
    expect(prepared()).toBe(2);
  });

  it('knows its own message again when an earlier copy of it came in late', async () => {
    const { outbox, server } = play();
    server.answers = ['E_LOG_BEHIND', 'conflict'];
    const id = await outbox.add('t', 1, { text: 'one', card: null }, 0);
    server.stored.add(id);
    await expect.poll(() => outbox.of('t').length).toBe(0);
  });

  it('says so when the id is another message’s', async () => {
    const { outbox, server } = play();
    server.answers = ['conflict'];
    await outbox.add('t', 1, { text: 'one', card: null }, 0);
    await expect.poll(() => outbox.of('t')[0]?.code).toBe('conflict');
  });

  it('says what failed for good; what was written after it waits behind it, and goes once it is let go', async () => {
    const { outbox, server } = play();
    server.answers = ['E_SCOPE', 'ack'];
    const first = await outbox.add('t', 1, { text: 'one', card: null }, 0);
    const second = await outbox.add('t', 1, { text: 'two', card: null }, 0);
    await expect.poll(() => outbox.of('t').map((one) => [one.msgId, one.state, one.code])).toEqual([
      [first, 'failed', 'E_SCOPE'],
      [second, 'queued', 'behind'],
    ]);
    await outbox.discard(first);
    await expect.poll(() => outbox.of('t')).toEqual([]);
    expect(server.posts.map((post) => post.id)).toEqual([first, second]);
  });

  it('sends a failed one again in its old place, before what waits behind it', async () => {
    const { outbox, server } = play();
    server.answers = ['E_SCOPE'];
    const first = await outbox.add('t', 1, { text: 'one', card: null }, 0);
    const second = await outbox.add('t', 1, { text: 'two', card: null }, 0);
    await expect.poll(() => outbox.of('t')[1]?.code).toBe('behind');
    await outbox.retry(first);
    expect(server.posts.map((post) => post.id)).toEqual([first, first, second]);
    expect(outbox.of('t')).toEqual([]);
  });

  it('holds nothing up in another conversation', async () => {
    const { outbox, server } = play();
    server.answers = ['E_SCOPE', 'ack'];
    await outbox.add('t', 1, { text: 'one', card: null }, 0);
    await expect.poll(() => outbox.of('t')[0]?.state).toBe('failed');
    await outbox.add('u', 1, { text: 'two', card: null }, 0);
    await expect.poll(() => outbox.of('u')).toEqual([]);
    expect(server.posts.length).toBe(2);
  });

  it('waits longer each time for a server that is busy, and never gives up', async () => {
    const { outbox, server, waits, pass } = play();
    server.answers = Array.from({ length: 9 }, () => 'busy');
    await outbox.add('t', 1, { text: 'one', card: null }, 0);
    for (let time = 1; time <= 9; time++) {
      await expect.poll(() => waits.length).toBe(time);
      expect(outbox.of('t')[0]).toMatchObject({ state: 'queued', code: 'busy' });
      pass();
    }
    await expect.poll(() => outbox.of('t')).toEqual([]);
    expect(waits).toEqual([1500, 2500, 4500, 8500, 16_500, 32_500, 60_500, 60_500, 60_500]);
    expect(new Set(server.posts.map((post) => post.wire)).size).toBe(1);
  });

  it('sends nothing while it waits, and at once when the network is said to be back', async () => {
    const { outbox, server, waits } = play();
    server.answers = ['busy', 'ack'];
    await outbox.add('t', 1, { text: 'one', card: null }, 0);
    await expect.poll(() => waits.length).toBe(1);
    await outbox.sendAll();
    expect(server.posts.length).toBe(1);
    await outbox.hurry();
    expect(server.posts.length).toBe(2);
  });

  it('keeps what a page of another version may not send, and says so', async () => {
    const { outbox, server, waits } = play();
    server.state = 'outdated';
    await outbox.add('t', 1, { text: 'one', card: null }, 0);
    await expect.poll(() => outbox.of('t')[0]).toMatchObject({ state: 'queued', code: 'protocol_version' });
    expect([server.posts.length, waits.length]).toEqual([0, 0]);
  });

  it('takes up what another tab has written', async () => {
    const store = new DeviceStore(`outbox-${number++}`);
    const [one, other] = [play(store), play(store)];
    other.server.state = 'offline';
    const id = await other.outbox.add('t', 1, { text: 'from the other tab', card: null }, 0);
    await one.outbox.load();
    await one.outbox.sendAll();
    expect(one.server.posts.map((post) => post.id)).toEqual([id]);
    await one.outbox.load();
    expect(one.outbox.size).toBe(0);
  });

  it('sends no longer once it was stopped', async () => {
    const { outbox, server, waits, cancelled } = play();
    server.answers = ['busy'];
    await outbox.add('t', 1, { text: 'one', card: null }, 0);
    await expect.poll(() => waits.length).toBe(1);
    outbox.stop();
    expect(cancelled()).toBe(1);
    await outbox.sendAll();
    expect(server.posts.length).toBe(1);
  });
});
