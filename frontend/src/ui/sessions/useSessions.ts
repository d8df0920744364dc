import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useModel, useValue } from '../useModel';

/** The time, a new one every second while it matters. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** One's sessions, ahead or past; fetched again whenever the server says that one has changed. */
export function useSessionPage(page: number, past: boolean) {
  const { sessions } = useModel();
  const version = useValue(sessions.version);
  return useQuery({
    queryKey: ['sessions', past, page, version],
    queryFn: () => sessions.page(page, past),
    placeholderData: (before) => before,
  });
}

export function useSession(id: string) {
  const { sessions } = useModel();
  const version = useValue(sessions.version);
  return useQuery({ queryKey: ['session', id, version], queryFn: () => sessions.one(id), retry: false });
}

/** Forgets what is shown of sessions, after one was changed here. */
export function useForgetSessions(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: ['sessions'] }), queries.invalidateQueries({ queryKey: ['session'] })]);
  };
}
