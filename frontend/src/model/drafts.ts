/** What is being written and was not sent: sealed on this device, so that a reload or a restart loses no word. */
import type { Vault } from '../crypto/vaultApi';
import type { DeviceStore } from '../store/db';
import { Observable } from './observable';

const PAUSE_MS = 400;

export class Drafts {
  readonly #store: DeviceStore;
  readonly #vault: Pick<Vault, 'sealLocal' | 'openLocal'>;
  readonly #open = new Map<string, Observable<string>>();
  readonly #reading = new Map<string, Promise<void>>();
  readonly #unsaved = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(parts: { store: DeviceStore; vault: Pick<Vault, 'sealLocal' | 'openLocal'> }) {
    this.#store = parts.store;
    this.#vault = parts.vault;
  }

  /** The draft of one thread, for its composer to show and to set. */
  of(thread: string): Observable<string> {
    const known = this.#open.get(thread);
    if (known) return known;
    const made = new Observable('');
    this.#open.set(thread, made);
    this.#reading.set(thread, this.#read(thread, made));
    made.subscribe(() => this.#changed(thread, made.get()));
    return made;
  }

  /** Returns when the draft of an earlier page is there. */
  async ready(thread: string): Promise<void> {
    await this.#reading.get(thread);
  }

  async #read(thread: string, draft: Observable<string>): Promise<void> {
    const row = await this.#store.drafts.get(thread);
    const text = row ? await this.#vault.openLocal(row.sealed).catch(() => '') : '';
    // Whoever was quicker than the disk has begun anew.
    if (text && draft.get() === '') draft.set(text);
  }

  #changed(thread: string, text: string): void {
    clearTimeout(this.#unsaved.get(thread));
    // What was sent must not come back as a draft after a crash.
    const pause = text === '' ? 0 : PAUSE_MS;
    this.#unsaved.set(thread, setTimeout(() => void this.#save(thread), pause));
  }

  /** Writes at once what still waits to be written. */
  async flush(): Promise<void> {
    await Promise.all([...this.#unsaved.keys()].map((thread) => this.#save(thread)));
  }

  async #save(thread: string): Promise<void> {
    clearTimeout(this.#unsaved.get(thread));
    this.#unsaved.delete(thread);
    const text = this.#open.get(thread)?.get() ?? '';
    if (text === '') await this.#store.drafts.delete(thread);
    else await this.#store.drafts.put({ thread, sealed: await this.#vault.sealLocal(text) });
  }
}
