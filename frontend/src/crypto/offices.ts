/** Who signed a consent object, and whether they were entitled to: the rules in italics of docs/protocol.md 4.2. */
import type { Directory } from './directory';
import type { Directive } from './directives';
import { b64 } from './encoding';
import type { Signed } from './entries';
import { Ct1Error } from './errors';
import type { Ukr } from './keys';
import { equal, verify } from './primitives';
import type { ThreadState } from './state';
import { AuthKind, CertKind, Effect, GranteeKind, Role } from './tables.gen';
import type { ErrorCode } from './tables.gen';

const NO_FP = new Uint8Array(32);

/** The signatures of one object, judged in a thread at a moment; `code` is for a signer who has no say in it. */
export class Signing {
  readonly #state: ThreadState;
  readonly #payload: Signed;
  readonly #label: string;
  readonly #code: ErrorCode;
  readonly #directory: Directory;
  readonly #ts: number;

  constructor(state: ThreadState, payload: Signed, label: string, code: ErrorCode, directory: Directory, ts: number) {
    this.#state = state;
    this.#payload = payload;
    this.#label = label;
    this.#code = code;
    this.#directory = directory;
    this.#ts = ts;
  }

  get isWitnessed(): boolean {
    return this.#state.authority.kind === AuthKind.WITNESSED;
  }

  /** The accounts of those who signed; E_UNKNOWN_KEY. */
  get users(): ReadonlySet<string> {
    return new Set(this.#ukrs().map((ukr) => b64(ukr.user)));
  }

  /** At least `needed` of those who consent in this thread: its authorities, or witnesses where it has none. */
  requireAuthority(needed: number): void {
    if (this.isWitnessed) {
      this.requireWitnesses(needed);
      return;
    }
    const known = new Set(this.#state.authority.people.flatMap(({ fp }) => [fp, ...this.#directory.chain(fp, true)]).map(b64));
    const { signers } = this.#payload;
    if (signers.length === 0 || signers.some((signer) => !known.has(b64(signer.fp)))) {
      throw new Ct1Error(this.#code, 'signed by somebody who is no authority of this thread');
    }
    this.#requireDifferentPeople(needed);
  }

  /** At least `needed` different people who hold a witness's certificate. */
  requireWitnesses(needed: number): void {
    if (this.#payload.signers.length === 0) throw new Ct1Error(this.#code, 'nobody witnessed it');
    this.#requireDifferentPeople(needed);
    for (const ukr of this.#ukrs()) {
      this.#directory.requireStanding(ukr.fp, ukr.user, CertKind.WITNESS, this.#state.roots, this.#ts);
    }
  }

  /** The object names one of its signers, or for witnessed consent nobody. */
  requireNamed(authFp: Uint8Array): void {
    if (this.isWitnessed) {
      if (!equal(authFp, NO_FP)) throw new Ct1Error(this.#code, 'what is witnessed names no authority');
    } else if (!this.#payload.signers.some((signer) => equal(signer.fp, authFp))) {
      throw new Ct1Error(this.#code, 'the named authority did not sign');
    }
  }

  /** Representatives give consent while their certificates stand, and no longer: a guardian's office ends. */
  requireOffice(): void {
    const { kind } = this.#state.authority;
    if (kind !== AuthKind.REPRESENTATIVE && kind !== AuthKind.QUORUM) return;
    for (const ukr of this.#ukrs()) this.#directory.certificate(ukr.fp, ukr.user, Role.REPRESENTATIVE, this.#state.roots, this.#ts);
  }

  /**
   * Nobody witnesses what concerns them: not the person whose key it names, nor a member whom a permit matches. That no
   * certificate *later* brings a witness under the permit is settled by `ThreadState.granteeMatches`.
   */
  requireDisinterest(directive: Directive): void {
    const state = this.#state;
    let concerned: string[] = [];
    if (directive.granteeKind === GranteeKind.KEY) concerned = [b64(this.#directory.ukr(directive.grantee).user)];
    else if (directive.effect === Effect.PERMIT) {
      concerned = [...state.parts.members.values()].filter((one) => state.granteeMatches(directive, one)).map((one) => b64(one.user));
    }
    const { users } = this;
    if (concerned.some((user) => users.has(user))) throw new Ct1Error(this.#code, 'nobody witnesses what concerns them');
  }

  /** Staff who co-signed an emergency: different people, and not the one who declares it; E_QUORUM. */
  requireCosigners(author: Uint8Array): void {
    const { signers } = this.#payload;
    const users = [b64(author)];
    for (const signer of signers) {
      const ukr = this.#directory.ukr(signer.fp);
      verify(ukr.signPk, this.#label, this.#payload.body, signer.sig);
      this.#directory.requireStanding(ukr.fp, ukr.user, CertKind.STAFF, this.#state.roots, this.#ts);
      users.push(b64(ukr.user));
    }
    if (new Set(users).size !== users.length) throw new Ct1Error('E_QUORUM', 'nobody co-signs their own emergency, or twice');
  }

  #ukrs(): Ukr[] {
    return this.#payload.signers.map((signer) => this.#directory.ukr(signer.fp));
  }

  #requireDifferentPeople(needed: number): void {
    const { signers, body } = this.#payload;
    const fps = signers.map((signer) => b64(signer.fp));
    if (new Set(fps).size !== fps.length || fps.length < needed) throw new Ct1Error('E_QUORUM', 'too few signed, or a key twice');
    for (const signer of signers) verify(this.#directory.ukr(signer.fp).signPk, this.#label, body, signer.sig);
    // Two generations of one person's keys are one person.
    if (this.users.size !== fps.length) throw new Ct1Error('E_QUORUM', 'one person counts once');
  }
}
