import { useQuery } from '@tanstack/react-query';
import type { Rehearsal } from '../../model/rehearsal';

/** Asks who would see it, anew whenever `about` changes; nothing is signed and nothing kept. */
export function useRehearsal(about: readonly unknown[], ask: () => Promise<Rehearsal>): { answer: Rehearsal | undefined; isAsking: boolean; hasFailed: boolean } {
  const found = useQuery({ queryKey: ['rehearsal', ...about], queryFn: ask, staleTime: 0, gcTime: 0, placeholderData: (before) => before });
  return { answer: found.data, isAsking: found.isPending, hasFailed: found.isError };
}
