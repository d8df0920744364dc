/** What is being written and was not sent: sealed on this device, so that a reload or a restart loses no word. */
import type { Vault } from '../crypto/vaultApi';
import type { DeviceStore } from '../store/db';
import { Observable } from './observable';

const PAUSE_MS = 400;

export class Drafts {
  readonly #store: DeviceStore;
  readonly #vault: Pick<Vault, 'sealLocal' | 'openLocal'>;
  readonly #open = new Map<string, Observable<string>>();
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
    void this.#read(thread, made);
    return made;
  }

  async #read(thread: string, draft: Observable<string>): Promise<void> {
    const row = await this.#store.drafts.get(thread);
    // Whoever was quicker than the disk has begun anew.
    if (row && draft.get() === '') draft.set(await this.#vault.openLocal(row.sealed).catch(() => ''));
    draft.subscribe(() => {
      clearTimeout(this.#unsaved.get(thread));
      this.#unsaved.set(thread, setTimeout(() => void this.#save(thread), PAUSE_MS));
    });
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
