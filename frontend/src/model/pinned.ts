/** Which messages are pinned, told from the messages alone: of all that was said of one, the last word stands. */
import { ContentType } from '../crypto/tables.gen';
import { bodyOf, type Heard } from './speech';

/** A pinned message by its id and its place, who pinned it, and when. */
export type Pin = { ref: string; seq: number; by: string; at: number };

/** More than these are a second conversation; those pinned last are shown. */
export const MOST_PINS = 50;

/** `ordered` ascends by seq; the answer begins with what was pinned last. Whether the messages are there, and stand, is not asked. */
export function pinsOf(ordered: readonly Heard[]): Pin[] {
  const pins = new Map<string, Pin | null>();
  for (const { at, opened } of ordered) {
    if (opened?.ctype !== ContentType.PIN) continue;
    const { ref, seq, pinned } = bodyOf(opened);
    if (ref === undefined || seq === undefined || pinned === undefined) continue;
    const name = `${seq} ${ref}`;
    pins.delete(name);
    pins.set(name, pinned ? { ref, seq, by: opened.sender, at } : null);
  }
  return [...pins.values()].filter((pin) => pin !== null).slice(-MOST_PINS).reverse();
}
