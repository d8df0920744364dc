/** What a witness signs: read first, since a signature under unread bytes is worth nothing to the patient. */
import type { ConsentSigner } from '../wire.gen';
import { parseChange, signChange } from './authority';
import { parseDirective, parseRevoke, signDirective, signRevoke, statementHash } from './directives';
import { newestRecord, type Directory } from './directory';
import { b64, fromUtf8, unb64 } from './encoding';
import { Ct1Error } from './errors';
import type { Identity } from './keys';
import { equal } from './primitives';
import { Action, AuthKind, CertKind, Effect, GranteeKind, HistoryKind, PURPOSE_TREATMENT } from './tables.gen';
import type { Said, SpokenFacts } from './vaultApi';

const SPOKEN = Action.READ | Action.POST | Action.ATTACH | Action.JOIN | Action.ADMIT;
/** A withdrawal that waits is the end of a protection, which opens: it is signed when it is said, or not here. */
const FRESH_MS = 5 * 60_000;

/** The signature of one witness; throws what `checkSaid` throws. */
export function signSaid(said: Said, directory: Directory, me: Identity, nowMs: number): ConsentSigner {
  checkSaid(said, directory, me, nowMs);
  const sign = { directive: signDirective, revoke: signRevoke, authority: signChange }[said.kind];
  return { fp: b64(me.fp), sig: b64(sign(me.signSeed, unb64(said.body))) };
}

/**
 * What a witnessed permission says beside whose key it names. E_GRANT_AUTHORITY unless it is one that the spoken words
 * say whole: a permit to one key, for all conversations, with acts from the plain ones, that replaces nothing.
 */
export function spokenFacts(body: Uint8Array): SpokenFacts {
  const said = parseDirective(body);
  const isPlain =
    said.effect === Effect.PERMIT &&
    said.granteeKind === GranteeKind.KEY &&
    (said.actions & ~SPOKEN) === 0 &&
    said.history !== HistoryKind.FROM_DATE &&
    [said.threads, said.labels, said.supersedes].every((list) => list.length === 0) &&
    said.purposes.map(fromUtf8).join() === PURPOSE_TREATMENT &&
    fromUtf8(said.server) === '{}';
  if (!isPlain) throw new Ct1Error('E_GRANT_AUTHORITY', 'it says more than the words that are shown');
  return { actions: said.actions, history: said.history, from: said.nbf, until: said.exp };
}

/**
 * Throws unless the bytes say what is shown, about this patient and this person, and nothing in the witness's own
 * favour: E_GRANT_SUBJECT, E_GRANT_EXPIRED, E_GRANT_TIME, E_GRANT_AUTHORITY, E_CERT, E_UNKNOWN_KEY.
 */
export function checkSaid(said: Said, directory: Directory, me: Identity, nowMs: number): void {
  const body = unb64(said.body);
  if (!equal(subjectOf(said.kind, body), unb64(said.patient))) throw new Ct1Error('E_GRANT_SUBJECT', 'it is about another patient');
  if (said.kind === 'directive') checkPermission(said, body, directory, me, nowMs);
  else if (said.kind === 'authority') checkHandOver(said, body, directory, me, nowMs);
  else if (Math.abs(parseRevoke(body).ts - nowMs) > FRESH_MS) throw new Ct1Error('E_GRANT_TIME', 'what ends a protection is signed when it is said');
}

function checkPermission(said: Said, body: Uint8Array, directory: Directory, me: Identity, nowMs: number): void {
  const directive = parseDirective(body);
  spokenFacts(body);
  if (!equal(statementHash(said.statement), directive.textHash)) {
    throw new Ct1Error('E_GRANT_SUBJECT', 'the words that are shown are not the words that are signed');
  }
  if (directive.exp <= nowMs) throw new Ct1Error('E_GRANT_EXPIRED', 'it has ended already');
  if (equal(directive.grantee, me.fp) || directive.authKind !== AuthKind.WITNESSED) {
    throw new Ct1Error('E_GRANT_AUTHORITY', 'nobody witnesses what concerns them');
  }
  if (!said.keys || !equal(directory.ukr(directive.grantee).user, unb64(said.keys.user))) {
    throw new Ct1Error('E_GRANT_SUBJECT', 'it names the key of somebody else than is shown');
  }
  requireCertified(directory, directive.grantee, nowMs);
}

function checkHandOver(said: Said, body: Uint8Array, directory: Directory, me: Identity, nowMs: number): void {
  const { authorities, notBefore } = parseChange(body);
  const [own] = authorities.people;
  const isPlain = authorities.kind === AuthKind.PATIENT && authorities.people.length === 1 && authorities.quorum === 1 && notBefore === 0;
  if (!isPlain || !own || equal(own.user, me.user)) throw new Ct1Error('E_GRANT_AUTHORITY', 'witnesses hand over to the patient alone');
  const isShown = said.keys !== null && equal(own.user, unb64(said.keys.user)) && equal(own.fp, newestRecord(directory.of(own.user)).fp);
  if (!isShown) throw new Ct1Error('E_GRANT_SUBJECT', 'it names another account than the one that is shown');
  requireCertified(directory, own.fp, nowMs, CertKind.PATIENT);
}

function requireCertified(directory: Directory, fp: Uint8Array, nowMs: number, kind?: CertKind): void {
  const isCertified = directory.certificatesOf(fp).some((one) => (kind === undefined || one.kind === kind) && one.nbf <= nowMs && nowMs < one.exp);
  if (!isCertified) throw new Ct1Error('E_CERT', 'no pinned organisation vouches for this key');
}

function subjectOf(kind: Said['kind'], body: Uint8Array): Uint8Array {
  if (kind === 'directive') return parseDirective(body).patientRef;
  return kind === 'revoke' ? parseRevoke(body).patientRef : parseChange(body).patientRef;
}
