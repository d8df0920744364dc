import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { Offline } from '../api/errors';
import { ContentType } from '../crypto/tables.gen';
import type { OpenResult, Placed } from '../crypto/vaultApi';
import { DeviceStore } from '../store/db';
import type { MessagePage } from '../wire.gen';
import { toBase64Url } from './bytes';
import { ctypeOf, FIRST_PAGE, History, MOST_HELD, PAGE, type Asked } from './history';

const ELENA = toBase64Url(new Uint8Array(16).fill(1));
const SAMUEL = toBase64Url(new Uint8Array(16).fill(2));

/** A header as long as a real one, with the sender and the content type in their places, and the seq for the reader. */
function wireOf(seq: number, ctype: number, sender: number): string {
  const bytes = new Uint8Array(216);
  bytes.fill(sender, 48, 64);
  bytes[188] = ctype;
  new DataView(bytes.buffer).setUint32(200, seq);
  return toBase64Url(bytes);
}

/** A server that has so many messages, and counts what it is asked. */
class Server {
  asked: Asked[] = [];
  isOffline = false;
  floor = 0;
  readonly ctypes = new Map<number, number>();
  head: number;

  constructor(head: number) {
    this.head = head;
  }

  row(seq: number) {
    return { seq, at: seq * 1000, wire: wireOf(seq, this.ctypes.get(seq) ?? ContentType.TEXT, seq % 2 ? 1 : 2) };
  }

  fetch = (asked: Asked): Promise<MessagePage> => {
    if (this.isOffline) return Promise.reject(new Offline());
    this.asked.push(asked);
    const { after = 0, before = this.head + 1, around, asides, limit = 200 } = asked;
    const all = Array.from({ length: this.head }, (_, index) => index + 1).filter((seq) => seq >= this.floor && (!asides || this.ctypes.has(seq)));
    const within = all.filter((seq) => seq > after && seq < before);
    const earlier = all.filter((seq) => seq < (around ?? 0)).slice(-limit / 2);
    const chosen = around !== undefined ? [...earlier, ...all.filter((seq) => seq >= around).slice(0, limit - earlier.length)] : asked.after === undefined ? within.slice(-limit) : within.slice(0, limit);
    return Promise.resolve({ messages: chosen.map((seq) => this.row(seq)), head: this.head, floor: this.floor, own_only: false });
  };
}

let number = 0;
function play(head: number, store = new DeviceStore(`history-${number++}`), server = new Server(head)) {
  const closed = new Set<number>();
  let opened = 0;
  const open = (messages: Placed[]): Promise<OpenResult[]> =>
    Promise.resolve(
      messages.map(({ seq, wire }) => {
        opened += 1;
        if (closed.has(seq)) return { ok: false, code: 'E_SEAL_MISSING', hash: '' };
        const sender = seq % 2 ? ELENA : SAMUEL;
        return { ok: true, message: { msgId: String(seq), sender, sentAt: 0, ctype: ctypeOf(wire), body: '{}', hash: `h${seq}`, seen: '', epoch: 1, device: '' } };
      }),
    );
  const history = new History({ thread: 't', store, fetch: server.fetch, open, heard: () => undefined });
  const begin = async (seq = 0) => history.begin(await history.ask(seq), seq);
  return { history, server, store, closed, begin, opened: () => opened };
}

const seqs = (history: History) => [...history.held.keys()].sort((a, b) => a - b);

describe('a stretch of a thread', () => {
  it('works: it begins at the end with one page, and takes what arrives', async () => {
    const { history, server, begin, opened } = play(100_000);
    await begin();
    expect([history.low, history.high, history.head, opened()]).toEqual([100_001 - FIRST_PAGE, 100_000, 100_000, FIRST_PAGE]);
    expect(server.asked).toEqual([{ limit: FIRST_PAGE }]);
    expect(await history.arrive(server.row(100_001))).toBe(true);
    expect(await history.arrive(server.row(100_003))).toBe(false);
    expect([history.high, history.isAtHead, history.newestHash]).toEqual([100_001, true, 'h100001']);
  });

  it('begins around the first unread, with what was read before it', async () => {
    const { history, begin } = play(1000);
    await begin(500);
    expect([history.low, history.high, history.hasEarlier, history.isAtHead]).toEqual([470, 529, true, false]);
  });

  it('knows both ends of a short thread, and an empty one', async () => {
    for (const [head, seq] of [[5, 0], [5, 1], [5, 5], [FIRST_PAGE, 30], [0, 0], [FIRST_PAGE - 1, 0]] as const) {
      const { history, begin } = play(head);
      await begin(seq);
      expect([seqs(history).length, history.hasEarlier, history.isAtHead]).toEqual([head, false, true]);
    }
  });

  it('never holds more than it may, however far one goes, and has every message on the way', async () => {
    const { history, begin } = play(2000);
    await begin();
    const met = new Set(seqs(history));
    while (history.hasEarlier) {
      await history.earlier();
      for (const seq of seqs(history)) met.add(seq);
      history.look(history.low);
      history.trim();
      expect(seqs(history)).toEqual(Array.from({ length: history.high - history.low + 1 }, (_, index) => history.low + index));
      expect(history.held.size).toBeLessThanOrEqual(MOST_HELD);
    }
    expect([met.size, history.low, history.isAtHead]).toEqual([2000, 1, false]);
    while (!history.isAtHead) {
      await history.later();
      history.look(history.high);
      history.trim();
    }
    expect([history.high, history.held.size <= MOST_HELD]).toEqual([2000, true]);
  });

  it('asks the server for nothing that the device has whole', async () => {
    const { history, server, store, begin } = play(500);
    await begin();
    for (let page = 0; page < 5; page++) await history.earlier();
    const again = play(500, store, server);
    server.asked = [];
    await again.begin();
    while (again.history.hasEarlier) await again.history.earlier();
    expect(server.asked).toEqual([{ limit: FIRST_PAGE }]);
    expect(again.history.held.size).toBe(500);
  });

  it('takes what it did not see in a page, and leaves more than that for who goes there', async () => {
    const { history, server, begin } = play(100);
    await begin();
    server.head = 150;
    await history.catchUp();
    expect([history.high, history.isAtHead]).toEqual([150, true]);
    server.head = 150 + PAGE + 50;
    await history.catchUp();
    expect([history.high, history.head, history.isAtHead]).toEqual([250, 300, false]);
    await history.later();
    expect([history.high, history.isAtHead]).toEqual([300, true]);
  });

  it('does not go before what one may read', async () => {
    const { history, server, begin } = play(300);
    server.floor = 200;
    await begin();
    while (history.hasEarlier) await history.earlier();
    expect(seqs(history)[0]).toBe(200);
    const none = play(5);
    none.server.floor = 6;
    await none.begin();
    expect([none.history.held.size, none.history.hasEarlier, none.history.isAtHead]).toEqual([0, false, true]);
  });

  it('goes anywhere, as another stretch', async () => {
    const { history, begin } = play(100_000);
    await begin();
    const first = history.generation;
    await history.moveTo(40_000);
    expect([history.held.has(40_000), history.held.size, history.generation > first]).toEqual([true, FIRST_PAGE, true]);
    await history.moveTo(0);
    expect(history.isAtHead).toBe(true);
  });
});

describe('asides', () => {
  it('are met before anything that they are about is shown, however much later they were said', async () => {
    const { history, server, begin } = play(50_000);
    for (const seq of [100, 9_000, 30_000, 49_000]) server.ctypes.set(seq, ContentType.REDACT);
    await begin(20_000);
    expect([...history.asides.keys()].sort((a, b) => a - b)).toEqual([30_000, 49_000]);
    expect(history.hasAllAsides).toBe(false);
    await history.moveTo(5_000);
    expect([history.asides.size, history.hasAllAsides, history.asides.has(100)]).toEqual([4, true, true]);
  });

  it('are counted in pages, and kept for the next time', async () => {
    const { history, server, store, begin } = play(2_000);
    for (let seq = 2; seq <= 2_000; seq += 2) server.ctypes.set(seq, ContentType.EDIT);
    await begin(1);
    expect([history.asides.size, history.hasAllAsides]).toEqual([1_000, true]);
    await history.meetAsides();
    const again = play(2_000, store, server);
    server.asked = [];
    await again.begin();
    while (await again.history.meetAsides());
    expect([again.history.asides.size, server.asked]).toEqual([1_000, [{ limit: FIRST_PAGE }]]);
  });

  it('of what arrives and of what is let go of stay', async () => {
    const { history, server, begin } = play(1_000);
    server.ctypes.set(1_001, ContentType.PIN);
    await begin();
    await history.arrive(server.row(1_001));
    while (history.low > 300) {
      await history.earlier();
      history.look(history.low);
      history.trim();
    }
    expect([history.held.has(1_001), history.asides.has(1_001)]).toEqual([false, true]);
  });
});

describe('without a network', () => {
  it('shows as far back as the device has without a hole', async () => {
    const { history, server, store, begin } = play(500);
    await begin();
    await history.earlier();
    server.isOffline = true;
    const again = play(500, store, server);
    await again.history.restore();
    expect([again.history.high, again.history.held.size]).toEqual([500, PAGE]);
    await again.history.earlier().catch((error: unknown) => expect(error).toBeInstanceOf(Offline));
    expect(seqs(again.history)[0]).toBeGreaterThanOrEqual(500 - PAGE - FIRST_PAGE);
  });
});

describe('what could not be opened', () => {
  it('is told once, and told again when it opens after all', async () => {
    const { history, closed, begin } = play(10);
    closed.add(7);
    await begin();
    expect([...history.failed]).toEqual([[7, 'E_SEAL_MISSING']]);
    closed.clear();
    await history.openAgain();
    expect([history.failed.size, [...history.healed], history.held.get(7)?.opened?.msgId]).toEqual([0, [7], '7']);
  });
});

describe('one’s own', () => {
  it('is gathered from all that the device has, and nothing else is', async () => {
    const { history, begin } = play(300);
    await begin();
    while (history.hasEarlier) await history.earlier();
    history.clear();
    const own = await history.own(SAMUEL);
    expect(own.map(({ seq }) => seq)).toEqual(Array.from({ length: 150 }, (_, index) => 2 * (index + 1)));
  });
});
