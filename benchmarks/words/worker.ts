/** The index of words in a Worker of its own, as the vault has it, for benchmarks/search.py to drive. */
import { WordIndex } from '../../frontend/src/crypto/wordIndex';
import { IndexedWordStore } from '../../frontend/src/crypto/wordStore';
import { ContentType } from '../../frontend/src/crypto/tables.gen';

const SYLLABLES = ['ba', 'ce', 'di', 'fo', 'gu', 'ha', 'je', 'ki', 'lo', 'mu', 'na', 'pe', 'ri', 'so', 'tu', 'va', 'we', 'xi', 'yo', 'zu'];
const VOCABULARY = 20_000;

/** Like a language: the word of rank r comes about 1/r as often as the first. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function wordOf(rank: number): string {
  let word = '';
  for (let rest = rank + 1; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) word += SYLLABLES[rest % SYLLABLES.length] ?? '';
  return word;
}

const rankOf = (random: () => number) => Math.floor(VOCABULARY ** random()) - 1;

function textOf(random: () => number): string {
  return Array.from({ length: 5 + Math.floor(random() * 26) }, () => wordOf(rankOf(random))).join(' ');
}

let index: WordIndex;

const threads = (count: number) => Array.from({ length: count }, (_, at) => `thread-${at}`);

/** Milliseconds of each page that was taken. */
async function fill(messages: number, of: number, page: number): Promise<number[]> {
  const random = seeded(1);
  const took: number[] = [];
  const each = messages / of;
  for (const thread of threads(of)) {
    // From the newest back, as history is walked.
    for (let high = each; high > 0; high -= page) {
      const heard = Array.from({ length: Math.min(page, high) }, (_, at) => {
        const seq = high - at;
        return { seq, at: seq * 60_000, said: { sender: 'somebody', msgId: `${thread}-${seq}`, ctype: ContentType.TEXT, text: textOf(random), file: '', ref: '' } };
      });
      const began = performance.now();
      await index.hear(thread, heard, 1);
      took.push(performance.now() - began);
    }
  }
  return took;
}

function questions(count: number): string[] {
  const random = seeded(2);
  const beginning = () => wordOf(rankOf(random)).slice(0, 2 + Math.floor(random() * 5));
  return Array.from({ length: count }, (_, at) => Array.from({ length: 1 + (at % 3) }, beginning).join(' '));
}

async function ask(asked: string, of: number): Promise<number> {
  return (await index.find({ asked, threads: threads(of), limit: 30 })).total;
}

async function sizeAtRest(of: number): Promise<number> {
  const store = new IndexedWordStore('benchmark');
  let size = 0;
  for (const thread of threads(of)) {
    const stored = await store.read(thread);
    if (!stored) continue;
    size += stored.row.sealed.length + stored.words.reduce((sum, { sealed }) => sum + sealed.length, 0);
    for (const { id } of stored.words)
      for (let block = 0, part; (part = await store.texts(thread, stored.row.version, id, block)); block++) size += part.length;
  }
  store.close();
  return size;
}

const acts = {
  open: () => (index = new WordIndex(new IndexedWordStore('benchmark'), { key: new Uint8Array(32).fill(7), owner: new Uint8Array(48) })) && null,
  fill,
  questions,
  ask,
  sizeAtRest,
};

onmessage = async ({ data: { id, act, args } }: MessageEvent<{ id: number; act: keyof typeof acts; args: never[] }>) => {
  postMessage({ id, value: await (acts[act] as (...args: never[]) => unknown)(...args) });
};
postMessage({ ready: true });
