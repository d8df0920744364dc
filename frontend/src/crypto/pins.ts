/** What this person has seen before on this device, sealed: how far each log went, and whose key was whose. */
import type { DeviceStore } from './deviceStore';
import { b64, fromUtf8, unb64, utf8 } from './encoding';
import { Ct1Error } from './errors';
import type { Ukr } from './keys';
import type { OpenKeys } from './openKeys';
import { aeadOpen, aeadSeal, concat, domain, equal, NONCE_BYTES, randomBytes } from './primitives';
import type { ThreadState } from './state';
import { Label, UkrReason } from './tables.gen';

type LogPin = { seq: number; hash: string };
type PersonPin = { gen: number; fp: string };

/** A fresh browser has no pins: it is protected from a rollback only by what other members' messages cite. */
export class Pins {
  readonly #store: DeviceStore;
  readonly #keys: OpenKeys;

  constructor(store: DeviceStore, keys: OpenKeys) {
    this.#store = store;
    this.#keys = keys;
  }

  #name(kind: string, id: Uint8Array): string {
    return `${b64(this.#keys.user)}/${kind}/${b64(id)}`;
  }

  async #read<T>(name: string): Promise<T | null> {
    const sealed = await this.#store.pin(name);
    if (sealed === null) return null;
    const raw = unb64(sealed);
    const terms = domain(Label.PINS, utf8(name));
    const plain = aeadOpen(this.#keys.keyring.pinsKey, raw.slice(0, NONCE_BYTES), raw.slice(NONCE_BYTES), terms);
    return JSON.parse(fromUtf8(plain)) as T;
  }

  async #write(name: string, pin: LogPin | PersonPin): Promise<void> {
    const nonce = randomBytes(NONCE_BYTES);
    const terms = domain(Label.PINS, utf8(name));
    const sealed = aeadSeal(this.#keys.keyring.pinsKey, nonce, utf8(JSON.stringify(pin)), terms);
    await this.#store.putPin(name, b64(concat(nonce, sealed)));
  }

  /** E_LOG_ROLLBACK for a log that ends before what was seen, E_LOG_FORK for another one; then remembers this. */
  async checkLog(state: ThreadState): Promise<void> {
    const name = this.#name('log', state.threadId);
    const pin = await this.#read<LogPin>(name);
    if (pin) {
      const hash = state.parts.hashes[pin.seq];
      if (!hash) throw new Ct1Error('E_LOG_ROLLBACK', 'this device has seen a longer log');
      if (b64(hash) !== pin.hash) throw new Ct1Error('E_LOG_FORK', 'this device has seen another log');
    }
    if (!pin || pin.seq < state.seq) await this.#write(name, { seq: state.seq, hash: b64(state.head) });
  }

  /** E_KEY_CHANGED for a key that took the place of a known one without its signature: a hard stop (rule S4). */
  async checkPerson(user: Uint8Array, records: readonly Ukr[]): Promise<void> {
    const pin = await this.#read<PersonPin>(this.#name('person', user));
    if (!pin || records.length === 0) return;
    // A second key of the same generation is a plant: whichever came first in the answer would be the one in use.
    const isKnown = records.some((one) => equal(one.fp, unb64(pin.fp))) && records.every((one) => one.gen !== pin.gen || equal(one.fp, unb64(pin.fp)));
    const isReset = records.some((one) => one.gen > pin.gen && one.reason === UkrReason.RESET);
    if (!isKnown || isReset) throw new Ct1Error('E_KEY_CHANGED', 'the key of this person was replaced');
  }

  /** Remembers the newest key of a person to whom something was given. */
  async keepPerson(records: readonly Ukr[]): Promise<void> {
    const [first, ...rest] = records;
    if (!first) return;
    const last = rest.reduce((best, one) => (one.gen > best.gen ? one : best), first);
    await this.#write(this.#name('person', last.user), { gen: last.gen, fp: b64(last.fp) });
  }
}
