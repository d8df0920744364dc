/** A witness's side: writing down what a patient said, and signing what a colleague has written down. */
import { fetchPeopleKeys } from '../api/people';
import { bringIn, dropWitnessing, fetchWitnessings, signWitnessing } from '../api/witness';
import { Action, HistoryKind, PURPOSE_TREATMENT } from '../crypto/tables.gen';
import type { RevocationTarget, Vault } from '../crypto/vaultApi';
import type { DirectoryEntry, PatientOut, PersonKeys, WitnessingOut } from '../wire.gen';
import { newId } from './bytes';
import { Observable } from './observable';
import { dayOf, roleName } from './words';

export type Method = 'paper' | 'verbal';

/** What the patient said: to whom, what, with how much of the past, until when, and how it was said. */
export type SpokenWish = { person: Pick<DirectoryEntry, 'user' | 'name' | 'role' | 'organisation_name'>; mayInvite: boolean; withHistory: boolean; until: number; method: Method };

const SPOKEN_ACTIONS = Action.READ | Action.POST | Action.ATTACH | Action.JOIN;

/** The words that both witnesses sign: short, and as the patient would say them. */
export function spokenStatement(patient: { name: string }, wish: SpokenWish, now: number): string {
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
  async permit(patient: PatientOut, wish: SpokenWish & { person: DirectoryEntry }): Promise<WitnessingOut> {
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
    return this.#bring(patient.id, 'directive', { body, statement, method: wish.method, keys });
  }

  /** Writes down that a patient took something back: in force at once. */
  async withdraw(patient: PatientOut, target: RevocationTarget, method: Method): Promise<WitnessingOut> {
    const body = await this.#vault.draftRevocation(patient.id, target, Date.now(), 'witnessed');
    return this.#bring(patient.id, 'revoke', { body, statement: '', method, keys: null });
  }

  /** The patient has an account by now: with the second witness the patient's own key decides. */
  async handOver(patient: PatientOut): Promise<WitnessingOut> {
    const [keys] = patient.account ? (await fetchPeopleKeys([patient.account])).people : [];
    if (!keys) throw new Error('This patient has no key yet.');
    const body = await this.#vault.draftHandOver(patient.id, keys);
    return this.#bring(patient.id, 'authority', { body, statement: '', method: 'verbal', keys });
  }

  /** Signs as another witness; the vault reads the bytes first and refuses what is not as it is shown. */
  async countersign(one: WitnessingOut): Promise<WitnessingOut> {
    const { kind, patient, body, statement } = one;
    if (kind === 'revoke') throw new Error('This ends a protection of the patient’s. It cannot be signed here.');
    if (!one.about) throw new Error('This is not about one person. It cannot be signed here.');
    if (kind === 'directive') await this.#checkWords(one, one.about);
    const [keys = null] = (await fetchPeopleKeys([one.about.user])).people;
    const signer = await this.#vault.signSaid({ kind, patient, body, statement, keys }, Date.now());
    const signed = await signWitnessing(one.id, signer);
    await this.refresh();
    return signed;
  }

  /** The words are made again of what the bytes say: a hash binds words alone, and a colleague may have lied. */
  async #checkWords(one: WitnessingOut, person: SpokenWish['person']): Promise<void> {
    const { actions, history, from, until } = await this.#vault.readSaid(one.body);
    const wish = { person, method: one.method, mayInvite: (actions & Action.ADMIT) !== 0, withHistory: history === HistoryKind.ALL, until };
    if (spokenStatement({ name: one.patient_name }, wish, from) !== one.statement) {
      throw new Error('The words are not what would be signed. Do not sign; ask who wrote this.');
    }
  }

  async drop(id: string): Promise<void> {
    await dropWitnessing(id);
    await this.refresh();
  }

  async #bring(patient: string, kind: WitnessingOut['kind'], said: { body: string; statement: string; method: Method; keys: PersonKeys | null }): Promise<WitnessingOut> {
    const { body, statement, method, keys } = said;
    const signer = await this.#vault.signSaid({ kind, patient, body, statement, keys }, Date.now());
    const made = await bringIn(patient, { id: newId(), kind, method, body, signer, statement });
    await this.refresh();
    return made;
  }
}
