/**
 * The thread log: signed entries in, a state or one error code out (docs/protocol.md 4).
 * `replay` is total: any bytes give a state or a Ct1Error. Server and clients run the same rules, and must name the
 * same code for the same bytes, so the order of the checks is part of the protocol.
 */
import { authoritiesIn, carry, checkFirstAuthority } from './consenting';
import type { Directory } from './directory';
import { b64 } from './encoding';
import { authorityOf, entryHash, NO_HASH, NON_CRITICAL, parseEntry, parsePayload } from './entries';
import type { Entry, Genesis, Payload, SignedEntry } from './entries';
import { Ct1Error } from './errors';
import { changeMembership, comingIn, WHEN_OPEN } from './membership';
import { firstTerms } from './policy';
import { digest, equal, verify } from './primitives';
import { ThreadState } from './state';
import type { Member } from './state';
import { Action, CLOCK_TOLERANCE_MS, EntryType, GenesisFlag, Label } from './tables.gen';

const ALL_FLAGS = Object.values(GenesisFlag).reduce((sum, bit) => sum + bit, 0);

/** The state of a whole log from genesis; throws Ct1Error with the code of the first rule broken. */
export function replay(entries: readonly SignedEntry[], directory: Directory, nowMs: number): ThreadState {
  const [first, ...rest] = entries;
  if (!first) throw new Ct1Error('E_LOG_SEQ', 'an empty log');
  return rest.reduce((state, entry) => append(state, entry, directory, nowMs), start(first, directory, nowMs));
}

/** The state after GENESIS. */
export function start(signed: SignedEntry, directory: Directory, nowMs: number): ThreadState {
  const entry = parseEntry(signed.body);
  if (entry.type !== EntryType.GENESIS || entry.seq !== 0) throw new Ct1Error('E_LOG_SEQ', 'a log begins with GENESIS at 0');
  if (!equal(entry.threadId, NO_HASH)) throw new Ct1Error('E_THREAD_ID', "GENESIS names no thread: its hash is the thread's name");
  if (!equal(entry.prev, NO_HASH)) throw new Ct1Error('E_LOG_PREV', 'GENESIS follows nothing');
  checkTime(entry, 0, nowMs);
  const ukr = directory.ukrOf(entry.author, entry.authorGen);
  verify(ukr.signPk, Label.LOG_SIG, signed.body, signed.sig);
  const genesis = readGenesis(entry);
  if (!equal(genesis.creator, entry.author) || !equal(genesis.creatorFp, ukr.fp)) {
    throw new Ct1Error('E_UNKNOWN_KEY', 'the creator is not the author');
  }
  return new ThreadState({
    threadId: digest(Label.THREAD_ID, signed.body),
    genesis,
    members: firstMembers(genesis, directory, entry.ts),
    firstJoined: new Map(),
    directives: new Map(),
    dead: new Set(),
    epochs: [],
    shares: [],
    hashes: [entryHash(signed)],
    ts: entry.ts,
    changeSeq: 0,
    revokes: new Map(),
    authority: authorityOf(genesis),
    policy: firstTerms(genesis),
    witnesses: new Map(),
    changes: new Map(),
    announced: new Set(),
    emergencies: [],
    replaced: new Map(),
    closing: null,
  });
}

function readGenesis(entry: Entry): Genesis {
  const payload = parsePayload(entry);
  if (payload?.type !== 'genesis') throw new Ct1Error('E_LOG_SEQ', 'a log begins with GENESIS');
  const { genesis } = payload;
  if ((genesis.flags & ~ALL_FLAGS) !== 0) throw new Ct1Error('E_ENUM', 'a flag that has no meaning');
  const isOn = (genesis.flags & GenesisFlag.COMPLIANCE) !== 0;
  if (isOn === equal(genesis.compliancePk, NO_HASH)) {
    throw new Ct1Error('E_ENC', 'the compliance flag and the compliance key go together');
  }
  return genesis;
}

function firstMembers(genesis: Genesis, directory: Directory, ts: number): ReadonlyMap<string, Member> {
  checkFirstAuthority(genesis);
  const roots = new Map(genesis.roots.map((root) => [b64(root.org), root.fp]));
  if (roots.size !== genesis.roots.length) throw new Ct1Error('E_ENC', 'an organisation has two roots');
  const members = authoritiesIn(directory, roots, authorityOf(genesis), ts);
  const { creator, creatorFp, creatorRole } = genesis;
  if (!members.has(b64(creator))) members.set(b64(creator), comingIn(directory, roots, creator, creatorFp, creatorRole, ts));
  return members;
}

/** The state after one more entry; the old state is untouched. */
export function append(state: ThreadState, signed: SignedEntry, directory: Directory, nowMs: number): ThreadState {
  const entry = parseEntry(signed.body);
  if (entry.seq !== state.seq + 1 || entry.type === EntryType.GENESIS) throw new Ct1Error('E_LOG_SEQ', `expected entry ${state.seq + 1}`);
  if (!equal(entry.threadId, state.threadId)) throw new Ct1Error('E_THREAD', 'an entry of another thread');
  if (!equal(entry.prev, state.head)) throw new Ct1Error('E_LOG_PREV', 'the entry follows another head');
  checkTime(entry, state.parts.ts, nowMs);
  const ukr = directory.ukrOf(entry.author, entry.authorGen);
  verify(ukr.signPk, Label.LOG_SIG, signed.body, signed.sig);
  const after = changed(state, entry, ukr.fp, directory);
  return after.after({ hashes: [...after.parts.hashes, entryHash(signed)], ts: entry.ts });
}

function changed(state: ThreadState, entry: Entry, authorFp: Uint8Array, directory: Directory): ThreadState {
  const payload = entry.type >= NON_CRITICAL ? null : parsePayload(entry);
  if (payload === null) {
    effectiveAuthor(state, entry, authorFp);
    return state;
  }
  if ('signed' in payload) return carry(state, entry, authorFp, payload, directory);
  if (payload.type === 'genesis') throw new Ct1Error('E_LOG_SEQ', 'GENESIS stands first');
  const author = authorOf(state, entry, authorFp, payload);
  if (state.parts.closing && WHEN_OPEN.has(payload.type)) throw new Ct1Error('E_SCOPE', 'the thread is closed');
  return changeMembership(state, entry, author, payload, directory);
}

/** Who wrote a membership entry: a member who is effective, takes leave, or comes with a new key. */
function authorOf(state: ThreadState, entry: Entry, authorFp: Uint8Array, payload: Payload): Member {
  const member = state.member(entry.author);
  if (member && payload.type === 'keyUpdate') return member;
  const leaves = payload.type === 'memberRemove' && equal(payload.remove.user, entry.author);
  return leaves && member && equal(member.fp, authorFp) ? member : effectiveAuthor(state, entry, authorFp);
}

function checkTime(entry: Entry, previous: number, nowMs: number): void {
  if (entry.ts < previous || entry.ts > nowMs + CLOCK_TOLERANCE_MS) {
    throw new Ct1Error('E_TS', "the entry's time goes backwards or lies ahead");
  }
}

function effectiveAuthor(state: ThreadState, entry: Entry, fp: Uint8Array): Member {
  const member = state.member(entry.author);
  if (!member || !equal(member.fp, fp) || !state.may(member, Action.READ, entry.ts)) {
    throw new Ct1Error('E_NOT_MEMBER', 'the author is no effective member with this key');
  }
  return member;
}
