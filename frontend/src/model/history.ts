/** The part of a thread that is at hand: a stretch of its messages, however long it is, and the asides about them. */
import { ContentType } from '../crypto/tables.gen';
import type { OpenedMessage, OpenResult, Placed } from '../crypto/vaultApi';
import type { DeviceStore, StoredMessage } from '../store/db';
import type { MessagePage } from '../wire.gen';
import { fromBase64Url } from './bytes';

/** A message that this device has: opened, or with the code of why it could not be. */
export type Held = { seq: number; at: number; wire: string; opened: OpenedMessage | null; code: string; hash: string };

export type Asked = { after?: number; before?: number; around?: number; asides?: boolean; limit?: number };

export type HistoryParts = {
  thread: string;
  store: DeviceStore;
  fetch: (asked: Asked) => Promise<MessagePage>;
  open: (messages: Placed[]) => Promise<OpenResult[]>;
  /** Told of every message that was opened, or could not be, and of the first seq that may be read. */
  heard: (held: readonly Held[], floor: number) => void;
};

export const FIRST_PAGE = 60;
export const PAGE = 100;
export const ASIDES_PAGE = 200;
/** What is farther away than this is let go of, and opened again from the device when somebody goes back to it. */
export const MOST_HELD = 400;
const MOST_FAILED = 100;

const ASIDES = new Set<number>([ContentType.EDIT, ContentType.REDACT, ContentType.CARD, ContentType.SUBJECT, ContentType.PIN]);
const SENDER_CHARS = 64;
const CTYPE_CHARS = 248;

/** The content type in a sealed message's header, which is as long in every message: the 189th byte, read as signed. */
export function ctypeOf(wire: string): number {
  return fromBase64Url(wire.slice(CTYPE_CHARS, CTYPE_CHARS + 4))[2] ?? 0;
}

/** Whether the header names this sender; the last two bits of an id are within the next sign. */
function isFrom(wire: string, sender: string): boolean {
  return wire.startsWith(sender.slice(0, -1), SENDER_CHARS);
}

export class History {
  /** The messages from `low` to `high`, as far as this person was given them. */
  readonly held = new Map<number, Held>();
  /** Those of the whole thread that have been met, before what they are about is shown; and what a pin leads to. */
  readonly asides = new Map<number, Held>();
  low = 1;
  high = 0;
  /** The last message that is known to be there. */
  head = 0;
  floor = 0;
  ownOnly = false;
  /** Rises when another stretch is held, so that a page begins anew and does not look for its place. */
  generation = 0;
  readonly failed = new Map<number, string>();
  readonly healed = new Set<number>();
  readonly #parts: HistoryParts;
  /** Every aside from here to there has been met; `#to` 0: none yet. */
  #from = 1;
  #to = 0;
  #newest = { seq: 0, hash: '' };
  #isEmpty = true;
  #looking = 0;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  get isAtHead(): boolean {
    return this.high >= this.head;
  }

  get hasEarlier(): boolean {
    return this.low > Math.max(1, this.floor);
  }

  get hasAllAsides(): boolean {
    return this.#to >= this.head && this.#from <= 1;
  }

  /** The hash of the newest message that was opened here; '' before. */
  get newestHash(): string {
    return this.#newest.hash;
  }

  /** The page of the server that a stretch around `seq` begins with; 0 is the newest. */
  ask(seq: number): Promise<MessagePage> {
    return this.#parts.fetch(seq > 0 ? { around: seq, limit: FIRST_PAGE } : { limit: FIRST_PAGE });
  }

  /** Holds this page and nothing else, with the asides after it. */
  async begin(page: MessagePage, seq: number): Promise<void> {
    const rows = await this.#keep(page);
    const [first, last] = ends(rows);
    // A page with room left has reached an end of what one is given.
    const isCutBefore = seq > 0 ? rows.filter((row) => row.seq < seq).length >= FIRST_PAGE / 2 : rows.length >= FIRST_PAGE;
    const isCutAfter = seq > 0 && rows.length >= FIRST_PAGE;
    await this.#hold(rows, { low: isCutBefore ? first : 1, high: isCutAfter ? last : this.head });
  }

  /** Holds the stretch around a message: from the device where it has it whole, else from the server. */
  async moveTo(seq: number): Promise<void> {
    const [from, to] = [Math.max(1, this.floor, seq - FIRST_PAGE / 2), Math.min(this.head, seq + FIRST_PAGE / 2)];
    const rows = seq > 0 && to > 0 ? await this.#stored(from, to) : null;
    if (rows) await this.#hold(rows, { low: from, high: to });
    else await this.begin(await this.ask(seq), seq);
  }

  /** What this device has of the end of the thread without a hole, for a time without a network. */
  async restore(): Promise<void> {
    const rows = await this.#range(0, Number.MAX_SAFE_INTEGER).reverse().limit(PAGE).toArray();
    const tail = rows.filter((row, index) => row.seq === (rows[0]?.seq ?? 0) - index).reverse();
    const [low, high] = ends(tail);
    this.head = Math.max(this.head, high);
    await this.#hold(tail, { low: tail.length ? low : 1, high });
  }

  async #hold(rows: readonly StoredMessage[], { low, high }: { low: number; high: number }): Promise<void> {
    this.held.clear();
    this.low = low;
    this.high = high;
    this.#looking = 0;
    await this.#open(rows);
    this.generation += 1;
    this.#isEmpty = false;
    if (this.#to === 0) [this.#from, this.#to] = [low, high];
    await this.#cover(low);
  }

  async earlier(): Promise<void> {
    if (!this.hasEarlier) return;
    const before = this.low;
    const from = Math.max(1, this.floor, before - PAGE);
    const rows = await this.#between(from, before - 1, { before, limit: PAGE });
    const [first] = ends(rows);
    await this.#open(rows);
    this.low = rows.length < Math.min(PAGE, before - from) ? Math.max(1, this.floor) : first;
    // Everything before was opened just now, its asides with it.
    if (this.#from === before) this.#from = this.low;
    await this.#cover(this.low);
  }

  async later(): Promise<void> {
    if (this.isAtHead) return;
    const rows = await this.#between(this.high + 1, Math.min(this.head, this.high + PAGE), { after: this.high, limit: PAGE });
    const last = rows.at(-1)?.seq ?? this.head;
    await this.#open(rows);
    this.high = rows.length < PAGE ? Math.max(last, this.head) : last;
  }

  /** Fetches what was written since; when that is more than a page, the rest waits until somebody goes there. */
  async catchUp(): Promise<void> {
    const wasAtHead = this.isAtHead;
    const page = await this.#parts.fetch({ after: wasAtHead ? this.high : this.head, limit: PAGE });
    const rows = await this.#keep(page);
    await this.#open(rows, wasAtHead);
    if (wasAtHead) this.high = rows.length < PAGE ? this.head : (rows.at(-1)?.seq ?? this.high);
    await this.#cover(this.low);
  }

  /** Takes what arrived right after the head; false when something before it is missing. */
  async arrive(message: { seq: number; at: number; wire: string }): Promise<boolean> {
    if (message.seq !== this.head + 1) return false;
    const wasAtHead = this.isAtHead;
    const rows = await this.#store([message]);
    await this.#open(rows, wasAtHead);
    if (wasAtHead) this.high = message.seq;
    if (this.#to === this.head) this.#to = message.seq;
    this.head = message.seq;
    return true;
  }

  /** The seq of the last message on the screen: what is far from it is what is let go of. */
  look(seq: number): void {
    this.#looking = seq;
  }

  /** Lets go of what is farthest from the screen; false when there is not too much. */
  trim(): boolean {
    const excess = this.held.size - MOST_HELD;
    if (excess <= 0) return false;
    const places = [...this.held.keys()].sort((a, b) => a - b);
    const isAbove = this.#looking - this.low > this.high - this.#looking;
    const gone = isAbove ? places.slice(0, excess) : places.slice(-excess);
    for (const seq of gone) this.held.delete(seq);
    if (isAbove) this.low = (gone.at(-1) ?? 0) + 1;
    else this.high = (gone[0] ?? 1) - 1;
    return true;
  }

  /** What could not be opened may open now: its epoch's seal has come since. */
  async openAgain(): Promise<void> {
    const closed = [...this.held.values()].filter((one) => one.opened === null);
    await this.#open(closed.map(({ seq, at, wire }) => this.#row({ seq, at, wire })));
  }

  /** Meets one page more of the asides before those that are known; false when there are no more. */
  async meetAsides(): Promise<boolean> {
    const { thread, store } = this.#parts;
    const known = (await store.threads.get(thread))?.asides ?? 0;
    if (this.#from > 1) {
      const before = this.#from;
      const rows = before - 1 <= known ? await this.#storedAsides(before) : await this.#store((await this.#parts.fetch({ before, asides: true, limit: ASIDES_PAGE })).messages);
      await this.#open(rows, false);
      this.#from = rows.length < ASIDES_PAGE ? 1 : ends(rows)[0];
    }
    if (this.hasAllAsides && known < this.head) await store.threads.put({ thread, asides: this.head });
    return this.#from > 1;
  }

  /** Meets single messages, wherever they stand: what is pinned is shown by its words. */
  async meet(seqs: readonly number[]): Promise<void> {
    const { thread, store } = this.#parts;
    for (const seq of seqs.filter((one) => !this.held.has(one) && !this.asides.has(one) && one >= this.floor && one <= this.head)) {
      const kept = await store.messages.get([thread, seq]);
      const rows = kept ? [kept] : (await this.#keep(await this.#parts.fetch({ around: seq, limit: 1 }))).filter((row) => row.seq === seq);
      for (const one of await this.#opened(rows)) if (one.opened) this.asides.set(seq, one);
    }
  }

  /** Looks for a message among the newest: what is held, then so many pages back. */
  async find(isIt: (opened: OpenedMessage) => boolean, pages: number): Promise<boolean> {
    const isHere = (one: Held) => one.opened !== null && isIt(one.opened);
    if ([...this.held.values(), ...this.asides.values()].some(isHere)) return true;
    let before = this.head + 1;
    for (let page = 0; page < pages && before > 1; page++) {
      const rows = await this.#between(Math.max(1, before - PAGE), before - 1, { before, limit: PAGE });
      if ((await this.#opened(rows)).some(isHere)) return true;
      before = rows[0]?.seq ?? 1;
    }
    return false;
  }

  /** One's own messages of all that this device has of the thread, opened; for the legal record, when nothing else may stay. */
  async own(me: string): Promise<Held[]> {
    const found: Held[] = [];
    let after = 0;
    for (;;) {
      const rows = await this.#range(after + 1, Number.MAX_SAFE_INTEGER).limit(PAGE).toArray();
      found.push(...(await this.#opened(rows.filter((row) => isFrom(row.wire, me)))).filter(({ opened }) => opened?.sender === me));
      const last = rows.at(-1)?.seq;
      if (last === undefined) return found;
      after = last;
    }
  }

  /** The server gives places anew, or what was shown in between was one's own alone. */
  clear(): void {
    this.held.clear();
    this.asides.clear();
    this.failed.clear();
    this.healed.clear();
    [this.low, this.high, this.head, this.floor] = [1, 0, 0, 0];
    this.#isEmpty = true;
    [this.#from, this.#to, this.#newest] = [1, 0, { seq: 0, hash: '' }];
    this.ownOnly = false;
  }

  #range(from: number, to: number) {
    return this.#parts.store.messages.where('[thread+seq]').between([this.#parts.thread, from], [this.#parts.thread, to], true, true);
  }

  /** The rows of a stretch if the device has every one of them: with a hole it is the server's. */
  async #stored(from: number, to: number): Promise<StoredMessage[] | null> {
    const rows = await this.#range(from, to).toArray();
    return rows.length === to - from + 1 ? rows : null;
  }

  async #between(from: number, to: number, asked: Asked): Promise<StoredMessage[]> {
    return (await this.#stored(from, to)) ?? (await this.#keep(await this.#parts.fetch(asked)));
  }

  /** Every aside from `from` on: a message may have been taken back long after, so none is shown before. */
  async #cover(from: number): Promise<void> {
    while (this.#to < this.head) {
      const page = await this.#parts.fetch({ after: this.#to, before: this.head + 1, asides: true, limit: ASIDES_PAGE });
      await this.#open(await this.#store(page.messages), false);
      this.#to = page.messages.length < ASIDES_PAGE ? this.head : (page.messages.at(-1)?.seq ?? this.head);
    }
    while (this.#from > from) await this.meetAsides();
  }

  async #storedAsides(before: number): Promise<StoredMessage[]> {
    const { thread, store } = this.#parts;
    const all = store.messages.where('[thread+aside+seq]').between([thread, 1, 0], [thread, 1, before], true, false);
    return (await all.reverse().limit(ASIDES_PAGE).toArray()).reverse();
  }

  async #keep(page: MessagePage): Promise<StoredMessage[]> {
    this.floor = page.floor;
    this.ownOnly = page.own_only;
    this.head = Math.max(this.head, page.head, page.messages.at(-1)?.seq ?? 0);
    return this.#store(page.messages);
  }

  #row({ seq, at, wire }: { seq: number; at: number; wire: string }): StoredMessage {
    return { thread: this.#parts.thread, seq, at, wire, ...(ASIDES.has(ctypeOf(wire)) ? { aside: 1 } : {}) };
  }

  /** Persist, then show. */
  async #store(messages: readonly { seq: number; at: number; wire: string }[]): Promise<StoredMessage[]> {
    const rows = messages.map((message) => this.#row(message));
    await this.#parts.store.messages.bulkPut(rows);
    return rows;
  }

  async #opened(rows: readonly StoredMessage[]): Promise<Held[]> {
    if (rows.length === 0) return [];
    const results = await this.#parts.open(rows.map(({ seq, wire }) => ({ seq, wire })));
    const opened = rows.map(({ seq, at, wire }, index) => {
      const result = results[index];
      return { seq, at, wire, opened: result?.ok ? result.message : null, code: result?.ok ? '' : (result?.code ?? 'E_ENC'), hash: result?.ok ? result.message.hash : (result?.hash ?? '') };
    });
    // What is one's own alone is kept for the record, and not to be searched.
    if (!this.ownOnly) this.#parts.heard(opened, this.floor);
    return opened;
  }

  async #open(rows: readonly StoredMessage[], isHeld = true): Promise<void> {
    const known = (seq: number) => this.held.get(seq) ?? this.asides.get(seq);
    const fresh = rows.filter(({ seq }) => !known(seq)?.opened);
    for (const one of [...(await this.#opened(fresh)), ...rows.flatMap(({ seq }) => (known(seq)?.opened ? [known(seq) as Held] : []))]) {
      if (isHeld) this.held.set(one.seq, one);
      this.#note(one);
    }
  }

  #note(one: Held): void {
    const { seq, opened } = one;
    if (opened && ASIDES.has(opened.ctype)) this.asides.set(seq, one);
    if (opened && seq > this.#newest.seq) this.#newest = { seq, hash: opened.hash };
    if (opened === null && this.failed.size < MOST_FAILED) this.failed.set(seq, one.code);
    if (opened && this.failed.delete(seq)) this.healed.add(seq);
  }
}

function ends(rows: readonly StoredMessage[]): [number, number] {
  return [rows[0]?.seq ?? 0, rows.at(-1)?.seq ?? 0];
}
