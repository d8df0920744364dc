/** New keys for the person who is signed in: by routine, or for a device that is lost, and from there into every thread. */
import * as api from '../api/account';
import { PASSWORD_M, PASSWORD_T } from '../crypto/tables.gen';
import type { Vault } from '../crypto/vaultApi';
import type { RenewKeys } from '../wire.gen';
import { newId } from './bytes';
import type { Session } from './session';

export class NewKeys {
  readonly #vault: Vault;
  readonly #session: Session;
  readonly #carry: () => void;
  #prepared: RenewKeys | null = null;

  /** `carry` begins to take the newest keys into every thread. */
  constructor(parts: { vault: Vault; session: Session; carry: () => void }) {
    this.#vault = parts.vault;
    this.#session = parts.session;
    this.#carry = parts.carry;
  }

  /** The next generation; every way to the keys stays. */
  async renew(password: string): Promise<void> {
    const { auth: current_auth } = await this.#session.deriveOwn(password);
    const { ukr, keyring } = await this.#vault.makeNewKeys(await this.#nextVersion(), Date.now(), null);
    await this.#vault.takeNewKeys(await api.renewKeys({ current_auth, ukr, keyring, locks: null }));
    await this.#session.keysReplaced();
    this.#carry();
  }

  /**
   * Makes new keys, a new master key, the lock of a new password and a new recovery code, which it answers. Nothing has
   * changed before `escape`: whoever closes the page here has what they had.
   */
  async prepareEscape(current: string, password: string): Promise<string> {
    const { auth: current_auth } = await this.#session.deriveOwn(current);
    const fresh = { salt: newId(), t: PASSWORD_T, m: PASSWORD_M };
    const { auth } = await this.#vault.derive(password, fresh);
    const { ukr, keyring, locks, recoveryCode } = await this.#vault.makeNewKeys(await this.#nextVersion(), Date.now(), fresh);
    this.#prepared = { current_auth, ukr, keyring, locks: locks && { auth, ...locks } };
    return recoveryCode;
  }

  /**
   * Puts what was prepared in force, in one act of the server; every other session ends, and every passkey. The same
   * bytes again are stored once, so it can be repeated when the answer was lost.
   */
  async escape(): Promise<void> {
    const prepared = this.#prepared;
    if (!prepared) throw new Error('Nothing was prepared. Please begin again.');
    const stored = await this.#session.replacing(() => api.renewKeys(prepared));
    this.#prepared = null;
    await this.#vault.takeNewKeys(stored);
    await this.#session.keysReplaced();
    this.#carry();
  }

  async #nextVersion(): Promise<number> {
    return (await api.fetchMyKeys()).keyring.version + 1;
  }
}
