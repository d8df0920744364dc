/** Where the sealed index of words lies: in a database of its own in this browser, so that it can go in one stroke. */

/** `version` rises with every change and is not secret; what is sealed names it. */
export type ThreadRow = { thread: string; version: number; sealed: Uint8Array };
export type PartRow = { thread: string; id: number; sealed: Uint8Array };
type BlockRow = { thread: string; id: number; block: number; sealed: Uint8Array };
/** What one change writes of a segment: its words, and the messages themselves, some to a block; null drops it. */
export type PartChange = { id: number; sealed: { words: Uint8Array; texts: readonly Uint8Array[] } | null };

/** All that a thread's words need in memory, as they were at one moment. */
export type StoredWords = { row: ThreadRow; words: PartRow[] };

export interface WordStore {
  /** The version of each thread that is here. */
  versions(): Promise<Map<string, number>>;
  read(thread: string): Promise<StoredWords | null>;
  /** Some messages of a segment; null when the thread is at another version, or gone. */
  texts(thread: string, version: number, id: number, block: number): Promise<Uint8Array | null>;
  /** All or nothing; false when the thread is not at the version before this one: another tab has changed or dropped it. */
  write(row: ThreadRow, parts: readonly PartChange[]): Promise<boolean>;
  forget(thread: string): Promise<void>;
  close(): void;
}

export const nameOfWords = (user: string): string => `consilium-words-${user}`;

const ROWS = 'threads';
const WORDS = 'words';
const TEXTS = 'texts';

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB refused'));
  });
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB refused'));
  });
}

const partsOf = (thread: string): IDBKeyRange => IDBKeyRange.bound([thread, 0], [thread, Infinity]);
const blocksOf = (thread: string, id: number): IDBKeyRange => IDBKeyRange.bound([thread, id, 0], [thread, id, Infinity]);

export class IndexedWordStore implements WordStore {
  readonly #name: string;
  #database: Promise<IDBDatabase> | null = null;

  constructor(user: string) {
    this.#name = nameOfWords(user);
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(this.#name, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(ROWS, { keyPath: 'thread' });
        request.result.createObjectStore(WORDS, { keyPath: ['thread', 'id'] });
        request.result.createObjectStore(TEXTS, { keyPath: ['thread', 'id', 'block'] });
      };
      request.onsuccess = () => {
        // Whoever drops the whole of it, from any tab, must not wait for this one.
        request.result.onversionchange = () => this.close();
        resolve(request.result);
      };
      request.onerror = () => reject(request.error ?? new Error('IndexedDB refused'));
    });
    return this.#database;
  }

  async versions(): Promise<Map<string, number>> {
    const database = await this.#open();
    const rows = (await answerOf(database.transaction(ROWS).objectStore(ROWS).getAll())) as ThreadRow[];
    return new Map(rows.map(({ thread, version }) => [thread, version]));
  }

  async read(thread: string): Promise<StoredWords | null> {
    const database = await this.#open();
    const transaction = database.transaction([ROWS, WORDS]);
    const words = transaction.objectStore(WORDS).getAll(partsOf(thread));
    const row = transaction.objectStore(ROWS).get(thread);
    await done(transaction);
    return row.result ? { row: row.result as ThreadRow, words: words.result as PartRow[] } : null;
  }

  async texts(thread: string, version: number, id: number, block: number): Promise<Uint8Array | null> {
    const database = await this.#open();
    const transaction = database.transaction([ROWS, TEXTS]);
    const row = transaction.objectStore(ROWS).get(thread);
    const texts = transaction.objectStore(TEXTS).get([thread, id, block]);
    await done(transaction);
    return (row.result as ThreadRow | undefined)?.version === version ? ((texts.result as BlockRow | undefined)?.sealed ?? null) : null;
  }

  async write(row: ThreadRow, parts: readonly PartChange[]): Promise<boolean> {
    const database = await this.#open();
    const transaction = database.transaction([ROWS, WORDS, TEXTS], 'readwrite');
    const rows = transaction.objectStore(ROWS);
    const known = (await answerOf(rows.get(row.thread))) as ThreadRow | undefined;
    const isNext = (known?.version ?? 0) === row.version - 1;
    if (isNext) {
      rows.put(row);
      const [words, texts] = [transaction.objectStore(WORDS), transaction.objectStore(TEXTS)];
      for (const { id, sealed } of parts) {
        texts.delete(blocksOf(row.thread, id));
        if (sealed) words.put({ thread: row.thread, id, sealed: sealed.words });
        else words.delete([row.thread, id]);
        for (const [block, part] of sealed?.texts.entries() ?? []) texts.put({ thread: row.thread, id, block, sealed: part } satisfies BlockRow);
      }
    }
    await done(transaction);
    return isNext;
  }

  async forget(thread: string): Promise<void> {
    const database = await this.#open();
    const transaction = database.transaction([ROWS, WORDS, TEXTS], 'readwrite');
    transaction.objectStore(ROWS).delete(thread);
    transaction.objectStore(WORDS).delete(partsOf(thread));
    transaction.objectStore(TEXTS).delete(partsOf(thread));
    await done(transaction);
  }

  close(): void {
    void this.#database?.then((database) => database.close());
    this.#database = null;
  }
}

/** For one page without IndexedDB, and for tests: nothing outlives the Worker. */
export class MemoryWordStore implements WordStore {
  readonly #rows = new Map<string, ThreadRow>();
  readonly #parts = new Map<string, Map<number, NonNullable<PartChange['sealed']>>>();

  versions(): Promise<Map<string, number>> {
    return Promise.resolve(new Map([...this.#rows].map(([thread, { version }]) => [thread, version])));
  }

  read(thread: string): Promise<StoredWords | null> {
    const row = this.#rows.get(thread);
    const words = [...(this.#parts.get(thread) ?? [])].map(([id, { words: sealed }]) => ({ thread, id, sealed }));
    return Promise.resolve(row ? { row, words } : null);
  }

  texts(thread: string, version: number, id: number, block: number): Promise<Uint8Array | null> {
    const isCurrent = this.#rows.get(thread)?.version === version;
    return Promise.resolve(isCurrent ? (this.#parts.get(thread)?.get(id)?.texts[block] ?? null) : null);
  }

  write(row: ThreadRow, parts: readonly PartChange[]): Promise<boolean> {
    if ((this.#rows.get(row.thread)?.version ?? 0) !== row.version - 1) return Promise.resolve(false);
    this.#rows.set(row.thread, row);
    const known = this.#parts.get(row.thread) ?? new Map<number, NonNullable<PartChange['sealed']>>();
    for (const { id, sealed } of parts)
      if (sealed) known.set(id, sealed);
      else known.delete(id);
    this.#parts.set(row.thread, known);
    return Promise.resolve(true);
  }

  forget(thread: string): Promise<void> {
    this.#rows.delete(thread);
    this.#parts.delete(thread);
    return Promise.resolve();
  }

  close(): void {
    return;
  }
}
