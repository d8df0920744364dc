import { expect, it } from 'vitest';
import { Priority } from '../crypto/tables.gen';
import { clockText, minuteOf, PERSON, urgencyWords, type Urgent } from './urgency';
import { clockOf } from './words';

const AT = Date.UTC(2026, 10, 24, 14, 2);
const names: Record<string, string> = { s: 'Dr. Okafor', t: 'Tom Becker' };
const nameOf = (user: string) => names[user] ?? 'somebody';
const step = (user: string | null, outcome: 'told' | 'may_not_read') => ({ position: 0, kind: PERSON, id: user ?? 'x', user, outcome, at: AT });

function urgent(state: 'noted' | 'waiting' | 'acknowledged' | 'unanswered', ...steps: ReturnType<typeof step>[]): Urgent {
  return { said: { msgId: 'm', sender: 'e', priority: Priority.URGENT, line: [], state, dueAt: state === 'waiting' ? AT : null, steps }, acks: [] };
}

it('says for whom it waits and until when', () => {
  expect(urgencyWords(urgent('waiting', step('s', 'told')), nameOf)).toBe(`Waiting for Dr. Okafor until ${clockOf(AT)}`);
});

it('says to whom it was escalated, and passes over who may not read', () => {
  const words = urgencyWords(urgent('waiting', step('s', 'told'), step(null, 'may_not_read'), step('t', 'told')), nameOf);
  expect(words).toBe(`Escalated to Tom Becker, waiting until ${clockOf(AT)}`);
});

it('says plainly that nobody answered, or that nobody could be alerted', () => {
  expect(urgencyWords(urgent('unanswered', step('s', 'told')), nameOf)).toContain('Nobody has answered. Told: Dr. Okafor.');
  expect(urgencyWords(urgent('unanswered', step(null, 'may_not_read')), nameOf)).toContain('nobody was alerted');
});

it('says who acknowledged, each of them', () => {
  const words = urgencyWords({ ...urgent('acknowledged', step('s', 'told')), acks: [{ user: 's', at: AT }, { user: 't', at: AT }] }, nameOf);
  expect(words).toBe(`Acknowledged by Dr. Okafor at ${clockOf(AT)} · Acknowledged by Tom Becker at ${clockOf(AT)}`);
});

it('says nothing of what asks for no answer', () => {
  expect(urgencyWords(urgent('noted'), nameOf)).toBe('');
});

it('reads the minutes of a day as a clock shows them', () => {
  for (const minute of [0, 59, 60, 1439]) expect(minuteOf(clockText(minute))).toBe(minute);
  expect(minuteOf('')).toBeNull();
});
