/** The keys of one call inside the vault: made for it, held while it lasts, given to the media worker alone. */
import type { RoomKeys } from '../wire.gen';
import {
  callPhraseHash,
  encodeJoin,
  encodeNotice,
  frameKey,
  leads,
  makeNotice,
  openCallKey,
  parseJoin,
  parseNotice,
  rankOf,
  sealCallKey,
  signJoin,
  signNotice,
  verifyJoin,
  verifyNotice,
} from './conference';
import type { Join, KeyNotice } from './conference';
import { b64, Reader, unb64, Writer } from './encoding';
import { Ct1Error } from './errors';
import { checkJoin, checkNotice } from './guards';
import type { HeldThread } from './heldThread';
import { boxPair, compare, concat, equal, randomBytes } from './primitives';
import type { CallKey, CallPerson, CallRoster } from './vaultApi';

/** What travels to the media worker: the frame keys of key number `n`, in the order of the notice's ranks. */
export type MediaKeys = {
  readonly type: 'keys';
  readonly n: number;
  readonly self: number;
  readonly senders: readonly { readonly user: string; readonly device: string; readonly key: Uint8Array }[];
};
export type MediaEnd = { readonly type: 'end' };

export type CallParts = {
  readonly thread: () => HeldThread;
  readonly conf: Uint8Array;
  readonly device: Uint8Array;
  /** How far this device has counted as leader of this call, in this join and those before it. */
  readonly counted: { n: number };
  /** Hands keys to the media worker; whether there is one. */
  readonly give: (keys: MediaKeys) => boolean;
};

const MAX_CALL_WIRE = 4096;

type Wire = Pick<RoomKeys, 'n' | 'leader' | 'leader_device' | 'commitment' | 'sealed'>;
type InUse = { readonly n: number; readonly ck: Uint8Array; readonly joins: readonly Join[] };

/** `v16 body ‖ sig[64]`: how a join and a notice travel in a room's frames. */
export function withSignature(body: Uint8Array, sig: Uint8Array): string {
  return b64(new Writer().v16(body).fixed(sig, 64).done());
}

function splitSigned(wire: string): { body: Uint8Array; sig: Uint8Array } {
  const raw = unb64(wire);
  if (raw.length > MAX_CALL_WIRE) throw new Ct1Error('E_SIZE', 'too large for a call');
  const reader = new Reader(raw);
  const body = reader.v16();
  const sig = reader.fixed(64);
  reader.done();
  return { body, sig };
}

export class CallKeys {
  readonly conf: Uint8Array;
  readonly #mine: Join;
  readonly #eSeed: Uint8Array;
  readonly join: string;
  #present: readonly Join[] = [];
  #inUse: InUse | null = null;
  /** The last number taken from each leader, by rank. */
  readonly #lastBy = new Map<string, number>();
  #pending: Wire | null = null;
  readonly #parts: CallParts;
  #isGiven = false;

  constructor(parts: CallParts, nowMs: number) {
    const { conf, device } = parts;
    const held = parts.thread();
    const { identity } = held;
    this.#parts = parts;
    this.conf = conf;
    this.#eSeed = randomBytes(32);
    this.#mine = {
      thread: held.state.threadId,
      confId: conf,
      user: held.keys.user,
      fp: identity.fp,
      device,
      ePk: boxPair(this.#eSeed).public,
      logHead: held.state.head,
      ts: nowMs,
    };
    checkJoin(this.#mine, held.state, nowMs);
    this.join = withSignature(encodeJoin(this.#mine), signJoin(this.#mine, identity));
  }

  /** Verifies who is there; a key that came before its roster is tried again. */
  roster(people: readonly (CallPerson & { join: string })[], nowMs: number): CallRoster {
    const refused: CallRoster['refused'] = [];
    const present: Join[] = [];
    for (const { user, device, join } of people) {
      try {
        present.push(this.#verified(user, device, join, nowMs));
      } catch (error) {
        if (!(error instanceof Ct1Error)) throw error;
        refused.push({ user, device, code: error.code });
      }
    }
    this.#present = present;
    this.#tryPending();
    const leader = leads(present);
    return {
      verified: present.map(personOf),
      refused,
      leader: leader && personOf(leader),
      iLead: leader !== null && this.#isMine(leader),
      mustRekey: present.some((one) => this.#isMine(one)) && !this.#isForPresent(),
      n: this.#inUse?.n ?? 0,
      phrase: this.#phrase(),
    };
  }

  #verified(user: string, device: string, wire: string, nowMs: number): Join {
    const { body, sig } = splitSigned(wire);
    const claimed = parseJoin(body);
    const { state, directory } = this.#parts.thread();
    const join = verifyJoin(body, sig, directory.ukr(claimed.fp), state.threadId, this.conf);
    if (b64(join.user) !== user || b64(join.device) !== device) throw new Ct1Error('E_CONF', 'a join of somebody else');
    checkJoin(join, state, nowMs);
    return join;
  }

  #isMine(join: Join): boolean {
    return equal(join.ePk, this.#mine.ePk) && equal(join.device, this.#mine.device) && equal(join.fp, this.#mine.fp);
  }

  /** By the ephemeral keys: a device that came back has a new one, and needs a new key even if nobody else moved. */
  #isForPresent(): boolean {
    const keysOf = (joins: readonly Join[]) => joins.map((one) => b64(one.ePk)).sort().join(' ');
    return this.#inUse !== null && keysOf(this.#inUse.joins) === keysOf(this.#present);
  }

  #phrase(): string {
    if (!this.#inUse) return '';
    const { n, joins } = this.#inUse;
    const hash = callPhraseHash(this.#mine.thread, this.conf, n, joins.map((one) => one.ePk));
    const number = hash.slice(0, 8).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) % 1_000_000_000_000n;
    return number.toString().padStart(12, '0').match(/.{4}/g)?.join(' ') ?? '';
  }

  /**
   * A fresh key for exactly those verified; E_CONF when another leads, what `checkJoin` throws when one may not be there. `n` goes up with each key of this device, and is
   * never below the seconds since 1970: one who comes back with no memory of the call still counts on.
   */
  rekey(nowMs: number): CallKey {
    const leader = leads(this.#present);
    if (!leader || !this.#isMine(leader)) throw new Ct1Error('E_CONF', 'somebody else leads the keys');
    // Consent may have ended since the roster came: nobody is sealed a fresh key by an old look.
    const { state } = this.#parts.thread();
    for (const one of this.#present) checkJoin(one, state, nowMs);
    const n = Math.max(this.#parts.counted.n + 1, Math.floor(nowMs / 1000));
    this.#parts.counted.n = n;
    const ck = randomBytes(32);
    const notice = makeNotice(this.#mine, n, ck, this.#present);
    const commitment = withSignature(encodeNotice(notice), signNotice(notice, this.#parts.thread().identity));
    const others = this.#present.filter((one) => !this.#isMine(one));
    const seals = others.map((one) => ({ ...personOf(one), sealed: b64(sealCallKey(ck, n, one)) }));
    this.#use({ n, ck, joins: this.#present });
    return { n, commitment, seals };
  }

  take(wire: Wire): { isOpen: boolean; n: number } {
    this.#pending = wire;
    const refusal = this.#tryPending();
    // Only what a later roster can mend is kept for it; everything else is a verdict.
    if (refusal && refusal.code !== 'E_CONF' && refusal.code !== 'E_UNKNOWN_KEY') throw refusal;
    return { isOpen: refusal === null, n: this.#inUse?.n ?? 0 };
  }

  #tryPending(): Ct1Error | null {
    if (!this.#pending) return null;
    try {
      const wire = this.#pending;
      const { notice, leader } = this.#notice(wire);
      const by = b64(concat(notice.leaderFp, notice.leaderDevice));
      checkNotice(notice, this.#present, this.#lastBy.get(by) ?? 0);
      if (notice.n !== wire.n || !equal(leader, notice.leaderFp)) throw new Ct1Error('E_CONF', 'the frame names another key');
      const ck = openCallKey(unb64(wire.sealed), this.#eSeed, notice, this.#mine);
      this.#pending = null;
      this.#lastBy.set(by, notice.n);
      this.#use({ n: notice.n, ck, joins: this.#present });
      return null;
    } catch (error) {
      if (!(error instanceof Ct1Error)) throw error;
      if (error.code !== 'E_CONF' && error.code !== 'E_UNKNOWN_KEY') this.#pending = null;
      return error;
    }
  }

  #notice(wire: Wire): { notice: KeyNotice; leader: Uint8Array } {
    const { body, sig } = splitSigned(wire.commitment);
    const { state, directory } = this.#parts.thread();
    const ukr = directory.ukr(parseNotice(body).leaderFp);
    return { notice: verifyNotice(body, sig, ukr, state.threadId, this.conf), leader: ukr.fp };
  }

  #use(inUse: InUse): void {
    this.#inUse = inUse;
    this.#isGiven = this.#parts.give(this.#mediaKeys(inUse));
  }

  /**
   * What a media worker that starts now is given. A second one gets no key of its own to seal with: it would count from
   * zero again under a key that the first has counted with, and one nonce would come twice.
   */
  current(): MediaKeys | null {
    if (!this.#inUse) return null;
    const keys = this.#mediaKeys(this.#inUse);
    const given = this.#isGiven ? { ...keys, self: -1 } : keys;
    this.#isGiven = true;
    return given;
  }

  #mediaKeys({ n, ck, joins }: InUse): MediaKeys {
    const ordered = [...joins].sort((one, other) => compare(rankOf(one), rankOf(other)));
    const senders = ordered.map((one) => ({ ...personOf(one), key: frameKey(ck, one.user, one.device, n) }));
    return { type: 'keys', n, self: ordered.findIndex((one) => this.#isMine(one)), senders };
  }

  end(): void {
    this.#eSeed.fill(0);
    this.#inUse?.ck.fill(0);
    this.#inUse = null;
    this.#pending = null;
  }
}

function personOf(join: Join): CallPerson {
  return { user: b64(join.user), device: b64(join.device) };
}
