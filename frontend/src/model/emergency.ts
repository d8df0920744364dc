/** Emergency access as its clinician, a co-signer, the officer and the patient meet it; its words stand here too. */
import * as api from '../api/emergency';
import { ApiError, codeOf } from '../api/errors';
import { fetchProfile } from '../api/office';
import { fetchPeopleKeys } from '../api/people';
import * as threads from '../api/threads';
import { ContentType } from '../crypto/tables.gen';
import { bodyOf, nameOf, speechOf, visible, type Heard } from './speech';
import type { Vault } from '../crypto/vaultApi';
import type { LiveSocket } from '../live/socket';
import type { EmergenciesOut, EmergencyChanged, EmergencyIn, EmergencyOut, EmergencyThread, PersonKeys } from '../wire.gen';
import { newId } from './bytes';
import { Observable } from './observable';

export type Category = EmergencyIn['categories'][number];
export type Outcome = Exclude<EmergencyOut['outcome'], ''>;
export type ReasonCode = EmergencyIn['reason_code'];

export const CATEGORY_WORDS: Record<Category, string> = {
  message: 'Messages',
  medication: 'Medicines',
  allergy: 'Allergies',
  crisis_plan: 'Crisis plan',
  diagnosis: 'Diagnoses',
  screening: 'Questionnaires',
};

export const REASON_WORDS: Record<ReasonCode, string> = {
  unconscious: 'Unconscious or not able to answer',
  suicide_risk: 'Danger of suicide',
  overdose: 'Overdose or poisoning',
  violence: 'Violence, or danger to others',
  acute_illness: 'Sudden severe illness',
  other: 'Something else',
};

export const OUTCOME_WORDS: Record<Outcome, string> = {
  justified: 'It was justified',
  not_justified: 'It was not justified',
  escalated: 'It is being looked into further',
};

export type ReadMessage = { seq: number; at: number; sender: string; text: string };
export type Reading = { messages: ReadMessage[]; unreadable: number };

const PAGE = 200;
const TRIES = 5;
const LOG_MOVED = ['E_LOG_SEQ', 'E_LOG_PREV', 'conflict'];

/** Whether a patient's organisation lets new conversations be opened in an emergency; where it will not say, they may. */
export async function allowsEmergencies(organisation: string): Promise<boolean> {
  try {
    return (await fetchProfile(organisation)).emergency_hours > 0;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return true;
    throw error;
  }
}

const wishOf = (one: EmergencyOut, exp: number) => ({
  id: one.id,
  user: one.user,
  fp: one.fp,
  role: one.role,
  reason: `${one.reason_code}: ${one.reason}`,
  exp,
});

export class Emergencies {
  readonly list = new Observable<EmergenciesOut | null>(null);
  /** Goes up whenever an emergency that concerns this person has moved. */
  readonly version = new Observable(0);
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  attach(live: LiveSocket): void {
    live.on<EmergencyChanged>('emergency.changed', () => {
      this.version.update((count) => count + 1);
      void this.refresh().catch(() => undefined);
    });
  }

  async refresh(): Promise<void> {
    this.list.set(await api.fetchEmergencies());
  }

  async declare(patient: string, wish: Omit<EmergencyIn, 'id' | 'attest'>): Promise<EmergencyOut> {
    const made = await api.declareEmergency(patient, { ...wish, id: newId(), attest: true });
    if (made.state === 'open') await this.askForKeys(made);
    await this.refresh();
    return made;
  }

  /** Into the log of each conversation that it reaches: from there every member's app reads it, and one of them answers. */
  async askForKeys(one: EmergencyOut): Promise<void> {
    for (const thread of one.threads) if (thread.keys === 'declared') await this.#append(one, thread);
  }

  async #append(one: EmergencyOut, thread: EmergencyThread): Promise<void> {
    const cosigned = thread.cosigned ?? null;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      await this.#open(thread.thread, [one.user, ...(one.cosigner ? [one.cosigner] : [])]);
      const batch = await this.#vault.declareEmergency(thread.thread, wishOf(one, one.expires_at), cosigned, Date.now());
      try {
        await threads.appendLog(thread.thread, batch);
        return;
      } catch (error) {
        if (!LOG_MOVED.includes(codeOf(error))) throw error;
      }
    }
  }

  /** `besides` are people whom the log does not name yet: who declares, who co-signed. */
  async #open(thread: string, besides: readonly string[] = []): Promise<PersonKeys[]> {
    const entries = [];
    for (;;) {
      const page = await threads.fetchLog(thread, entries.length - 1);
      entries.push(...page.entries);
      if (entries.length > page.seq || page.entries.length === 0) break;
    }
    const named = (await threads.fetchThreadKeys(thread)).people;
    const more = besides.filter((user) => !named.some((one) => one.user === user));
    const people = more.length ? [...named, ...(await fetchPeopleKeys(more)).people] : named;
    const { seals } = await threads.fetchSeals(thread);
    await this.#vault.openThread(thread, { entries, people, seals, now: Date.now() });
    return people;
  }

  /** What can be read now, oldest first; nothing of it is kept on this device. */
  async read(thread: string): Promise<Reading> {
    const people = await this.#open(thread);
    const names = new Map(people.map((person) => [person.user, person.name]));
    const heard: Heard[] = [];
    let unreadable = 0;
    for (let after = 0; ; ) {
      const page = await threads.fetchMessages(thread, { after, limit: PAGE });
      const opened = await this.#vault.openMessages(thread, page.messages);
      page.messages.forEach((row, index) => {
        const one = opened[index];
        after = row.seq;
        if (one?.ok) heard.push({ seq: row.seq, at: row.at, opened: one.message });
        else unreadable += 1;
      });
      if (page.messages.length === 0 || after >= page.head) return { messages: readIn(heard, names), unreadable };
    }
  }

  async close(thread: string): Promise<void> {
    await this.#vault.closeThread(thread);
  }

  async cosign(one: EmergencyOut): Promise<void> {
    const exp = Date.now() + one.hours * 3_600_000;
    const flagged = one.threads.filter((thread) => thread.flagged).map((thread) => thread.thread);
    const signatures = await this.#vault.cosignEmergency(wishOf(one, exp), flagged);
    await api.cosignEmergency(one.id, { exp, signatures });
    await this.refresh();
  }

  async end(id: string): Promise<void> {
    await api.endEmergency(id);
    await this.refresh();
  }

  async review(id: string, outcome: Outcome, note: string): Promise<void> {
    await api.reviewEmergency(id, { outcome, note });
    await this.refresh();
  }
}

/** The texts as they stand: of what was taken back nobody is shown a word, in an emergency neither. */
function readIn(heard: readonly Heard[], names: ReadonlyMap<string, string>): Reading['messages'] {
  const speech = speechOf(heard);
  return heard.flatMap(({ seq, at, opened }) => {
    if (opened?.ctype !== ContentType.TEXT && opened?.ctype !== ContentType.SUBJECT) return [];
    const said = speech.get(nameOf(opened.sender, opened.msgId));
    const text = said?.takenBack ? 'This message was taken back.' : visible(said?.versions.at(-1)?.text ?? bodyOf(opened).text);
    return [{ seq, at, sender: names.get(opened.sender) ?? '', text }];
  });
}

/** How the content of a conversation is had, said as it is. */
export function keysInWords(thread: EmergencyThread): string {
  const told = thread.members === 1 ? 'One person was told.' : `${thread.members} people were told.`;
  switch (thread.keys) {
    case 'given':
      return 'The keys are here. You can read it.';
    case 'impossible':
      return 'This conversation was begun without emergency access. Nobody can open it so.';
    case 'declared':
      return 'The request for its keys is on the way.';
    case 'waiting':
      return thread.members_online > 0
        ? `${told} ${thread.members_online === 1 ? 'One of them was' : `${thread.members_online} of them were`} here within the last minute: it opens as soon as one of their apps answers.`
        : `Nobody who holds the keys is online. ${told} You will see the messages as soon as one of them is.`;
    default:
      return thread.keys satisfies never;
  }
}
