/** The verified key records and certificates that a log is read with. */
import { b64 } from './encoding';
import { Ct1Error } from './errors';
import { certificateCovers, parseCertificate, rootFingerprint, verifyCertificate, verifyUkr } from './keys';
import type { Certificate, SignedCertificate, SignedUkr, Ukr } from './keys';
import { equal } from './primitives';
import { CertKind, Role } from './tables.gen';

export class Directory {
  /** By fingerprint, in the order in which they were given. */
  readonly #ukrs: ReadonlyMap<string, Ukr>;
  /** By the subject's fingerprint. */
  readonly #certificates: ReadonlyMap<string, readonly Certificate[]>;

  constructor(ukrs: ReadonlyMap<string, Ukr> = new Map(), certificates: ReadonlyMap<string, readonly Certificate[]> = new Map()) {
    this.#ukrs = ukrs;
    this.#certificates = certificates;
  }

  /** Verifies everything once; throws E_SIG, E_KEY_CHANGED, E_CERT for what does not hold. */
  static build(ukrs: readonly SignedUkr[], certificates: readonly SignedCertificate[], rootPks: readonly Uint8Array[]): Directory {
    const byFp = new Map<string, Ukr>();
    for (const signed of ukrs) {
      const previous = [...byFp.values()].find((ukr) => signed.sig.length > 0 && contains(signed.body, ukr.fp));
      const ukr = verifyUkr(signed, previous ?? null);
      byFp.set(b64(ukr.fp), ukr);
    }
    const roots = new Map(rootPks.map((pk) => [b64(rootFingerprint(pk)), pk]));
    const bySubject = new Map<string, readonly Certificate[]>();
    for (const signed of certificates) {
      // The issuer is named inside; parsing before verifying is safe, since the name only chooses the key.
      const rootPk = roots.get(b64(parseCertificate(signed.body).issuerFp));
      if (!rootPk) throw new Ct1Error('E_CERT', 'the issuer is no known root');
      const verified = verifyCertificate(signed, rootPk);
      const subject = b64(verified.subjectFp);
      bySubject.set(subject, [...(bySubject.get(subject) ?? []), verified]);
    }
    return new Directory(byFp, bySubject);
  }

  /** Both; what the other has is looked at after what this one has. */
  with(other: Directory): Directory {
    const certificates = new Map(this.#certificates);
    for (const [subject, found] of other.#certificates) certificates.set(subject, [...(certificates.get(subject) ?? []), ...found]);
    return new Directory(new Map([...this.#ukrs, ...other.#ukrs]), certificates);
  }

  /** Null for a fingerprint that no verified record has. */
  find(fp: Uint8Array): Ukr | null {
    return this.#ukrs.get(b64(fp)) ?? null;
  }

  of(user: Uint8Array): readonly Ukr[] {
    return [...this.#ukrs.values()].filter((ukr) => equal(ukr.user, user));
  }

  /** Verified certificates over a key, whichever root issued them. */
  certificatesOf(fp: Uint8Array): readonly Certificate[] {
    return this.#certificates.get(b64(fp)) ?? [];
  }

  ukr(fp: Uint8Array): Ukr {
    const found = this.#ukrs.get(b64(fp));
    if (!found) throw new Ct1Error('E_UNKNOWN_KEY', 'no verified key record has this fingerprint');
    return found;
  }

  ukrOf(user: Uint8Array, gen: number): Ukr {
    for (const ukr of this.#ukrs.values()) if (ukr.gen === gen && equal(ukr.user, user)) return ukr;
    throw new Ct1Error('E_UNKNOWN_KEY', 'no verified key record of this person and generation');
  }

  /** The certificate that ties a key to a role under one of the thread's own roots at a moment; E_CERT. */
  certificate(fp: Uint8Array, user: Uint8Array, role: number, roots: ReadonlyMap<string, Uint8Array>, atMs: number): Certificate {
    for (const certificate of this.#certificates.get(b64(fp)) ?? []) {
      const root = roots.get(b64(certificate.org));
      const chains = root !== undefined && equal(root, certificate.issuerFp);
      if (chains && equal(certificate.subject, user) && certificateCovers(certificate, role, atMs)) return certificate;
    }
    throw new Ct1Error('E_CERT', "no certificate under the thread's roots covers this key and role");
  }
}

function contains(body: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at + part.length <= body.length; at++) {
    if (equal(body.subarray(at, at + part.length), part)) return true;
  }
  return false;
}

/**
 * What can be verified of what a server tells about people. A record that does not hold is left out, so that one bad
 * record of one person cannot close every log: a log that needs it fails by name.
 */
export function trustworthy(
  people: readonly { readonly ukrs: readonly SignedUkr[]; readonly certificates: readonly SignedCertificate[] }[],
  rootPks: readonly Uint8Array[],
): Directory {
  let found = new Directory();
  for (const { ukrs, certificates } of people) {
    const own = attempt(() => Directory.build(ukrs, [], rootPks));
    if (!own) continue;
    found = found.with(own);
    for (const certificate of certificates) found = found.with(attempt(() => Directory.build([], [certificate], rootPks)) ?? new Directory());
  }
  return found;
}

function attempt(build: () => Directory): Directory | null {
  try {
    return build();
  } catch (error) {
    if (error instanceof Ct1Error) return null;
    throw error;
  }
}

/** Which certificates speak for a role. */
export function kindFor(role: number): CertKind {
  if (role === Role.PATIENT) return CertKind.PATIENT;
  return role === Role.REPRESENTATIVE ? CertKind.REPRESENTATIVE : CertKind.STAFF;
}
