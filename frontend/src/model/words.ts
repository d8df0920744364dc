/** Numbers of the protocol as words of the ward, and times as people say them. */
import LABEL_WORDS from '../../../consent/label_words.json';
import { Action, Role } from '../crypto/tables.gen';

const ROLE_NAMES: Record<number, string> = {
  [Role.PATIENT]: 'patient',
  [Role.THERAPIST]: 'therapist',
  [Role.PSYCHIATRIST]: 'psychiatrist',
  [Role.PHYSICIAN]: 'physician',
  [Role.NURSE]: 'nurse',
  [Role.CASE_MANAGER]: 'case manager',
  [Role.REPRESENTATIVE]: 'representative',
  [Role.PSYCHOLOGIST]: 'psychologist',
  [Role.SOCIAL_WORKER]: 'social worker',
  [Role.PHARMACIST]: 'pharmacist',
};

export function roleName(role: number): string {
  return ROLE_NAMES[role] ?? 'team member';
}

const ACTION_WORDS: [number, string][] = [
  [Action.READ, 'read this conversation'],
  [Action.POST, 'write in it'],
  [Action.ATTACH, 'add files'],
  [Action.JOIN, 'join calls and visits about you'],
  [Action.ADMIT, 'let in others you said yes to'],
  [Action.RECORD, 'record a call'],
  [Action.EXPORT, 'keep a copy in their own files'],
];

/** What a set of action bits lets somebody do, each as the end of "may …". */
export function actionWords(actions: number): string[] {
  return ACTION_WORDS.filter(([bit]) => (actions & bit) !== 0).map(([, words]) => words);
}

/** Each bit of a set with its words, in the order in which they are told. */
export function actionChoices(actions: number): { bit: number; words: string }[] {
  return ACTION_WORDS.filter(([bit]) => (actions & bit) !== 0).map(([bit, words]) => ({ bit, words }));
}

/** A protected topic as a patient would call it; an unknown code as it is. */
export function labelWords(label: string): string {
  return (LABEL_WORDS as Record<string, string>)[label] ?? label;
}

/** The server counts unread messages so far and no further. */
const MOST_COUNTED = 1000;

export function unreadWords(count: number): string {
  return `${count >= MOST_COUNTED ? `${MOST_COUNTED - 1}+` : count} unread`;
}

export function inSentence(parts: readonly string[]): string {
  if (parts.length < 2) return parts[0] ?? '';
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const SHORT_DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export const dayOf = (ms: number) => DAY.format(ms);
export const shortDayOf = (ms: number) => SHORT_DAY.format(ms);
export const clockOf = (ms: number) => CLOCK.format(ms);
export const momentOf = (ms: number) => `${DAY.format(ms)}, ${CLOCK.format(ms)}`;

function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** "Today", "Yesterday", or the weekday and date. */
export function dayHeading(ms: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(ms)) / 86_400_000);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return WEEKDAY.format(ms);
}

/** For a list: the clock today, "Yesterday", else the date. */
export function whenShort(ms: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(ms)) / 86_400_000);
  if (days === 0) return CLOCK.format(ms);
  if (days === 1) return 'Yesterday';
  return SHORT_DAY.format(ms);
}

export function firstNameOf(name: string): string {
  return name.split(' ')[0] ?? name;
}
