/** What was left out of a conversation: every message cites the newest one that its sender had seen (protocol.md 3.7). */
import type { OpenedMessage } from '../crypto/vaultApi';

export const NOTHING_SEEN = 'A'.repeat(43);

type Placed = { seq: number; opened: OpenedMessage | null; hash: string };

/**
 * The seqs of messages, ascending by seq, whose sender had seen one that is not among those before it. Meaningful where
 * the whole history is held: below a floor, or before a page that was not fetched, a hash may rightly be unknown.
 */
export function gapsOf(ordered: readonly Placed[]): Set<number> {
  const known = new Set([NOTHING_SEEN]);
  const gaps = new Set<number>();
  for (const { seq, opened, hash } of ordered) {
    if (opened && !known.has(opened.seen)) gaps.add(seq);
    known.add(hash);
  }
  return gaps;
}
