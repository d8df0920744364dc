/** The piece of a message that shows why it was found. */
import { fold, isDense, runsOf, soughtIn } from './words';

export type Piece = { text: string; isHit: boolean };

const BEFORE = 40;
const LENGTH = 180;

type Span = { from: number; to: number };

/** A sign can fold to several: this much of a run is looked at for so long a beginning. */
const reachOf = (sought: string) => 4 * sought.length + 8;

/** How much of a written run a beginning covers once both are folded, with the accents of its last letter; 0 for none. */
function coveredBy(run: string, sought: string): number {
  if (!fold(run).startsWith(sought)) return 0;
  let to = 0;
  for (const sign of run) {
    if (fold(run.slice(0, to)).length >= sought.length && fold(sign) !== '') break;
    to += sign.length;
  }
  return to;
}

function spansOf(text: string, asked: string): Span[] {
  const sought = soughtIn(asked);
  const spans: Span[] = [];
  for (const run of runsOf(text)) {
    const lastStart = isDense(run.text) ? run.text.length - 1 : 0;
    for (const one of sought) {
      for (let start = 0; start <= lastStart; start++) {
        const length = coveredBy(run.text.slice(start, start + reachOf(one)), one);
        if (length > 0) spans.push({ from: run.at + start, to: run.at + start + length });
      }
    }
  }
  return spans.sort((a, b) => a.from - b.from || b.to - a.to);
}

/** No sign is cut in two, and no accent from its letter. */
function windowOf(text: string, first: number): Span {
  const wordStart = (at: number) => (at <= 0 ? 0 : text.lastIndexOf(' ', at) + 1 || at);
  let from = first > BEFORE ? Math.max(wordStart(first - BEFORE), first - 2 * BEFORE) : 0;
  let to = Math.min(text.length, from + LENGTH);
  while (from > 0 && /[\p{M}\udc00-\udfff]/u.test(text.charAt(from))) from -= 1;
  while (to < text.length && /[\p{M}\udc00-\udfff]/u.test(text.charAt(to))) to += 1;
  return { from, to };
}

/** About 180 characters of `text` around what was asked, in pieces of which the sought ones are marked. */
export function snippetOf(text: string, asked: string): Piece[] {
  const spans = spansOf(text, asked);
  const { from, to } = windowOf(text, spans[0]?.from ?? 0);
  const pieces: Piece[] = [];
  const add = (piece: string, isHit: boolean) => {
    if (piece !== '') pieces.push({ text: piece, isHit });
  };
  let at = from;
  if (from > 0) add('…', false);
  for (const span of spans) {
    const [start, end] = [Math.max(span.from, at), Math.min(span.to, to)];
    if (end <= start) continue;
    add(text.slice(at, start), false);
    add(text.slice(start, end), true);
    at = end;
  }
  add(text.slice(at, to), false);
  if (to < text.length) add('…', false);
  return pieces;
}
