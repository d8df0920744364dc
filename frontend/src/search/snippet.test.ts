import { describe, expect, it } from 'vitest';
import { snippetOf } from './snippet';

const marked = (text: string, asked: string) => snippetOf(text, asked).map(({ text: piece, isHit }) => (isHit ? `[${piece}]` : piece)).join('');

describe('a snippet', () => {
  it('marks what was asked, as it is written', () => {
    expect(marked('The lithium level, and Lithium again', 'lith')).toBe('The [lith]ium level, and [Lith]ium again');
    expect(marked('Frau Mun\u0303oz', 'munoz')).toBe('Frau [Mun\u0303oz]');
    expect(marked('Hauptstraße', 'hauptstras')).toBe('[Hauptstraß]e');
    expect(marked('患者有抑郁症状', '抑郁')).toBe('患者有[抑郁]症状');
    expect(marked('أَحْمَد هنا', 'احمد')).toBe('[أَحْمَد] هنا');
  });

  it('is cut around the first of it, with a sign that there is more', () => {
    const text = `${'before '.repeat(60)}the word ${'after '.repeat(60)}`;
    const shown = marked(text, 'word');
    expect(shown).toMatch(/^….*\[word\] after.*…$/s);
    expect(shown.length).toBeLessThan(230);
  });

  it('cuts no sign in two', () => {
    const text = `${'😀'.repeat(300)} word ${'😀'.repeat(300)}`;
    for (const { text: piece } of snippetOf(text, 'word')) expect(() => encodeURIComponent(piece)).not.toThrow();
  });

  it('is quick over one run of a hundred thousand letters without a space', () => {
    const shown = marked(`${'漢'.repeat(20_000)}字`, '字');
    expect(shown).toContain('[字]');
  });
});
