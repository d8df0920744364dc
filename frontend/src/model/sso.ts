/** The way to an organisation's identity provider and back: it says who somebody is, and opens no key. */
import { ApiError } from '../api/errors';
import * as api from '../api/sso';
import type { Config, IdentityProviderOut, LinkedIdentities } from '../wire.gen';
import type { Session } from './session';

export type Arrival = 'signed-in' | 'linked';

/** What this tab set out for: the page is loaded anew in between. */
const PURPOSE = 'consilium.sso';

export class Sso {
  readonly #session: Session;
  /** The answers that were handed in, by address: a page that is drawn twice hands in once. */
  readonly #finishing = new Map<string, Promise<Arrival>>();

  constructor(session: Session) {
    this.#session = session;
  }

  get offered(): readonly IdentityProviderOut[] {
    // A configuration that an older build kept for the hours without a network knows of none.
    return (this.#session.config as Partial<Config>).identity_providers ?? [];
  }

  /** The address that the browser goes to next, to sign in. */
  async beginSignIn(provider: string): Promise<string> {
    const { address } = await api.beginSignIn(provider);
    sessionStorage.setItem(PURPOSE, 'sign-in');
    return address;
  }

  /** The address that the browser goes to next, to link this account; the password proves its person first. */
  async beginLinking(provider: string, password: string): Promise<string> {
    await this.#session.provePassword(password);
    const { address } = await api.beginLinking(provider);
    sessionStorage.setItem(PURPOSE, 'link');
    return address;
  }

  /** Hands in what the provider sent back in the address; `second_factor` when the account's own is asked for too. */
  finish(search: string): Promise<Arrival> {
    const known = this.#finishing.get(search);
    if (known) return known;
    const finishing = this.#finish(new URLSearchParams(search));
    this.#finishing.set(search, finishing);
    return finishing;
  }

  async #finish(back: URLSearchParams): Promise<Arrival> {
    const isLink = sessionStorage.getItem(PURPOSE) === 'link';
    sessionStorage.removeItem(PURPOSE);
    if (back.get('error') === 'access_denied') throw new ApiError('sso_cancelled', 'Cancelled at the provider.', 0);
    const [code, state, iss] = ['code', 'state', 'iss'].map((name) => back.get(name) ?? '');
    if (!code || !state) throw new ApiError('sso_state', 'This is no answer of a provider.', 0);
    if (isLink) {
      await api.finishLinking({ code, state, iss: iss ?? '' });
      return 'linked';
    }
    await api.finishSignIn({ code, state, iss: iss ?? '' });
    await this.#session.signedInByProvider();
    return 'signed-in';
  }

  identities(): Promise<LinkedIdentities> {
    return api.fetchIdentities();
  }

  async unlink(provider: string): Promise<void> {
    await api.unlink(provider);
  }
}
