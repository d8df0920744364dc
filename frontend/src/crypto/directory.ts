/** What a replay knows of the world outside the log: verified keys and certificates (docs/protocol.md 3.2). */
import { b64 } from './encoding';
import { Ct1Error } from './errors';
import { certificateStands, certifies, isContinuation, parseCertificate, previousFp, rootFingerprint, verifyCertificate, verifyUkr } from './keys';
import type { Certificate, SignedCertificate, SignedUkr, Ukr } from './keys';
import { equal } from './primitives';
import { CertKind, Role, UkrReason } from './tables.gen';
import type { ErrorCode } from './tables.gen';

/** A record that was left out: its place among those of its kind, and the rule that it breaks. */
export type Refused = { readonly kind: 'ukr' | 'certificate'; readonly place: number; readonly code: ErrorCode };

export class Directory {
  /** By fingerprint, in the order in which they were given. */
  readonly #ukrs: ReadonlyMap<string, Ukr>;
  /** By the subject's fingerprint. */
  readonly #certificates: ReadonlyMap<string, readonly Certificate[]>;
  /** What was left out when it was built. */
  readonly refused: readonly Refused[];
  /** The roots' public keys, by fingerprint. */
  readonly roots: ReadonlyMap<string, Uint8Array>;

  constructor(
    ukrs: ReadonlyMap<string, Ukr> = new Map(),
    certificates: ReadonlyMap<string, readonly Certificate[]> = new Map(),
    refused: readonly Refused[] = [],
    roots: ReadonlyMap<string, Uint8Array> = new Map(),
  ) {
    this.#ukrs = ukrs;
    this.#certificates = certificates;
    this.refused = refused;
    this.roots = roots;
  }

  /**
   * Verifies everything once and leaves out what does not hold, so that one rotten record closes no thread. A log that
   * needs what was left out is refused where it needs it, with E_UNKNOWN_KEY or E_CERT.
   */
  static build(ukrs: readonly SignedUkr[], certificates: readonly SignedCertificate[], rootPks: readonly Uint8Array[]): Directory {
    const byFp = new Map<string, Ukr>();
    const refused: Refused[] = [];
    for (const [place, signed] of ukrs.entries()) {
      const ukr = attempt(() => verifyUkr(signed, byFp.get(b64(previousFp(signed.body))) ?? null));
      if (ukr instanceof Ct1Error) refused.push({ kind: 'ukr', place, code: ukr.code });
      else byFp.set(b64(ukr.fp), ukr);
    }
    const roots = new Map(rootPks.map((pk) => [b64(rootFingerprint(pk)), pk]));
    const bySubject = new Map<string, readonly Certificate[]>();
    for (const [place, signed] of certificates.entries()) {
      const verified = attempt(() => verifiedBy(roots, signed));
      if (verified instanceof Ct1Error) {
        refused.push({ kind: 'certificate', place, code: verified.code });
        continue;
      }
      const subject = b64(verified.subjectFp);
      bySubject.set(subject, [...(bySubject.get(subject) ?? []), verified]);
    }
    return new Directory(byFp, bySubject, refused, roots);
  }

  /** Both; what the other has is looked at after what this one has. */
  with(other: Directory): Directory {
    const certificates = new Map(this.#certificates);
    for (const [subject, found] of other.#certificates) certificates.set(subject, [...(certificates.get(subject) ?? []), ...found]);
    return new Directory(new Map([...this.#ukrs, ...other.#ukrs]), certificates, [], new Map([...this.roots, ...other.roots]));
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

  /**
   * The keys that this one continues, each by the signature of the one before it, the latest first. With `rotated`, only
   * as far back as no key was given up for compromised: the word of those still counts.
   */
  chain(fp: Uint8Array, rotated = false): readonly Uint8Array[] {
    const found: Uint8Array[] = [];
    let ukr = this.find(fp);
    while (ukr && (rotated ? ukr.reason === UkrReason.ROTATE : isContinuation(ukr.reason))) {
      found.push(ukr.prevFp);
      ukr = this.find(ukr.prevFp);
    }
    return found;
  }

  /** Whether a newer key of the same person follows this one by its signature. */
  wasContinued(fp: Uint8Array): boolean {
    return [...this.#ukrs.values()].some((later) => this.chain(later.fp).some((one) => equal(one, fp)));
  }

  /** Whether the person has begun anew, without the word of any earlier key, after this one. */
  wasReset(user: Uint8Array, fp: Uint8Array): boolean {
    const { gen } = this.ukr(fp);
    return this.of(user).some((one) => one.gen > gen && one.reason === UkrReason.RESET);
  }

  /** The certificate that ties a key to a role under one of the thread's own roots at a moment; E_CERT. */
  certificate(fp: Uint8Array, user: Uint8Array, role: number, roots: ReadonlyMap<string, Uint8Array>, atMs: number): Certificate {
    const found = this.#standing(fp, user, kindFor(role), roots, atMs).find((one) => certifies(one, role));
    if (!found) throw new Ct1Error('E_CERT', "no certificate under the thread's roots covers this key and role");
    return found;
  }

  /** Throws E_CERT unless a certificate of this kind stands for the key at a moment, in whatever role. */
  requireStanding(fp: Uint8Array, user: Uint8Array, kind: CertKind, roots: ReadonlyMap<string, Uint8Array>, atMs: number): void {
    if (this.#standing(fp, user, kind, roots, atMs).length === 0) throw new Ct1Error('E_CERT', 'no standing certificate of this kind');
  }

  #standing(fp: Uint8Array, user: Uint8Array, kind: CertKind, roots: ReadonlyMap<string, Uint8Array>, atMs: number): Certificate[] {
    return this.certificatesOf(fp).filter((one) => {
      const root = roots.get(b64(one.org));
      const chains = root !== undefined && equal(root, one.issuerFp);
      return one.kind === kind && equal(one.subject, user) && certificateStands(one, atMs) && chains;
    });
  }
}

/**
 * What can be verified of what a server tells about people. A record that does not hold is left out, so that one bad
 * record of one person cannot close every log: a log that needs it fails by name.
 */
export function trustworthy(
  people: readonly { readonly ukrs: readonly SignedUkr[]; readonly certificates: readonly SignedCertificate[] }[],
  rootPks: readonly Uint8Array[],
): Directory {
  return people.reduce((found, one) => found.with(Directory.build(one.ukrs, one.certificates, rootPks)), new Directory());
}

function attempt<Found>(build: () => Found): Found | Ct1Error {
  try {
    return build();
  } catch (error) {
    if (error instanceof Ct1Error) return error;
    throw error;
  }
}

function verifiedBy(roots: ReadonlyMap<string, Uint8Array>, signed: SignedCertificate): Certificate {
  // The issuer is named inside; parsing before verifying is safe, since the name only chooses the key.
  const rootPk = roots.get(b64(parseCertificate(signed.body).issuerFp));
  if (!rootPk) throw new Ct1Error('E_CERT', 'the issuer is no known root');
  return verifyCertificate(signed, rootPk);
}

/** Which certificates speak for a role; a witness's speaks for none. */
export function kindFor(role: number): CertKind {
  if (role === Role.PATIENT) return CertKind.PATIENT;
  return role === Role.REPRESENTATIVE ? CertKind.REPRESENTATIVE : CertKind.STAFF;
}

export function newestRecord(records: readonly Ukr[]): Ukr {
  const [first, ...rest] = records;
  if (!first) throw new Ct1Error('E_UNKNOWN_KEY', 'no key record of this person holds');
  return rest.reduce((best, one) => (one.gen > best.gen ? one : best), first);
}
