/** The consent objects: one signed directive is the server's policy and the keys' grant (docs/protocol.md 3.4). */
import { Reader, sortedOnce, utf8, Writer } from './encoding';
import { Ct1Error } from './errors';
import { digest, equal, sign, verify } from './primitives';
import {
  Action,
  AuthKind,
  CLOCK_TOLERANCE_MS,
  DIRECTIVE_MAX_MS,
  Effect,
  GranteeKind,
  HistoryKind,
  Label,
  PURPOSE_TREATMENT,
  RevokeKind,
  RevokeReason,
} from './tables.gen';

const GRANTEE_BYTES: Readonly<Record<GranteeKind, number>> = {
  [GranteeKind.KEY]: 32,
  [GranteeKind.ORGANISATION]: 16,
  [GranteeKind.ROLE]: 1,
  [GranteeKind.CARE_TEAM]: 0,
};
const TARGET_BYTES: Readonly<Record<RevokeKind, readonly number[]>> = {
  [RevokeKind.DIRECTIVE]: [16],
  [RevokeKind.GRANTEE]: [0, 1, 16, 32],
  [RevokeKind.EVERYONE]: [0],
};
const ALL_ACTIONS = Object.values(Action).reduce((sum, bit) => sum + bit, 0);

/** A permit or deny as its patient signed it; times in ms, `labels`, `purposes`, `threads` sorted by bytes. */
export type Directive = {
  readonly directiveId: Uint8Array;
  readonly patientRef: Uint8Array;
  readonly effect: Effect;
  readonly authKind: AuthKind;
  readonly authFp: Uint8Array;
  readonly granteeKind: GranteeKind;
  readonly grantee: Uint8Array;
  readonly actions: number;
  readonly threads: readonly Uint8Array[];
  readonly labels: readonly Uint8Array[];
  readonly purposes: readonly Uint8Array[];
  readonly history: HistoryKind;
  readonly historyFrom: number;
  readonly nbf: number;
  readonly exp: number;
  readonly supersedes: readonly Uint8Array[];
  readonly textHash: Uint8Array;
  readonly server: Uint8Array;
};

/** The end of one directive, of all of a grantee's, or of all of a patient's. */
export type Revoke = {
  readonly revokeId: Uint8Array;
  readonly patientRef: Uint8Array;
  readonly kind: RevokeKind;
  readonly target: Uint8Array;
  readonly authFp: Uint8Array;
  readonly ts: number;
  readonly reason: RevokeReason;
};

/** One signature on a consent object, and the fingerprint of the key that made it. */
export type Signer = { readonly fp: Uint8Array; readonly sig: Uint8Array };

export function encodeDirective(one: Directive): Uint8Array {
  const writer = new Writer(Label.DIRECTIVE).fixed(one.directiveId, 16).fixed(one.patientRef, 16).u8(one.effect);
  writer.u8(one.authKind).fixed(one.authFp, 32).u8(one.granteeKind).v16(one.grantee).u32(one.actions);
  writer.each(one.threads, (w, thread) => w.fixed(thread, 32)).each(one.labels, (w, label) => w.v16(label));
  writer.each(one.purposes, (w, purpose) => w.v16(purpose)).u8(one.history).u64(one.historyFrom).u64(one.nbf).u64(one.exp);
  writer.each(one.supersedes, (w, old) => w.fixed(old, 16)).fixed(one.textHash, 32).v32(one.server);
  return writer.done();
}

export function encodeRevoke(one: Revoke): Uint8Array {
  const writer = new Writer(Label.REVOKE).fixed(one.revokeId, 16).fixed(one.patientRef, 16).u8(one.kind);
  return writer.v16(one.target).fixed(one.authFp, 32).u64(one.ts).u8(one.reason).done();
}

/** Whether its time has come and not gone; a signer's clock may be five minutes ahead of the reader's. */
export function isLive(directive: Directive, nowMs: number): boolean {
  return directive.nbf <= nowMs + CLOCK_TOLERANCE_MS && nowMs < directive.exp;
}

const TREATMENT = utf8(PURPOSE_TREATMENT);

/** Whether it speaks of treatment, which is what a thread is read for; no purposes means any. */
export function treats(directive: Directive): boolean {
  return directive.purposes.length === 0 || directive.purposes.some((purpose) => equal(purpose, TREATMENT));
}

/**
 * Whether a revocation ends this permit as one of many: those that began at or before its instant, wherever they stand.
 * By the instant and not by the order in a log, else an old permit that somebody held back would come to life when it
 * is appended after the revocation. A deny is never swept away: that would open what the patient shut.
 */
export function sweeps(revoke: Revoke, directive: Directive): boolean {
  if (directive.effect !== Effect.PERMIT || directive.nbf > revoke.ts) return false;
  if (revoke.kind === RevokeKind.GRANTEE) return equal(directive.grantee, revoke.target);
  return revoke.kind === RevokeKind.EVERYONE;
}

/** The directive of signed bytes; throws E_ENC, E_ENUM, E_GRANT_SUBJECT or E_GRANT_TIME. */
export function parseDirective(body: Uint8Array): Directive {
  const reader = new Reader(body, Label.DIRECTIVE);
  const directive: Directive = {
    directiveId: reader.fixed(16),
    patientRef: reader.fixed(16),
    effect: reader.enum<Effect>(Effect),
    authKind: reader.enum<AuthKind>(AuthKind),
    authFp: reader.fixed(32),
    granteeKind: reader.enum<GranteeKind>(GranteeKind),
    grantee: reader.v16(),
    actions: reader.u32(),
    threads: sortedOnce(reader.each((r) => r.fixed(32)), 'threads'),
    labels: sortedOnce(reader.each((r) => r.utf8()), 'labels'),
    purposes: sortedOnce(reader.each((r) => r.utf8()), 'purposes'),
    history: reader.enum<HistoryKind>(HistoryKind),
    historyFrom: reader.u64(),
    nbf: reader.u64(),
    exp: reader.u64(),
    supersedes: sortedOnce(reader.each((r) => r.fixed(16)), 'supersedes'),
    textHash: reader.fixed(32),
    server: reader.v32(),
  };
  reader.done();
  if (directive.grantee.length !== GRANTEE_BYTES[directive.granteeKind]) {
    throw new Ct1Error('E_GRANT_SUBJECT', "the grantee does not have its kind's length");
  }
  // Without sign: the bits are those of a u32, and JavaScript's operators make a signed number of the highest.
  if (directive.actions === 0 || (directive.actions & ~ALL_ACTIONS) !== 0) {
    throw new Ct1Error('E_ENUM', 'unknown or no actions');
  }
  if (directive.nbf >= directive.exp || directive.exp - directive.nbf > DIRECTIVE_MAX_MS) {
    throw new Ct1Error('E_GRANT_TIME', 'a directive lasts more than nothing and at most 366 days');
  }
  return directive;
}

export function parseRevoke(body: Uint8Array): Revoke {
  const reader = new Reader(body, Label.REVOKE);
  const revoke: Revoke = {
    revokeId: reader.fixed(16),
    patientRef: reader.fixed(16),
    kind: reader.enum<RevokeKind>(RevokeKind),
    target: reader.v16(),
    authFp: reader.fixed(32),
    ts: reader.u64(),
    reason: reader.enum<RevokeReason>(RevokeReason),
  };
  reader.done();
  if (!TARGET_BYTES[revoke.kind].includes(revoke.target.length)) {
    throw new Ct1Error('E_ENC', "the target does not have its kind's length");
  }
  return revoke;
}

export function signDirective(signSeed: Uint8Array, body: Uint8Array): Uint8Array {
  return sign(signSeed, Label.DIRECTIVE_SIG, body);
}

export function signRevoke(signSeed: Uint8Array, body: Uint8Array): Uint8Array {
  return sign(signSeed, Label.REVOKE_SIG, body);
}

/** The directive, signed by this key; throws E_SIG. */
export function verifyDirective(body: Uint8Array, signPk: Uint8Array, sig: Uint8Array): Directive {
  const directive = parseDirective(body);
  verify(signPk, Label.DIRECTIVE_SIG, body, sig);
  return directive;
}

/** The revocation, signed by this key; throws E_SIG. */
export function verifyRevoke(body: Uint8Array, signPk: Uint8Array, sig: Uint8Array): Revoke {
  const revoke = parseRevoke(body);
  verify(signPk, Label.REVOKE_SIG, body, sig);
  return revoke;
}

/** What `textHash` holds: evidence of the exact words that were agreed to. */
export function statementHash(statement: string): Uint8Array {
  return digest(Label.STATEMENT, utf8(statement));
}
