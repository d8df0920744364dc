/** The rules of the entries that members write: MEMBER_ADD, MEMBER_REMOVE, EPOCH, HISTORY_SHARE (docs/protocol.md 4.2). */
import { renewed } from './authority';
import type { Directory } from './directory';
import type { Directive } from './directives';
import { isLive } from './directives';
import { b64 } from './encoding';
import type { Entry, EpochStart, HistoryShare, KeyUpdate, MemberAdd, MemberRemove, Payload } from './entries';
import { Ct1Error } from './errors';
import { equal } from './primitives';
import { acts, sameRecipients } from './state';
import type { Member, ThreadState } from './state';
import { Action, Effect, GranteeKind } from './tables.gen';
import type { Role } from './tables.gen';

const NO_DIRECTIVE = new Uint8Array(16);

type MembershipPayload = Extract<Payload, { type: 'memberAdd' | 'memberRemove' | 'epoch' | 'historyShare' | 'keyUpdate' | 'close' }>;

/** Entries that a closed thread does not take: nobody comes to it, and it needs no further key. */
export const WHEN_OPEN: ReadonlySet<Payload['type']> = new Set(['memberAdd', 'epoch', 'close']);

/** The state after an entry whose author stands already. */
export function changeMembership(
  state: ThreadState,
  entry: Entry,
  author: Member,
  payload: MembershipPayload,
  directory: Directory,
): ThreadState {
  switch (payload.type) {
    case 'memberAdd':
      return addMember(state, entry, author, payload.add, directory);
    case 'memberRemove':
      return removeMember(state, entry, author, payload.remove);
    case 'epoch':
      return startEpoch(state, entry, payload.start);
    case 'historyShare':
      return shareHistory(state, entry, author, payload.share);
    case 'keyUpdate':
      return updateKey(state, entry, author, payload.update, directory);
    case 'close':
      if (!state.leads(author, entry.ts)) throw new Ct1Error('E_SCOPE', 'only an authority or a leading member closes a thread');
      return state.after({ closing: { seq: entry.seq, reason: payload.close.reason }, changeSeq: entry.seq });
    default:
      return payload satisfies never;
  }
}

/** A member whose key is known and certified for the role under the thread's roots at `ts`. */
export function comingIn(
  directory: Directory,
  roots: ReadonlyMap<string, Uint8Array>,
  user: Uint8Array,
  fp: Uint8Array,
  role: Role,
  ts: number,
): Member {
  if (!equal(directory.ukr(fp).user, user)) throw new Ct1Error('E_UNKNOWN_KEY', "the fingerprint is another person's");
  const certificate = directory.certificate(fp, user, role, roots, ts);
  const { org, exp: until } = certificate;
  const former = directory.chain(fp);
  return { user, fp, role, org, sinceSeq: 0, directiveId: NO_DIRECTIVE, historyFrom: 1, isAuthority: false, until, former };
}

function addMember(state: ThreadState, entry: Entry, author: Member, add: MemberAdd, directory: Directory): ThreadState {
  if (!state.leads(author, entry.ts)) throw new Ct1Error('E_SCOPE', 'only an authority or a leading member admits');
  if (state.member(add.user)) throw new Ct1Error('E_DUP', 'this person is a member');
  const member = comingIn(directory, state.roots, add.user, add.fp, add.role, entry.ts);
  const directive = admitting(state, add, entry.ts);
  if (!state.granteeMatches(directive, member)) {
    const isRole = directive.granteeKind === GranteeKind.ROLE;
    throw new Ct1Error(isRole ? 'E_GRANT_ROLE' : 'E_GRANT_SUBJECT', 'the directive names somebody else');
  }
  if (directive.granteeKind !== GranteeKind.KEY && !state.may(author, Action.ADMIT, entry.ts)) {
    throw new Ct1Error('E_SCOPE', "admitting under a group's directive needs the right to admit others");
  }
  if (add.historyFrom < state.historyFloor(directive, add.user)) {
    throw new Ct1Error('E_HISTORY', 'more history than the directive gives');
  }
  const joined: Member = { ...member, sinceSeq: entry.seq, directiveId: add.directiveId, historyFrom: add.historyFrom };
  const user = b64(add.user);
  const after = state.after({
    members: new Map([...state.parts.members, [user, joined]]),
    firstJoined: new Map([[user, state.epochs.length + 1], ...state.parts.firstJoined]),
  });
  if (!after.may(joined, Action.READ, entry.ts)) {
    throw new Ct1Error('E_NO_GRANT', 'the live directives do not let this person read');
  }
  return after;
}

/** The permit that a MEMBER_ADD names, live at `ts`. */
function admitting(state: ThreadState, add: MemberAdd, ts: number): Directive {
  const directive = state.parts.directives.get(b64(add.directiveId));
  if (directive?.effect !== Effect.PERMIT) throw new Ct1Error('E_NO_GRANT', 'no such permit in the log');
  if (state.parts.dead.has(b64(add.directiveId))) throw new Ct1Error('E_GRANT_REVOKED', 'the permit was revoked');
  if (ts >= directive.exp) throw new Ct1Error('E_GRANT_EXPIRED', 'the permit has expired');
  if (!isLive(directive, ts)) throw new Ct1Error('E_GRANT_TIME', 'the permit is not yet valid');
  return directive;
}

function removeMember(state: ThreadState, entry: Entry, author: Member, remove: MemberRemove): ThreadState {
  const member = state.member(remove.user);
  if (!member) throw new Ct1Error('E_NOT_MEMBER', 'nobody to remove');
  if (!equal(remove.user, author.user) && !state.leads(author, entry.ts)) {
    throw new Ct1Error('E_SCOPE', 'only an authority or a leading member removes others');
  }
  if (acts(member, entry.ts)) throw new Ct1Error('E_SCOPE', 'an authority of the thread stays');
  const user = b64(remove.user);
  const members = new Map([...state.parts.members].filter(([key]) => key !== user));
  return state.after({ members, changeSeq: entry.seq });
}

function updateKey(state: ThreadState, entry: Entry, author: Member, update: KeyUpdate, directory: Directory): ThreadState {
  const { user, fp: oldFp, role } = author;
  if (!equal(update.user, user) || !equal(update.oldFp, oldFp)) {
    throw new Ct1Error('E_NOT_MEMBER', "the old key is no member's who writes here");
  }
  const ukr = directory.ukrOf(entry.author, entry.authorGen);
  if (!equal(update.newFp, ukr.fp) || !equal(update.ukrHash, ukr.hash)) {
    throw new Ct1Error('E_UNKNOWN_KEY', 'the entry is not signed with the key that it brings');
  }
  if (!directory.chain(ukr.fp).some((one) => equal(one, oldFp))) {
    throw new Ct1Error('E_KEY_CHANGED', 'the old key has not signed for the new one');
  }
  const { fp, org, until, former } = comingIn(directory, state.roots, user, ukr.fp, role, entry.ts);
  const after = state.after({
    members: new Map([...state.parts.members, [b64(user), { ...author, fp, org, until, former }]]),
    authority: author.isAuthority ? renewed(state.authority, user, fp) : state.authority,
    replaced: new Map([...state.parts.replaced, [b64(oldFp), entry.seq]]),
    changeSeq: entry.seq,
  });
  const revokes = [...after.parts.revokes.values()];
  const swept = [...after.parts.directives].filter(([, one]) => revokes.some((revoke) => after.sweeps(revoke, one)));
  return after.after({ dead: new Set([...after.parts.dead, ...swept.map(([key]) => key)]) });
}

function startEpoch(state: ThreadState, entry: Entry, start: EpochStart): ThreadState {
  const next = state.epochs.length + 1;
  if (start.epoch !== next) throw new Ct1Error('E_EPOCH_SEQ', `expected epoch ${next}`);
  if (state.epochs.some((epoch) => equal(epoch.start.keyCommit, start.keyCommit))) {
    throw new Ct1Error('E_KEY_REUSE', 'an earlier epoch had this key');
  }
  if (!sameRecipients(start.recipients, state.recipients(entry.ts))) {
    throw new Ct1Error('E_RECIPIENTS', 'the recipients are not exactly those who may read');
  }
  return state.after({ epochs: [...state.epochs, { start, seq: entry.seq, ts: entry.ts }], changeSeq: entry.seq });
}

function shareHistory(state: ThreadState, entry: Entry, author: Member, share: HistoryShare): ThreadState {
  const reader = state.reader(share.user, share.fp, entry.ts);
  if (!reader) throw new Ct1Error('E_NOT_MEMBER', 'history is shared with those alone who may read now');
  const floor = state.shareFloor(reader, entry.ts);
  if (!(floor <= share.first && share.first <= share.last && share.last <= state.epochs.length)) {
    throw new Ct1Error('E_HISTORY', 'more history than the reader is given');
  }
  for (let number = share.first; number <= share.last; number++) {
    if (!state.holds(author.user, number)) throw new Ct1Error('E_HISTORY', 'the author does not hold these epochs');
  }
  return state.after({ shares: [...state.parts.shares, share] });
}
