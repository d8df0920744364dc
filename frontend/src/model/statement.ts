/**
 * What a permission says, in short sentences: those that a patient signs (their hash stands in the directive), and
 * those that stand on the patient's pages. `owner` is the patient's first name where somebody else reads.
 */
import { Action, HistoryKind } from '../crypto/tables.gen';
import type { AdmissionRequest } from '../wire.gen';
import type { Permission } from './permissions';
import { actionWords, dayOf, inSentence, labelWords, roleName } from './words';

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

type Whose = { conversations: string; conversation: string; calls: string };

const MY: Whose = { conversations: 'my conversations', conversation: 'this conversation', calls: 'my calls' };
const YOUR: Whose = { conversations: 'your conversations', conversation: 'one of your conversations', calls: 'your calls' };

function whoseOf(owner: string): Whose {
  return owner ? { conversations: `${owner}’s conversations`, conversation: `one of ${owner}’s conversations`, calls: `${owner}’s calls` } : YOUR;
}

const MAIN = Action.READ | Action.POST | Action.JOIN;

/** "read and write in …, and join your calls": the main acts of a permission, and the rarer ones apart. */
function actsOf(actions: number, place: string, whose: Whose, and: string): { main: string; extras: string[] } {
  const inside = [actions & Action.READ ? 'read' : '', actions & Action.POST ? 'write' : ''].filter(Boolean).join(` ${and} `);
  const parts = [inside ? `${inside} in ${place}` : '', actions & Action.JOIN ? `join ${whose.calls}` : ''].filter(Boolean);
  const extras = actionWords(actions & ~MAIN);
  if (parts.length === 0) return { main: inList(extras, and), extras: [] };
  return { main: parts.join(inside && parts.length > 1 ? `, ${and} ` : ''), extras };
}

function inList(parts: readonly string[], and: string): string {
  return and === 'and' ? inSentence(parts) : parts.join(` ${and} `);
}

function historySentence(history: number, from: number): string {
  if (history === HistoryKind.ALL) return 'They can read what was written before, too.';
  if (history === HistoryKind.FROM_DATE) return `They can read what was written from ${dayOf(from)}.`;
  return 'They cannot read what was written before they join.';
}

/** The words of the permission to one person who asked, as the patient signs them. */
export function statementOf(
  request: AdmissionRequest,
  wish: { actions: number; history: number; historyFrom: number; from: number; until: number },
  owner = '',
): string {
  const whose = owner ? whoseOf(owner) : MY;
  const { main, extras } = actsOf(wish.actions, whose.conversation, whose, 'and');
  return [
    `${request.invitee_name} (${roleName(request.role)}, ${request.invitee_organisation_name}) may ${main}.`,
    ...extras.map((extra) => `They may ${extra}.`),
    historySentence(wish.history, wish.historyFrom),
    `This starts on ${dayOf(wish.from)}.`,
    `It ends on ${dayOf(wish.until)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** The words of the same permission for longer. */
export function renewalOf(permission: Permission, until: number, now: number, owner = ''): string {
  const whose = owner ? whoseOf(owner) : MY;
  const place = permission.threads.length === 1 ? whose.conversation : whose.conversations;
  const { main, extras } = actsOf(permission.actions, place, whose, 'and');
  return [
    `${permission.who} may still ${main}.`,
    ...extras.map((extra) => `They may ${extra}.`),
    historySentence(permission.historyKind, permission.historyFrom),
    `This starts on ${dayOf(now)}.`,
    `It ends on ${dayOf(until)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** What a permission or denial lets happen, for the page that lists them; `place` names its one conversation. */
export function sentencesOf(permission: Permission, view: { place: string; owner: string; now: number }): string[] {
  const whose = whoseOf(view.owner);
  const place = permission.threads.length === 0 ? whose.conversations : view.place || whose.conversation;
  const { main, extras } = actsOf(permission.actions, place, whose, permission.isDeny ? 'or' : 'and');
  const labels = permission.labels.map(labelWords);
  if (permission.isDeny)
    return [
      `${permission.who} may not ${main}.`,
      ...extras.map((extra) => `They may not ${extra}.`),
      labels.length ? `This is about ${inSentence(labels)}.` : '',
      `This holds until ${dayOf(permission.until)}.`,
    ].filter(Boolean);
  return [
    `${permission.who} may ${main}, until ${dayOf(permission.until)}.`,
    permission.from > view.now ? `This starts on ${dayOf(permission.from)}.` : '',
    permission.actions & Action.READ ? historySentence(permission.historyKind, permission.historyFrom) : '',
    ...extras.map((extra) => `They may ${extra}.`),
    labels.length ? `This also covers ${inSentence(labels)}.` : '',
  ].filter(Boolean);
}

/** Who gave it, and how. */
export function givenOf(permission: Permission, me: string): string {
  const day = dayOf(permission.givenAt);
  const names = inSentence(permission.givenBy);
  if (permission.voice === 'witnessed') {
    const how = permission.method === 'verbal' ? 'by word of mouth' : 'on paper';
    return names ? `Said ${how} on ${day}. ${names} saw it.` : `Said ${how} on ${day}.`;
  }
  if (!names || names === me) return `You gave this on ${day}.`;
  return permission.voice === 'patient' ? `${names} gave this on ${day}.` : `${names} gave this for you on ${day}.`;
}

/** What ended a past one, and through whom. */
export function endOf(permission: Permission, me: string): string {
  const day = dayOf(permission.endedAt ?? permission.until);
  const names = inSentence(permission.endedBy);
  if (permission.state === 'withdrawn') return !names || names === me ? `You stopped this on ${day}.` : `${names} stopped this on ${day}.`;
  if (permission.state === 'replaced') return `A newer one took its place on ${day}.`;
  return `Its time was over on ${day}.`;
}
