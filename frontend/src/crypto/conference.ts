/** Keys of a call: ephemeral, never derived from a thread's key, never stored (docs/protocol.md 3.8). */
import { Reader, Writer } from './encoding';
import { Ct1Error } from './errors';
import type { Identity, Ukr } from './keys';
import { splitKey } from './opening';
import { compare, concat, digest, domain, equal, kdf, openSeal, seal, sign, verify } from './primitives';
import { Label } from './tables.gen';

/** A participant's signed announcement of the key of this call on this device. */
export type Join = {
  readonly thread: Uint8Array;
  readonly confId: Uint8Array;
  readonly user: Uint8Array;
  readonly fp: Uint8Array;
  readonly device: Uint8Array;
  readonly ePk: Uint8Array;
  readonly logHead: Uint8Array;
  readonly ts: number;
};

/** The leader's signed commitment to key number `n` and to exactly whom it was sealed. */
export type KeyNotice = {
  readonly thread: Uint8Array;
  readonly confId: Uint8Array;
  readonly n: number;
  readonly leaderFp: Uint8Array;
  readonly leaderDevice: Uint8Array;
  readonly commit: Uint8Array;
  readonly ranks: readonly Uint8Array[];
};

export function encodeJoin(one: Join): Uint8Array {
  const writer = new Writer(Label.CONF_JOIN).fixed(one.thread, 32).fixed(one.confId, 16).fixed(one.user, 16);
  writer.fixed(one.fp, 32).fixed(one.device, 16).fixed(one.ePk, 32).fixed(one.logHead, 32);
  return writer.u64(one.ts).done();
}

export function encodeNotice(one: KeyNotice): Uint8Array {
  const writer = new Writer(Label.CONF).fixed(one.thread, 32).fixed(one.confId, 16).u32(one.n);
  writer.fixed(one.leaderFp, 32).fixed(one.leaderDevice, 16).fixed(one.commit, 32);
  return writer.each(one.ranks, (w, rank) => w.fixed(rank, 48)).done();
}

/** The lowest rank present leads the keys. */
export function rankOf(join: Join): Uint8Array {
  return concat(join.fp, join.device);
}

export function signJoin(join: Join, identity: Identity): Uint8Array {
  return sign(identity.signSeed, Label.CONF_JOIN_SIG, encodeJoin(join));
}

export function parseJoin(body: Uint8Array): Join {
  const reader = new Reader(body, Label.CONF_JOIN);
  const join: Join = {
    thread: reader.fixed(32),
    confId: reader.fixed(16),
    user: reader.fixed(16),
    fp: reader.fixed(32),
    device: reader.fixed(16),
    ePk: reader.fixed(32),
    logHead: reader.fixed(32),
    ts: reader.u64(),
  };
  reader.done();
  return join;
}

/** The join, signed by this key for this call; throws E_CONF for another call or person, E_SIG. */
export function verifyJoin(body: Uint8Array, sig: Uint8Array, ukr: Ukr, thread: Uint8Array, confId: Uint8Array): Join {
  const join = parseJoin(body);
  const isHere = equal(join.thread, thread) && equal(join.confId, confId);
  if (!isHere || !equal(join.fp, ukr.fp) || !equal(join.user, ukr.user)) {
    throw new Ct1Error('E_CONF', 'a join of another call or person');
  }
  verify(ukr.signPk, Label.CONF_JOIN_SIG, body, sig);
  return join;
}

/** Who hands out the key: the lowest rank, so that everybody agrees without a vote. */
export function leads(joins: readonly Join[]): Join | null {
  const [first, ...rest] = joins;
  if (!first) return null;
  return rest.reduce((low, one) => (compare(rankOf(one), rankOf(low)) < 0 ? one : low), first);
}

export function sortedRanks(joins: readonly Join[]): readonly Uint8Array[] {
  return joins.map(rankOf).sort(compare);
}

export function callCommitment(ck: Uint8Array, thread: Uint8Array, confId: Uint8Array, n: number): Uint8Array {
  return kdf(ck, Label.CONF_COMMIT, new Writer().fixed(thread, 32).fixed(confId, 16).u32(n).done());
}

export function makeNotice(leader: Join, n: number, ck: Uint8Array, joins: readonly Join[]): KeyNotice {
  const { thread, confId } = leader;
  const commit = callCommitment(ck, thread, confId, n);
  return { thread, confId, n, leaderFp: leader.fp, leaderDevice: leader.device, commit, ranks: sortedRanks(joins) };
}

export function signNotice(notice: KeyNotice, identity: Identity): Uint8Array {
  return sign(identity.signSeed, Label.CONF_KEY_SIG, encodeNotice(notice));
}

export function parseNotice(body: Uint8Array): KeyNotice {
  const reader = new Reader(body, Label.CONF);
  const notice: KeyNotice = {
    thread: reader.fixed(32),
    confId: reader.fixed(16),
    n: reader.u32(),
    leaderFp: reader.fixed(32),
    leaderDevice: reader.fixed(16),
    commit: reader.fixed(32),
    ranks: reader.each((r) => r.fixed(48)),
  };
  reader.done();
  return notice;
}

/** The leader's notice; throws E_CONF for another call or leader, E_SIG. */
export function verifyNotice(body: Uint8Array, sig: Uint8Array, ukr: Ukr, thread: Uint8Array, confId: Uint8Array): KeyNotice {
  const notice = parseNotice(body);
  if (!equal(notice.thread, thread) || !equal(notice.confId, confId) || !equal(notice.leaderFp, ukr.fp)) {
    throw new Ct1Error('E_CONF', 'a key of another call or leader');
  }
  verify(ukr.signPk, Label.CONF_KEY_SIG, body, sig);
  return notice;
}

function callSealPrefix(thread: Uint8Array, confId: Uint8Array, n: number, ePk: Uint8Array): Uint8Array {
  return domain(Label.CONF_SEAL, new Writer().fixed(thread, 32).fixed(confId, 16).u32(n).fixed(ePk, 32).done());
}

/** The call's key number `n` for one joiner. */
export function sealCallKey(ck: Uint8Array, n: number, join: Join): Uint8Array {
  return seal(concat(callSealPrefix(join.thread, join.confId, n, join.ePk), ck), join.ePk);
}

/** The call's key; E_SEAL, E_SEAL_CTX for another call, number or person, E_KEY_COMMIT for another key. */
export function openCallKey(blob: Uint8Array, eSeed: Uint8Array, notice: KeyNotice, join: Join): Uint8Array {
  const { prefix, key } = splitKey(openSeal(blob, eSeed));
  if (!equal(prefix, callSealPrefix(join.thread, join.confId, notice.n, join.ePk))) {
    throw new Ct1Error('E_SEAL_CTX', 'the key was sealed for another call or person');
  }
  if (!equal(callCommitment(key, join.thread, join.confId, notice.n), notice.commit)) {
    throw new Ct1Error('E_KEY_COMMIT', 'not the key that the leader committed to');
  }
  return key;
}

/** One sender's base key for sealed media (RFC 9605) under key number `n`. */
export function frameKey(ck: Uint8Array, user: Uint8Array, device: Uint8Array, n: number): Uint8Array {
  return kdf(ck, Label.CONF_FRAME, new Writer().fixed(user, 16).fixed(device, 16).u32(n).done());
}

/** What participants read to each other as digits to know that nobody sits between them. */
export function callPhraseHash(thread: Uint8Array, confId: Uint8Array, n: number, ePks: readonly Uint8Array[]): Uint8Array {
  const number = new Writer().u32(n).done();
  return digest(Label.CONF, concat(thread, confId, number, ...[...ePks].sort(compare)));
}
