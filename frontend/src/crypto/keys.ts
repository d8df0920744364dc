/** People's public key records and the certificates that tie them to an organisation's root (docs/protocol.md 3). */
import { Reader, Writer } from './encoding';
import { Ct1Error } from './errors';
import { boxPair, digest, equal, randomBytes, sign, signingPair, verify } from './primitives';
import type { Random } from './primitives';
import { CertKind, CertMethod, Label, UkrReason } from './tables.gen';

export const NO_FP = new Uint8Array(32);
export const ZERO_ID = new Uint8Array(16);

/** One generation of a person's private keys; `user` is 16 bytes, the seeds 32 each. */
export type Identity = {
  readonly user: Uint8Array;
  readonly gen: number;
  readonly signSeed: Uint8Array;
  readonly boxSeed: Uint8Array;
  readonly created: number;
  readonly boxPk: Uint8Array;
  readonly core: Uint8Array;
  readonly fp: Uint8Array;
};

/** A verified user key record. */
export type Ukr = {
  readonly user: Uint8Array;
  readonly gen: number;
  readonly signPk: Uint8Array;
  readonly boxPk: Uint8Array;
  readonly core: Uint8Array;
  readonly fp: Uint8Array;
  readonly prevFp: Uint8Array;
  readonly reason: UkrReason;
  readonly ts: number;
  /** Of the record itself, by which KEY_UPDATE names it. */
  readonly hash: Uint8Array;
};

/** A key record as it travels: the record, the proof of possession, and the old key's signature or nothing. */
export type SignedUkr = { readonly body: Uint8Array; readonly pop: Uint8Array; readonly sig: Uint8Array };

/** A parsed certificate; `roleMask` has bit `1 << role` set for each role it certifies. */
export type Certificate = {
  readonly certId: Uint8Array;
  readonly org: Uint8Array;
  readonly issuerFp: Uint8Array;
  readonly subject: Uint8Array;
  readonly subjectFp: Uint8Array;
  readonly kind: CertKind;
  readonly roleMask: number;
  readonly nbf: number;
  readonly exp: number;
  readonly method: CertMethod;
};

export type SignedCertificate = { readonly body: Uint8Array; readonly sig: Uint8Array };

export function certifies(certificate: Certificate, role: number): boolean {
  return ((certificate.roleMask >> role) & 1) === 1;
}

export function certificateStands(certificate: Certificate, nowMs: number): boolean {
  return certificate.nbf <= nowMs && nowMs < certificate.exp;
}

export function ukrCore(user: Uint8Array, gen: number, signPk: Uint8Array, boxPk: Uint8Array): Uint8Array {
  return new Writer().fixed(user, 16).u32(gen).fixed(signPk, 32).fixed(boxPk, 32).v16(new Uint8Array(0)).done();
}

/** 32 bytes that name one generation of one person's keys everywhere. */
export function fingerprint(core: Uint8Array): Uint8Array {
  return digest(Label.FP, core);
}

/** A root has no user and no box key: both are zero in its core. */
export function rootFingerprint(signPk: Uint8Array): Uint8Array {
  return fingerprint(ukrCore(ZERO_ID, 0, signPk, new Uint8Array(32)));
}

export function makeIdentity(user: Uint8Array, gen: number, signSeed: Uint8Array, boxSeed: Uint8Array, created: number): Identity {
  const boxPk = boxPair(boxSeed).public;
  const core = ukrCore(user, gen, signingPair(signSeed).public, boxPk);
  return { user, gen, signSeed, boxSeed, created, boxPk, core, fp: fingerprint(core) };
}

/** Fresh private keys; `gen` counts from 1. */
export function newIdentity(user: Uint8Array, gen: number, nowMs: number, rng: Random = randomBytes): Identity {
  return makeIdentity(user, gen, rng(32), rng(32), nowMs);
}

/** The hash of a key record's bytes. */
export function ukrHash(body: Uint8Array): Uint8Array {
  return digest(Label.UKR, body);
}

/** Which key a record says it follows, unverified: it only chooses the record to verify it with. */
export function previousFp(body: Uint8Array): Uint8Array {
  const reader = new Reader(body, Label.UKR);
  reader.v16();
  return reader.fixed(32);
}

/** A key record for an identity, signed by the previous generation where the chain goes on. */
export function makeUkr(
  identity: Identity,
  nowMs: number,
  previous: Identity | null = null,
  reason: UkrReason = UkrReason.FIRST,
): SignedUkr {
  const writer = new Writer(Label.UKR).v16(identity.core).fixed(previous ? previous.fp : NO_FP, 32);
  const body = writer.u8(reason).u64(nowMs).done();
  const continues = previous !== null && isContinuation(reason);
  const sig = continues ? sign(previous.signSeed, Label.UKR_SIG, body) : new Uint8Array(0);
  return { body, pop: sign(identity.signSeed, Label.UKR_POP, body), sig };
}

export function isContinuation(reason: UkrReason): boolean {
  return reason === UkrReason.ROTATE || reason === UkrReason.COMPROMISE;
}

/**
 * A key record with a valid proof of possession, and continuing `previous` where it says so.
 * Throws E_SIG, E_KEY_CHANGED, E_UNSUPPORTED or a fault of encoding. A reset carries no old signature and needs a
 * fresh certificate to mean anything.
 */
export function verifyUkr(signed: SignedUkr, previous: Ukr | null = null): Ukr {
  const reader = new Reader(signed.body, Label.UKR);
  const core = reader.v16();
  const prevFp = reader.fixed(32);
  const reason = reader.enum<UkrReason>(UkrReason);
  const ts = reader.u64();
  reader.done();
  const { user, gen, signPk, boxPk } = readCore(core);
  verify(signPk, Label.UKR_POP, signed.body, signed.pop);
  if (isContinuation(reason)) {
    const continues = previous && equal(previous.fp, prevFp) && previous.gen + 1 === gen && equal(previous.user, user);
    if (!continues) throw new Ct1Error('E_KEY_CHANGED', 'the record does not continue a known one');
    verify(previous.signPk, Label.UKR_SIG, signed.body, signed.sig);
  } else if (signed.sig.length > 0) {
    throw new Ct1Error('E_SIG', 'a first or reset record carries no old signature');
  } else if ((reason === UkrReason.FIRST) !== (gen === 1) || (reason === UkrReason.FIRST && !equal(prevFp, NO_FP))) {
    // A reset that called itself a first record would pass its peers without the hard stop that it owes them.
    throw new Ct1Error('E_KEY_CHANGED', 'a first record is generation 1 and follows nothing');
  }
  return { user, gen, signPk, boxPk, core, fp: fingerprint(core), prevFp, reason, ts, hash: ukrHash(signed.body) };
}

function readCore(core: Uint8Array): { user: Uint8Array; gen: number; signPk: Uint8Array; boxPk: Uint8Array } {
  const inner = new Reader(core);
  const user = inner.fixed(16);
  const gen = inner.u32();
  const signPk = inner.fixed(32);
  const boxPk = inner.fixed(32);
  if (inner.v16().length > 0) throw new Ct1Error('E_UNSUPPORTED', 'unknown key record extension');
  inner.done();
  return { user, gen, signPk, boxPk };
}

export type CertificateTerms = Omit<Certificate, 'issuerFp' | 'roleMask'> & { readonly roles: readonly number[] };

/** A certificate over a person's key, signed by the organisation's root; for vectors and tests. */
export function issueCertificate(rootSeed: Uint8Array, terms: CertificateTerms): SignedCertificate {
  const mask = [...new Set(terms.roles)].reduce((sum, role) => sum + 2 ** role, 0);
  const issuer = rootFingerprint(signingPair(rootSeed).public);
  const writer = new Writer(Label.CERT).fixed(terms.certId, 16).fixed(terms.org, 16).fixed(issuer, 32);
  writer.fixed(terms.subject, 16).fixed(terms.subjectFp, 32).u8(terms.kind).u16(mask);
  const body = writer.u64(terms.nbf).u64(terms.exp).u8(terms.method).done();
  return { body, sig: sign(rootSeed, Label.CERT_SIG, body) };
}

export function parseCertificate(body: Uint8Array): Certificate {
  const reader = new Reader(body, Label.CERT);
  const certificate: Certificate = {
    certId: reader.fixed(16),
    org: reader.fixed(16),
    issuerFp: reader.fixed(32),
    subject: reader.fixed(16),
    subjectFp: reader.fixed(32),
    kind: reader.enum<CertKind>(CertKind),
    roleMask: reader.u16(),
    nbf: reader.u64(),
    exp: reader.u64(),
    method: reader.enum<CertMethod>(CertMethod),
  };
  reader.done();
  if (certificate.nbf >= certificate.exp) throw new Ct1Error('E_CERT', 'a certificate that is never valid');
  return certificate;
}

/** The certificate; throws E_CERT when another root issued it and E_SIG when the signature does not verify. */
export function verifyCertificate(signed: SignedCertificate, rootPk: Uint8Array): Certificate {
  const certificate = parseCertificate(signed.body);
  if (!equal(certificate.issuerFp, rootFingerprint(rootPk))) throw new Ct1Error('E_CERT', 'issued by another root');
  verify(rootPk, Label.CERT_SIG, signed.body, signed.sig);
  return certificate;
}
