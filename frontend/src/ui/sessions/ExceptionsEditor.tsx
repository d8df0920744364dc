import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { momentIn } from '../../model/sessions';
import { Banner, Button, Card, IconButton, RadioGroup, Spinner, TextField, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

type Sort = 'away' | 'open';

const SORTS: { id: Sort; name: string }[] = [
  { id: 'away', name: 'I am away' },
  { id: 'open', name: 'I am there, beyond my hours' },
];

function AddForm({ zone }: { zone: string }) {
  const { sessions } = useModel();
  const queries = useQueryClient();
  const [sort, setSort] = useState<Sort>('away');
  const [starts, setStarts] = useState('');
  const [ends, setEnds] = useState('');
  const { isActing, trouble, act } = useAct();
  const add = () =>
    act(async () => {
      const added = await sessions.addException(zone, starts.slice(0, 16), ends.slice(0, 16), sort === 'open');
      await queries.invalidateQueries({ queryKey: ['exceptions'] });
      toast(added.note || 'Added.', added.note ? 'wait' : 'good');
      setStarts('');
      setEnds('');
    });
  return (
    <div className="stack-2">
      <RadioGroup label="What is different?" choices={SORTS} value={sort} onChange={setSort} inline />
      <div className="session-fields">
        <TextField label="From" type="datetime-local" value={starts} onChange={setStarts} />
        <TextField label="Until" type="datetime-local" value={ends} onChange={setEnds} />
      </div>
      <p className="small muted">Times on the clock in {zone.replaceAll('_', ' ')}.</p>
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      <div className="row">
        <Button icon="plus" isPending={isActing} isDisabled={!starts || !ends} onPress={() => void add()}>
          Add
        </Button>
      </div>
    </div>
  );
}

/** Holidays and extra hours; an exception goes before the weekly hours. */
export function ExceptionsEditor({ zone }: { zone: string }) {
  const { sessions } = useModel();
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ['exceptions'], queryFn: () => sessions.exceptions() });
  const { trouble, act } = useAct();
  const remove = (id: string) =>
    act(async () => {
      await sessions.removeException(id);
      await queries.invalidateQueries({ queryKey: ['exceptions'] });
    });
  return (
    <Card as="section" label="Exceptions">
      <div className="stack">
        <h2>Exceptions</h2>
        {found.isPending ? <Spinner /> : null}
        {trouble ? (
          <Banner tone="stop" live>
            {trouble}
          </Banner>
        ) : null}
        <ul className="session-people">
          {(found.data ?? []).map((one) => (
            <li key={one.id} className="session-person">
              <span className="grow stack-0">
                <span className="strong">{one.open ? 'There, beyond your hours' : 'Away'}</span>
                <span className="small muted">
                  {momentIn(one.starts_at, one.zone)} – {momentIn(one.ends_at, one.zone)}
                </span>
              </span>
              <IconButton
                icon="close"
                size="sm"
                label={`Remove: ${one.open ? 'there' : 'away'} from ${momentIn(one.starts_at, one.zone)}`}
                onPress={() => void remove(one.id)}
              />
            </li>
          ))}
        </ul>
        <AddForm zone={zone} />
      </div>
    </Card>
  );
}
