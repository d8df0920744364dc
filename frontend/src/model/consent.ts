/** The patient's side: what is asked, what is permitted, and signing and withdrawing it. */
import { fetchDirectives, giveDirective, giveRevocation } from '../api/consent';
import { fetchRequests, refuseInvitation } from '../api/threads';
import { GranteeKind, HistoryKind, PURPOSE_TREATMENT } from '../crypto/tables.gen';
import type { AdmissionRequest, DirectiveOut } from '../wire.gen';
import { Observable } from './observable';
import type { Threads } from './threads';
import type { Vault } from '../crypto/vaultApi';
import { dayOf } from './words';

export type Permission = {
  id: string;
  who: string;
  detail: string;
  isDeny: boolean;
  actions: number;
  history: 'all' | 'none' | 'date';
  from: number;
  until: number;
  state: 'active' | 'withdrawn' | 'ended';
  threads: string[];
};

export type Agreement = { history: 'all' | 'none'; until: number; statement: string };

function historyOf(directive: DirectiveOut): Permission['history'] {
  if (directive.history === HistoryKind.ALL) return 'all';
  return directive.history === HistoryKind.FROM_DATE ? 'date' : 'none';
}

function granteeOf(directive: DirectiveOut): string {
  if (directive.grantee_name) return directive.grantee_name;
  if (directive.grantee_kind === GranteeKind.ROLE) return `Everybody on your care team who is a ${directive.grantee_role}`;
  return directive.grantee_organisation ? `Everybody at ${directive.grantee_organisation}` : 'Everybody on your care team';
}

function permissionOf(directive: DirectiveOut): Permission {
  const place = [directive.grantee_role, directive.grantee_organisation].filter(Boolean).join(' · ');
  const ended = directive.ended_at === null ? '' : `Ended ${dayOf(directive.ended_at)}.`;
  return {
    id: directive.id,
    who: granteeOf(directive),
    detail: [place, directive.labels.length ? `Covers ${directive.labels.join(', ')}` : '', ended].filter(Boolean).join(' · '),
    isDeny: directive.effect === 'deny',
    actions: directive.actions,
    history: historyOf(directive),
    from: directive.nbf,
    until: directive.exp,
    state: directive.state === 'active' || directive.state === 'not_yet' ? 'active' : directive.state === 'revoked' ? 'withdrawn' : 'ended',
    threads: directive.threads,
  };
}

export class Consent {
  readonly requests = new Observable<readonly AdmissionRequest[] | null>(null);
  readonly permissions = new Observable<readonly Permission[] | null>(null);
  readonly #vault: Vault;
  readonly #threads: Threads;
  readonly #patient: string | null;

  constructor(parts: { vault: Vault; threads: Threads; patient: string | null }) {
    this.#vault = parts.vault;
    this.#threads = parts.threads;
    this.#patient = parts.patient;
  }

  async refresh(): Promise<void> {
    if (this.#patient === null) return;
    try {
      const [asked, given] = await Promise.all([fetchRequests(this.#patient), fetchDirectives(this.#patient)]);
      this.requests.set(asked.requests.filter((one) => one.state === 'asked'));
      this.permissions.set(given.directives.map(permissionOf));
    } catch {
      // What is on the screen stays; the next reconnect asks again.
      return;
    }
  }

  #own(): string {
    if (this.#patient === null) throw new Error('Only the patient decides.');
    return this.#patient;
  }

  /** Checks the invitee's certificate (in the vault), signs, hands it to the server, then lets the person in. */
  async agree(request: AdmissionRequest, agreed: Agreement): Promise<void> {
    const patient = this.#own();
    const now = Date.now();
    const signed = await this.#vault.signDirective({
      patient,
      effect: 'permit',
      fp: request.fp,
      keys: request.keys,
      actions: request.actions,
      threads: [request.thread],
      labels: request.labels,
      purposes: [PURPOSE_TREATMENT],
      history: agreed.history === 'all' ? HistoryKind.ALL : HistoryKind.NONE,
      historyFrom: 0,
      from: now,
      until: agreed.until,
      supersedes: [],
      text: agreed.statement,
      server: '{}',
    });
    await giveDirective(patient, { body: signed.body, signers: [{ fp: signed.fp, sig: signed.sig }], keep_both: false, statement: agreed.statement });
    await this.#threads.open(request.thread).refresh();
    await this.refresh();
  }

  async refuse(request: AdmissionRequest): Promise<void> {
    await refuseInvitation(request.id);
    await this.refresh();
  }

  /** One act: signed, in force on the server at once, and then written into each log so that nobody seals to them. */
  async withdraw(permission: Permission): Promise<void> {
    const patient = this.#own();
    const signed = await this.#vault.signRevocation(patient, permission.id, Date.now());
    await giveRevocation(patient, { body: signed.body, signers: [{ fp: signed.fp, sig: signed.sig }] });
    const concerned = permission.threads.length ? permission.threads : (this.#threads.list.get() ?? []).map((thread) => thread.id);
    await Promise.all(concerned.map((thread) => this.#threads.open(thread).refresh()));
    await this.refresh();
  }
}
