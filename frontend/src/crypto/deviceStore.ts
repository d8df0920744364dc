/** What the vault keeps on this device: the remembered key, and what it has seen, sealed. */

/** A master key under a key of this browser that WebCrypto will not export; ms since 1970. */
export type Remembered = { user: string; key: CryptoKey; nonce: Uint8Array; blob: Uint8Array; slotId: Uint8Array; until: number };

export interface DeviceStore {
  remembered(user: string): Promise<Remembered | null>;
  remember(row: Remembered): Promise<void>;
  forget(user: string): Promise<void>;
  /** Sealed pins by `user/name`. */
  pin(name: string): Promise<string | null>;
  putPin(name: string, sealed: string): Promise<void>;
  /** Drops what was pinned for a person. */
  dropPins(user: string): Promise<void>;
}

const NAME = 'consilium-vault';

/** In IndexedDB, which a Worker reaches too; every host of the demonstration has its own. */
export class IndexedDeviceStore implements DeviceStore {
  #database: Promise<IDBDatabase> | null = null;

  #open(): Promise<IDBDatabase> {
    this.#database ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('remembered', { keyPath: 'user' });
        request.result.createObjectStore('pins');
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('IndexedDB refused'));
    });
    return this.#database;
  }

  async #run<T>(table: string, mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const database = await this.#open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(table, mode);
      const request = act(transaction.objectStore(table));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB refused'));
    });
  }

  async remembered(user: string): Promise<Remembered | null> {
    const found: unknown = await this.#run('remembered', 'readonly', (store) => store.get(user) as IDBRequest<unknown>);
    return (found as Remembered | undefined) ?? null;
  }

  async remember(row: Remembered): Promise<void> {
    await this.#run('remembered', 'readwrite', (store) => store.put(row));
  }

  async forget(user: string): Promise<void> {
    await this.#run('remembered', 'readwrite', (store) => store.delete(user));
  }

  async pin(name: string): Promise<string | null> {
    const found: unknown = await this.#run('pins', 'readonly', (store) => store.get(name) as IDBRequest<unknown>);
    return typeof found === 'string' ? found : null;
  }

  async putPin(name: string, sealed: string): Promise<void> {
    await this.#run('pins', 'readwrite', (store) => store.put(sealed, name));
  }

  async dropPins(user: string): Promise<void> {
    await this.#run('pins', 'readwrite', (store) => store.delete(IDBKeyRange.bound(`${user}/`, `${user}/\uffff`)));
  }
}

/** For one page without IndexedDB (some private windows), and for tests: nothing outlives the Worker. */
export class MemoryDeviceStore implements DeviceStore {
  readonly #rows = new Map<string, Remembered>();
  readonly #pins = new Map<string, string>();

  remembered(user: string): Promise<Remembered | null> {
    return Promise.resolve(this.#rows.get(user) ?? null);
  }

  remember(row: Remembered): Promise<void> {
    this.#rows.set(row.user, row);
    return Promise.resolve();
  }

  forget(user: string): Promise<void> {
    this.#rows.delete(user);
    return Promise.resolve();
  }

  pin(name: string): Promise<string | null> {
    return Promise.resolve(this.#pins.get(name) ?? null);
  }

  putPin(name: string, sealed: string): Promise<void> {
    this.#pins.set(name, sealed);
    return Promise.resolve();
  }

  dropPins(user: string): Promise<void> {
    for (const name of [...this.#pins.keys()].filter((one) => one.startsWith(`${user}/`))) this.#pins.delete(name);
    return Promise.resolve();
  }
}
