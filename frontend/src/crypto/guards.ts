/**
 * What a client owes the others before it sends and when it receives, beside what the log itself checks: order of
 * arrival (docs/protocol.md 4.3), before sealing (4.4) and calls (4.5). All pure.
 */
import { leads, rankOf, sortedRanks } from './conference';
import type { Join, KeyNotice } from './conference';
import type { Directory } from './directory';
import { b64 } from './encoding';
import { Ct1Error } from './errors';
import type { Header } from './messages';
import { concat, equal } from './primitives';
import type { ThreadState } from './state';
import { Action } from './tables.gen';

/** What has arrived of one thread, in the server's order: ids by sender and by device, counters by device. */
export class Seen {
  readonly #ids: ReadonlySet<string>;
  readonly #counters: ReadonlyMap<string, number>;

  constructor(ids: ReadonlySet<string> = new Set(), counters: ReadonlyMap<string, number> = new Map()) {
    this.#ids = ids;
    this.#counters = counters;
  }

  /** After one more message; E_DUP for an id that was there, E_REPLAY for a counter that does not go up. */
  then(header: Header): Seen {
    const mine = [b64(concat(header.sender, header.msgId)), b64(concat(header.device, header.msgId))];
    if (mine.some((id) => this.#ids.has(id))) throw new Ct1Error('E_DUP', 'a message with this id has arrived before');
    const source = b64(concat(header.sender, header.device));
    if (header.ctr <= (this.#counters.get(source) ?? -1)) {
      throw new Ct1Error('E_REPLAY', 'the device has counted further than this');
    }
    return new Seen(new Set([...this.#ids, ...mine]), new Map([...this.#counters, [source, header.ctr]]));
  }
}

/**
 * Throws unless `user` may seal a message now: E_NOT_MEMBER, E_SCOPE, E_KEY_CHANGED, …, E_CERT.
 * Rotate before sending: whoever finds that the readers have changed makes the new epoch, so that a withdrawn member
 * reads nothing that is written after somebody has seen the withdrawal.
 */
export function requireMaySend(state: ThreadState, directory: Directory, user: Uint8Array, nowMs: number, sentInEpoch = 0): void {
  const member = state.member(user);
  if (!member) throw new Ct1Error('E_NOT_MEMBER', 'the sender is no member');
  if (!state.may(member, Action.READ, nowMs) || !state.may(member, Action.POST, nowMs)) {
    throw new Ct1Error('E_SCOPE', 'consent does not let the sender write');
  }
  if (state.parts.closing) throw new Ct1Error('E_SCOPE', 'the thread is closed');
  const readers = [...state.effective(nowMs), ...state.emergencyReaders(nowMs)];
  // A hard stop: whose key was replaced without the old one's word may be somebody else by now.
  if (readers.some((one) => directory.wasReset(one.user, one.fp))) {
    throw new Ct1Error('E_KEY_CHANGED', 'the key of somebody who reads here was replaced');
  }
  if (directory.wasContinued(member.fp)) {
    throw new Ct1Error('E_ROTATE_REQUIRED', 'the sender has a newer key, which the log must say first');
  }
  if (!state.epoch) throw new Ct1Error('E_NO_EPOCH', 'there is no key to write under');
  if (state.needsRotation(nowMs) || sentInEpoch >= state.policy.epochMaxMsgs) {
    throw new Ct1Error('E_ROTATE_REQUIRED', 'the epoch is not for exactly those who may read, or is worn out');
  }
  for (const reader of readers) {
    directory.certificate(reader.fp, reader.user, reader.role, state.roots, nowMs);
  }
}

/** A verified join may be given the call's key: E_NOT_MEMBER, E_LOG_BEHIND, E_SCOPE. */
export function checkJoin(join: Join, state: ThreadState, nowMs: number): void {
  const member = state.member(join.user);
  if (!member || !equal(member.fp, join.fp)) throw new Ct1Error('E_NOT_MEMBER', 'who joins is no member of the thread');
  if (!state.parts.hashes.some((hash) => equal(hash, join.logHead))) {
    throw new Ct1Error('E_LOG_BEHIND', 'who joins has seen another log, or a longer one');
  }
  if (!state.may(member, Action.READ, nowMs) || !state.may(member, Action.JOIN, nowMs)) {
    throw new Ct1Error('E_SCOPE', 'consent does not let this person join');
  }
}

/**
 * A verified notice is by the leader of those present, for exactly them, and that leader's next: E_CONF. `lastOfLeader` is
 * the last number taken from this leader and from no other: leaders count by their own clocks, and one that was held
 * against another's count would be refused for as long as its clock is behind.
 */
export function checkNotice(notice: KeyNotice, present: readonly Join[], lastOfLeader: number): void {
  if (notice.n <= lastOfLeader) throw new Ct1Error('E_CONF', 'a call key of the past');
  const leader = leads(present);
  if (!leader || !equal(rankOf(leader), concat(notice.leaderFp, notice.leaderDevice))) {
    throw new Ct1Error('E_CONF', 'not from the key leader');
  }
  const ranks = sortedRanks(present);
  const isThem = ranks.length === notice.ranks.length && ranks.every((rank, at) => equal(rank, notice.ranks[at] ?? rank.slice(1)));
  if (!isThem) throw new Ct1Error('E_CONF', 'the key was sealed to others than those present');
}
