/** A witness's side: writing down what a patient said, and signing what a colleague has written down. */
import { fetchPeopleKeys } from '../api/people';
import { bringIn, dropWitnessing, fetchWitnessings, signWitnessing } from '../api/witness';
import { Action, HistoryKind, PURPOSE_TREATMENT } from '../crypto/tables.gen';
import type { RevocationTarget, Vault } from '../crypto/vaultApi';
import type { DirectoryEntry, PatientOut, WitnessingOut } from '../wire.gen';
import { newId } from './bytes';
import { Observable } from './observable';
import { dayOf, roleName } from './words';

export type Method = 'paper' | 'verbal';

/** What the patient said: to whom, what, with how much of the past, until when, and how it was said. */
export type SpokenWish = { person: DirectoryEntry; mayInvite: boolean; withHistory: boolean; until: number; method: Method };

const SPOKEN_ACTIONS = Action.READ | Action.POST | Action.ATTACH | Action.JOIN;

/** The words that both witnesses sign: short, and as the patient would say them. */
export function spokenStatement(patient: PatientOut, wish: SpokenWish, now: number): string {
  const how = wish.method === 'paper' ? 'on paper' : 'by word of mouth';
  return [
    `${patient.name} said ${how}:`,
    `${wish.person.name} (${roleName(wish.person.role)}, ${wish.person.organisation_name}) may read and write in my conversations, and join my calls.`,
    wish.mayInvite ? 'They may ask others in, whom I have permitted.' : '',
    wish.withHistory ? 'They can read what was written before, too.' : 'They cannot read what was written before they join.',
    `This starts on ${dayOf(now)}.`,
    `It ends on ${dayOf(wish.until)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

export class Witnessing {
  /** What waits for another witness among one's patients; null before the first answer. */
  readonly waiting = new Observable<readonly WitnessingOut[] | null>(null);
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  async refresh(): Promise<void> {
    this.waiting.set((await fetchWitnessings()).witnessings);
  }

  /** Writes a permission down with oneself as the first witness; it opens nothing before the second has signed. */
  async permit(patient: PatientOut, wish: SpokenWish): Promise<WitnessingOut> {
    const now = Date.now();
    const statement = spokenStatement(patient, wish, now);
    const [keys] = (await fetchPeopleKeys([wish.person.user])).people;
    if (!keys) throw new Error('This person has no key yet.');
    const body = await this.#vault.draftDirective({
      patient: patient.id,
      voice: 'witnessed',
      effect: 'permit',
      fp: wish.person.fp,
      keys,
      actions: wish.mayInvite ? SPOKEN_ACTIONS | Action.ADMIT : SPOKEN_ACTIONS,
      threads: [],
      labels: [],
      purposes: [PURPOSE_TREATMENT],
      history: wish.withHistory ? HistoryKind.ALL : HistoryKind.NONE,
      historyFrom: 0,
      from: now,
      until: wish.until,
      supersedes: [],
      text: statement,
      server: '{}',
    });
    return this.#bring(patient.id, 'directive', body, statement, wish.method);
  }

  /** Writes down that a patient took something back: in force at once. */
  async withdraw(patient: PatientOut, target: RevocationTarget, method: Method): Promise<WitnessingOut> {
    const body = await this.#vault.draftRevocation(patient.id, target, Date.now(), 'witnessed');
    return this.#bring(patient.id, 'revoke', body, '', method);
  }

  /** The patient has an account by now: with the second witness the patient's own key decides. */
  async handOver(patient: PatientOut): Promise<WitnessingOut> {
    const [keys] = patient.account ? (await fetchPeopleKeys([patient.account])).people : [];
    if (!keys) throw new Error('This patient has no key yet.');
    const body = await this.#vault.draftHandOver(patient.id, keys);
    return this.#bring(patient.id, 'authority', body, '', 'verbal');
  }

  /** Signs as another witness; the vault reads the bytes first and refuses what is not as it is shown. */
  async countersign(one: WitnessingOut): Promise<WitnessingOut> {
    const { kind, patient, body, statement } = one;
    const signer = await this.#vault.signSaid({ kind, patient, body, statement }, Date.now());
    const signed = await signWitnessing(one.id, signer);
    await this.refresh();
    return signed;
  }

  async drop(id: string): Promise<void> {
    await dropWitnessing(id);
    await this.refresh();
  }

  async #bring(patient: string, kind: WitnessingOut['kind'], body: string, statement: string, method: Method): Promise<WitnessingOut> {
    const signer = await this.#vault.signSaid({ kind, patient, body, statement }, Date.now());
    const made = await bringIn(patient, { id: newId(), kind, method, body, signer, statement });
    await this.refresh();
    return made;
  }
}
