import { describe, expect, it } from 'vitest';
import cases from '../../../tests/records/cases.json';
import { alertText, instrument, score } from './scoring';

function named(id: string) {
  const found = instrument(id);
  if (!found) throw new Error(id);
  return found;
}

describe('scoring', () => {
  it.each(cases.scored)('scores $name', ({ instrument: id, answers, previous, expect: expected }) => {
    const given = Object.fromEntries(Object.entries(answers).filter((pair): pair is [string, number] => pair[1] !== undefined));
    expect(score(named(id), given, previous)).toEqual(expected);
  });

  it.each(cases.refused)('refuses $name', ({ instrument: id, answers }) => {
    const given = Object.fromEntries(Object.entries(answers).filter((pair): pair is [string, number] => pair[1] !== undefined));
    expect(() => score(named(id), given)).toThrow(RangeError);
  });

  it('says what to do about item 9', () => {
    expect(alertText(named('phq9'), 'item:9')).toContain('same day');
  });
});
