/** One thread as this device knows it: log verified, messages opened, in step with the server, ready to write. */
import { codeOf, remedyOf, whyStopped } from '../api/errors';
import { Ct1Error } from '../crypto/errors';
import { destroyFile } from '../api/attachments';
import * as api from '../api/threads';
import { ContentType } from '../crypto/tables.gen';
import type { DeviceStore } from '../store/db';
import type { MemberMarks, MessageAck, MessageNew, PersonKeys, SealOut, ThreadReader, ThreadSummary } from '../wire.gen';
import { NOTHING_SEEN } from './gaps';
import { ctypeOf, History, type Held } from './history';
import { Marks } from './marks';
import { Observable } from './observable';
import type { Kept } from './kept';
import type { Outbox } from './outbox';
import { pinsOf } from './pinned';
import type { PinsCopy } from './pinsCopy';
import { nameOf, speechOf } from './speech';
import { emptyView, isShown, viewOf, waitsForPermission, type ThreadView } from './threadView';
import type { Batch, KeyComparison, LogFacts, Vault } from '../crypto/vaultApi';

/** How far back one's own message is looked for, whose acknowledgement was lost. */
const PAGES_BACK = 3;
const LOG_TRIES = 5;

export type ThreadParts = {
  vault: Vault;
  store: DeviceStore;
  kept: Kept;
  outbox: () => Outbox;
  me: () => { id: string; device: string };
  /** The thread as the list has it, or as the server has it now. */
  summary: (id: string, isFresh: boolean) => Promise<ThreadSummary>;
  pins: Pick<PinsCopy, 'ready' | 'keepSoon'>;
  /** Told of every message that was opened, or could not be, and of the first seq that may be read. */
  heard: (thread: string, held: readonly Held[], floor: number) => void;
};

/** What a thread needs to open without a network, beside its log and messages, which are ciphertext. */
type KeptThread = { summary: ThreadSummary; people: PersonKeys[]; seals: SealOut[]; readers: ThreadReader[]; floor: number };

export class OpenThread {
  readonly view: Observable<ThreadView>;
  readonly #id: string;
  readonly #parts: ThreadParts;
  readonly #history: History;
  readonly #marks: Marks;
  #summary: ThreadSummary | null = null;
  #people: PersonKeys[] = [];
  #seals: SealOut[] = [];
  #readers: ThreadReader[] = [];
  #facts: LogFacts | null = null;
  #isWaiting = false;
  #version = 0;
  /** Where the page is to go, or went last; and the last message read before the page was opened. */
  #wanted = 0;
  #target: ThreadView['target'] = null;
  #isLoading = false;
  #hasAsked = false;
  #readBefore = 0;
  /** The epoch has carried as many messages as it may. */
  #isWorn = false;
  #watchers = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(id: string, parts: ThreadParts) {
    this.#id = id;
    this.#parts = parts;
    this.view = new Observable(emptyView(id));
    this.#marks = new Marks(id, () => parts.me().id);
    this.#history = new History({
      thread: id,
      store: parts.store,
      fetch: (asked) => api.fetchMessages(id, asked),
      open: (messages) => parts.vault.openMessages(id, messages),
      heard: (held, floor) => parts.heard(id, held, floor),
    });
  }

  /** The page looks at this thread until the returned function is called; it begins where one had stopped reading. */
  watch(): () => void {
    this.#watchers += 1;
    void this.#goToUnread();
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
    return this.#facts ? this.#history.head : null;
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
    this.#history.floor = kept.floor;
    this.#facts = facts;
    await this.#history.restore();
    this.#emit();
    return true;
  }

  async #keepForOffline(): Promise<void> {
    if (!this.#summary || this.#history.ownOnly) return;
    const kept: KeptThread = { summary: this.#summary, people: this.#people, seals: this.#seals, readers: this.#readers, floor: this.#history.floor };
    await this.#parts.kept.putThread(this.#id, kept);
  }

  async #refreshNow(): Promise<void> {
    // The list is good enough to begin with; whatever made one ask again is newer than it.
    this.#summary = await this.#parts.summary(this.#id, this.#hasAsked);
    this.#hasAsked = true;
    this.#isWaiting = waitsForPermission(this.#summary, this.#parts.me().id);
    if (this.#isWaiting) {
      this.#emit();
      return;
    }
    if (this.#summary.standing === 'ended') {
      await this.#showOwn();
      return;
    }
    if (this.#history.ownOnly) this.#history.clear();
    const isFirst = this.#history.isEmpty;
    if (isFirst) await this.#openFirst();
    await this.#bringLogUp(isFirst);
    await this.#history.openAgain();
    if (!isFirst) await this.#history.catchUp();
    await Promise.all([this.#history.ownOnly ? undefined : this.#marks.fetch(), this.#fetchReaders()]);
    this.#emit();
    await this.#keepForOffline();
    await this.#marks.report(this.#history);
    await this.#destroyTakenBack();
    void this.#meetAsides();
  }

  /** The first screen: asked for while the log is verified, and shown before anything else is asked. */
  async #openFirst(): Promise<void> {
    const { read = 0, unread = 0 } = this.#summary ?? {};
    const seq = this.#wanted || (unread > 0 ? read + 1 : 0);
    const page = this.#history.ask(seq);
    // Nobody waits for it when the log is refused.
    page.catch(() => undefined);
    this.#facts = await this.#replay();
    await this.#history.begin(await page, seq);
    this.#readBefore = unread > 0 ? read : this.#history.head;
    this.#target = seq > 0 ? { seq, isSought: seq === this.#wanted } : null;
    this.#wanted = 0;
    this.#emit();
  }

  /** The rest of what the thread's pins, name and results are told from, a page at a time and behind everything else. */
  async #meetAsides(): Promise<void> {
    while (this.isWatched) {
      const isMore = await this.#inTurn(async () => {
        const more = !this.#history.isEmpty && (await this.#history.meetAsides());
        if (!more) await this.#meetPinned();
        this.#emit();
        return more;
      }).catch(() => false);
      if (!isMore) return;
    }
  }

  async #meetPinned(): Promise<void> {
    const asides = [...this.#history.asides.values()].sort((a, b) => a.seq - b.seq);
    await this.#history.meet(pinsOf(asides).map((pin) => pin.seq));
  }

  async #replay(): Promise<LogFacts> {
    const store = this.#parts.store;
    const asked = Promise.all([api.fetchSeals(this.#id), this.#people.length ? null : api.fetchThreadKeys(this.#id)]);
    // A log that cannot be fetched is told of first.
    asked.catch(() => undefined);
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
    const [{ seals }, keys] = await asked;
    const isGrown = !this.#facts || this.#facts.seq !== after;
    if (keys) this.#people = keys.people;
    else if (isGrown) this.#people = (await api.fetchThreadKeys(this.#id)).people;
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
  async #bringLogUp(isFresh = false): Promise<void> {
    for (let attempt = 0; attempt < LOG_TRIES; attempt++) {
      if (!this.#facts || !isFresh || attempt > 0) this.#facts = await this.#replay();
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
      this.#summary ??= await this.#parts.summary(this.#id, false);
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
      const seen = this.#history.newestHash || NOTHING_SEEN;
      return this.#parts.vault.sealMessage(this.#id, { ...draft, device, ctr, seen, now: Date.now() });
    });
  }

  /** My own message has its place: it is shown from the same bytes that everybody else gets. */
  async posted(ack: MessageAck, wire: string): Promise<void> {
    await this.#inTurn(async () => {
      await this.#arrive({ seq: ack.seq, at: ack.at, wire });
      this.#emit();
      await this.#destroyTakenBack();
    });
  }

  /** Whether one's own message is in the thread, whatever became of its ack. */
  isThere(msgId: string): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#history.catchUp();
      this.#emit();
      return this.#history.find((opened) => opened.msgId === msgId && opened.sender === this.#parts.me().id, PAGES_BACK);
    });
  }

  /** The server was set back behind what is held: everything is read again from what it has now. */
  async setBack(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#parts.store.messages.where('[thread+seq]').between([this.#id, 0], [this.#id, Number.MAX_SAFE_INTEGER]).delete();
      await this.#parts.store.threads.delete(this.#id);
      await this.#parts.vault.forgetArrivals(this.#id);
      this.#history.clear();
    });
    await this.refresh();
  }

  /** A push is a hint: it is taken when it is the next one, and otherwise the gap is fetched. */
  async receive(frame: MessageNew): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#facts || frame.seq <= this.#history.head) return;
      try {
        if (frame.epoch !== this.#facts.epoch) this.#facts = await this.#replay();
        await this.#arrive(frame);
      } catch (error) {
        this.#stop(error);
        return;
      }
      this.#emit();
      await this.#marks.report(this.#history);
      if (ctypeOf(frame.wire) === ContentType.PIN) await this.#meetPinned().then(() => this.#emit(), () => undefined);
    });
    this.#trimSoon();
  }

  async #arrive(message: { seq: number; at: number; wire: string }): Promise<void> {
    if (this.#history.isEmpty || (message.seq > this.#history.head && !(await this.#history.arrive(message)))) await this.#history.catchUp();
  }

  receiveMarks(marks: MemberMarks): void {
    this.#marks.take(marks);
    this.#emit();
  }

  /** Destroys on the server the files of what I took back: after each fetch, until the server has done it. */
  async #destroyTakenBack(): Promise<void> {
    const { me, store } = this.#parts;
    const mine = [...new Map([...this.#history.held, ...this.#history.asides]).values()].filter(({ opened }) => opened?.sender === me().id).sort((a, b) => a.seq - b.seq);
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

  /** Keeps what one wrote, sealed, and drops the rest at once, from memory and from the device. */
  async #showOwn(): Promise<void> {
    const { store, vault, me } = this.#parts;
    const own = new Map<number, Held>();
    const show = () => {
      this.#history.clear();
      this.#history.ownOnly = true;
      for (const [seq, held] of own) this.#history.held.set(seq, held);
      this.#emit();
    };
    for (const held of this.#history.held.values()) if (held.opened?.sender === me().id) own.set(held.seq, { ...held, wire: '' });
    const hadKeys = this.#facts !== null;
    this.#readers = [];
    this.#facts = null;
    show();
    try {
      const kept = await store.own.get(this.#id);
      for (const held of kept ? (JSON.parse(await vault.openLocal(kept.sealed)) as Held[]) : []) own.set(held.seq, held);
      // While the keys are still here, and from this device alone: of the rest nothing can be opened any more.
      if (hadKeys) for (const held of await this.#history.own(me().id)) own.set(held.seq, { ...held, wire: '' });
    } finally {
      // Whatever became of one's own words, nobody else's stay.
      await vault.closeThread(this.#id);
      await store.forgetThread(this.#id);
    }
    if (own.size) await store.own.put({ thread: this.#id, sealed: await vault.sealLocal(JSON.stringify([...own.values()])) });
    show();
  }

  loadEarlier(): Promise<void> {
    return this.#load(() => this.#history.earlier());
  }

  loadLater(): Promise<void> {
    return this.#load(() => this.#history.later());
  }

  async #load(more: () => Promise<void>): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    await this.#inTurn(async () => {
      await more();
      this.#emit();
    }).catch((error: unknown) => this.#stop(error));
    this.#isLoading = false;
    this.#trimSoon();
  }

  /** In a turn of its own: a list that grows at one end and shrinks at the other in one step loses its place. */
  #trimSoon(): void {
    setTimeout(() => {
      void this.#inTurn(() => {
        if (this.#history.trim()) this.#emit();
        return Promise.resolve();
      });
    });
  }

  /** Goes to a message, however far it is; false when it is not within what one may read, or cannot be reached now. */
  async jumpTo(seq: number): Promise<boolean> {
    this.#wanted = seq;
    return this.#inTurn(async () => {
      if (this.#history.isEmpty) await this.#refreshNow();
      this.#wanted = 0;
      if (this.#history.ownOnly || seq < 1 || seq > this.#history.head) return this.#history.held.has(seq) && this.#show(seq);
      if (!this.#history.held.has(seq)) await this.#history.moveTo(seq);
      return this.#history.held.has(seq) && this.#show(seq);
    }).catch(() => false);
  }

  #show(seq: number): true {
    this.#target = { seq, isSought: true };
    this.#emit();
    return true;
  }

  /** Goes to the end of the thread. */
  async toNewest(): Promise<void> {
    await this.#load(async () => {
      if (!this.#history.isAtHead) await this.#history.moveTo(0);
      this.#target = null;
    });
  }

  /** Goes to the first message of a day or later, by the server's times; false when there is none to go to. */
  async jumpToDate(time: number): Promise<boolean> {
    const place = await api.fetchPlaceAt(this.#id, time).catch(() => null);
    return place !== null && place.seq > 0 && this.jumpTo(place.seq);
  }

  /** Opened again: where one had stopped reading is looked for anew. */
  async #goToUnread(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#history.isEmpty || this.#wanted) return;
      const read = this.#marks.read;
      this.#readBefore = read;
      const isHeld = read + 1 >= this.#history.low && read <= this.#history.high;
      if (!isHeld) await this.#history.moveTo(read < this.#history.head ? read + 1 : 0);
      this.#target = read < this.#history.head ? { seq: read + 1, isSought: false } : null;
      this.#emit();
    }).catch(() => undefined);
  }

  /** The thread has been seen up to here. */
  markRead(seq: number): void {
    this.#history.look(seq);
    // What says something about other messages stands nowhere on the screen: it is seen with the last one that does.
    const isLast = this.#history.isAtHead && ![...this.#history.held.values()].some((one) => one.seq > seq && isShown(one));
    if (!this.#history.ownOnly) this.#marks.seen(isLast ? this.#history.head : seq);
  }

  emitOutbox(): void {
    if (this.#summary) this.#emit();
  }

  async #fetchReaders(): Promise<void> {
    this.#readers = this.#history.ownOnly ? [] : (await api.fetchReaders(this.#id)).readers;
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
        marks: this.#marks.all,
        history: this.#history,
        pending: this.#parts.outbox().of(this.#id),
        readBefore: this.#readBefore,
        target: this.#target,
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
