import { describe, expect, it } from 'vitest';
import { answerWords } from './answerTime';

describe('when people answer', () => {
  it('is said of those who said it, and of nobody else', () => {
    expect(answerWords([{ name: 'Samuel Okafor', answers: 'day' }, { name: 'Tom Becker', answers: '' }])).toBe('Samuel usually answers within one working day.');
    expect(answerWords([{ name: 'Tom Becker', answers: '' }])).toBe('');
  });

  it('is the slowest answer where many said it', () => {
    const many = ['hours', 'week', 'day', 'day'] as const;
    expect(answerWords(many.map((answers) => ({ name: 'A B', answers })))).toBe('Those who said so usually answer within a week.');
  });
});
