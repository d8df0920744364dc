import { describe, expect, it } from 'vitest';
import { coverageWords } from './searchWords';

const coverage = { taken: 3, of: 5, isWhole: false, backTo: Date.UTC(2026, 2, 12, 12), unopened: 0 };

describe('what a search covers', () => {
  it('is said with how many and how far back', () => {
    expect(coverageWords(coverage)).toMatch(/^Searches 3 of 5 conversations, back to .*12.*2026\.$/);
    expect(coverageWords({ ...coverage, backTo: null })).toBe('Searches 3 of 5 conversations.');
    expect(coverageWords({ ...coverage, taken: 5, isWhole: true })).toMatch(/^Searches all 5 conversations, from the first/);
    expect(coverageWords({ ...coverage, taken: 1, of: 1, isWhole: true })).toMatch(/^Searches your conversation, /);
  });

  it('is said when there is nothing, and when something could not be opened', () => {
    expect(coverageWords({ ...coverage, taken: 0 })).toMatch(/^Nothing is searched/);
    expect(coverageWords({ ...coverage, of: 0 })).toMatch(/no conversations/);
    expect(coverageWords({ ...coverage, unopened: 1 })).toMatch(/ 1 message could not be opened and is not searched\.$/);
  });
});
