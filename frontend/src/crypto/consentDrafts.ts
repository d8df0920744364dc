/** Consent objects as they will be signed: made of a wish, with a fresh id, and without a signature. */
import { encodeChange } from './authority';
import type { Authority } from './authority';
import { encodeDirective, encodeRevoke, statementHash } from './directives';
import { sortedTexts } from './drafting';
import { unb64, utf8 } from './encoding';
import { compare, randomBytes } from './primitives';
import { AuthKind, ChangeReason, Effect, GranteeKind, HistoryKind, RevokeKind, RevokeReason } from './tables.gen';
import type { ConsentVoice, DirectiveWish, RevocationTarget } from './vaultApi';

const NO_FP = new Uint8Array(32);
export const AUTH_KINDS: Readonly<Record<ConsentVoice, AuthKind>> = {
  patient: AuthKind.PATIENT,
  representative: AuthKind.REPRESENTATIVE,
  witnessed: AuthKind.WITNESSED,
};

export type Draft = { id: Uint8Array; body: Uint8Array };

export function directiveOf(wish: DirectiveWish, authFp: Uint8Array): Draft {
  const id = randomBytes(16);
  const body = encodeDirective({
    directiveId: id,
    patientRef: unb64(wish.patient),
    effect: wish.effect === 'permit' ? Effect.PERMIT : Effect.DENY,
    authKind: AUTH_KINDS[wish.voice],
    authFp: wish.voice === 'witnessed' ? NO_FP : authFp,
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

/** The change by which witnesses hand a patient's threads over to the patient's own key. */
export function handOverOf(patient: string, own: Authority): Uint8Array {
  return encodeChange({
    changeId: randomBytes(16),
    patientRef: unb64(patient),
    authorities: { kind: AuthKind.PATIENT, people: [own], quorum: 1 },
    notBefore: 0,
    reason: ChangeReason.OWN_KEY,
  });
}

export function revocationOf(patient: string, target: RevocationTarget, authFp: Uint8Array, now: number, voice: ConsentVoice): Draft {
  const id = randomBytes(16);
  const isOne = 'directive' in target;
  const body = encodeRevoke({
    revokeId: id,
    patientRef: unb64(patient),
    kind: isOne ? RevokeKind.DIRECTIVE : RevokeKind.GRANTEE,
    target: unb64(isOne ? target.directive : target.grantee),
    authFp: voice === 'witnessed' ? NO_FP : authFp,
    ts: now,
    reason: RevokeReason.UNSAID,
  });
  return { id, body };
}
