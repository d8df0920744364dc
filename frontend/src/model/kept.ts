/** What a device may show without a network: sealed, for a few hours since it last heard of the server, and gone then. */
import type { Vault } from '../crypto/vaultApi';
import { nameOfWords } from '../crypto/wordStore';
import { DeviceStore } from '../store/db';
import type { Config, LoginParameters, Me, MyKeys } from '../wire.gen';

/** What opens the keys without a network: wrapped keys and public ones, nothing that the password is not needed for. */
export type Door = { user: string; parameters: LoginParameters; keys: MyKeys; config: Config; heard: number };

const DOOR = 'consilium.door';
const HOUR_MS = 3_600_000;
/** A clock that was set back must not keep open what is over. */
const BACKWARDS_MS = 5 * 60_000;
/** How many conversations open without a network: those looked at last. */
export const MOST_THREADS = 20;

export function readDoor(): Door | null {
  const found = localStorage.getItem(DOOR);
  if (!found) return null;
  try {
    return JSON.parse(found) as Door;
  } catch {
    return null;
  }
}

export function keepDoor(door: Door): void {
  if (door.config.offline_hours > 0) localStorage.setItem(DOOR, JSON.stringify(door));
  else localStorage.removeItem(DOOR);
}

/** The server was heard just now: the hours begin anew. */
export function heardNow(now: number): void {
  const door = readDoor();
  if (door) keepDoor({ ...door, heard: now });
}

/** Whether a device that heard of the server at `heard` may still show what it has. */
export function isFresh(door: Pick<Door, 'heard' | 'config'>, now: number): boolean {
  return now >= door.heard - BACKWARDS_MS && now - door.heard < door.config.offline_hours * HOUR_MS;
}

/** Also while another tab has it open, which closes it then. */
function dropDatabase(name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}

/**
 * Drops what this device holds of one person. `everything`: with what was written and not sent, as at a sign-out by
 * hand; counters stay in any case, since a message's number must never be used twice.
 */
export async function wipeDevice(user: string, everything: boolean): Promise<void> {
  if (readDoor()?.user === user) localStorage.removeItem(DOOR);
  await dropDatabase(nameOfWords(user));
  const store = new DeviceStore(user);
  try {
    await store.forgetContent();
    if (everything) await store.forgetWritten();
  } finally {
    store.close();
  }
}

/** Values of the model, sealed under the person's key, in the device's store. */
export class Kept {
  readonly #store: DeviceStore;
  readonly #vault: Pick<Vault, 'sealLocal' | 'openLocal'>;

  constructor(parts: { store: DeviceStore; vault: Pick<Vault, 'sealLocal' | 'openLocal'> }) {
    this.#store = parts.store;
    this.#vault = parts.vault;
  }

  async put(name: string, value: unknown): Promise<void> {
    const sealed = await this.#vault.sealLocal(JSON.stringify(value));
    await this.#store.kept.put({ name, at: Date.now(), sealed });
  }

  /** Null for what was never kept, and for what this person's key does not open. */
  async get<T>(name: string): Promise<T | null> {
    const row = await this.#store.kept.get(name);
    if (!row) return null;
    try {
      return JSON.parse(await this.#vault.openLocal(row.sealed)) as T;
    } catch {
      return null;
    }
  }

  async putThread(id: string, value: unknown): Promise<void> {
    await this.put(`thread:${id}`, value);
    const rows = await this.#store.kept.where('name').startsWith('thread:').toArray();
    const old = rows.sort((a, b) => b.at - a.at).slice(MOST_THREADS);
    await this.#store.kept.bulkDelete(old.map((row) => row.name));
  }

  getThread<T>(id: string): Promise<T | null> {
    return this.get<T>(`thread:${id}`);
  }

  async threads(): Promise<string[]> {
    const names = await this.#store.kept.where('name').startsWith('thread:').primaryKeys();
    return names.map((name) => name.slice('thread:'.length));
  }
}

/** Who the door belongs to, once its keys are open; null when nothing was kept. */
export async function readMe(user: string, vault: Pick<Vault, 'sealLocal' | 'openLocal'>): Promise<Me | null> {
  const store = new DeviceStore(user);
  try {
    return await new Kept({ store, vault }).get<Me>('me');
  } finally {
    store.close();
  }
}

export async function keepMe(me: Me, vault: Pick<Vault, 'sealLocal' | 'openLocal'>): Promise<void> {
  const store = new DeviceStore(me.id);
  try {
    await new Kept({ store, vault }).put('me', me);
  } finally {
    store.close();
  }
}
