/** Acting for somebody, and who may act for the patient, in plain words. */
import { dayOf } from '../words';

type Kind = 'parent' | 'guardian' | 'attorney' | 'deputy' | 'advocate';

const KINDS: Record<Kind, string> = {
  parent: 'as a parent',
  guardian: 'as a guardian',
  attorney: 'with a power you gave them',
  deputy: 'because a court said so',
  advocate: 'to help you speak',
};

const KINDS_FOR: Record<Kind, string> = { ...KINDS, attorney: 'with a power they gave you', advocate: 'to help them speak' };

export const ACTING = {
  title: 'You act for',
  lead: 'You see only what is yours to see. Every look is written down.',
  loading: 'Loading',
  waiting: (name: string) => `Waiting for your answer for ${name}`,
  asked: (count: number, name: string) => (count === 1 ? `Someone asks about ${name}` : `${count} people ask about ${name}`),
  none: 'You act for nobody now',
  noneMore: 'The care team can change this. Please ask them.',
  choose: 'For whom?',
  since: (name: string, kind: Kind, from: number) => `You act for ${name} ${KINDS_FOR[kind]}, since ${dayOf(from)}.`,
  until: (day: number) => `This ends on ${dayOf(day)}.`,
  open: (name: string) => `Who may read about ${name}`,
  protect: (name: string) => `What ${name} asked to keep safe, you cannot undo.`,
};

export const ACTS_FOR_ME = {
  title: 'Who may act for you',
  nobody: 'Nobody. You decide alone.',
  acts: (name: string, kind: Kind, from: number) => `${name} may act for you ${KINDS[kind]}, since ${dayOf(from)}.`,
  sleeps: (name: string) => `${name} may act for you only if you are too ill to decide.`,
  ahead: (name: string, from: number) => `${name} may act for you from ${dayOf(from)}.`,
  until: (day: number) => `This ends on ${dayOf(day)}.`,
  age: (day: number) => `This ends when you come of age, on ${dayOf(day)}.`,
  wrong: 'Is this wrong? Tell your care team. They can change it the same day.',
};
