/** A person's pins on this device, sealed, and in step with the copy that the server keeps for their other devices. */
import type { DeviceStore } from './deviceStore';
import type { Directory } from './directory';
import { b64, unb64 } from './encoding';
import { Ct1Error } from './errors';
import type { OpenKeys } from './openKeys';
import { openPins, Pins, sealPins } from './pins';
import { equal } from './primitives';
import type { ThreadState } from './state';
import { PinState } from './tables.gen';

type Stored = { version: number; blob: string; isSent: boolean };
export type PinsCopy = { version: number; blob: string };

/** A fresh browser begins with the server's copy: what that has, nobody can take back from it unseen. */
export class KeptPins {
  readonly #store: DeviceStore;
  readonly #keys: OpenKeys;
  #pins: Pins | null = null;
  #version = 0;
  #isSent = true;
  #work: Promise<unknown> = Promise.resolve();

  constructor(store: DeviceStore, keys: OpenKeys) {
    this.#store = store;
    this.#keys = keys;
  }

  get #name(): string {
    return `${b64(this.#keys.user)}/pins`;
  }

  /** One after the other: two threads that open at once must not lose each other's pins. */
  #inTurn<T>(act: (pins: Pins) => Promise<T> | T): Promise<T> {
    const done = this.#work.then(async () => act(await this.#load()));
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #load(): Promise<Pins> {
    if (this.#pins) return this.#pins;
    const row = await this.#store.pin(this.#name);
    if (row === null) return (this.#pins = new Pins());
    const stored = JSON.parse(row) as Stored;
    const { keyring, user } = this.#keys;
    this.#version = stored.version;
    this.#isSent = stored.isSent;
    return (this.#pins = openPins(unb64(stored.blob), keyring.pinsKey, user, stored.version));
  }

  async #keep(pins: Pins, version = this.#version, isSent = false): Promise<void> {
    if (pins === this.#pins && version === this.#version && isSent === this.#isSent) return;
    [this.#pins, this.#version, this.#isSent] = [pins, version, isSent];
    const blob = b64(sealPins(pins, this.#keys.keyring.pinsKey, this.#keys.user, version));
    await this.#store.putPin(this.#name, JSON.stringify({ version, blob, isSent } satisfies Stored));
  }

  /** E_LOG_ROLLBACK for a log that ends before what was seen, E_LOG_FORK for another one; then remembers this. */
  checkLog(state: ThreadState): Promise<void> {
    return this.#inTurn(async (pins) => {
      const after = pins.afterLog(state);
      if (after !== pins) await this.#keep(after);
    });
  }

  /** Those of these whose key took a known one's place without its word; the others are remembered. */
  replacedAmong(people: readonly { user: Uint8Array; fp: Uint8Array }[], directory: Directory, nowMs: number): Promise<string[]> {
    return this.#inTurn(async (pins) => {
      const replaced: string[] = [];
      let after = pins;
      for (const { user, fp } of people) {
        if (equal(user, this.#keys.user)) continue;
        try {
          after = after.afterPerson(user, fp, directory, nowMs);
        } catch (error) {
          if (!(error instanceof Ct1Error)) throw error;
          replaced.push(b64(user));
        }
      }
      if (after !== pins) await this.#keep(after);
      return replaced;
    });
  }

  /** After somebody has compared, or has seen that a key was replaced and taken it. */
  accept(user: Uint8Array, fp: Uint8Array, isVerified: boolean, nowMs: number): Promise<void> {
    return this.#inTurn((pins) => this.#keep(pins.accepted(user, fp, isVerified ? PinState.VERIFIED : PinState.SEEN, nowMs)));
  }

  /** Whether the two have compared this key, or one that it continues. */
  isVerified(user: Uint8Array, fp: Uint8Array, directory: Directory): Promise<boolean> {
    return this.#inTurn((pins) => {
      const pin = pins.people.get(b64(user));
      const keys = [fp, ...directory.chain(fp)];
      return pin?.state === PinState.VERIFIED && keys.some((one) => equal(one, pin.fp));
    });
  }

  /** What the server has kept; E_LOG_ROLLBACK when that is older than what it had, or gone. */
  take(copy: PinsCopy | null): Promise<void> {
    return this.#inTurn(async (pins) => {
      if (copy === null) {
        if (this.#version > 0) throw new Ct1Error('E_LOG_ROLLBACK', 'the server has lost the pins that it had');
        return;
      }
      const { keyring, user } = this.#keys;
      const theirs = openPins(unb64(copy.blob), keyring.pinsKey, user, copy.version, this.#version);
      const merged = pins.merged(theirs);
      await this.#keep(merged, copy.version, equal(merged.encode(), theirs.encode()));
    });
  }

  /** The copy for the server, one version up; null when it has everything. */
  due(): Promise<PinsCopy | null> {
    return this.#inTurn((pins) => {
      if (this.#isSent) return null;
      const version = this.#version + 1;
      return { version, blob: b64(sealPins(pins, this.#keys.keyring.pinsKey, this.#keys.user, version)) };
    });
  }
}
