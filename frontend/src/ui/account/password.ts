/** Whether a new password is one that nobody guesses. The dictionaries load only on pages that set one. */
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

const WORDS = 5;
const STRONG = 4;
/** What more than this holds is judged by its beginning: the work grows with the square of the length. */
const JUDGED = 64;

type Judge = { zxcvbn: ZxcvbnFactory; words: readonly string[] };

let judge: Promise<Judge> | null = null;

async function load(): Promise<Judge> {
  const [core, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  const zxcvbn = new core.ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  });
  const words = [...new Set(common.dictionary['diceware-common'].filter((word) => /^[a-z]{3,9}$/.test(word)))];
  return { zxcvbn, words };
}

function judged(): Promise<Judge> {
  judge ??= load().catch((error: unknown) => {
    judge = null;
    throw error;
  });
  return judge;
}

/** What is wrong with a new password, or ''; `own` are words that a guesser knows of this person. */
export async function passwordTrouble(password: string, own: readonly string[] = []): Promise<string> {
  if (password.length < 12) return 'Use at least 12 characters.';
  const { zxcvbn } = await judged();
  const found = zxcvbn.check(password.slice(0, JUDGED), [...own, 'consilium']);
  if (found.score >= STRONG) return '';
  const reason = found.feedback.warning ?? '';
  return `This could be guessed. ${reason ? `${reason.replace(/\.?$/, '.')} ` : ''}Add a word or two that have nothing to do with each other.`;
}

/** Five words drawn evenly from a list of thousands: some sixty bits and more, and one can learn it. */
export async function newPhrase(): Promise<string> {
  const { words } = await judged();
  const chosen: string[] = [];
  const limit = Math.floor(2 ** 32 / words.length) * words.length;
  while (chosen.length < WORDS) {
    const drawn = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    // The remainder of an even draw is even only below the last whole multiple.
    if (drawn < limit) chosen.push(words[drawn % words.length] ?? '');
  }
  return chosen.join(' ');
}
