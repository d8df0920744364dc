/** What a member's client writes into a log: consent that it lacks, people whom consent lets in, and their keys. */
import type { OwedMember, OwedObject } from '../wire.gen';
import { unb64, utf8 } from './encoding';
import { encodeMemberAdd, encodeMemberRemove, encodeSigned } from './entries';
import { Ct1Error } from './errors';
import type { Draft, HeldThread } from './heldThread';
import type { Identity } from './keys';
import { compare, equal } from './primitives';
import { acts } from './state';
import { EntryType, RemoveReason, Role } from './tables.gen';

export function sortedTexts(texts: readonly string[]): Uint8Array[] {
  return texts.map(utf8).sort(compare);
}

/** A role number from the wire; E_ENUM for one that this version does not know. */
export function roleOf(number: number): Role {
  const found = Object.values(Role).find((one) => one === number);
  if (found === undefined) throw new Ct1Error('E_ENUM', `role ${number} is unknown`);
  return found;
}

const ENTRIES = {
  directive: EntryType.DIRECTIVE,
  revoke: EntryType.REVOKE,
  authority: EntryType.AUTHORITY_CHANGE,
} as const;

/** Null for what cannot be read: a withdrawal must not wait behind somebody else's damaged object. */
function decoded<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Ct1Error) return null;
    throw error;
  }
}

/** Appends consent objects; one that the log refuses (it is there already, or its signature does not hold) stays out. */
export function addObjects(draft: Draft, objects: readonly OwedObject[]): void {
  for (const one of objects) {
    const payload = decoded(() => encodeSigned({ body: unb64(one.body), signers: one.signatures.map(({ fp, sig }) => ({ fp: unb64(fp), sig: unb64(sig) })) }));
    if (payload) draft.mayAdd(ENTRIES[one.kind], payload);
  }
}

/** MEMBER_ADD of one who is owed admission, with as much history as the directive gives; refused ones stay out. */
export function admit(draft: Draft, owed: OwedMember): void {
  const directive = draft.state.parts.directives.get(owed.directive);
  if (!directive) return;
  const payload = decoded(() => {
    const user = unb64(owed.keys.user);
    const historyFrom = draft.state.historyFloor(directive, user);
    return encodeMemberAdd({ user, fp: unb64(owed.fp), role: roleOf(owed.role), directiveId: directive.directiveId, historyFrom });
  });
  if (payload) draft.mayAdd(EntryType.MEMBER_ADD, payload);
}

/**
 * My new key into this thread, as KEY_UPDATE; false where there is nothing to carry. Until somebody certifies it the new
 * key waits, and the old one does its work. Not for a reset, which no old key has signed.
 */
export function carryKey(draft: Draft, newest: Identity): boolean {
  const me = draft.state.member(newest.user);
  return me !== null && draft.continues(me.fp, newest.fp) && draft.takeUp(newest);
}

/**
 * Members to whom nothing may be sealed: whose key was replaced without its word, or whose certificate has ended. Else
 * nobody could send: a key of theirs would be among the readers, and nobody would vouch for it.
 */
export function putOut(draft: Draft): void {
  const me = draft.me;
  if (!me || !draft.state.leads(me, draft.ts)) return;
  for (const one of draft.state.parts.members.values()) {
    if (acts(one, draft.ts) || equal(one.user, me.user)) continue;
    const reason = draft.wasReset(one) ? RemoveReason.KEY_RESET : draft.isCertified(one) ? null : RemoveReason.POST_ENDED;
    if (reason !== null) draft.mayAdd(EntryType.MEMBER_REMOVE, encodeMemberRemove({ user: one.user, reason }));
  }
}

/** An EPOCH if the readers have changed, then the history that consent gives to those who lack it. */
export function giveKeys(draft: Draft, held: HeldThread): void {
  if (draft.state.needsRotation(draft.ts)) draft.rotate();
  const keyOf = (epoch: number) => decoded(() => held.epochKey(epoch));
  const readers = [...draft.state.effective(draft.ts), ...draft.state.emergencyReaders(draft.ts)];
  for (const reader of readers) draft.shareHistory(reader, keyOf);
}
