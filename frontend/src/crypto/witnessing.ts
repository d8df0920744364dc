/** What a witness signs: read first, since a signature under unread bytes is worth nothing to the patient. */
import type { ConsentSigner } from '../wire.gen';
import { parseChange, signChange } from './authority';
import { parseDirective, parseRevoke, signDirective, signRevoke, statementHash } from './directives';
import { b64, unb64 } from './encoding';
import { Ct1Error } from './errors';
import type { Identity } from './keys';
import { equal } from './primitives';
import { AuthKind, GranteeKind } from './tables.gen';
import type { Said } from './vaultApi';

/** The signature of one witness; throws what `checkSaid` throws. */
export function signSaid(said: Said, me: Identity, nowMs: number): ConsentSigner {
  checkSaid(said, me, nowMs);
  const sign = { directive: signDirective, revoke: signRevoke, authority: signChange }[said.kind];
  return { fp: b64(me.fp), sig: b64(sign(me.signSeed, unb64(said.body))) };
}

/**
 * Throws unless the bytes say what is shown, about this patient, and nothing in the witness's own favour: E_GRANT_SUBJECT,
 * E_GRANT_EXPIRED, E_GRANT_AUTHORITY.
 */
export function checkSaid(said: Said, me: Identity, nowMs: number): void {
  const body = unb64(said.body);
  if (!equal(subjectOf(said.kind, body), unb64(said.patient))) throw new Ct1Error('E_GRANT_SUBJECT', 'it is about another patient');
  if (said.kind === 'directive') {
    const directive = parseDirective(body);
    if (!equal(statementHash(said.statement), directive.textHash)) {
      throw new Ct1Error('E_GRANT_SUBJECT', 'the words that are shown are not the words that are signed');
    }
    if (directive.exp <= nowMs) throw new Ct1Error('E_GRANT_EXPIRED', 'it has ended already');
    const isMine = directive.granteeKind === GranteeKind.KEY && equal(directive.grantee, me.fp);
    if (isMine || directive.authKind !== AuthKind.WITNESSED) throw new Ct1Error('E_GRANT_AUTHORITY', 'nobody witnesses what concerns them');
  } else if (said.kind === 'authority') {
    const { authorities } = parseChange(body);
    const isMine = authorities.people.some((one) => equal(one.user, me.user));
    if (isMine || authorities.kind !== AuthKind.PATIENT) throw new Ct1Error('E_GRANT_AUTHORITY', 'witnesses hand over to the patient alone');
  }
}

function subjectOf(kind: Said['kind'], body: Uint8Array): Uint8Array {
  if (kind === 'directive') return parseDirective(body).patientRef;
  return kind === 'revoke' ? parseRevoke(body).patientRef : parseChange(body).patientRef;
}
