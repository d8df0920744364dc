/** How urgent the messages of each thread are and who has acknowledged them, as far as the signatures hold. */
import * as api from '../api/urgency';
import { codeOf, inWords, Offline } from '../api/errors';
import { AddresseeKind, Priority } from '../crypto/tables.gen';
import type { UrgencyWish, Vault, VerifiedUrgencies, VerifiedUrgency } from '../crypto/vaultApi';
import { Observable } from './observable';
import { clockOf } from './words';

export type Urgent = { said: VerifiedUrgency | null; acks: { user: string; at: number }[] };
export type ThreadUrgency = { byMessage: ReadonlyMap<string, Urgent>; refused: number; trouble: string };

/** The refusals after which an urgency is tried again with its message. */
const LATER = new Set(['offline', 'busy', 'unavailable', 'PDP_UNAVAILABLE', 'internal']);
const NONE: ThreadUrgency = { byMessage: new Map(), refused: 0, trouble: '' };

export class Urgencies {
  readonly #vault: Vault;
  readonly #views = new Map<string, Observable<ThreadUrgency>>();

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  of(thread: string): Observable<ThreadUrgency> {
    const known = this.#views.get(thread) ?? new Observable(NONE);
    this.#views.set(thread, known);
    return known;
  }

  /** Fetches and verifies; a thread that is not open, or no network, leaves what is shown. */
  async refresh(thread: string): Promise<void> {
    try {
      const found = await this.#vault.readUrgencies(thread, await api.fetchUrgencies(thread));
      this.of(thread).update((view) => ({ ...view, byMessage: together(found), refused: found.refused }));
    } catch (error) {
      if (!(error instanceof Offline) && codeOf(error) !== 'not_found' && codeOf(error) !== 'no_thread') throw error;
    }
  }

  /** Says of a message that is on the server how urgent it is; throws only what is worth trying again. */
  async raise(thread: string, msgId: string, wish: UrgencyWish): Promise<void> {
    try {
      await api.raiseUrgency(thread, await this.#vault.signUrgency(thread, msgId, wish, Date.now()));
    } catch (error) {
      const code = codeOf(error);
      if (LATER.has(code)) throw error;
      // Words of an earlier try stand: its answer was lost, and this one was signed a moment later.
      if (code !== 'said_otherwise') this.of(thread).update((view) => ({ ...view, trouble: `Your message is there, and nobody was alerted: ${inWords(error)}` }));
    }
    await this.refresh(thread);
  }

  async acknowledge(thread: string, msgId: string): Promise<void> {
    await api.acknowledge(thread, await this.#vault.signAck(thread, msgId, Date.now()));
    await this.refresh(thread);
  }
}

function together(found: VerifiedUrgencies): Map<string, Urgent> {
  const byMessage = new Map<string, Urgent>();
  const at = (msgId: string): Urgent => {
    const known = byMessage.get(msgId) ?? { said: null, acks: [] };
    byMessage.set(msgId, known);
    return known;
  };
  for (const one of found.urgencies) at(one.msgId).said = one;
  for (const { msgId, user, at: when } of found.acks) at(msgId).acks.push({ user, at: when });
  return byMessage;
}

/** What a line of the timeline says of a message's urgency; '' for nothing. */
export function urgencyWords({ said, acks }: Urgent, nameOf: (user: string) => string): string {
  if (acks.length) return acks.map(({ user, at }) => `Acknowledged by ${nameOf(user)} at ${clockOf(at)}`).join(' · ');
  if (!said || said.state === 'noted') return '';
  const told = said.steps.filter((step) => step.outcome === 'told').map((step) => nameOf(step.user ?? ''));
  const last = told[told.length - 1];
  if (said.state === 'unanswered') return told.length ? `Nobody has answered. Told: ${told.join(', ')}. Please call.` : 'Nobody who was asked may read this, so nobody was alerted. Please call.';
  const until = said.dueAt === null ? '' : ` until ${clockOf(said.dueAt)}`;
  return told.length > 1 ? `Escalated to ${last ?? 'the next'}, waiting${until}` : `Waiting for ${last ?? 'an answer'}${until}`;
}

export const PRIORITY_WORDS: Record<Priority, string> = { [Priority.ROUTINE]: 'Routine', [Priority.IMPORTANT]: 'Important', [Priority.URGENT]: 'Urgent' };
export const PERSON = AddresseeKind.PERSON;
export const ROLE = AddresseeKind.ROLE;

/** Minutes of a day as a clock shows them, and back. */
export const clockText = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
export function minuteOf(text: string): number | null {
  const found = /^(\d{2}):(\d{2})$/.exec(text);
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}
