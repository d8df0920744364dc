/** This device's pins in step with the sealed copy that the person's other devices begin with. */
import * as api from '../api/account';
import { codeOf } from '../api/errors';
import type { Vault } from '../crypto/vaultApi';

const KEEP_MS = 3000;
const TRIES = 5;

export class PinsCopy {
  readonly #vault: Vault;
  #ready: Promise<void> | null = null;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /**
   * When the server's copy has been taken. Rejects with E_LOG_ROLLBACK when that is older than what it had: then no
   * thread is opened. Without a network this device's own pins have to do, and the copy is asked for again.
   */
  ready(): Promise<void> {
    this.#ready ??= this.#take().catch((error: unknown) => {
      this.#ready = null;
      if (codeOf(error) !== 'offline') throw error;
    });
    return this.#ready;
  }

  async #take(): Promise<void> {
    await this.#vault.takePins((await api.fetchPins()).pins);
  }

  keepSoon(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.keep().catch(() => undefined), KEEP_MS);
  }

  /** Gives the server what it lacks; another device that was first is merged with. */
  async keep(): Promise<void> {
    await this.ready();
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const due = await this.#vault.duePins();
      if (!due) return;
      try {
        await this.#vault.takePins(await api.putPins(due));
      } catch (error) {
        if (codeOf(error) !== 'conflict') throw error;
        await this.#take();
      }
    }
  }

  stop(): void {
    clearTimeout(this.#soon);
  }
}
