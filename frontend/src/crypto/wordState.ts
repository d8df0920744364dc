/** What of one thread has been taken into the index of words, and what a newly heard message changes: no store, no keys. */
import { MOST_ENTRIES, MOST_TEXT, type Entry } from '../search/segment';
import { ContentType } from './tables.gen';

/** A message as its thread holds it; `said` is null where it could not be opened. `ref` is '' where it is about no other. */
export type Heard = { seq: number; at: number; said: { sender: string; msgId: string; ctype: number; text: string; file: string; ref: string } | null };

/** Taken without a hole from `low`, written at `at`, to `high`. */
type Range = { low: number; high: number; at: number };
/** Of a message that has not been heard yet: its newest edit, and the place of its retraction. */
type Waiting = { edit?: { seq: number; text: string }; retracted?: number };

export type WordState = {
  /** Ascending. */
  ranges: Range[];
  /** Seqs that were heard and could not be opened: they may open later. */
  unopened: number[];
  waiting: Record<string, Waiting>;
  /** Names of messages that were taken back: nothing that is said of them later brings back a word. */
  gone: string[];
  floor: number;
  /** The version in which each segment was last written, by its id. */
  segments: Record<number, number>;
};

export type Change = { state: WordState; entries: Map<number, Entry[]> };
/** `open` the messages of a segment; `having` the ids of segments in which a message id is found. */
export type Segments = { open: (id: number) => Promise<Entry[]>; having: (msgId: string) => number[] };

const SHOWN = new Set<number>([ContentType.TEXT, ContentType.CARD, ContentType.ATTACHMENT]);
const EDITABLE = new Set<number>([ContentType.TEXT, ContentType.ATTACHMENT]);

export function emptyState(): WordState {
  return { ranges: [], unopened: [], waiting: {}, gone: [], floor: 0, segments: {} };
}

/** The index of the first range that ends at `seq` or after it. */
function firstFrom(ranges: readonly Range[], seq: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.high ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

const isIn = (ranges: readonly Range[], seq: number) => (ranges[firstFrom(ranges, seq)]?.low ?? Infinity) <= seq;

/** Whether hearing this would change nothing. */
export function covers(state: WordState, { seq, said }: Heard): boolean {
  return isIn(state.ranges, seq) && (said === null || !state.unopened.includes(seq));
}

/** Puts a seq into ranges that it may join. */
function addSeq(ranges: Range[], seq: number, at: number): void {
  if (isIn(ranges, seq)) return;
  const index = firstFrom(ranges, seq);
  const [below, above] = [ranges[index - 1], ranges[index]];
  const joinsBelow = below?.high === seq - 1;
  const joinsAbove = above?.low === seq + 1;
  if (below && above && joinsBelow && joinsAbove) {
    below.high = above.high;
    ranges.splice(index, 1);
  } else if (below && joinsBelow) below.high = seq;
  else if (above && joinsAbove) Object.assign(above, { low: seq, at });
  else ranges.splice(index, 0, { low: seq, high: seq, at });
}

/** A name that only the author's own messages bear, as in model/speech.ts. */
const nameOf = (author: string, msgId: string) => `${author} ${msgId}`;

class Taking {
  readonly state: WordState;
  readonly entries = new Map<number, Entry[]>();
  readonly #segments: Segments;
  readonly #gone: Set<string>;
  readonly #unopened: Set<number>;

  constructor(before: WordState, segments: Segments) {
    this.state = structuredClone(before);
    this.#segments = segments;
    this.#gone = new Set(before.gone);
    this.#unopened = new Set(before.unopened);
  }

  async take(heard: Heard): Promise<void> {
    if (covers({ ...this.state, unopened: [...this.#unopened] }, heard)) return;
    const { seq, at, said } = heard;
    addSeq(this.state.ranges, seq, at);
    if (!said) {
      this.#unopened.add(seq);
      return;
    }
    this.#unopened.delete(seq);
    if (SHOWN.has(said.ctype)) await this.#add({ seq, at, changed: seq, sender: said.sender, msgId: said.msgId, ctype: said.ctype, text: said.text, file: said.file });
    else if (said.ref && said.ctype === ContentType.REDACT) await this.#retract(said.sender, said.ref, seq);
    else if (said.ref && said.ctype === ContentType.EDIT) await this.#edit(said.sender, said.ref, { seq, text: said.text });
  }

  done(): Change {
    this.state.gone = [...this.#gone];
    this.state.unopened = [...this.#unopened];
    return { state: this.state, entries: this.entries };
  }

  async #open(id: number): Promise<Entry[]> {
    const known = this.entries.get(id);
    if (known) return known;
    const opened = [...(await this.#segments.open(id))];
    this.entries.set(id, opened);
    return opened;
  }

  async #add(entry: Entry): Promise<void> {
    const name = nameOf(entry.sender, entry.msgId);
    const { edit, retracted = 0 } = this.state.waiting[name] ?? {};
    delete this.state.waiting[name];
    // Only what comes after a message is about it.
    if (retracted > entry.seq) {
      this.#gone.add(name);
      return;
    }
    if (edit && edit.seq > entry.seq && EDITABLE.has(entry.ctype)) Object.assign(entry, { text: edit.text, changed: edit.seq });
    (await this.#growing()).push(entry);
  }

  /** The newest segment while it has room, else one more. */
  async #growing(): Promise<Entry[]> {
    const ids = [...Object.keys(this.state.segments).map(Number), ...this.entries.keys()];
    const newest = Math.max(0, ...ids);
    if (newest > 0) {
      const entries = await this.#open(newest);
      const size = entries.reduce((sum, { text }) => sum + text.length, 0);
      if (entries.length < MOST_ENTRIES && size < MOST_TEXT) return entries;
    }
    const made: Entry[] = [];
    this.entries.set(newest + 1, made);
    return made;
  }

  async #find(sender: string, msgId: string): Promise<{ entries: Entry[]; number: number } | null> {
    const isIt = (one: Entry) => one.sender === sender && one.msgId === msgId;
    for (const id of new Set([...this.entries.keys(), ...this.#segments.having(msgId)])) {
      const isOpen = this.entries.has(id);
      const entries = await this.#open(id);
      const number = entries.findIndex(isIt);
      if (number >= 0) return { entries, number };
      if (!isOpen) this.entries.delete(id);
    }
    return null;
  }

  async #retract(sender: string, msgId: string, seq: number): Promise<void> {
    const name = nameOf(sender, msgId);
    if (this.#gone.has(name)) return;
    const found = await this.#find(sender, msgId);
    if (found) {
      if ((found.entries[found.number]?.seq ?? 0) > seq) return;
      found.entries.splice(found.number, 1);
      this.#gone.add(name);
      return;
    }
    const waiting = (this.state.waiting[name] ??= {});
    waiting.retracted = Math.max(seq, waiting.retracted ?? 0);
    if (waiting.edit && waiting.edit.seq < waiting.retracted) delete waiting.edit;
  }

  async #edit(sender: string, msgId: string, edit: { seq: number; text: string }): Promise<void> {
    const name = nameOf(sender, msgId);
    if (this.#gone.has(name)) return;
    const found = await this.#find(sender, msgId);
    const entry = found?.entries[found.number];
    if (found && entry) {
      const stands = EDITABLE.has(entry.ctype) && edit.seq > entry.changed;
      if (stands) found.entries[found.number] = { ...entry, text: edit.text, changed: edit.seq };
      return;
    }
    const waiting = (this.state.waiting[name] ??= {});
    // Words that were taken back before they were found are not kept for a moment.
    if ((waiting.retracted ?? 0) > edit.seq) return;
    if (edit.seq > (waiting.edit?.seq ?? 0)) waiting.edit = edit;
  }
}

/** The state and the segments after these messages, of which each counts once however often it is heard. */
export async function addHeard(before: WordState, heard: readonly Heard[], segments: Segments): Promise<Change> {
  const taking = new Taking(before, segments);
  for (const one of [...heard].sort((a, b) => a.seq - b.seq)) await taking.take(one);
  return taking.done();
}
