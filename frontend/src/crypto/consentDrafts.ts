/** Consent objects as they will be signed: made of a wish, with a fresh id, and without a signature. */
import { encodeDirective, encodeRevoke, statementHash } from './directives';
import { sortedTexts } from './drafting';
import { unb64, utf8 } from './encoding';
import { compare, randomBytes } from './primitives';
import { AuthKind, Effect, GranteeKind, HistoryKind, RevokeKind, RevokeReason } from './tables.gen';
import type { DirectiveWish, RevocationTarget } from './vaultApi';

export type Draft = { id: Uint8Array; body: Uint8Array };

export function directiveOf(wish: DirectiveWish, authFp: Uint8Array): Draft {
  const id = randomBytes(16);
  const body = encodeDirective({
    directiveId: id,
    patientRef: unb64(wish.patient),
    effect: wish.effect === 'permit' ? Effect.PERMIT : Effect.DENY,
    authKind: wish.voice === 'patient' ? AuthKind.PATIENT : AuthKind.REPRESENTATIVE,
    authFp,
    granteeKind: GranteeKind.KEY,
    grantee: unb64(wish.fp),
    actions: wish.actions,
    threads: wish.threads.map(unb64).sort(compare),
    labels: sortedTexts(wish.labels),
    purposes: sortedTexts(wish.purposes),
    history: Object.values(HistoryKind).find((one) => one === wish.history) ?? HistoryKind.NONE,
    historyFrom: wish.historyFrom,
    nbf: wish.from,
    exp: wish.until,
    supersedes: wish.supersedes.map(unb64).sort(compare),
    textHash: statementHash(wish.text),
    server: utf8(wish.server),
  });
  return { id, body };
}

export function revocationOf(patient: string, target: RevocationTarget, authFp: Uint8Array, now: number): Draft {
  const id = randomBytes(16);
  const isOne = 'directive' in target;
  const body = encodeRevoke({
    revokeId: id,
    patientRef: unb64(patient),
    kind: isOne ? RevokeKind.DIRECTIVE : RevokeKind.GRANTEE,
    target: unb64(isOne ? target.directive : target.grantee),
    authFp,
    ts: now,
    reason: RevokeReason.UNSAID,
  });
  return { id, body };
}
