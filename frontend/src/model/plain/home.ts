/** The patient's first page, in plain words. */
import { dayOf, inSentence } from '../words';

export const HOME = {
  hello: (name: string) => `Hello, ${name}`,
  lead: 'You decide who reads. Nothing is shared until you say yes.',
  looking: 'Looking for questions',
  waiting: 'Waiting for your answer',
  asked: (count: number) => (count === 1 ? 'Someone asks you something' : `${count} people ask you something`),
  takeTime: 'Take your time. Nobody new reads anything until you say yes.',
  nothing: 'Nothing waits for your decision',
  nothingMore: 'When someone asks to read, you will see it here first.',
  talks: (unread: number) => (unread ? `Your conversations (${unread} new)` : 'Your conversations'),
  rights: 'Your rights',
  permissions: 'Who may read',
  permissionsMore: 'See it, or stop it',
  ledger: 'Who read what',
  ledgerMore: 'Every look is written down',
  absent: 'There is nothing here that you can open',
  absentMore: 'The address may be wrong. Or it is not shared with you now.',
  start: 'Go to the start',
};

export const REMINDERS = {
  region: 'Please have a look',
  ends: (who: string, days: number) => (days <= 1 ? `${who}: your yes ends today or tomorrow` : `${who}: your yes ends in ${days} days`),
  endsMore: 'You can make it longer. Or do nothing, and it ends.',
  review: (who: string) => `${who}: is this still right?`,
  reviewMore: (day: number) => `You said yes on ${dayOf(day)}. Please check that you still want it.`,
  renew: 'Make it longer',
  letEnd: 'Let it end',
  keep: 'Still right',
  change: 'Look at it',
  kept: 'Thank you. It stays as it is.',
  letEnded: 'Fine. It will end by itself.',
  age: (days: number, day: string) => `You come of age in ${days} days, on ${day}`,
  ageMore: (names: readonly string[]) => `From that day, you alone decide. ${inSentence(names)} will no longer decide for you.`,
};

export const TALKS = {
  title: 'Conversations',
  list: 'Conversations',
  lead: 'What they write about you, and what you write to them.',
  loading: 'Loading',
  none: 'No conversations yet',
  noneMore: 'When someone on your team starts one, you will find it here.',
  nobody: 'Nobody reads this yet',
  always: 'You can always read this',
  fresh: 'New',
  unread: (count: number) => `${count} new`,
};
