/** Everything was lost: an account begins anew with a code of its organisation's, and opens nothing that was before. */
import * as api from '../api/account';
import { PASSWORD_M, PASSWORD_T } from '../crypto/tables.gen';
import type { Vault } from '../crypto/vaultApi';
import type { ResetKeys, ResetOffer } from '../wire.gen';
import { newId } from './bytes';
import type { Session } from './session';

export type ResetWish = { email: string; code: string; password: string };

export class Reset {
  readonly #vault: Vault;
  readonly #session: Session;
  #prepared: { user: string; body: ResetKeys } | null = null;

  constructor(vault: Vault, session: Session) {
    this.#vault = vault;
    this.#session = session;
  }

  look(email: string, code: string): Promise<ResetOffer> {
    return api.lookAtReset(email, code);
  }

  /** Makes the new keys and answers their recovery code. Nothing has changed before `finish`. */
  async prepare(offer: ResetOffer, { email, code, password }: ResetWish): Promise<string> {
    const fresh = { salt: newId(), t: PASSWORD_T, m: PASSWORD_M };
    const { auth } = await this.#vault.derive(password, fresh);
    const { ukr, slots, keyring, recoveryCode } = await this.#vault.makeKeys(offer.user, fresh, Date.now(), offer);
    this.#prepared = { user: offer.user, body: { email, code, auth, ukr, slots, keyring } };
    return recoveryCode;
  }

  /** Puts them in place of all that was lost, and opens the app. The same again is stored once. */
  async finish(): Promise<void> {
    if (!this.#prepared) throw new Error('Nothing was prepared. Please begin again.');
    const { user, body } = this.#prepared;
    await api.finishReset(body);
    await this.#session.beginAnew(user);
    this.#prepared = null;
  }
}
