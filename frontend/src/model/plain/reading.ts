/** How hard a text is to read, by counting: sentences, words and syllables of English. */

/** Titles before a name end no sentence. */
const TITLES = /\b(Dr|Prof|Mr|Mrs|Ms|St)\./g;

export function sentencesIn(text: string): string[] {
  return text
    .replace(TITLES, '$1')
    .split(/(?<=[.?!:])\s+/)
    .map((one) => one.trim())
    .filter((one) => /\p{L}/u.test(one));
}

export function wordsIn(text: string): string[] {
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}’'-]*/gu) ?? [];
}

/** Syllables as they are counted for readability: groups of vowels, without a silent ending; a number is one. */
export function syllablesIn(word: string): number {
  const plain = word.toLowerCase().replace(/[^a-z]/g, '');
  if (plain.length <= 3) return 1;
  const stem = plain.replace(/(?:[^laeiouy]es|[^aeioutd]ed|[^laeiouy]e)$/, (ending) => ending.charAt(0)).replace(/^y/, '');
  return Math.max(1, stem.match(/[aeiouy]+/g)?.length ?? 0);
}

/** The school grade of Flesch and Kincaid (1975): 7 is a reader of twelve. */
export function gradeOf(texts: readonly string[]): number {
  const sentences = texts.flatMap(sentencesIn);
  const words = sentences.flatMap(wordsIn);
  const syllables = words.reduce((sum, word) => sum + syllablesIn(word), 0);
  return 0.39 * (words.length / Math.max(1, sentences.length)) + 11.8 * (syllables / Math.max(1, words.length)) - 15.59;
}
