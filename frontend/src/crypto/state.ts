/** What a thread's log comes to: members, directives, epochs, and who may be sealed to at a moment. */
import type { Authorities, Change } from './authority';
import { isLive, sweeps, treats } from './directives';
import type { Directive, Revoke } from './directives';
import type { EmergencyReader } from './emergency';
import { b64 } from './encoding';
import { recipientBytes } from './entries';
import type { EpochStart, Genesis, HistoryShare, Recipient } from './entries';
import { Ct1Error } from './errors';
import type { Terms } from './policy';
import { compare, digest, equal } from './primitives';
import { Action, Effect, GenesisFlag, GranteeKind, HistoryKind, Label, LEADS, RecipientKind, RevokeKind, Role } from './tables.gen';
import type { CloseReason } from './tables.gen';

export type ActionBit = (typeof Action)[keyof typeof Action];

/** A person whom the log has admitted; whether they may read *now* is `ThreadState.effective`. */
export type Member = {
  readonly user: Uint8Array;
  readonly fp: Uint8Array;
  readonly role: Role;
  readonly org: Uint8Array;
  readonly sinceSeq: number;
  readonly directiveId: Uint8Array;
  /** The first epoch that may be sealed to them. */
  readonly historyFrom: number;
  readonly isAuthority: boolean;
  /** The end in ms of the certificate by which they came in: with it ends a representative's office. */
  readonly until: number;
  /** Earlier keys that theirs continues: a deny of one of these means them still, and where genesis says so a permit. */
  readonly former: readonly Uint8Array[];
};

/** Whether a member is an authority still in office; nobody needs to notice that a guardian's time has come. */
export function acts(member: Member, nowMs: number): boolean {
  return member.isAuthority && (member.role !== Role.REPRESENTATIVE || nowMs < member.until);
}

function keysOf(member: Member): readonly Uint8Array[] {
  return [member.fp, ...member.former];
}

function isEmergency(reader: Member | EmergencyReader): reader is EmergencyReader {
  return 'declaration' in reader;
}

/** An epoch as the log started it. */
export type Epoch = { readonly start: EpochStart; readonly seq: number; readonly ts: number };

/** Maps and sets are keyed by the base64url of the bytes. */
export type StateParts = {
  readonly threadId: Uint8Array;
  readonly genesis: Genesis;
  /** Present members by user. */
  readonly members: ReadonlyMap<string, Member>;
  /** The epoch that followed a person's first join, which a return may not go below under `1 from join`. */
  readonly firstJoined: ReadonlyMap<string, number>;
  readonly directives: ReadonlyMap<string, Directive>;
  /** Directive ids that were revoked or superseded: dead for ever. */
  readonly dead: ReadonlySet<string>;
  readonly epochs: readonly Epoch[];
  readonly shares: readonly HistoryShare[];
  readonly hashes: readonly Uint8Array[];
  readonly ts: number;
  /** The newest REVOKE, MEMBER_REMOVE, KEY_UPDATE, EPOCH or CLOSE: a message that cites less is stale. */
  readonly changeSeq: number;
  readonly revokes: ReadonlyMap<string, Revoke>;
  /** Who consents now: as genesis says, until a change takes effect. */
  readonly authority: Authorities;
  /** As genesis says, until a policy changes it. */
  readonly policy: Terms;
  /** By directive: the accounts of those who witnessed it. */
  readonly witnesses: ReadonlyMap<string, ReadonlySet<string>>;
  /** Every change of authority by id, whatever came of it. */
  readonly changes: ReadonlyMap<string, Change>;
  /** Ids of the changes that wait for their time. */
  readonly announced: ReadonlySet<string>;
  readonly emergencies: readonly EmergencyReader[];
  /** Keys that were given up in this log, and at which entry. */
  readonly replaced: ReadonlyMap<string, number>;
  readonly closing: { readonly seq: number; readonly reason: CloseReason } | null;
};

const NO_KEY = new Uint8Array(32);

function has(items: readonly Uint8Array[], one: Uint8Array): boolean {
  return items.some((item) => equal(item, one));
}

export function sameRecipients(one: readonly Recipient[], other: readonly Recipient[]): boolean {
  if (one.length !== other.length) return false;
  return one.every((recipient, index) => {
    const twin = other[index];
    return twin !== undefined && equal(recipientBytes(recipient), recipientBytes(twin));
  });
}

/** A pure function of the entries, immutable; `seq`, `head` and `ts` are those of the newest entry. */
export class ThreadState {
  readonly parts: StateParts;

  constructor(parts: StateParts) {
    this.parts = parts;
  }

  after(changes: Partial<StateParts>): ThreadState {
    return new ThreadState({ ...this.parts, ...changes });
  }

  get threadId(): Uint8Array {
    return this.parts.threadId;
  }

  get genesis(): Genesis {
    return this.parts.genesis;
  }

  get authority(): Authorities {
    return this.parts.authority;
  }

  get policy(): Terms {
    return this.parts.policy;
  }

  get epochs(): readonly Epoch[] {
    return this.parts.epochs;
  }

  get seq(): number {
    return this.parts.hashes.length - 1;
  }

  get head(): Uint8Array {
    return this.parts.hashes[this.seq] ?? NO_KEY;
  }

  get epoch(): Epoch | null {
    return this.epochs[this.epochs.length - 1] ?? null;
  }

  get roots(): ReadonlyMap<string, Uint8Array> {
    return new Map(this.genesis.roots.map((root) => [b64(root.org), root.fp]));
  }

  member(user: Uint8Array): Member | null {
    return this.parts.members.get(b64(user)) ?? null;
  }

  epochNumbered(number: number): Epoch {
    const found = number >= 1 ? this.epochs[number - 1] : undefined;
    if (!found) throw new Ct1Error('E_NO_EPOCH', `there is no epoch ${number}`);
    return found;
  }

  /** Whether a directive, change or emergency has this id: a revocation must name one thing alone. */
  uses(id: Uint8Array): boolean {
    const key = b64(id);
    const { directives, changes, emergencies } = this.parts;
    return directives.has(key) || changes.has(key) || emergencies.some((one) => equal(one.declaration.declarationId, id));
  }

  /** Whether the live directives let a member do one action: any deny wins, else any permit. */
  may(member: Member, action: ActionBit, nowMs: number): boolean {
    if (acts(member, nowMs)) return true;
    const mine = this.#liveFor(member, action, nowMs);
    if (mine.some((one) => one.effect === Effect.DENY && this.denyReaches(one))) return false;
    return mine.some((one) => one.effect === Effect.PERMIT && this.permitCovers(one));
  }

  #liveFor(member: Member, action: ActionBit, nowMs: number): Directive[] {
    const { directives, dead } = this.parts;
    const live = [...directives].filter(([key, one]) => !dead.has(key) && isLive(one, nowMs) && treats(one));
    return live.map(([, one]) => one).filter((one) => (one.actions & action) !== 0 && this.granteeMatches(one, member));
  }

  /**
   * The first epoch that may be shared back with a reader: what they were admitted to and consent still gives.
   * A narrower permit that took the place of a wider one binds at once, whatever the admission said.
   */
  shareFloor(member: Member | EmergencyReader, nowMs: number): number {
    if (isEmergency(member)) return member.historyFrom;
    if (acts(member, nowMs)) return 1;
    const permits = this.#liveFor(member, Action.READ, nowMs).filter((one) => one.effect === Effect.PERMIT);
    const floors = permits.filter((one) => this.permitCovers(one)).map((one) => this.historyFloor(one, member.user));
    return Math.max(member.historyFrom, floors.length > 0 ? Math.min(...floors) : this.epochs.length + 1);
  }

  /** The members who may read now. */
  effective(nowMs: number): readonly Member[] {
    return [...this.parts.members.values()].filter((one) => this.may(one, Action.READ, nowMs));
  }

  /** Exactly to whom an epoch that starts now must be sealed, in order. */
  recipients(nowMs: number): readonly Recipient[] {
    const people: Recipient[] = this.effective(nowMs).map((one) => ({ kind: RecipientKind.MEMBER, id: one.user, fp: one.fp }));
    const emergencies = new Map(this.emergencyReaders(nowMs).map((one) => [`${b64(one.user)} ${b64(one.fp)}`, one]));
    for (const one of emergencies.values()) people.push({ kind: RecipientKind.EMERGENCY, id: one.user, fp: one.fp });
    if (!equal(this.policy.compliancePk, NO_KEY)) {
      // In the log and listed like everybody else: there is no silent escrow.
      const fp = digest(Label.COMP_FP, this.policy.compliancePk);
      people.push({ kind: RecipientKind.COMPLIANCE, id: new Uint8Array(16), fp });
    }
    return people.sort((one, other) => compare(recipientBytes(one), recipientBytes(other)));
  }

  /** Those who read now by an emergency alone. */
  emergencyReaders(nowMs: number): readonly EmergencyReader[] {
    const { emergencies, dead } = this.parts;
    if (emergencies.length === 0) return [];
    const members = new Set(this.effective(nowMs).map((one) => b64(one.user)));
    return emergencies.filter((one) => {
      const isOver = dead.has(b64(one.declaration.declarationId)) || nowMs >= one.declaration.exp;
      return !isOver && !members.has(b64(one.user));
    });
  }

  /** Who may be given keys now, by account and key: an effective member or an emergency reader. */
  reader(user: Uint8Array, fp: Uint8Array, nowMs: number): Member | EmergencyReader | null {
    const member = this.member(user);
    if (member && equal(member.fp, fp) && this.may(member, Action.READ, nowMs)) return member;
    return this.emergencyReaders(nowMs).find((one) => equal(one.user, user) && equal(one.fp, fp)) ?? null;
  }

  /** Whether somebody must start an epoch before a message may be sent. */
  needsRotation(nowMs: number): boolean {
    const epoch = this.epoch;
    if (this.parts.closing) return false;
    if (!epoch || !sameRecipients(epoch.start.recipients, this.recipients(nowMs))) return true;
    return nowMs - epoch.ts > this.policy.epochMaxAgeS * 1000;
  }

  coversThread(directive: Directive): boolean {
    return directive.threads.length === 0 || has(directive.threads, this.threadId);
  }

  /** A permit must name every protected label of the thread. */
  permitCovers(directive: Directive): boolean {
    return this.coversThread(directive) && this.genesis.labels.every((label) => has(directive.labels, label));
  }

  /** A deny reaches on any overlap; one without labels reaches all. */
  denyReaches(directive: Directive): boolean {
    const overlaps = directive.labels.length === 0 || this.genesis.labels.some((label) => has(directive.labels, label));
    return this.coversThread(directive) && overlaps;
  }

  /** Whether a directive means this member; what somebody witnessed never lets that person in. */
  granteeMatches(directive: Directive, member: Member): boolean {
    const witnesses = this.parts.witnesses.get(b64(directive.directiveId));
    if (directive.effect === Effect.PERMIT && witnesses?.has(b64(member.user))) return false;
    switch (directive.granteeKind) {
      case GranteeKind.KEY:
        return has(this.keysMeant(member, directive.effect), directive.grantee);
      case GranteeKind.ORGANISATION:
        return equal(directive.grantee, member.org);
      case GranteeKind.ROLE:
        return directive.grantee[0] === member.role;
      case GranteeKind.CARE_TEAM:
        return true;
      default:
        return directive.granteeKind satisfies never;
    }
  }

  /** The keys by which a directive may name a member; a refusal is not shaken off by a new key. */
  keysMeant(member: Member, effect: Effect): readonly Uint8Array[] {
    const follows = effect === Effect.DENY || (this.policy.flags & GenesisFlag.FOLLOW_ROTATION) !== 0;
    return follows ? keysOf(member) : [member.fp];
  }

  /** Whether a revocation ends a permit: by its own bytes, or by another key of the member whom it names. */
  sweeps(revoke: Revoke, directive: Directive): boolean {
    if (sweeps(revoke, directive)) return true;
    if (revoke.kind !== RevokeKind.GRANTEE || directive.granteeKind !== GranteeKind.KEY) return false;
    const isTheirs = [...this.parts.members.values()].some((one) => has(keysOf(one), revoke.target) && has(keysOf(one), directive.grantee));
    return isTheirs && sweeps(revoke, { ...directive, grantee: revoke.target });
  }

  /** The first epoch that a directive lets a joiner have. */
  historyFloor(directive: Directive, user: Uint8Array): number {
    const own = this.epochs.length + 1;
    switch (directive.history) {
      case HistoryKind.NONE:
        return own;
      case HistoryKind.FROM_JOIN:
        return Math.min(own, this.parts.firstJoined.get(b64(user)) ?? own);
      case HistoryKind.ALL:
        return 1;
      case HistoryKind.FROM_DATE:
        return this.firstEpochSince(directive.historyFrom);
      default:
        return directive.history satisfies never;
    }
  }

  /** The first epoch that did not begin before a moment, or the next one. */
  firstEpochSince(ts: number): number {
    return this.epochs.find((epoch) => epoch.ts >= ts)?.start.epoch ?? this.epochs.length + 1;
  }

  /** Whether a member was given an epoch's key, at its start or by a later share; with `keys`, to one of these. */
  holds(user: Uint8Array, number: number, keys: readonly Uint8Array[] | null = null): boolean {
    const isTheirs = (one: Uint8Array, fp: Uint8Array) => equal(one, user) && (!keys || keys.some((key) => equal(key, fp)));
    if (this.epochNumbered(number).start.recipients.some((one) => isTheirs(one.id, one.fp))) return true;
    return this.parts.shares.some((share) => share.first <= number && number <= share.last && isTheirs(share.user, share.fp));
  }

  leads(member: Member, nowMs: number): boolean {
    return acts(member, nowMs) || LEADS.has(member.role);
  }
}
