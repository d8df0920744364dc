/** What the Worker holds between two calls: one person's open keys, what was derived last, threads, files and calls. */
import type { PersonKeys } from '../../wire.gen';
import type { DeviceStore } from '../deviceStore';
import { newestRecord, trustworthy } from '../directory';
import type { Directory } from '../directory';
import { b64, unb64 } from '../encoding';
import { Ct1Error, VaultError } from '../errors';
import { HeldFiles } from '../files';
import type { HeldThread } from '../heldThread';
import { KeptPins } from '../keptPins';
import { wordsKey } from '../openKeys';
import type { Derived, OpenKeys } from '../openKeys';
import { WordIndex } from '../wordIndex';
import type { WordStore } from '../wordStore';
import { HeldCalls } from './heldCalls';

/** The answer of `act` as a promise; what it throws is a rejection, whoever calls. */
export function later<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => resolve(act()));
}

export class OpenVault {
  readonly store: DeviceStore;
  readonly clock: () => number;
  readonly threads = new Map<string, HeldThread>();
  readonly files = new HeldFiles();
  readonly calls = new HeldCalls((id) => this.thread(id));
  #derived: Derived | null = null;
  #open: OpenKeys | null = null;
  #pins: KeptPins | null = null;
  #next: OpenKeys | null = null;
  #words: WordIndex | null = null;
  readonly #wordStore: (user: string) => WordStore;

  constructor(store: DeviceStore, clock: () => number, wordStore: (user: string) => WordStore) {
    this.store = store;
    this.clock = clock;
    this.#wordStore = wordStore;
  }

  get keys(): OpenKeys {
    if (!this.#open) throw new VaultError('locked', 'The keys are locked.');
    return this.#open;
  }

  get kept(): KeptPins {
    if (!this.#pins) throw new VaultError('locked', 'The keys are locked.');
    return this.#pins;
  }

  get words(): WordIndex {
    if (!this.#words) throw new VaultError('locked', 'The keys are locked.');
    return this.#words;
  }

  /** What was derived of a password last; until keys open, or the vault is locked. */
  get derived(): Derived {
    if (!this.#derived) throw new VaultError('no_password', 'Enter the password first.');
    return this.#derived;
  }

  set derived(derived: Derived) {
    this.#derived = derived;
  }

  use(keys: OpenKeys): void {
    this.threads.clear();
    this.#open = keys;
    this.#pins = new KeptPins(this.store, keys);
    this.#words?.close();
    this.#words = new WordIndex(this.#wordStore(b64(keys.user)), wordsKey(keys));
    this.#derived = null;
    this.#next = null;
  }

  /** Drops every key and thread from memory. */
  lock(): void {
    this.calls.clear();
    this.threads.clear();
    this.files.clear();
    this.#open?.umk.fill(0);
    this.#open = null;
    this.#pins = null;
    this.#words?.close();
    this.#words = null;
    this.#derived = null;
    this.#next = null;
  }

  /** Keys that were made and wait for the server to store them. */
  get next(): OpenKeys {
    if (!this.#next) throw new VaultError('no_keys', 'No new keys were made.');
    return this.#next;
  }

  set next(keys: OpenKeys) {
    this.#next = keys;
  }

  thread(id: string): HeldThread {
    const held = this.threads.get(id);
    if (!held) throw new VaultError('no_thread', 'This thread is not open.');
    return held;
  }

  /** What these people's records come to under the pinned roots. */
  directoryOf(people: readonly PersonKeys[]): Directory {
    const roots = this.keys.organisations.map((one) => one.rootPk);
    return trustworthy(
      people.map((one) => ({
        ukrs: one.bundles.map(({ ukr, pop, sig }) => ({ body: unb64(ukr), pop: unb64(pop), sig: unb64(sig) })),
        certificates: one.certificates.map(({ body, sig }) => ({ body: unb64(body), sig: unb64(sig) })),
      })),
      roots,
    );
  }

  /** E_KEY_CHANGED when the newest key of one of these people took a known one's place without its word. */
  async requireKnown(people: readonly PersonKeys[], directory: Directory): Promise<void> {
    const newest = people.flatMap(({ user }) => directory.of(unb64(user)).slice(0, 1).map(() => newestRecord(directory.of(unb64(user)))));
    const replaced = await this.kept.replacedAmong(newest, directory, this.clock());
    if (replaced.length > 0) throw new Ct1Error('E_KEY_CHANGED', 'the key of this person was replaced');
  }
}
