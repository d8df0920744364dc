/**
 * The words of what this person has read, to be searched on this device: in memory while the keys are open, and sealed
 * whole, segment by segment, at rest. No row of it stands for a word, so none can be guessed or counted there.
 */
import { build, decode, encode, matching, MOST_ENTRIES, withId, type Entry, type Segment } from '../search/segment';
import { snippetOf, type Piece } from '../search/snippet';
import { beginningsOf } from '../search/words';
import { fromUtf8, utf8 } from './encoding';
import { Ct1Error, VaultError } from './errors';
import { aeadOpen, aeadSeal, concat, NONCE_BYTES, pad, randomBytes, unpad } from './primitives';
import { addHeard, covers, emptyState, type Heard, type WordState } from './wordState';
import type { StoredWords, WordStore } from './wordStore';

/** `low` to `high` is the newest stretch without a hole, from `lowAt` on; `floor` the first seq that this person may read. */
export type WordCover = { thread: string; low: number; lowAt: number; high: number; floor: number; unopened: number };
export type WordHit = { thread: string; seq: number; at: number; sender: string; text: Piece[]; file: Piece[] };
/** The newest hits, and how many there are in all. */
export type WordsFound = { hits: WordHit[]; total: number };
export type WordQuery = { asked: string; threads: readonly string[]; limit: number };

/** So that the size at rest tells of a single message nothing. */
const BLOCK = 4096;
const TRIES = 5;
/** Messages are opened by so many at once: a page of results comes from as many places as there are conversations. */
const BLOCK_ENTRIES = 32;
/** Blocks of messages that stay open in memory; of the others it is the words alone. */
const MOST_OPEN_BLOCKS = 256;
/** More is no question that somebody types; each word costs a look at every segment. */
const LONGEST_QUESTION = 200;

/** Another tab was first: what was read here is not the newest. */
class Overtaken extends Error {}

const blockAt = ({ number }: { number: number }) => Math.floor(number / BLOCK_ENTRIES);

function blocksOf(entries: readonly Entry[]): (readonly Entry[])[] {
  return Array.from({ length: Math.ceil(entries.length / BLOCK_ENTRIES) }, (_, at) => entries.slice(at * BLOCK_ENTRIES, (at + 1) * BLOCK_ENTRIES));
}

type Held = { version: number; state: WordState; segments: Map<number, Segment> };
type Place = { at: number; seq: number; thread: string; id: number; number: number };

export class WordIndex {
  readonly #store: WordStore;
  #key: Uint8Array | null;
  readonly #owner: Uint8Array;
  readonly #held = new Map<string, Held>();
  readonly #blocks = new Map<string, readonly Entry[]>();
  #work: Promise<unknown> = Promise.resolve();

  /** `owner` names whose keys these are and which: under others nothing of it opens, and it begins anew. */
  constructor(store: WordStore, { key, owner }: { key: Uint8Array; owner: Uint8Array }) {
    this.#store = store;
    this.#key = key;
    this.#owner = owner;
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#work.then(() => {
      this.#openKey();
      return act();
    });
    this.#work = done.catch(() => undefined);
    return done;
  }

  /** Again, with what another tab has changed meanwhile. */
  async #untilCurrent<T>(threads: readonly string[], act: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      await this.#bringUp(threads);
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof Overtaken) || attempt === TRIES) throw error;
      }
    }
  }

  /** Takes messages in whatever order they come, each once; an edit or a retraction changes what was taken before it. */
  hear(thread: string, heard: readonly Heard[], floor: number): Promise<void> {
    return this.#inTurn(() =>
      this.#untilCurrent([thread], async () => {
        const before = this.#held.get(thread) ?? { version: 0, state: emptyState(), segments: new Map<number, Segment>() };
        const isKnown = heard.every((one) => covers(before.state, one)) && before.state.floor === floor;
        if (!isKnown) await this.#take(thread, before, heard, floor);
      }),
    );
  }

  async #take(thread: string, before: Held, heard: readonly Heard[], floor: number): Promise<void> {
    const version = before.version + 1;
    const open = (id: number) => this.#entriesOf(thread, id);
    const having = (msgId: string) => [...before.segments].filter(([, one]) => withId(one, msgId).length > 0).map(([id]) => id);
    const { state, entries } = await addHeard({ ...before.state, floor }, heard, { open, having });
    const segments = new Map(before.segments);
    const parts = [...entries].map(([id, some]) => {
      segments.delete(id);
      delete state.segments[id];
      if (some.length === 0) return { id, sealed: null };
      const segment = build(some);
      segments.set(id, segment);
      state.segments[id] = version;
      const texts = blocksOf(some).map((block, at) => this.#seal(utf8(JSON.stringify(block)), thread, `texts ${id} ${at}`, version));
      return { id, sealed: { words: this.#seal(encode(segment), thread, `words ${id}`, version), texts } };
    });
    const sealed = this.#seal(utf8(JSON.stringify(state)), thread, 'state', version);
    if (!(await this.#store.write({ thread, version, sealed }, parts))) throw new Overtaken();
    this.#held.set(thread, { version, state, segments });
    for (const [id, some] of entries) {
      this.#dropBlocks(`${thread} ${id} `);
      for (const [at, block] of blocksOf(some).entries()) this.#keepBlock(`${thread} ${id} ${at}`, block);
    }
  }

  #openKey(): Uint8Array {
    if (!this.#key) throw new VaultError('locked', 'The keys are locked.');
    return this.#key;
  }

  #associated(thread: string, what: string, version: number): Uint8Array {
    return concat(this.#owner, utf8(`words ${thread} ${what} ${version}`));
  }

  #seal(plain: Uint8Array, thread: string, what: string, version: number): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    return concat(nonce, aeadSeal(this.#openKey(), nonce, pad(plain, BLOCK), this.#associated(thread, what, version)));
  }

  #unseal(sealed: Uint8Array, thread: string, what: string, version: number): Uint8Array {
    const associated = this.#associated(thread, what, version);
    return unpad(aeadOpen(this.#openKey(), sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES), associated), BLOCK);
  }

  /** What the store has, which another tab may have changed or dropped; what these keys do not open begins anew. */
  async #bringUp(wanted: readonly string[]): Promise<void> {
    const versions = await this.#store.versions();
    for (const thread of [...this.#held.keys()]) if (!versions.has(thread)) this.#drop(thread);
    for (const thread of wanted) {
      if (!versions.has(thread) || this.#held.get(thread)?.version === versions.get(thread)) continue;
      this.#drop(thread);
      const stored = await this.#store.read(thread);
      if (stored) await this.#load(stored).catch((error: unknown) => this.#startAnew(thread, error));
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what does not open rejects
  async #load({ row: { thread, version, sealed }, words }: StoredWords): Promise<void> {
    const state = JSON.parse(fromUtf8(this.#unseal(sealed, thread, 'state', version))) as WordState;
    const segments = new Map(words.map(({ id, sealed: part }) => [id, decode(this.#unseal(part, thread, `words ${id}`, state.segments[id] ?? 0))]));
    this.#held.set(thread, { version, state, segments });
  }

  /** What was sealed here and does not open was changed, or is another's: nothing of the thread is kept. */
  async #startAnew(thread: string, error: unknown): Promise<void> {
    if (!(error instanceof Ct1Error)) throw error;
    this.#drop(thread);
    await this.#store.forget(thread);
  }

  #drop(thread: string): void {
    this.#held.delete(thread);
    this.#dropBlocks(`${thread} `);
  }

  #dropBlocks(prefix: string): void {
    for (const name of [...this.#blocks.keys()]) if (name.startsWith(prefix)) this.#blocks.delete(name);
  }

  /** All messages of a segment. */
  async #entriesOf(thread: string, id: number): Promise<Entry[]> {
    const count = this.#held.get(thread)?.segments.get(id)?.seqs.length ?? 0;
    const entries: Entry[] = [];
    for (let at = 0; at * BLOCK_ENTRIES < count; at++) entries.push(...(await this.#blockOf(thread, id, at)));
    return entries;
  }

  async #blockOf(thread: string, id: number, at: number): Promise<readonly Entry[]> {
    const name = `${thread} ${id} ${at}`;
    const held = this.#held.get(thread);
    const known = this.#blocks.get(name);
    if (known) this.#keepBlock(name, known);
    if (known) return known;
    const sealed = held ? await this.#store.texts(thread, held.version, id, at) : null;
    if (!held || !sealed) throw new Overtaken();
    try {
      const block = JSON.parse(fromUtf8(this.#unseal(sealed, thread, `texts ${id} ${at}`, held.state.segments[id] ?? 0))) as Entry[];
      this.#keepBlock(name, block);
      return block;
    } catch (error) {
      await this.#startAnew(thread, error);
      throw new Overtaken();
    }
  }

  /** The last looked at is the last to go. */
  #keepBlock(name: string, block: readonly Entry[]): void {
    this.#blocks.delete(name);
    this.#blocks.set(name, block);
    for (const old of this.#blocks.keys()) {
      if (this.#blocks.size <= MOST_OPEN_BLOCKS) break;
      this.#blocks.delete(old);
    }
  }

  /** The newest messages of these threads in which every word of the question begins a word. */
  find({ asked, threads, limit }: WordQuery): Promise<WordsFound> {
    const question = asked.slice(0, LONGEST_QUESTION);
    const beginnings = beginningsOf(question);
    return this.#inTurn(() =>
      this.#untilCurrent(threads, async () => {
        const { places, total } = this.#places(beginnings, threads, limit);
        // All from the disk at once: one after the other each would wait for its own turn there.
        const blocks = new Map(places.map((place) => [`${place.thread} ${place.id} ${blockAt(place)}`, place]));
        await Promise.all([...blocks.values()].map((place) => this.#blockOf(place.thread, place.id, blockAt(place))));
        const hits: WordHit[] = [];
        for (const place of places) {
          const { thread, id, number } = place;
          const entry = (await this.#blockOf(thread, id, blockAt(place)))[number % BLOCK_ENTRIES];
          if (!entry) continue;
          const { seq, at, sender, text, file } = entry;
          hits.push({ thread, seq, at, sender, text: text ? snippetOf(text, question) : [], file: file ? snippetOf(file, question) : [] });
        }
        return { hits, total };
      }),
    );
  }

  #places(beginnings: readonly string[], threads: readonly string[], limit: number): { places: Place[]; total: number } {
    let places: Place[] = [];
    let total = 0;
    let oldest = -Infinity;
    const newest = () => places.sort((a, b) => b.at - a.at || b.seq - a.seq).slice(0, limit);
    for (const thread of threads)
      for (const [id, segment] of this.#held.get(thread)?.segments ?? []) {
        const numbers = matching(segment, beginnings);
        total += numbers.length;
        for (const number of numbers) {
          const at = segment.ats[number] ?? 0;
          if (at >= oldest) places.push({ at, seq: segment.seqs[number] ?? 0, thread, id, number });
        }
        // Of a common word there are more than anybody reads: what is too old to be shown goes early.
        if (places.length < limit + MOST_ENTRIES) continue;
        places = newest();
        oldest = places.at(-1)?.at ?? oldest;
      }
    return { places: newest(), total };
  }

  /** How far back each of these threads is taken; one that is not here is not taken at all. */
  cover(threads: readonly string[]): Promise<WordCover[]> {
    return this.#inTurn(async () => {
      await this.#bringUp(threads);
      return threads.flatMap((thread): WordCover[] => {
        const state = this.#held.get(thread)?.state;
        const top = state?.ranges.at(-1);
        if (!state || !top) return [];
        return [{ thread, low: top.low, lowAt: top.at, high: top.high, floor: state.floor, unopened: state.unopened.length }];
      });
    });
  }

  /** Drops a thread's part from memory and from the device. */
  forget(thread: string): Promise<void> {
    this.#drop(thread);
    return this.#inTurn(async () => {
      this.#drop(thread);
      await this.#store.forget(thread);
    });
  }

  threads(): Promise<string[]> {
    return this.#inTurn(async () => [...(await this.#store.versions()).keys()]);
  }

  /** Drops what is in memory; what lies sealed stays. */
  close(): void {
    this.#held.clear();
    this.#blocks.clear();
    // Not overwritten in place: what is still under way must fail, and not seal under a key of zeros.
    this.#key = null;
    this.#store.close();
  }
}
