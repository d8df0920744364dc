/** One thread as this device knows it: log verified, messages opened, in step with the server, ready to write. */
import { codeOf, Offline, remedyOf, whyStopped } from '../api/errors';
import { Ct1Error } from '../crypto/errors';
import { destroyFile } from '../api/attachments';
import * as api from '../api/threads';
import { ContentType } from '../crypto/tables.gen';
import type { DeviceStore, StoredMessage } from '../store/db';
import type { MemberMarks, MessageAck, MessageNew, MessagePage, PersonKeys, SealOut, ThreadReader, ThreadSummary } from '../wire.gen';
import { Observable } from './observable';
import { NOTHING_SEEN } from './gaps';
import type { Kept } from './kept';
import type { Outbox } from './outbox';
import type { PinsCopy } from './pinsCopy';
import { nameOf, speechOf } from './speech';
import { emptyView, lowestOf, viewOf, waitsForPermission, type Held, type ThreadView } from './threadView';
import type { Batch, KeyComparison, LogFacts, Vault } from '../crypto/vaultApi';

const PAGE = 100;
const REACH_PAGES = 50;
const LOG_TRIES = 5;

export type ThreadParts = {
  vault: Vault;
  store: DeviceStore;
  kept: Kept;
  outbox: () => Outbox;
  me: () => { id: string; device: string };
  summary: (id: string) => Promise<ThreadSummary>;
  pins: Pick<PinsCopy, 'ready' | 'keepSoon'>;
};

/** What a thread needs to open without a network, beside its log and messages, which are ciphertext. */
type KeptThread = { summary: ThreadSummary; people: PersonKeys[]; seals: SealOut[]; readers: ThreadReader[]; floor: number };

export class OpenThread {
  readonly view: Observable<ThreadView>;
  readonly #id: string;
  readonly #parts: ThreadParts;
  readonly #held = new Map<number, Held>();
  #summary: ThreadSummary | null = null;
  #people: PersonKeys[] = [];
  #seals: SealOut[] = [];
  #readers: ThreadReader[] = [];
  #facts: LogFacts | null = null;
  #marks = new Map<string, MemberMarks>();
  #floor = 0;
  #ownOnly = false;
  #isWaiting = false;
  #head = 0;
  #version = 0;
  #readMark = 0;
  /** The epoch has carried as many messages as it may. */
  #isWorn = false;
  #watchers = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(id: string, parts: ThreadParts) {
    this.#id = id;
    this.#parts = parts;
    this.view = new Observable(emptyView(id));
  }

  /** The page looks at this thread until the returned function is called. */
  watch(): () => void {
    this.#watchers += 1;
    void this.refresh();
    return () => {
      this.#watchers -= 1;
    };
  }

  get isWatched(): boolean {
    return this.#watchers > 0;
  }

  /** The highest seq held without a gap, for the resume of the socket; null before anything was fetched. */
  get contiguousHead(): number | null {
    return this.#facts ? this.#head : null;
  }

  /** One thing at a time: log, messages and posting must not overtake each other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  /** Fetches what is missing of log and messages; what cannot be verified stops the thread, and says so. */
  async refresh(): Promise<void> {
    await this.#inTurn(async () => {
      try {
        await this.#refreshNow();
      } catch (error) {
        if (codeOf(error) !== 'offline' || this.#facts || !(await this.#restore())) this.#stop(error);
      }
    });
  }

  /** Opens what this device has, verified as ever and at this moment's permissions; false when it has nothing. */
  async #restore(): Promise<boolean> {
    const kept = await this.#parts.kept.getThread<KeptThread>(this.#id);
    if (!kept) return false;
    const entries = await this.#parts.store.entries.where('[thread+seq]').between([this.#id, 0], [this.#id, Number.MAX_SAFE_INTEGER]).sortBy('seq');
    const facts = await this.#parts.vault.openThread(this.#id, { entries: entries.map(({ body, sig }) => ({ body, sig })), people: kept.people, seals: kept.seals, now: Date.now() });
    const mine = kept.summary.members.find((member) => member.user === this.#parts.me().id);
    if (!facts.amEffective && !mine?.is_patient) return false;
    this.#summary = kept.summary;
    this.#people = kept.people;
    this.#readers = kept.readers;
    this.#floor = kept.floor;
    this.#facts = facts;
    await this.#openStored();
    this.#emit();
    return true;
  }

  async #keepForOffline(): Promise<void> {
    if (!this.#summary || this.#ownOnly) return;
    const kept: KeptThread = { summary: this.#summary, people: this.#people, seals: this.#seals, readers: this.#readers, floor: this.#floor };
    await this.#parts.kept.putThread(this.#id, kept);
  }

  async #refreshNow(): Promise<void> {
    this.#summary = await this.#parts.summary(this.#id);
    this.#isWaiting = waitsForPermission(this.#summary, this.#parts.me().id);
    if (this.#isWaiting) {
      this.#emit();
      return;
    }
    if (this.#summary.standing === 'ended') {
      await this.#showOwn();
      return;
    }
    if (this.#ownOnly) this.#startAnew();
    await this.#bringLogUp();
    await this.#bringMessagesUp();
    await Promise.all([this.#fetchMarks(), this.#fetchReaders()]);
    this.#emit();
    await this.#keepForOffline();
    await this.#reportDelivered();
    await this.#destroyTakenBack();
  }

  async #replay(): Promise<LogFacts> {
    const store = this.#parts.store;
    const stored = await store.entries.where('[thread+seq]').between([this.#id, 0], [this.#id, Number.MAX_SAFE_INTEGER]).sortBy('seq');
    let after = stored.length - 1;
    for (;;) {
      const page = await api.fetchLog(this.#id, after);
      // A vault that holds the longer log would not miss what the server has taken away.
      if (page.seq < after) throw new Ct1Error('E_LOG_ROLLBACK', 'the server’s log is shorter than the one seen before');
      const rows = page.entries.map((entry, index) => ({ thread: this.#id, seq: after + 1 + index, body: entry.body, sig: entry.sig }));
      stored.push(...rows);
      after += rows.length;
      if (after >= page.seq || rows.length === 0) break;
    }
    const isGrown = !this.#facts || this.#facts.seq !== after;
    if (isGrown || this.#people.length === 0) this.#people = (await api.fetchThreadKeys(this.#id)).people;
    const { seals } = await api.fetchSeals(this.#id);
    this.#seals = seals;
    if (isGrown) this.#version += 1;
    await this.#parts.pins.ready();
    const facts = await this.#parts.vault.openThread(this.#id, { entries: stored.map(({ body, sig }) => ({ body, sig })), people: this.#people, seals, now: Date.now() });
    if (isGrown) this.#parts.pins.keepSoon();
    // Kept once it is verified: what a server made up must not stop the thread on this device after it tells the truth.
    await store.entries.bulkPut(stored);
    // The log says whose thread it is; a name that a server puts over another patient's thread is not written under.
    if (this.#summary && facts.patient !== this.#summary.patient) throw new Ct1Error('E_THREAD_ID', 'the thread is another patient’s');
    return facts;
  }

  /** Replays, and as a member who is online appends what the log owes: consent first, then members, keys, history. */
  async #bringLogUp(): Promise<void> {
    for (let attempt = 0; attempt < LOG_TRIES; attempt++) {
      this.#facts = await this.#replay();
      const owed = await api.fetchOwed(this.#id);
      this.#isWorn = owed.rotate ?? false;
      if (this.#learns(owed.people)) this.#facts = await this.#replay();
      const members = this.#facts.mayAdmit ? owed.members : [];
      if (owed.objects.length === 0 && members.length === 0 && !owesEntries(this.#facts)) return;
      // Consent may make me effective, so who may be admitted by me is asked of the log after it.
      const settled = { objects: owed.objects, members: owed.objects.length ? [] : members, people: owed.people };
      const batch = await this.#parts.vault.settle(this.#id, settled, Date.now());
      if (batch.entries.length === 0 && batch.seals.length === 0) return;
      await this.#append(batch);
    }
    this.#facts = await this.#replay();
  }

  /** Takes the newer records of members whose keys have changed; false when there is nothing new. */
  #learns(people: readonly PersonKeys[]): boolean {
    const newer = people.filter((one) => this.#people.some((known) => known.user === one.user && known.bundles.length < one.bundles.length));
    if (newer.length === 0) return false;
    this.#people = this.#people.map((known) => newer.find((one) => one.user === known.user) ?? known);
    return true;
  }

  /** False when somebody else was first: fetch and try again. */
  async #append(batch: Batch): Promise<boolean> {
    if (batch.entries.length === 0 && batch.seals.length === 0) return true;
    try {
      await api.appendLog(this.#id, batch);
      return true;
    } catch (error) {
      if (['E_LOG_SEQ', 'E_LOG_PREV', 'conflict'].includes(codeOf(error))) return false;
      throw error;
    }
  }

  /** Right with the log and the recipients, as every rule before sealing demands (docs/protocol.md 3.7, S1 to S10). */
  async prepare(): Promise<void> {
    await this.#inTurn(async () => {
      this.#summary ??= await this.#parts.summary(this.#id);
      await this.#bringLogUp();
      for (let attempt = 0; (this.#facts?.mustRotate || this.#isWorn) && attempt < LOG_TRIES; attempt++) {
        const isIn = await this.#append(await this.#parts.vault.rotate(this.#id, Date.now()));
        if (isIn) this.#isWorn = false;
        this.#facts = await this.#replay();
      }
    });
  }

  /** My newest key into this thread; false while it waits: for its certificate, or for another key to be compared. */
  async carryKey(): Promise<boolean> {
    try {
      await this.prepare();
      return !this.#facts?.mustCarryKey;
    } catch (error) {
      if (codeOf(error) === 'offline') throw error;
      return codeOf(error) === 'not_found';
    }
  }

  compareKeys(user: string): Promise<KeyComparison> {
    return this.#parts.vault.compareKeys(this.#id, user);
  }

  checkScanned(user: string, payload: string): Promise<void> {
    return this.#parts.vault.checkScanned(this.#id, user, payload);
  }

  /** A member's key is theirs: compared in person, or taken after it was replaced. */
  async acceptKey(user: string, isVerified: boolean): Promise<void> {
    await this.#inTurn(async () => {
      await this.#parts.vault.acceptKey(this.#id, user, isVerified, Date.now());
      this.#parts.pins.keepSoon();
    });
    await this.refresh();
  }

  /** Nothing more is written here, by anybody; everything stays readable. */
  async end(reason: number): Promise<void> {
    await this.#inTurn(async () => {
      await this.#bringLogUp();
      for (let attempt = 0; !this.#facts?.closed && attempt < LOG_TRIES; attempt++) {
        await this.#append(await this.#parts.vault.endThread(this.#id, reason, Date.now()));
        this.#facts = await this.#replay();
      }
      this.#emit();
    });
  }

  seal(draft: { msgId: string; ctype: number; body: string }): Promise<string> {
    return this.#inTurn(async () => {
      const { device } = this.#parts.me();
      const ctr = await this.#parts.store.next(`ctr-${device}`);
      const seen = this.#held.get(this.#head)?.opened?.hash ?? NOTHING_SEEN;
      return this.#parts.vault.sealMessage(this.#id, { ...draft, device, ctr, seen, now: Date.now() });
    });
  }

  /** My own message has its place: it is shown from the same bytes that everybody else gets. */
  async posted(ack: MessageAck, wire: string): Promise<void> {
    await this.#inTurn(async () => {
      await this.#take([{ seq: ack.seq, at: ack.at, wire }]);
      if (ack.seq !== this.#head) await this.#fetchAfter(this.#head);
      this.#emit();
      await this.#destroyTakenBack();
    });
  }

  /** Whether one's own message is in the thread, whatever became of its ack. */
  isThere(msgId: string): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#fetchAfter(this.#head);
      this.#emit();
      return [...this.#held.values()].some(({ opened }) => opened?.msgId === msgId && opened.sender === this.#parts.me().id);
    });
  }

  /** The server was set back behind what is held: everything is read again from what it has now. */
  async setBack(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#parts.store.messages.where('[thread+seq]').between([this.#id, 0], [this.#id, Number.MAX_SAFE_INTEGER]).delete();
      await this.#parts.vault.forgetArrivals(this.#id);
      this.#held.clear();
      this.#head = 0;
    });
    await this.refresh();
  }

  /** A push is a hint: it is taken when it is the next one, and otherwise the gap is fetched. */
  async receive(frame: MessageNew): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#facts || frame.seq <= this.#head) return;
      try {
        if (frame.epoch !== this.#facts.epoch) this.#facts = await this.#replay();
        if (frame.seq === this.#head + 1) await this.#take([frame]);
        else await this.#fetchAfter(this.#head);
      } catch (error) {
        this.#stop(error);
        return;
      }
      this.#emit();
      await this.#reportDelivered();
    });
  }

  receiveMarks(marks: MemberMarks): void {
    this.#marks.set(marks.user, marks);
    this.#emit();
  }

  /** Destroys on the server the files of what I took back: after each fetch, until the server has done it. */
  async #destroyTakenBack(): Promise<void> {
    const { me, store } = this.#parts;
    const mine = [...this.#held.values()].filter(({ opened }) => opened?.sender === me().id).sort((a, b) => a.seq - b.seq);
    const speech = speechOf(mine);
    for (const { opened } of mine) {
      const takenBack = opened?.ctype === ContentType.ATTACHMENT ? speech.get(nameOf(opened.sender, opened.msgId))?.takenBack : null;
      if (!opened || !takenBack) continue;
      const done = `destroyed-${opened.msgId}`;
      if (await store.meta.get(done)) continue;
      const error = await destroyFile(this.#id, opened.msgId, takenBack.msgId).then(() => null, codeOf);
      if (error === null || error === 'not_found') await store.meta.put({ name: done, value: 1 });
    }
  }

  /** The permission has ended: keys and content go at once, and what is one's own is fetched anew. */
  async lost(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#showOwn();
    });
    await this.refresh();
  }

  /** Permitted again: what was shown in between was one's own alone. */
  #startAnew(): void {
    this.#held.clear();
    this.#head = 0;
    this.#ownOnly = false;
  }

  /** Keeps what one wrote, sealed, and drops the rest at once, from memory and from the device. */
  async #showOwn(): Promise<void> {
    const { store, vault, me } = this.#parts;
    const isMine = (held: Held) => held.opened?.sender === me().id;
    const kept = await store.own.get(this.#id);
    const own = new Map((kept ? (JSON.parse(await vault.openLocal(kept.sealed)) as Held[]) : []).map((held) => [held.seq, held]));
    for (const held of [...this.#held.values()].filter(isMine)) own.set(held.seq, { ...held, wire: '' });
    this.#held.clear();
    for (const [seq, held] of own) this.#held.set(seq, held);
    this.#readers = [];
    this.#facts = null;
    this.#ownOnly = true;
    this.#emit();
    await vault.closeThread(this.#id);
    await store.forgetThread(this.#id);
    if (own.size) await store.own.put({ thread: this.#id, sealed: await vault.sealLocal(JSON.stringify([...own.values()])) });
  }

  async loadEarlier(): Promise<void> {
    await this.#inTurn(async () => {
      const lowest = lowestOf({ held: this.#held, head: this.#head });
      if (lowest <= 1 || lowest <= this.#floor) return;
      await this.#keep(await api.fetchMessages(this.#id, { before: lowest, limit: PAGE }));
      this.#emit();
    });
  }

  /** Brings history back to a message; false when it lies before what one may read, or too far back to fetch at once. */
  async reach(seq: number): Promise<boolean> {
    for (let page = 0; page < REACH_PAGES && !this.#held.has(seq); page++) {
      const lowest = lowestOf({ held: this.#held, head: this.#head });
      if (lowest <= Math.max(seq, this.#floor, 1)) break;
      await this.loadEarlier();
    }
    return this.#held.has(seq);
  }

  async markRead(seq: number): Promise<void> {
    if (seq <= this.#readMark || this.#ownOnly) return;
    this.#readMark = seq;
    try {
      await api.putMarks(this.#id, { delivered: seq, read: seq, failed: [], healed: [] });
    } catch (error) {
      // A mark is a courtesy; the next one carries it too, because marks merge by maximum.
      if (!(error instanceof Offline)) this.#readMark = 0;
    }
  }

  emitOutbox(): void {
    if (this.#summary) this.#emit();
  }

  async #bringMessagesUp(): Promise<void> {
    if (this.#held.size === 0) await this.#openStored();
    if (this.#held.size === 0) await this.#keep(await api.fetchMessages(this.#id, { limit: PAGE }));
    else {
      await this.#openAgain();
      await this.#fetchAfter(this.#head);
    }
  }

  async #openStored(): Promise<void> {
    const stored = await this.#parts.store.messages.where('[thread+seq]').between([this.#id, 0], [this.#id, Number.MAX_SAFE_INTEGER]).sortBy('seq');
    await this.#open(contiguousTail(stored));
  }

  async #fetchAfter(after: number): Promise<void> {
    for (let from = after; ; ) {
      const page = await api.fetchMessages(this.#id, { after: from, limit: PAGE });
      await this.#keep(page);
      const last = page.messages[page.messages.length - 1]?.seq;
      if (last === undefined || last >= page.head) return;
      from = last;
    }
  }

  async #keep(page: MessagePage): Promise<void> {
    this.#floor = page.floor;
    this.#ownOnly = page.own_only;
    await this.#take(page.messages);
    // The head of the thread is reached with the last page alone: a cut between pages must not look like the end.
    this.#head = Math.max(this.#head, page.messages.at(-1)?.seq ?? page.head);
  }

  /** Persist, then show. */
  async #take(messages: readonly { seq: number; at: number; wire: string }[]): Promise<void> {
    const rows = messages.map(({ seq, at, wire }) => ({ thread: this.#id, seq, at, wire }));
    await this.#parts.store.messages.bulkPut(rows);
    await this.#open(rows);
  }

  async #open(rows: readonly StoredMessage[]): Promise<void> {
    const fresh = rows.filter(({ seq }) => !this.#held.get(seq)?.opened);
    if (fresh.length === 0) return;
    const results = await this.#parts.vault.openMessages(
      this.#id,
      fresh.map(({ seq, wire }) => ({ seq, wire })),
    );
    fresh.forEach(({ seq, at, wire }, index) => {
      const result = results[index];
      this.#held.set(seq, { seq, at, wire, opened: result?.ok ? result.message : null, code: result?.ok ? '' : (result?.code ?? 'E_ENC'), hash: result?.ok ? result.message.hash : (result?.hash ?? '') });
      if (seq === this.#head + 1) this.#head = seq;
    });
    if (this.#held.size && this.#head === 0) this.#head = Math.max(...this.#held.keys());
  }

  /** What could not be opened may open now: its epoch's seal has come since. */
  async #openAgain(): Promise<void> {
    const closed = [...this.#held.values()].filter((held) => held.opened === null);
    await this.#open(closed.map(({ seq, at, wire }) => ({ thread: this.#id, seq, at, wire })));
  }

  async #fetchMarks(): Promise<void> {
    if (this.#ownOnly) return;
    const { marks } = await api.fetchMarks(this.#id);
    this.#marks = new Map(marks.map((one) => [one.user, one]));
  }

  async #fetchReaders(): Promise<void> {
    this.#readers = this.#ownOnly ? [] : (await api.fetchReaders(this.#id)).readers;
  }

  async #reportDelivered(): Promise<void> {
    if (this.#ownOnly || this.#head === 0) return;
    const failed = [...this.#held.values()].filter((held) => held.code).map(({ seq, code }) => ({ seq, code: code.slice(0, 32) }));
    const mine = this.#marks.get(this.#parts.me().id);
    if (mine && mine.delivered >= this.#head && failed.length === 0) return;
    await api.putMarks(this.#id, { delivered: this.#head, read: this.#readMark, failed: failed.slice(0, 100), healed: [] }).catch((error: unknown) => {
      if (!(error instanceof Offline)) throw error;
    });
  }

  #stop(error: unknown): void {
    const code = codeOf(error);
    // Without a network what is on the screen stays right; only what cannot be verified stops the thread.
    if (code === 'offline' && this.view.get().phase === 'ready') return;
    const isStop = remedyOf(code) === 'stop' && code.startsWith('E_');
    this.view.update((view) => ({ ...view, phase: isStop || !this.#facts ? 'stopped' : view.phase, code, trouble: whyStopped(error), canPost: false, whyNot: whyStopped(error) }));
  }

  #emit(): void {
    this.view.set(
      viewOf({
        id: this.#id,
        me: this.#parts.me().id,
        summary: this.#summary,
        people: this.#people,
        readers: this.#readers,
        facts: this.#facts,
        marks: this.#marks,
        held: this.#held,
        pending: this.#parts.outbox().of(this.#id),
        floor: this.#floor,
        head: this.#head,
        ownOnly: this.#ownOnly,
        isWaiting: this.#isWaiting,
        version: this.#version,
      }),
    );
  }
}

/** Whether the log lacks what only I, or any member who is online, can write. */
function owesEntries(facts: LogFacts): boolean {
  return facts.owesKeys || facts.mustCarryKey || facts.unfit.length > 0;
}

/** The end of a stored range that has no hole: what is before a hole is fetched again when it is looked at. */
function contiguousTail(rows: readonly StoredMessage[]): StoredMessage[] {
  let start = rows.length - 1;
  while (start > 0 && rows[start - 1]?.seq === (rows[start]?.seq ?? 0) - 1) start -= 1;
  return rows.slice(Math.max(0, start));
}
