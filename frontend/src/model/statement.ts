/** The sentence a patient signs: its hash stands in the directive as evidence of what was agreed to. */
import type { AdmissionRequest } from '../wire.gen';
import { actionWords, dayOf, inSentence, roleName } from './words';

export const LENGTHS = [
  { id: 'month', name: 'For one month' },
  { id: 'quarter', name: 'For three months' },
  { id: 'half', name: 'For six months' },
  { id: 'year', name: 'For one year' },
] as const;

export type LengthId = (typeof LENGTHS)[number]['id'];

const MONTHS: Record<LengthId, number> = { month: 1, quarter: 3, half: 6, year: 12 };

export function untilOf(length: LengthId, now: number): number {
  const end = new Date(now);
  end.setMonth(end.getMonth() + MONTHS[length]);
  return end.getTime();
}

export function statementOf(request: AdmissionRequest, wish: { history: 'all' | 'none'; until: number; now: number }): string {
  const acts = inSentence(actionWords(request.actions).map((words) => words.replace('about you', 'about me')));
  const before = wish.history === 'all' ? 'including what was written before' : 'but nothing that was written before today';
  return `I permit ${request.invitee_name} (${roleName(request.role)}, ${request.invitee_organisation_name}) to ${acts}, ${before}, from ${dayOf(wish.now)} until ${dayOf(wish.until)}.`;
}
