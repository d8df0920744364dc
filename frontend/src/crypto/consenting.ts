/**
 * The rules of the entries that carry consent: directives, revocations, authorities, emergencies (docs/protocol.md 4.2).
 * Whoever appends them, what counts is who signed the object inside.
 */
import { checkQuorum, parseChange, roleOfAuthority, sameChange, withAccounts } from './authority';
import type { Authorities, Change } from './authority';
import type { Directory } from './directory';
import { isLive, parseDirective, parseRevoke } from './directives';
import type { Revoke } from './directives';
import { parseEmergency } from './emergency';
import type { Emergency, EmergencyReader } from './emergency';
import { b64 } from './encoding';
import { authorityOf } from './entries';
import type { Entry, Genesis, Payload, Signed } from './entries';
import { Ct1Error } from './errors';
import { comingIn } from './membership';
import { Signing } from './offices';
import { parsePolicy, termsAfter } from './policy';
import { equal } from './primitives';
import type { Member, ThreadState } from './state';
import {
  Action,
  AuthKind,
  CHANGE_STANDS_MS,
  CHANGE_WAIT_MS,
  CLOCK_TOLERANCE_MS,
  Effect,
  EMERGENCY_AGAIN_MS,
  EMERGENCY_HISTORY_MS,
  EMERGENCY_MAX_MS,
  GenesisFlag,
  GranteeKind,
  Label,
  MIN_WITNESSES,
  RevokeKind,
  Role,
} from './tables.gen';

export type CarriedPayload = Extract<Payload, { signed: Signed }>;

/** The state after an entry that carries a signed object. */
export function carry(state: ThreadState, entry: Entry, authorFp: Uint8Array, payload: CarriedPayload, directory: Directory): ThreadState {
  switch (payload.type) {
    case 'directive':
      return addDirective(state, entry, payload.signed, directory);
    case 'revoke':
      return addRevoke(state, entry, payload.signed, directory);
    case 'authorityChange':
      return changeAuthority(state, entry, payload.signed, directory);
    case 'policyChange':
      return changePolicy(state, entry, payload.signed, directory);
    case 'breakGlass':
      return breakGlass(state, entry, authorFp, payload.signed, directory);
    default:
      return payload satisfies never;
  }
}

function addDirective(state: ThreadState, entry: Entry, payload: Signed, directory: Directory): ThreadState {
  const directive = parseDirective(payload.body);
  const { authority } = state;
  if (!equal(directive.patientRef, state.genesis.patientRef)) throw new Ct1Error('E_GRANT_SUBJECT', 'a directive of another patient');
  if (directive.authKind !== authority.kind) throw new Ct1Error('E_GRANT_AUTHORITY', 'a directive of another kind of authority');
  const signing = new Signing(state, payload, Label.DIRECTIVE_SIG, 'E_GRANT_AUTHORITY', directory, entry.ts);
  signing.requireAuthority(authority.quorum);
  signing.requireNamed(directive.authFp);
  signing.requireOffice();
  if (signing.isWitnessed) signing.requireDisinterest(directive);
  if (directive.supersedes.some((old) => isProtected(state, old))) {
    throw new Ct1Error('E_GRANT_AUTHORITY', 'what the patient refused in person nobody else supersedes');
  }
  if (state.uses(directive.directiveId)) throw new Ct1Error('E_GRANT_DUP', 'this directive is in the log');
  if (!state.coversThread(directive)) throw new Ct1Error('E_GRANT_THREAD', 'a directive of other threads');
  const id = b64(directive.directiveId);
  const isSwept = [...state.parts.revokes.values()].some((revoke) => state.sweeps(revoke, directive));
  const { witnesses } = state.parts;
  return state.after({
    directives: new Map([...state.parts.directives, [id, directive]]),
    witnesses: signing.isWitnessed ? new Map([...witnesses, [id, signing.users]]) : witnesses,
    dead: new Set([...state.parts.dead, ...directive.supersedes.map(b64), ...(isSwept ? [id] : [])]),
  });
}

/** A deny that the patient gave in person, where somebody else consents now. */
function isProtected(state: ThreadState, directiveId: Uint8Array): boolean {
  const directive = state.parts.directives.get(b64(directiveId));
  if (directive?.effect !== Effect.DENY) return false;
  return directive.authKind === AuthKind.PATIENT && state.authority.kind !== AuthKind.PATIENT;
}

function addRevoke(state: ThreadState, entry: Entry, payload: Signed, directory: Directory): ThreadState {
  const revoke = parseRevoke(payload.body);
  if (!equal(revoke.patientRef, state.genesis.patientRef)) {
    throw new Ct1Error('E_REVOKE_AUTHORITY', 'a revocation of another patient');
  }
  const target = b64(revoke.target);
  const isClosing = closes(state, revoke);
  const needed = isClosing || state.parts.announced.has(target) ? 1 : state.authority.quorum;
  const signing = new Signing(state, payload, Label.REVOKE_SIG, 'E_REVOKE_AUTHORITY', directory, entry.ts);
  signing.requireAuthority(needed);
  signing.requireNamed(revoke.authFp);
  if (!isClosing) signing.requireOffice();
  if (revoke.kind === RevokeKind.DIRECTIVE && isProtected(state, revoke.target)) {
    throw new Ct1Error('E_REVOKE_AUTHORITY', 'what the patient refused in person nobody else lifts');
  }
  const id = b64(revoke.revokeId);
  if (state.parts.revokes.has(id)) throw new Ct1Error('E_DUP', 'this revocation is in the log');
  if (revoke.ts > entry.ts + CLOCK_TOLERANCE_MS) {
    throw new Ct1Error('E_TS', 'a revocation that lies ahead would end what is not given yet');
  }
  const swept = [...state.parts.directives].filter(([, one]) => state.sweeps(revoke, one)).map(([key]) => key);
  const ended = new Set([...swept, ...(revoke.kind === RevokeKind.DIRECTIVE ? [target] : [])]);
  return state.after({
    dead: new Set([...state.parts.dead, ...ended]),
    announced: new Set([...state.parts.announced].filter((one) => !ended.has(one))),
    revokes: new Map([...state.parts.revokes, [id, revoke]]),
    changeSeq: entry.seq,
  });
}

/**
 * Whether it can only shut somebody out: then one signature is enough, since shutting out is easily mended. What ends a
 * deny, or an id that the log does not know yet and that might be one, opens a door: the quorum's.
 */
function closes(state: ThreadState, revoke: Revoke): boolean {
  if (revoke.kind !== RevokeKind.DIRECTIVE) return true;
  const directive = state.parts.directives.get(b64(revoke.target));
  if (directive) return directive.effect === Effect.PERMIT;
  return state.parts.emergencies.some((one) => equal(one.declaration.declarationId, revoke.target));
}

function changeAuthority(state: ThreadState, entry: Entry, payload: Signed, directory: Directory): ThreadState {
  const change = parseChange(payload.body);
  if (!equal(change.patientRef, state.genesis.patientRef)) throw new Ct1Error('E_GRANT_SUBJECT', 'authorities of another patient');
  const id = b64(change.changeId);
  const known = state.parts.changes.get(id);
  const isAnnounced = state.parts.announced.has(id) && known !== undefined && sameChange(known, change);
  if (state.uses(change.changeId) && !isAnnounced) throw new Ct1Error('E_DUP', 'this change is in the log');
  const signing = new Signing(state, payload, Label.AUTHORITY_SIG, 'E_GRANT_AUTHORITY', directory, entry.ts);
  if (change.notBefore !== 0) signing.requireWitnesses(MIN_WITNESSES);
  else {
    signing.requireAuthority(state.authority.quorum);
    signing.requireOffice();
  }
  const accounts = withAccounts(change.authorities).map((one) => b64(one.user));
  if ((change.notBefore !== 0 || signing.isWitnessed) && accounts.some((user) => signing.users.has(user))) {
    throw new Ct1Error('E_GRANT_AUTHORITY', 'a witness would become the authority');
  }
  const members = authoritiesIn(directory, state.roots, change.authorities, entry.ts);
  if (state.parts.dead.has(id)) throw new Ct1Error('E_GRANT_REVOKED', 'the change was cancelled');
  const after = state.after({ changes: new Map([...state.parts.changes, [id, change]]) });
  if (change.notBefore !== 0 && !isAnnounced) {
    checkAnnouncement(change, entry.ts);
    return after.after({ announced: new Set([...state.parts.announced, id]) });
  }
  if (change.notBefore !== 0) checkRipe(change, entry.ts);
  return handedOver(after, entry, change.authorities, members);
}

function changePolicy(state: ThreadState, entry: Entry, payload: Signed, directory: Directory): ThreadState {
  const policy = parsePolicy(payload.body);
  if (!equal(policy.threadId, state.threadId)) throw new Ct1Error('E_GRANT_THREAD', 'a policy of another thread');
  const signing = new Signing(state, payload, Label.POLICY_SIG, 'E_GRANT_AUTHORITY', directory, entry.ts);
  signing.requireAuthority(state.authority.quorum);
  signing.requireOffice();
  return state.after({ policy: termsAfter(state.policy, policy, state.roots, directory.roots), changeSeq: entry.seq });
}

/** Three days in which the old authority, told by every client, can say no; and not so far ahead that all forget. */
function checkAnnouncement(change: Change, ts: number): void {
  if (change.notBefore < ts + CHANGE_WAIT_MS || change.notBefore > ts + CHANGE_STANDS_MS) {
    throw new Ct1Error('E_GRANT_TIME', 'a change by witnesses waits 72 hours, and at most 30 days');
  }
}

function checkRipe(change: Change, ts: number): void {
  if (ts < change.notBefore) throw new Ct1Error('E_GRANT_TIME', 'the change is announced and its time has not come');
  if (ts > change.notBefore + CHANGE_STANDS_MS) {
    throw new Ct1Error('E_GRANT_EXPIRED', 'the announcement is too old: it must be made again');
  }
}

/** The thread in the hands of its new authority; the old ones stay as members, with what permits give them. */
function handedOver(state: ThreadState, entry: Entry, authority: Authorities, members: ReadonlyMap<string, Member>): ThreadState {
  const before = [...state.parts.members].map(([user, one]): [string, Member] => [user, { ...one, isAuthority: false }]);
  const after = [...members].map(([user, one]): [string, Member] => [user, { ...one, sinceSeq: entry.seq }]);
  const epoch = state.epochs.length + 1;
  const joined = after.map(([user]): [string, number] => [user, epoch]);
  return state.after({
    authority,
    members: new Map([...before, ...after]),
    firstJoined: new Map([...joined, ...state.parts.firstJoined]),
    announced: new Set(),
    changeSeq: entry.seq,
  });
}

/** The authorities who have an account, as members; E_UNKNOWN_KEY, E_CERT. */
export function authoritiesIn(
  directory: Directory,
  roots: ReadonlyMap<string, Uint8Array>,
  authorities: Authorities,
  ts: number,
): Map<string, Member> {
  const role = roleOfAuthority(authorities.kind);
  return new Map(
    withAccounts(authorities).map(({ user, fp }) => [b64(user), { ...comingIn(directory, roots, user, fp, role, ts), isAuthority: true }]),
  );
}

/** E_GRANT_AUTHORITY or E_QUORUM for a genesis that nobody, or too few, could consent under. */
export function checkFirstAuthority(genesis: Genesis): void {
  const isWitnessed = genesis.authKind === AuthKind.WITNESSED;
  if (isWitnessed === genesis.authorities.length > 0) {
    throw new Ct1Error('E_GRANT_AUTHORITY', 'either witnesses consent, or those who are named');
  }
  if (!isWitnessed) checkQuorum(authorityOf(genesis));
  else if (genesis.quorum < MIN_WITNESSES) throw new Ct1Error('E_QUORUM', 'one witness is none');
}

function breakGlass(state: ThreadState, entry: Entry, authorFp: Uint8Array, payload: Signed, directory: Directory): ThreadState {
  if ((state.policy.flags & GenesisFlag.BREAK_GLASS) === 0) throw new Ct1Error('E_SCOPE', 'this thread is opened by consent alone');
  const emergency = parseEmergency(payload.body);
  checkDeclaration(state, entry, authorFp, emergency);
  const member = comingIn(directory, state.roots, emergency.user, emergency.fp, emergency.role, entry.ts);
  if (state.effective(entry.ts).some((one) => equal(one.user, emergency.user))) {
    throw new Ct1Error('E_DUP', 'a member who may read needs no emergency');
  }
  const signing = new Signing(state, payload, Label.BREAK_GLASS_SIG, 'E_QUORUM', directory, entry.ts);
  signing.requireCosigners(entry.author);
  if (payload.signers.length === 0 && needsCosigner(state, emergency, member.former, entry.ts)) {
    throw new Ct1Error('E_QUORUM', 'the patient refused this person by name, or it is not their first: two must sign');
  }
  if (state.parts.dead.has(b64(emergency.declarationId))) {
    throw new Ct1Error('E_GRANT_REVOKED', 'the emergency was ended before it began');
  }
  const reader: EmergencyReader = {
    declaration: emergency,
    user: emergency.user,
    fp: emergency.fp,
    role: emergency.role,
    org: member.org,
    seq: entry.seq,
    ts: entry.ts,
    historyFrom: state.firstEpochSince(entry.ts - EMERGENCY_HISTORY_MS),
  };
  return state.after({ emergencies: [...state.parts.emergencies, reader] });
}

function checkDeclaration(state: ThreadState, entry: Entry, authorFp: Uint8Array, emergency: Emergency): void {
  if (!equal(emergency.threadId, state.threadId)) throw new Ct1Error('E_GRANT_THREAD', 'an emergency of another thread');
  if (!equal(emergency.user, entry.author) || !equal(emergency.fp, authorFp)) {
    throw new Ct1Error('E_GRANT_SUBJECT', "an emergency is declared in one's own name");
  }
  if (emergency.role === Role.PATIENT || emergency.role === Role.REPRESENTATIVE) {
    throw new Ct1Error('E_GRANT_ROLE', 'an emergency is declared by staff');
  }
  if (state.uses(emergency.declarationId)) throw new Ct1Error('E_DUP', 'this emergency is in the log');
  if (emergency.exp <= entry.ts || emergency.exp > entry.ts + EMERGENCY_MAX_MS) {
    throw new Ct1Error('E_GRANT_TIME', 'an emergency lasts at most four hours');
  }
}

/** Whether the patient refused this key by name, or the person has been let in so within the last day. */
function needsCosigner(state: ThreadState, emergency: Emergency, former: readonly Uint8Array[], ts: number): boolean {
  const keys = [emergency.fp, ...former];
  const isRefused = [...state.parts.directives].some(
    ([key, one]) =>
      one.effect === Effect.DENY &&
      !state.parts.dead.has(key) &&
      isLive(one, ts) &&
      (one.actions & Action.READ) !== 0 &&
      one.granteeKind === GranteeKind.KEY &&
      keys.some((fp) => equal(one.grantee, fp)) &&
      state.denyReaches(one),
  );
  const mine = state.parts.emergencies.filter((one) => equal(one.user, emergency.user));
  return isRefused || mine.some((one) => ts < one.declaration.exp + EMERGENCY_AGAIN_MS);
}
