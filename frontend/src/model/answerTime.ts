/** When people say they usually answer, in words. */
import type { AnswerTimePut } from '../wire.gen';
import { firstNameOf, inSentence } from './words';

export type AnswerTime = AnswerTimePut['within'];

export const ANSWER_TIMES: { id: AnswerTime; words: string }[] = [
  { id: '', words: 'not said' },
  { id: 'hours', words: 'within a few hours' },
  { id: 'day', words: 'within one working day' },
  { id: 'two_days', words: 'within two working days' },
  { id: 'week', words: 'within a week' },
];

/** More names than these are a list that nobody reads above every message. */
const MOST_NAMED = 3;

/** What a writer may expect, of those who said it; '' where nobody did. */
export function answerWords(people: readonly { name: string; answers: AnswerTime }[]): string {
  const said = people.filter((one) => one.answers !== '');
  if (said.length === 0) return '';
  if (said.length > MOST_NAMED) {
    const slowest = Math.max(...said.map((one) => ANSWER_TIMES.findIndex(({ id }) => id === one.answers)));
    return `Those who said so usually answer ${ANSWER_TIMES[slowest]?.words ?? ''}.`;
  }
  const words = said.map((one) => `${firstNameOf(one.name)} usually answers ${ANSWER_TIMES.find(({ id }) => id === one.answers)?.words ?? ''}`);
  return `${inSentence(words)}.`;
}
