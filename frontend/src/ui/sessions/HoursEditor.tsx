import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { clockText, minutesOf, rowsOf, zoneNames } from '../../model/sessions';
import type { Hours, HoursRow } from '../../wire.gen';
import { inWords } from '../../api/errors';
import { Banner, Button, Card, IconButton, Select, Spinner, TextField, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';
import { ExceptionsEditor } from './ExceptionsEditor';
import { FeedCard } from './FeedCard';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const ZONES = zoneNames().map((name) => ({ id: name, name: name.replaceAll('_', ' ') }));
const BUFFERS = [0, 5, 10, 15, 30].map((minutes) => ({ id: String(minutes), name: minutes ? `${minutes} minutes` : 'None' }));
const NOTICES = [
  { id: '0', name: 'None' },
  { id: '60', name: 'One hour' },
  { id: '240', name: 'Four hours' },
  { id: '1440', name: 'One day' },
  { id: '2880', name: 'Two days' },
];

/** A value that was set elsewhere stays choosable. */
function withValue(choices: { id: string; name: string }[], value: number) {
  return choices.some((choice) => choice.id === String(value)) ? choices : [...choices, { id: String(value), name: `${value} minutes` }];
}

function Row({ row, day, onChange, onRemove }: { row: HoursRow; day: string; onChange: (row: HoursRow) => void; onRemove: () => void }) {
  const set = (field: 'start' | 'until', text: string) => {
    const minutes = minutesOf(text, field === 'until');
    if (minutes !== null) onChange({ ...row, [field]: minutes });
  };
  return (
    <div className="hours-row">
      <TextField label={`${day}, from`} hideLabel type="time" value={clockText(row.start)} onChange={(text) => set('start', text)} />
      <span aria-hidden="true">–</span>
      <TextField label={`${day}, until`} hideLabel type="time" value={clockText(row.until)} onChange={(text) => set('until', text)} />
      <IconButton icon="close" size="sm" label={`Remove ${day} ${clockText(row.start)} to ${clockText(row.until)}`} onPress={onRemove} />
    </div>
  );
}

function Day({ weekday, rows, onChange }: { weekday: number; rows: HoursRow[]; onChange: (rows: HoursRow[]) => void }) {
  const day = WEEKDAYS[weekday] ?? '';
  const last = rows[rows.length - 1];
  const add = () => {
    const start = last ? Math.min(last.until + 60, 1380) : 540;
    onChange([...rows, { weekday, start, until: Math.min(start + (last ? 120 : 480), 1440) }]);
  };
  return (
    <li className="hours-day">
      <span className="strong hours-name">{day}</span>
      <div className="grow stack-2">
        {rows.length ? null : <span className="muted hours-none">Not available</span>}
        {rows.map((row, index) => (
          <Row
            key={index}
            row={row}
            day={day}
            onChange={(changed) => onChange(rows.map((one, at) => (at === index ? changed : one)))}
            onRemove={() => onChange(rows.filter((_, at) => at !== index))}
          />
        ))}
      </div>
      <IconButton icon="plus" label={`Add hours on ${day}`} onPress={add} />
    </li>
  );
}

function Weekly({ stored }: { stored: Hours }) {
  const { sessions } = useModel();
  const queries = useQueryClient();
  const [hours, setHours] = useState(stored);
  const { isActing, trouble, act } = useAct();
  const change = (changes: Partial<Hours>) => setHours({ ...hours, ...changes });
  const save = () =>
    act(async () => {
      const saved = await sessions.setHours(hours);
      queries.setQueryData(['hours'], saved);
      setHours(saved);
      toast('Your hours are saved.');
    });
  return (
    <Card as="section" label="Weekly hours">
      <div className="stack">
        <div className="stack-2">
          <h2>Weekly hours</h2>
          <p className="small muted">When you may be asked for a session. Others see only that you are free or not, never why.</p>
        </div>
        <Select label="Time zone" choices={ZONES} value={hours.zone} onChange={(zone) => change({ zone })} />
        <ul className="hours-week">
          {WEEKDAYS.map((name, weekday) => (
            <Day
              key={name}
              weekday={weekday}
              rows={rowsOf(hours, weekday)}
              onChange={(rows) => change({ rows: [...hours.rows.filter((row) => row.weekday !== weekday), ...rows] })}
            />
          ))}
        </ul>
        <div className="session-fields">
          <Select
            label="Kept free around sessions"
            choices={withValue(BUFFERS, hours.buffer)}
            value={String(hours.buffer)}
            onChange={(id) => change({ buffer: Number(id) })}
          />
          <Select
            label="Shortest notice"
            choices={withValue(NOTICES, hours.notice)}
            value={String(hours.notice)}
            onChange={(id) => change({ notice: Number(id) })}
          />
        </div>
        {trouble ? (
          <Banner tone="stop" live>
            {trouble}
          </Banner>
        ) : null}
        <div className="row">
          <Button look="primary" isPending={isActing} isDisabled={hours === stored} onPress={() => void save()}>
            Save hours
          </Button>
        </div>
      </div>
    </Card>
  );
}

/** One's own calendar: weekly hours, exceptions, and the private address for a calendar program. */
export function HoursEditor() {
  const { sessions } = useModel();
  const hours = useQuery({ queryKey: ['hours'], queryFn: () => sessions.hours(), staleTime: Infinity });
  if (hours.isError) return <Banner tone="stop">{inWords(hours.error)}</Banner>;
  if (hours.isPending) return <Spinner label="Loading your hours" />;
  return (
    <div className="stack">
      <Weekly stored={hours.data} />
      <ExceptionsEditor zone={hours.data.zone} />
      <FeedCard />
    </div>
  );
}
