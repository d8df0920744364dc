/** What was written and is not yet known to be on the server: sealed at rest, in order, the same id for ever. */
import { codeOf } from '../api/errors';
import type { LiveSocket } from '../live/socket';
import type { DeviceStore, StoredDraft } from '../store/db';
import type { MessageAck, MessagePost } from '../wire.gen';
import { newId } from './bytes';
import type { MessageBody } from './body';
import type { UrgencyWish, Vault } from '../crypto/vaultApi';

/** The refusals that fetching the log, and rotating, put right. */
const STALE = new Set(['E_LOG_BEHIND', 'E_LOG_SEQ', 'E_LOG_PREV', 'E_STALE_EPOCH', 'E_ROTATE_REQUIRED', 'E_EPOCH_ORDER', 'E_NO_EPOCH', 'E_REPLAY', 'no_thread']);
/** What passes by itself: the message waits, and is tried again for as long as it takes. */
const LATER = new Set(['offline', 'busy', 'too_many', 'unavailable', 'PDP_UNAVAILABLE', 'internal', 'E_SEAL_MISSING']);
/** What passes only when this page is another: an update, or a new sign-in. */
const ANOTHER_PAGE = new Set(['protocol_version', 'signed_out']);
/** How often one message is sealed anew: each time somebody else was first, so it ends. */
const MOST_SEALINGS = 20;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;

export type Pending = { msgId: string; thread: string; created: number; body: MessageBody; ctype: number; state: 'queued' | 'sending' | 'failed'; code: string };

/** Why a message waits that is not failed: a code of errors.ts, or `behind` when one before it has failed. */
export const BEHIND = 'behind';

/** What the outbox needs of a thread: to be right with the log, and to take its own message in. */
export type Posting = {
  prepare: () => Promise<void>;
  seal: (draft: { msgId: string; ctype: number; body: string }) => Promise<string>;
  posted: (ack: MessageAck, wire: string) => Promise<void>;
  /** Whether this person's message of this id has its place already. */
  isThere: (msgId: string) => Promise<boolean>;
  /** Says how urgent a message on the server is; throws what is worth trying again. */
  raise: (msgId: string, wish: UrgencyWish) => Promise<void>;
};

/** Runs an act after some milliseconds; the answer cancels it. */
export type Later = (act: () => void, ms: number) => () => void;

const laterByTimer: Later = (act, ms) => {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
};

export class Outbox {
  readonly #store: DeviceStore;
  readonly #vault: Pick<Vault, 'sealLocal' | 'openLocal'>;
  readonly #live: LiveSocket;
  readonly #posting: (thread: string) => Posting;
  readonly #changed: (thread: string) => void;
  #pending: Pending[] = [];
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, () => void>();
  readonly #random: () => number;
  readonly #later: Later;
  readonly #sealings = new Map<string, number>();
  #isStopped = false;

  constructor(parts: { store: DeviceStore; vault: Pick<Vault, 'sealLocal' | 'openLocal'>; live: LiveSocket; posting: (thread: string) => Posting; changed: (thread: string) => void; random?: () => number; later?: Later }) {
    this.#store = parts.store;
    this.#vault = parts.vault;
    this.#live = parts.live;
    this.#posting = parts.posting;
    this.#changed = parts.changed;
    this.#random = parts.random ?? Math.random;
    this.#later = parts.later ?? laterByTimer;
  }

  of(thread: string): readonly Pending[] {
    return this.#pending.filter((draft) => draft.thread === thread);
  }

  failed(msgId: string): Pending | undefined {
    return this.#pending.find((draft) => draft.msgId === msgId && draft.state === 'failed');
  }

  /** How many messages of all threads are not known to be on the server. */
  get size(): number {
    return this.#pending.length;
  }

  /** Reads what an earlier page left behind, and what another tab has written since. */
  async load(): Promise<void> {
    const rows = await this.#store.outbox.orderBy('order').toArray();
    for (const row of rows) {
      if (this.#pending.some((draft) => draft.msgId === row.msgId)) continue;
      const body = JSON.parse(await this.#vault.openLocal(row.sealed)) as MessageBody;
      this.#pending.push({ msgId: row.msgId, thread: row.thread, created: row.created, body, ctype: row.ctype, state: row.failure ? 'failed' : 'queued', code: row.failure });
      this.#changed(row.thread);
    }
  }

  /** Persists first, then tells the page, then sends: a crash in between loses nothing. `msgId` is a whole upload's. */
  async add(thread: string, ctype: number, body: MessageBody, now: number, msgId: string = newId()): Promise<string> {
    const sealed = await this.#vault.sealLocal(JSON.stringify(body));
    const order = await this.#store.next('outbox');
    await this.#store.keepDraft({ msgId, thread, order, created: now, sealed, wire: '', ctype, attempts: 0, failure: '' });
    this.#pending = [...this.#pending, { msgId, thread, created: now, body, ctype, state: 'queued', code: '' }];
    this.#changed(thread);
    void this.send(thread);
    return msgId;
  }

  async retry(msgId: string): Promise<void> {
    const row = await this.#store.outbox.get(msgId);
    if (!row) return;
    await this.#store.outbox.update(msgId, { failure: '', attempts: 0 });
    this.#mark(msgId, 'queued', '');
    this.#stopWaiting(row.thread);
    await this.send(row.thread);
  }

  /** Drops a message that has failed; whatever waited behind it goes on. */
  async discard(msgId: string): Promise<void> {
    const draft = this.#pending.find((one) => one.msgId === msgId);
    await this.#store.outbox.delete(msgId);
    this.#drop(msgId);
    if (draft) void this.send(draft.thread);
  }

  async sendAll(): Promise<void> {
    await Promise.all([...new Set(this.#pending.map((draft) => draft.thread))].map((thread) => this.send(thread)));
  }

  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** The network is said to be back: nothing waits for its back-off. */
  async hurry(): Promise<void> {
    for (const thread of [...this.#timers.keys()]) this.#stopWaiting(thread);
    await this.sendAll();
  }

  /** Sends what waits in one thread, in order; one run at a time, over all tabs of this browser. */
  async send(thread: string): Promise<void> {
    if (this.#isStopped || this.#timers.has(thread)) return;
    const running = this.#running.get(thread);
    if (running) {
      // The run may be past its last look: a wish to send that came meanwhile must not be lost.
      this.#again.add(thread);
      return running;
    }
    const work = this.#run(thread).finally(() => this.#running.delete(thread));
    this.#running.set(thread, work);
    return work;
  }

  async #run(thread: string): Promise<void> {
    do {
      this.#again.delete(thread);
      await navigator.locks.request(`consilium-outbox-${thread}`, () => this.#drain(thread));
    } while (this.#again.has(thread) && !this.#isStopped);
  }

  async #drain(thread: string): Promise<void> {
    for (;;) {
      const next = this.#pending.find((draft) => draft.thread === thread);
      if (!next || this.#isStopped) return;
      if (next.state === 'failed') {
        // What was written after it may answer it or rest on it: the order is the person's to change.
        this.#markBehind(next);
        return;
      }
      const row = await this.#store.outbox.get(next.msgId);
      if (!row) {
        // Another tab has sent it.
        this.#drop(next.msgId);
        continue;
      }
      if (!(await this.#sendOne(row, next))) return;
    }
  }

  /** True when the next one may go: this one is on the server, or has failed for good. */
  async #sendOne(row: StoredDraft, draft: Pending): Promise<boolean> {
    if (this.#live.state !== 'online') {
      this.#mark(row.msgId, 'queued', this.#live.state === 'outdated' ? 'protocol_version' : 'offline');
      return false;
    }
    this.#mark(row.msgId, 'sending', '');
    try {
      const posting = this.#posting(row.thread);
      let wire = row.wire;
      if (!wire) {
        await posting.prepare();
        wire = await posting.seal({ msgId: row.msgId, ctype: row.ctype, body: JSON.stringify(draft.body) });
        await this.#store.outbox.update(row.msgId, { wire });
      }
      const frame: MessagePost = { type: 'message.post', id: row.msgId, thread: row.thread, wire };
      const ack = await this.#live.ask<MessageAck>(frame);
      // The same message again is acknowledged as before: until somebody is alerted it is not sent.
      if (draft.body.wish) await posting.raise(row.msgId, draft.body.wish);
      await this.#store.outbox.delete(row.msgId);
      // It has its place: what goes wrong while it is shown is put right by the next fetch.
      await posting.posted(ack, wire).catch(() => undefined);
      this.#drop(row.msgId);
      return true;
    } catch (error) {
      return this.#refused(row, codeOf(error));
    }
  }

  async #refused(row: StoredDraft, code: string): Promise<boolean> {
    if (ANOTHER_PAGE.has(code)) {
      this.#mark(row.msgId, 'queued', code);
      return false;
    }
    if (LATER.has(code)) return this.#waitFor(row, code);
    if (code === 'conflict') return this.#lookFor(row);
    // Counted apart from the tries: a message that had to wait for long is not given up for having waited.
    const sealings = (this.#sealings.get(row.msgId) ?? 0) + 1;
    this.#sealings.set(row.msgId, sealings);
    if (sealings < MOST_SEALINGS && STALE.has(code)) {
      // A refusal proves that nothing was written, so the message may be sealed anew, under the same id.
      await this.#store.outbox.update(row.msgId, { wire: '' });
      return true;
    }
    return this.#failed(row, code);
  }

  /** The id is taken: by this very message, where an earlier copy of it came in late after all. */
  async #lookFor(row: StoredDraft): Promise<boolean> {
    try {
      if (!(await this.#posting(row.thread).isThere(row.msgId))) return await this.#failed(row, 'conflict');
    } catch {
      return this.#waitFor(row, 'unavailable');
    }
    const wish = this.#pending.find((draft) => draft.msgId === row.msgId)?.body.wish;
    try {
      if (wish) await this.#posting(row.thread).raise(row.msgId, wish);
    } catch {
      return this.#waitFor(row, 'unavailable');
    }
    await this.#store.outbox.delete(row.msgId);
    this.#drop(row.msgId);
    return true;
  }

  async #failed(row: StoredDraft, code: string): Promise<boolean> {
    this.#sealings.delete(row.msgId);
    await this.#store.outbox.update(row.msgId, { failure: code, wire: '' });
    this.#mark(row.msgId, 'failed', code);
    return true;
  }

  /** Full jitter, for the whole thread: whatever is behind this message waits with it. */
  async #waitFor(row: StoredDraft, code: string): Promise<boolean> {
    this.#mark(row.msgId, 'queued', code);
    if (this.#isStopped) return false;
    await this.#store.outbox.update(row.msgId, { attempts: row.attempts + 1 });
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(row.attempts, 10));
    const again = () => {
      this.#timers.delete(row.thread);
      void this.send(row.thread);
    };
    this.#timers.set(row.thread, this.#later(again, FIRST_DELAY_MS / 2 + this.#random() * ceiling));
    return false;
  }

  #stopWaiting(thread: string): void {
    this.#timers.get(thread)?.();
    this.#timers.delete(thread);
  }

  #markBehind(first: Pending): void {
    for (const draft of this.#pending) if (draft.thread === first.thread && draft.state === 'queued') this.#mark(draft.msgId, 'queued', BEHIND);
  }

  #mark(msgId: string, state: Pending['state'], code: string): void {
    const draft = this.#pending.find((one) => one.msgId === msgId);
    if (!draft || (draft.state === state && draft.code === code)) return;
    this.#pending = this.#pending.map((one) => (one.msgId === msgId ? { ...one, state, code } : one));
    this.#changed(draft.thread);
  }

  #drop(msgId: string): void {
    const draft = this.#pending.find((one) => one.msgId === msgId);
    this.#pending = this.#pending.filter((one) => one.msgId !== msgId);
    this.#sealings.delete(msgId);
    if (draft) this.#changed(draft.thread);
  }
}
