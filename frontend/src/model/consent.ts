/** The patient's side: what is asked, what is permitted, and signing, renewing and withdrawing it. */
import { fetchDirectives, fetchNotices, giveDirective, giveRevocation, rehearse, reviewDirective } from '../api/consent';
import { fetchPeopleKeys } from '../api/people';
import { fetchRequests, refuseInvitation } from '../api/threads';
import { PURPOSE_TREATMENT } from '../crypto/tables.gen';
import type { DirectiveWish, RevocationTarget, Vault } from '../crypto/vaultApi';
import type { AdmissionRequest, DirectiveOut, NoticesOut } from '../wire.gen';
import { Observable } from './observable';
import { permissionOf, type Permission } from './permissions';
import { rehearsalOf, type Rehearsal } from './rehearsal';
import type { Threads } from './threads';

/** What the signer chose of what was asked: never more than that. */
export type Agreement = { actions: number; history: number; historyFrom: number; from: number; until: number; statement: string };

/** For whom a person decides: themselves, or a patient for whom they act. */
export type Standpoint = { patient: string; voice: 'patient' | 'representative' };

export class Consent {
  readonly requests = new Observable<readonly AdmissionRequest[] | null>(null);
  readonly permissions = new Observable<readonly Permission[] | null>(null);
  readonly notices = new Observable<NoticesOut | null>(null);
  readonly #vault: Vault;
  readonly #threads: Threads;
  readonly #of: Standpoint | null;

  constructor(parts: { vault: Vault; threads: Threads; of: Standpoint | null }) {
    this.#vault = parts.vault;
    this.#threads = parts.threads;
    this.#of = parts.of;
  }

  async refresh(): Promise<void> {
    if (this.#of === null) return;
    const { patient } = this.#of;
    try {
      const asked = (await fetchRequests(patient)).requests;
      const [given, notices] = await Promise.all([fetchDirectives(patient), fetchNotices(patient)]);
      this.requests.set(asked.filter((one) => one.state === 'asked'));
      this.notices.set(notices);
      const ends = new Map(notices.endings.map((end) => [end.directive, end]));
      this.permissions.set(given.directives.map((one: DirectiveOut) => permissionOf(one, ends.get(one.id))));
    } catch {
      // What is on the screen stays; the next reconnect asks again.
      return;
    }
  }

  get patient(): string {
    return this.#own().patient;
  }

  #own(): Standpoint {
    if (this.#of === null) throw new Error('Only the patient decides.');
    return this.#of;
  }

  #wish(request: AdmissionRequest, agreed: Agreement): DirectiveWish {
    return {
      ...this.#own(),
      effect: 'permit',
      fp: request.fp,
      keys: request.keys,
      actions: agreed.actions & request.actions,
      threads: [request.thread],
      labels: request.labels,
      purposes: [PURPOSE_TREATMENT],
      history: agreed.history,
      historyFrom: agreed.historyFrom,
      from: agreed.from,
      until: agreed.until,
      supersedes: [],
      text: agreed.statement,
      server: '{}',
    };
  }

  /** Who would see what if this were signed; fails (E_CERT) where no organisation vouches for the person. */
  async rehearseAgreement(request: AdmissionRequest, agreed: Agreement): Promise<Rehearsal> {
    const body = await this.#vault.draftDirective(this.#wish(request, agreed));
    return rehearsalOf(await rehearse(this.patient, { kind: 'directive', body }));
  }

  async rehearseWithdrawal(permissions: readonly Permission[]): Promise<Rehearsal> {
    const body = await this.#vault.draftRevocation(this.patient, targetOf(permissions), Date.now());
    return rehearsalOf(await rehearse(this.patient, { kind: 'revocation', body }));
  }

  /** Checks the invitee's certificate (in the vault), signs, hands it to the server, then lets the person in. */
  async agree(request: AdmissionRequest, agreed: Agreement): Promise<void> {
    await this.#give(this.#wish(request, agreed), [request.thread]);
  }

  async refuse(request: AdmissionRequest): Promise<void> {
    await refuseInvitation(request.id);
    await this.refresh();
  }

  /** The same permission for longer: a new one that takes the place of the old. */
  async renew(permission: Permission, renewed: { until: number; statement: string }): Promise<void> {
    if (permission.user === null) throw new Error('Only a permission to a person can be renewed.');
    const [keys] = (await fetchPeopleKeys([permission.user])).people;
    if (!keys) throw new Error('This person has no key any more.');
    const wish: DirectiveWish = {
      ...this.#own(),
      effect: 'permit',
      fp: permission.grantee,
      keys,
      actions: permission.actions,
      threads: permission.threads,
      labels: permission.labels,
      purposes: permission.purposes,
      history: permission.historyKind,
      historyFrom: permission.historyFrom,
      from: Date.now(),
      until: renewed.until,
      supersedes: [permission.id],
      text: renewed.statement,
      server: permission.server,
    };
    await this.#give(wish, permission.threads);
  }

  /** It was looked at and is right as it is. */
  async keep(permission: Permission): Promise<void> {
    await reviewDirective(this.patient, permission.id);
    await this.refresh();
  }

  /** One act: signed, in force on the server at once, and then written into each log so that nobody seals to them. */
  async withdraw(permissions: readonly Permission[]): Promise<void> {
    const { patient } = this.#own();
    const signed = await this.#vault.signRevocation(patient, targetOf(permissions), Date.now());
    await giveRevocation(patient, { body: signed.body, signers: [{ fp: signed.fp, sig: signed.sig }] });
    const threads = permissions.some((one) => one.threads.length === 0) ? [] : permissions.flatMap((one) => one.threads);
    await this.#carry(threads);
  }

  async #give(wish: DirectiveWish, threads: readonly string[]): Promise<void> {
    const signed = await this.#vault.signDirective(wish);
    await giveDirective(wish.patient, { body: signed.body, signers: [{ fp: signed.fp, sig: signed.sig }], statement: wish.text, keep_both: false });
    await this.#carry(threads);
  }

  /** Writes what was said into the logs concerned; none named means every one of the patient's that is open here. */
  async #carry(threads: readonly string[]): Promise<void> {
    const { patient } = this.#own();
    const all = (this.#threads.list.get() ?? []).filter((one) => one.patient === patient).map((one) => one.id);
    const concerned = threads.length ? [...new Set(threads)].filter((id) => all.includes(id)) : all;
    await Promise.all(concerned.map((id) => this.#threads.open(id).refresh()));
    await this.refresh();
  }
}

/** One permission by its id; several of one person in one act, so that none is left standing for a moment. */
function targetOf(permissions: readonly Permission[]): RevocationTarget {
  const [first] = permissions;
  if (!first) throw new Error('Nothing to withdraw.');
  return permissions.length === 1 ? { directive: first.id } : { grantee: first.grantee };
}

