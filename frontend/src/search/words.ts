/** What counts as a word, and when two words are the same one: for what is searched and for what is asked, alike. */

/** Signs that colour a letter and are left out: accents, Hebrew points, Arabic vowels and the stroke that only stretches. */
// eslint-disable-next-line no-misleading-character-class -- each of these is meant alone
const COLOURS = /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]/g;

/** Letters that Unicode does not take apart, and that people write either way. */
const ALIKE: Readonly<Record<string, string>> = {
  ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ħ: 'h', ı: 'i', ς: 'σ',
  ٱ: 'ا', ى: 'ي', ی: 'ي', ة: 'ه', ک: 'ك', ך: 'כ', ם: 'מ', ן: 'נ', ף: 'פ', ץ: 'צ',
};
const UNALIKE = new RegExp(`[${Object.keys(ALIKE).join('')}\u0660-\u0669\u06f0-\u06f9]`, 'g');

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Scripts that are written without a space between words. */
const DENSE = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]+/gu;
const PLAIN = /^[\x00-\x7f]*$/; // eslint-disable-line no-control-regex -- all of ASCII is meant

/** Longer runs of letters are no word that anybody looks for: they are kept by their beginning. */
export const LONGEST_WORD = 40;

const digit = (sign: string) => String((sign.codePointAt(0) ?? 0) & 0xf);

/** A text in which case, accents and ways of writing the same letter make no difference. */
export function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(COLOURS, '')
    .replace(UNALIKE, (sign) => ALIKE[sign] ?? digit(sign));
}

/** Where words stand in a text, as it is written: what a reader is shown is marked by these. */
export function runsOf(text: string): { at: number; text: string }[] {
  return [...text.matchAll(WORD)].map((found) => ({ at: found.index, text: found[0] }));
}

/** A folded run of letters cut where the script changes between those with and those without spaces. */
function partsOf(run: string): { text: string; isDense: boolean }[] {
  const parts: { text: string; isDense: boolean }[] = [];
  let from = 0;
  for (const { index, 0: dense } of run.matchAll(DENSE)) {
    if (index > from) parts.push({ text: run.slice(from, index), isDense: false });
    parts.push({ text: dense, isDense: true });
    from = index + dense.length;
  }
  if (from < run.length) parts.push({ text: run.slice(from), isDense: false });
  return parts;
}

/** Two neighbours each, and the last alone: every beginning of every part of the run is the beginning of one of these. */
function pairsOf(run: string): string[] {
  const signs = Array.from(run);
  return signs.map((sign, at) => sign + (signs[at + 1] ?? ''));
}

/** Whether some of a run is of a script without spaces, where words begin anywhere. */
export function isDense(run: string): boolean {
  return run.search(DENSE) >= 0;
}

function foldedRuns(text: string): string[] {
  return fold(text).match(WORD) ?? [];
}

/** The words that a message is found by, each once. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  for (const run of foldedRuns(text))
    if (!isDense(run)) words.add(run.slice(0, LONGEST_WORD));
    else for (const part of partsOf(run)) for (const word of part.isDense ? pairsOf(part.text) : [part.text.slice(0, LONGEST_WORD)]) words.add(word);
  return words;
}

/** What is asked: every one of these begins a word of the messages that are found. */
export function beginningsOf(asked: string): string[] {
  const beginnings = foldedRuns(asked).flatMap((run) =>
    partsOf(run).flatMap((part) => {
      if (!part.isDense) return [part.text.slice(0, LONGEST_WORD)];
      const pairs = pairsOf(part.text);
      // The last sign is asked with its neighbour already; alone it is asked when it is all there is.
      return pairs.length > 1 ? pairs.slice(0, -1) : pairs;
    }),
  );
  return [...new Set(beginnings)];
}

/** The folded runs of what was asked, as they stand in a text: for marking them there. */
export function soughtIn(asked: string): string[] {
  return foldedRuns(asked).flatMap((run) => partsOf(run).map(({ text }) => text));
}
