import { useQuery } from '@tanstack/react-query';
import { fetchThreadRoles } from '../../api/urgency';
import { Priority } from '../../crypto/tables.gen';
import type { UrgencyWish } from '../../crypto/vaultApi';
import type { ReaderView } from '../../model/threadView';
import { PERSON, ROLE } from '../../model/urgency';
import { RadioGroup, Select } from '../kit';

const MINUTES = ['5', '15', '30', '60', '240'] as const;
const NOBODY = 'nobody';

type Whom = { id: string; name: string; detail?: string };

function useWhom(thread: string, readers: readonly ReaderView[]): Whom[] {
  const roles = useQuery({ queryKey: ['thread-roles', thread], queryFn: () => fetchThreadRoles(thread) });
  const people = readers.filter((one) => !one.isMe).map((one) => ({ id: `${PERSON} ${one.user}`, name: one.name }));
  const duties = (roles.data?.roles ?? []).map((one) => ({
    id: `${ROLE} ${one.id}`,
    name: `${one.name}, ${one.organisation_name}`,
    detail: one.holder ? `${one.holder_name} is on duty` : 'Nobody on duty may read this conversation',
  }));
  return [...people, ...duties];
}

const addresseeOf = (id: string) => ({ kind: Number(id.split(' ')[0]) as typeof PERSON | typeof ROLE, id: id.split(' ')[1] ?? '' });
const idOf = (one: { kind: number; id: string } | undefined) => (one ? `${one.kind} ${one.id}` : NOBODY);

/** How soon the next message wants an answer, from whom, and who is told when no answer comes. */
export function UrgencyBar({ thread, readers, wish, onChange }: { thread: string; readers: readonly ReaderView[]; wish: UrgencyWish | null; onChange: (wish: UrgencyWish | null) => void }) {
  const whom = useWhom(thread, readers);
  const choose = (priority: string) => {
    const chosen = Number(priority) as Priority;
    const first = whom[0];
    if (chosen === Priority.ROUTINE || !first) onChange(null);
    else onChange({ priority: chosen, minutes: wish?.minutes ?? 15, line: wish?.line ?? [addresseeOf(first.id)] });
  };
  const place = (at: number, id: string) => {
    if (!wish) return;
    const ids = [idOf(wish.line[0]), idOf(wish.line[1])];
    ids[at] = id;
    onChange({ ...wish, line: [...new Set(ids)].filter((one) => one !== NOBODY).map(addresseeOf) });
  };
  return (
    <div className="urgency-bar">
      <RadioGroup
        label="Priority"
        hideLabel
        inline
        choices={[
          { id: String(Priority.ROUTINE), name: 'Routine' },
          { id: String(Priority.IMPORTANT), name: 'Important' },
          { id: String(Priority.URGENT), name: 'Urgent' },
        ]}
        value={String(wish?.priority ?? Priority.ROUTINE)}
        onChange={choose}
      />
      {wish ? (
        <div className="urgency-line">
          <Select label="Answer within" choices={MINUTES.map((id) => ({ id, name: Number(id) < 60 ? `${id} minutes` : Number(id) === 60 ? 'An hour' : `${Number(id) / 60} hours` }))} value={String(wish.minutes) as (typeof MINUTES)[number]} onChange={(id) => onChange({ ...wish, minutes: Number(id) })} />
          <Select label="First" choices={whom} value={idOf(wish.line[0])} onChange={(id) => place(0, id)} />
          <Select label="Then" choices={[{ id: NOBODY, name: 'Nobody else' }, ...whom.filter((one) => one.id !== idOf(wish.line[0]))]} value={idOf(wish.line[1])} onChange={(id) => place(1, id)} />
        </div>
      ) : null}
    </div>
  );
}
