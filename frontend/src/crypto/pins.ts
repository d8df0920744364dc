/** What a person has seen before: how far each log went, and whose key was whose (docs/protocol.md 3.10). All pure. */
import type { Directory } from './directory';
import { b64, Reader, sortedOnce, unb64, Writer } from './encoding';
import { Ct1Error } from './errors';
import { aeadOpen, aeadSeal, compare, concat, domain, equal, NONCE_BYTES, randomBytes } from './primitives';
import type { Random } from './primitives';
import type { ThreadState } from './state';
import { Label, PinState } from './tables.gen';

/** The newest entry seen of a thread. */
export type LogPin = { readonly seq: number; readonly hash: Uint8Array };

/** The newest key seen of a person, and whether the two have compared; `at` in ms, of that or of the first sight. */
export type PersonPin = { readonly fp: Uint8Array; readonly state: PinState; readonly at: number };

function has(items: readonly Uint8Array[], one: Uint8Array): boolean {
  return items.some((item) => equal(item, one));
}

/** By thread, and by user, each as base64url; each check returns what to remember from now on. */
export class Pins {
  readonly logs: ReadonlyMap<string, LogPin>;
  readonly people: ReadonlyMap<string, PersonPin>;

  constructor(logs: ReadonlyMap<string, LogPin> = new Map(), people: ReadonlyMap<string, PersonPin> = new Map()) {
    this.logs = logs;
    this.people = people;
  }

  /** E_LOG_ROLLBACK for a log that ends before what was seen, E_LOG_FORK for another one. */
  afterLog(state: ThreadState): Pins {
    const thread = b64(state.threadId);
    const pin = this.logs.get(thread);
    if (pin) {
      const hash = state.parts.hashes[pin.seq];
      if (!hash) throw new Ct1Error('E_LOG_ROLLBACK', 'a longer log was seen before');
      if (!equal(hash, pin.hash)) throw new Ct1Error('E_LOG_FORK', 'another log was seen before');
      if (pin.seq === state.seq) return this;
    }
    return new Pins(new Map([...this.logs, [thread, { seq: state.seq, hash: state.head }]]), this.people);
  }

  /**
   * E_KEY_CHANGED for a key that took a known one's place without its word; a first sight is remembered. A key that
   * continues the known one takes its place in silence, and one that it continues changes nothing.
   */
  afterPerson(user: Uint8Array, fp: Uint8Array, directory: Directory, nowMs: number): Pins {
    const pin = this.people.get(b64(user));
    if (!pin) return this.accepted(user, fp, PinState.SEEN, nowMs);
    if (equal(pin.fp, fp) || has(directory.chain(pin.fp), fp)) return this;
    if (!has(directory.chain(fp), pin.fp)) throw new Ct1Error('E_KEY_CHANGED', 'the key of this person was replaced');
    return this.accepted(user, fp, pin.state, pin.at);
  }

  /** After somebody has looked: this key is the one. */
  accepted(user: Uint8Array, fp: Uint8Array, state: PinState, nowMs: number): Pins {
    return new Pins(this.logs, new Map([...this.people, [b64(user), { fp, state, at: nowMs }]]));
  }

  /** With what another device has seen: the longer of two logs, and of two sights of a person the later. */
  merged(other: Pins): Pins {
    const logs = new Map([...other.logs, ...this.logs]);
    for (const [thread, pin] of other.logs) {
      const mine = this.logs.get(thread);
      if (mine?.seq === pin.seq && !equal(mine.hash, pin.hash)) throw new Ct1Error('E_LOG_FORK', 'two devices were shown two logs');
      if (mine && pin.seq > mine.seq) logs.set(thread, pin);
    }
    const people = new Map([...other.people, ...this.people]);
    for (const [user, sight] of other.people) {
      const own = this.people.get(user);
      if (own && (sight.at > own.at || (sight.at === own.at && compare(sight.fp, own.fp) > 0))) people.set(user, sight);
    }
    return new Pins(logs, people);
  }

  encode(): Uint8Array {
    const sorted = <T>(rows: ReadonlyMap<string, T>) => [...rows].map(([key, pin]) => ({ id: unb64(key), pin })).sort((one, other) => compare(one.id, other.id));
    const writer = new Writer().each(sorted(this.logs), (w, { id, pin }) => w.fixed(id, 32).u64(pin.seq).fixed(pin.hash, 32));
    return writer.each(sorted(this.people), (w, { id, pin }) => w.fixed(id, 16).fixed(pin.fp, 32).u8(pin.state).u64(pin.at)).done();
  }
}

export function parsePins(body: Uint8Array): Pins {
  const reader = new Reader(body);
  const logs = reader.each((r) => {
    const id = r.fixed(32);
    const seq = r.u64();
    return { id, pin: { seq, hash: r.fixed(32) } };
  });
  const people = reader.each((r) => {
    const id = r.fixed(16);
    const fp = r.fixed(32);
    const state = r.enum<PinState>(PinState);
    return { id, pin: { fp, state, at: r.u64() } };
  });
  reader.done();
  for (const rows of [logs, people]) sortedOnce(rows.map(({ id }) => id), 'pins');
  return new Pins(new Map(logs.map(({ id, pin }) => [b64(id), pin])), new Map(people.map(({ id, pin }) => [b64(id), pin])));
}

/** The copy that the server keeps, under the keyring's pins key; the version is sealed in and only goes up. */
export function sealPins(pins: Pins, key: Uint8Array, user: Uint8Array, version: number, rng: Random = randomBytes): Uint8Array {
  const nonce = rng(NONCE_BYTES);
  return concat(nonce, aeadSeal(key, nonce, pins.encode(), termsOf(user, version)));
}

/** What was sealed as this version; E_LOG_ROLLBACK for a version before one that was seen, E_UNWRAP for another. */
export function openPins(blob: Uint8Array, key: Uint8Array, user: Uint8Array, version: number, atLeast = 0): Pins {
  if (version < atLeast) throw new Ct1Error('E_LOG_ROLLBACK', 'the server gave older pins than it had');
  return parsePins(aeadOpen(key, blob.slice(0, NONCE_BYTES), blob.slice(NONCE_BYTES), termsOf(user, version), 'E_UNWRAP'));
}

function termsOf(user: Uint8Array, version: number): Uint8Array {
  return domain(Label.PINS, new Writer().fixed(user, 16).u64(version).done());
}
