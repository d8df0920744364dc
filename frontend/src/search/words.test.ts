import { describe, expect, it } from 'vitest';
import { beginningsOf, fold, wordsOf } from './words';

/** Whether a message with these words is found by what is asked. */
function finds(asked: string, text: string): boolean {
  const words = [...wordsOf(text)];
  return beginningsOf(asked).every((beginning) => words.some((word) => word.startsWith(beginning)));
}

describe('words', () => {
  it('are found by how they begin, each of them, in any order', () => {
    expect(finds('lith leve', 'The lithium level was drawn on Monday.')).toBe(true);
    expect(finds('level lithium', 'The lithium level was drawn on Monday.')).toBe(true);
    expect(finds('thium', 'The lithium level')).toBe(false);
    expect(finds('lith dose', 'The lithium level')).toBe(false);
  });

  it('are the same whatever their case and accents, composed or not', () => {
    expect(finds('munoz', 'Frau MUÑOZ ruft an')).toBe(true);
    expect(finds('MUN\u0303OZ', 'muñoz')).toBe(true);
    expect(finds('strasse', 'Hauptstraße, STRASSE')).toBe(true);
    expect(finds('soren', 'Søren')).toBe(true);
    expect(finds('istanbul', 'İSTANBUL')).toBe(true);
    expect(finds('ΟΔΟΣ', 'οδός')).toBe(true);
    expect(finds('file', 'ﬁle')).toBe(true);
  });

  it('of Arabic are found without their vowels, stretched or not, with either alef, yeh and digits', () => {
    expect(finds('مريض', 'المُريض و مَرِيض')).toBe(true);
    expect(finds('احمد', 'أَحْمَد')).toBe(true);
    expect(finds('مستشفي', 'مستشفى')).toBe(true);
    expect(finds('كتب', 'كـــتب')).toBe(true);
    expect(finds('12', '١٢ mg')).toBe(true);
  });

  it('of Hebrew are found without their points and with either form of a last letter', () => {
    expect(finds('שלומ', 'שָׁלוֹם')).toBe(true);
    expect(finds('שלום', 'שלום')).toBe(true);
  });

  it('of scripts without spaces are found anywhere, as the neighbours that they are', () => {
    expect(finds('抑郁', '患者有抑郁症状')).toBe(true);
    expect(finds('郁', '患者有抑郁症状')).toBe(true);
    expect(finds('状', '患者有抑郁症状')).toBe(true);
    expect(finds('郁抑', '患者有抑郁症状')).toBe(false);
    expect(finds('うつ病', '彼はうつ病です')).toBe(true);
    expect(finds('ガン', 'カタカナのガン検診')).toBe(true);
    expect(finds('ยา', 'กินยาแล้ว')).toBe(true);
    expect(finds('phq 抑郁', 'PHQ9抑郁量表')).toBe(true);
  });

  it('of Korean are found while the last syllable is still being typed', () => {
    expect(finds('우우', '우울증 검사')).toBe(true);
    expect(finds('검', '우울증 검사')).toBe(true);
  });

  it('are none in signs alone, and nothing is found by nothing', () => {
    expect([...wordsOf('🙂 … \u202e --')]).toEqual([]);
    expect(beginningsOf('  🙂 !!')).toEqual([]);
  });

  it('fold the same way twice', () => {
    for (const text of ['Ünïcödé ﬃ ½', 'أحمد ١٢', 'Σίσυφος', 'ガン', 'İı']) expect(fold(fold(text))).toBe(fold(text));
  });
});
