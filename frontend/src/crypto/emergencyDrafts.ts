/** Declarations of emergency for a thread's log, as their clinician appends them and a colleague co-signs them. */
import { encodeEmergency, parseEmergency, signEmergency } from './emergency';
import { roleOf } from './drafting';
import { b64, unb64, utf8 } from './encoding';
import { encodeSigned } from './entries';
import { Ct1Error } from './errors';
import type { Draft } from './heldThread';
import type { Identity } from './keys';
import { equal } from './primitives';
import { EMERGENCY_MAX_MS, EMERGENCY_REASON_MAX, EntryType } from './tables.gen';
import type { CosignedEmergency, EmergencyWish } from './vaultApi';

/** At most 500 bytes; half a character at the end is left out. */
function reasonBytes(reason: string): Uint8Array {
  let text = reason;
  while (utf8(text).length > EMERGENCY_REASON_MAX) text = text.slice(0, -1);
  return utf8(text.replace(/[\uD800-\uDBFF]$/, ''));
}

export function emergencyBody(wish: EmergencyWish, thread: string, exp: number): Uint8Array {
  return encodeEmergency({
    declarationId: unb64(wish.id),
    threadId: unb64(thread),
    user: unb64(wish.user),
    fp: unb64(wish.fp),
    role: roleOf(wish.role),
    exp,
    reason: reasonBytes(wish.reason),
  });
}

/** BREAK_GLASS in one's own name, with the co-signer's signature where there is one; throws what the log's rules throw. */
export function declare(draft: Draft, wish: EmergencyWish, thread: string, cosigned: CosignedEmergency | null): void {
  if (cosigned) {
    const body = unb64(cosigned.body);
    const { exp } = parseEmergency(body);
    // The reason goes under one's own name: what was co-signed is what one declared, and ends no later.
    if (exp > draft.ts + EMERGENCY_MAX_MS || !equal(body, emergencyBody(wish, thread, exp))) {
      throw new Ct1Error('E_GRANT_SUBJECT', 'another emergency was co-signed');
    }
    draft.add(EntryType.BREAK_GLASS, encodeSigned({ body, signers: [{ fp: unb64(cosigned.fp), sig: unb64(cosigned.sig) }] }));
    return;
  }
  const exp = Math.min(wish.exp, draft.ts + EMERGENCY_MAX_MS);
  draft.add(EntryType.BREAK_GLASS, encodeSigned({ body: emergencyBody(wish, thread, exp), signers: [] }));
}

/** E_GRANT_AUTHORITY for one's own, E_GRANT_TIME for one that lasts longer than an emergency may. */
export function cosign(wish: EmergencyWish, threads: readonly string[], me: Identity, nowMs: number): CosignedEmergency[] {
  if (equal(unb64(wish.user), me.user)) throw new Ct1Error('E_GRANT_AUTHORITY', 'nobody is their own second opinion');
  if (wish.exp > nowMs + EMERGENCY_MAX_MS) throw new Ct1Error('E_GRANT_TIME', 'an emergency ends within hours');
  return threads.map((thread) => {
    const body = emergencyBody(wish, thread, wish.exp);
    return { thread, body: b64(body), fp: b64(me.fp), sig: b64(signEmergency(me.signSeed, body)) };
  });
}
