import { useEffect, useState } from 'react';
import { PERMISSIONS } from '../../model/plain/permissions';
import { useModel, useValue } from '../useModel';

/** How a person calls one of the patient's conversations: by its name, or by who else is in it; '' where unknown. */
export function usePlaces(ids: readonly string[]): (thread: string | undefined, without: string | null) => string {
  const { threads } = useModel();
  const list = useValue(threads.list);
  const [, setLoaded] = useState(0);
  const known = new Set((list ?? []).map((one) => one.id));
  const wanted = [...new Set(ids)].filter((id) => known.has(id)).sort().join(' ');
  useEffect(() => {
    // The names travel sealed like messages: each conversation is opened once to learn its own.
    for (const id of wanted.split(' ').filter(Boolean)) void threads.open(id).refresh().then(() => setLoaded((count) => count + 1));
  }, [threads, wanted]);
  return (id, without) => {
    const thread = list?.find((one) => one.id === id);
    if (!thread) return '';
    const subject = threads.open(thread.id).view.get().subject;
    if (subject) return PERMISSIONS.named(subject);
    const others = thread.members.filter((member) => !member.is_patient && member.user !== without).map((member) => member.name);
    return others.length ? PERMISSIONS.place(others) : '';
  };
}
