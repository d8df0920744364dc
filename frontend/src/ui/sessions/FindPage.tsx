import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { inWords } from '../../api/errors';
import { kindName, spanWords, type SessionKind, type Wish } from '../../model/sessions';
import type { FreeSlot, SessionOut, ThreadSummary } from '../../wire.gen';
import { Badge, Banner, Button, Card, EmptyState, Page, RadioGroup, Select, Spinner, TextField, toast } from '../kit';
import { useModel, useValue } from '../useModel';
import { PeoplePicker, type Chosen } from './PeoplePicker';
import { HoldPanel } from './SessionPage';
import './sessions.css';

const KINDS: { id: SessionKind; name: string; detail: string }[] = [
  { id: 'case_conference', name: kindName('case_conference'), detail: 'Clinicians first; the patient waits on hold and is let in when you are ready.' },
  { id: 'joint', name: kindName('joint'), detail: 'The patient is there from the start.' },
  { id: 'check_in', name: kindName('check_in'), detail: 'Brief, with whomever you choose.' },
];
const EARLY = [
  { id: '0', name: 'at the start' },
  { id: '5', name: '5 minutes before' },
  { id: '15', name: '15 minutes before' },
  { id: '30', name: '30 minutes before' },
  { id: '60', name: 'an hour before' },
];
const LENGTHS = [15, 30, 45, 60, 90, 120].map((minutes) => ({ id: String(minutes), name: `${minutes} minutes` }));
const DAY_MS = 86_400_000;

const dateField = (ms: number) => new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
const midnight = (date: string) => new Date(`${date}T00:00`).getTime();

type Form = { thread: string | null; kind: SessionKind; length: string; early: string; from: string; until: string };

/** The range that is searched, in ms: from now or the first day, until the end of the last. */
function rangeOf(form: Form): { starts: number; ends: number } | null {
  const starts = Math.max(midnight(form.from), Date.now());
  const ends = midnight(form.until) + DAY_MS;
  return Number.isFinite(starts) && Number.isFinite(ends) && starts < ends ? { starts, ends } : null;
}

function wishOf(thread: ThreadSummary, form: Form, people: readonly Chosen[]): Wish {
  return {
    patient: thread.patient,
    thread: thread.id,
    kind: form.kind,
    length: Number(form.length),
    early: Number(form.early),
    participants: people.filter((one) => one.place !== 'no').map((one) => ({ user: one.user, required: one.place === 'required' })),
  };
}

function SlotList({
  slots,
  optional,
  isHolding,
  onHold,
}: {
  slots: readonly FreeSlot[];
  optional: number;
  isHolding: boolean;
  onHold: (slot: FreeSlot) => void;
}) {
  return (
    <ol className="slot-list" aria-label="Times that suit everybody, the best first">
      {slots.map((slot) => (
        <li key={slot.starts_at} className="slot-row">
          <span className="grow stack-0">
            <span className="strong">{spanWords(slot.starts_at, slot.ends_at)}</span>
            {optional ? (
              <span className="small muted">
                {slot.optional_free} of {optional} optional {optional === 1 ? 'person' : 'people'} free
              </span>
            ) : null}
          </span>
          <Button isDisabled={isHolding} onPress={() => onHold(slot)} aria-label={`Hold ${spanWords(slot.starts_at, slot.ends_at)}`}>
            Hold
          </Button>
        </li>
      ))}
    </ol>
  );
}

/** Begins the session at once: everybody is told, and decides whether to come. */
function StartNow({ wish }: { wish: Wish | null }) {
  const { sessions } = useModel();
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: (wanted: Wish) => sessions.start(wanted),
    onSuccess: (begun) => navigate({ to: '/rooms/$roomId', params: { roomId: begun.id } }),
    onError: (error) => toast(inWords(error), 'stop'),
  });
  return (
    <Button isDisabled={wish === null} isPending={start.isPending} onPress={() => wish && start.mutate(wish)}>
      Start now instead
    </Button>
  );
}

function useFinding() {
  const { sessions } = useModel();
  const [slots, setSlots] = useState<FreeSlot[]>([]);
  const find = useMutation({
    mutationFn: ({ wish, range, page }: { wish: Wish; range: { starts: number; ends: number }; page: number }) => sessions.find(wish, range, page),
    onSuccess: (found) => setSlots((before) => (found.page === 1 ? found.slots : [...before, ...found.slots])),
  });
  return { find, slots };
}

function Results({ wish, range, asked }: { wish: Wish; range: { starts: number; ends: number }; asked: ReturnType<typeof useFinding> }) {
  const { sessions } = useModel();
  const navigate = useNavigate();
  const [held, setHeld] = useState<SessionOut | null>(null);
  const { find, slots } = asked;
  const again = () => find.mutate({ wish, range, page: 1 });
  const hold = useMutation({
    mutationFn: (slot: FreeSlot) => sessions.hold(wish, slot),
    onSuccess: setHeld,
    // Somebody was quicker: what is shown is out of date.
    onError: again,
  });
  const done = (after: SessionOut) => {
    if (after.status === 'booked') void navigate({ to: '/sessions/$sessionId', params: { sessionId: after.id } });
    else {
      setHeld(null);
      again();
    }
  };
  if (find.isError)
    return (
      <Banner tone="stop" live>
        {inWords(find.error)}
      </Banner>
    );
  if (find.isIdle) return null;
  if (!find.data) return <Spinner label="Looking through the calendars" />;
  return (
    <Card as="section" label="Times">
      <div className="stack">
        <h2>Times that suit everybody</h2>
        <p className="small muted">Shown in your own zone, the best first. You see when people are free, never why they are not.</p>
        {hold.isError ? (
          <Banner tone="stop" live>
            {inWords(hold.error)}
          </Banner>
        ) : null}
        {held ? (
          <div className="stack-2">
            <p className="strong">{spanWords(held.starts_at, held.ends_at)}</p>
            {held.participants.some((one) => one.state === 'needs_consent') ? (
              <p className="small">
                <Badge tone="wait">Waits for permission</Badge>{' '}
                {held.participants
                  .filter((one) => one.state === 'needs_consent')
                  .map((one) => one.name)
                  .join(', ')}
                : nothing is shown to them until the patient agrees.
              </p>
            ) : null}
            <HoldPanel session={held} onDone={done} />
          </div>
        ) : slots.length === 0 ? (
          <EmptyState icon="calendar" title="No time suits everybody">
            Search a longer range, make it shorter, or make somebody optional.
          </EmptyState>
        ) : (
          <>
            <SlotList slots={slots} optional={find.data.optional} isHolding={hold.isPending} onHold={(slot) => hold.mutate(slot)} />
            {find.data.more ? (
              <Button isPending={find.isPending} onPress={() => find.mutate({ wish, range, page: (find.data?.page ?? 1) + 1 })}>
                More times
              </Button>
            ) : null}
          </>
        )}
      </div>
    </Card>
  );
}

/** Finding a time: with whom, how long, within which days; then holding one of the times and booking it. */
export function FindPage() {
  const { threads, session } = useModel();
  const list = useValue(threads.list);
  const me = useValue(session.me);
  const { thread: wanted } = useSearch({ from: '/sessions/new' });
  const [form, setForm] = useState<Form>({
    thread: wanted ?? null,
    kind: 'case_conference',
    length: '60',
    early: '15',
    from: dateField(Date.now()),
    until: dateField(Date.now() + 13 * DAY_MS),
  });
  const [people, setPeople] = useState<Chosen[] | null>(null);
  const asked = useFinding();
  if (list === null) return <Spinner label="Loading your conversations" />;
  const open = list.filter((one) => one.standing === 'member' && !one.closed);
  const thread = open.find((one) => one.id === form.thread) ?? (open.length === 1 ? open[0] : undefined);
  const chosen =
    people ?? thread?.members.filter((one) => one.user !== me?.id).map((one): Chosen => ({ ...one, place: one.may_read ? 'required' : 'no' })) ?? [];
  const change = (changes: Partial<Form>) => setForm({ ...form, ...changes });
  const range = rangeOf(form);
  const listed = form.kind === 'joint' ? chosen.map((one): Chosen => (one.is_patient ? { ...one, place: 'required' } : one)) : chosen;
  const wish = thread ? wishOf(thread, form, listed) : null;
  const ready = wish !== null && range !== null && wish.participants.length > 0;
  return (
    <Page title="Find a time" width="narrow" lead="For a session with colleagues of any organisation, and with the patient if you like.">
      <Card as="section" label="The session">
        <div className="stack">
          <Select
            label="About"
            hint="The session belongs to this conversation, and the permissions given in it hold for it."
            choices={open.map((one) => ({ id: one.id, name: one.patient_name, detail: one.labels.join(', ') }))}
            value={thread?.id ?? null}
            onChange={(id) => {
              change({ thread: id });
              setPeople(null);
            }}
          />
          <RadioGroup label="Kind" choices={KINDS} value={form.kind} onChange={(kind) => change({ kind })} />
          {thread ? <PeoplePicker people={listed} onChange={setPeople} patientMustCome={form.kind === 'joint'} own={me?.id ?? ''} /> : null}
          <div className="session-fields">
            <Select label="Length" choices={LENGTHS} value={form.length} onChange={(length) => change({ length })} />
            <Select label="Lobby opens" choices={EARLY} value={form.early} onChange={(early) => change({ early })} />
            <TextField label="From" type="date" value={form.from} onChange={(from) => change({ from })} />
            <TextField
              label="Until"
              type="date"
              value={form.until}
              onChange={(until) => change({ until })}
              error={range ? undefined : 'Choose a last day that is not before the first.'}
            />
          </div>
          <div className="row">
            <Button
              look="primary"
              icon="search"
              isDisabled={!ready}
              isPending={asked.find.isPending}
              onPress={() => wish && range && asked.find.mutate({ wish, range, page: 1 })}
            >
              Find times
            </Button>
            <StartNow wish={ready ? wish : null} />
          </div>
        </div>
      </Card>
      {wish && range ? <Results key={JSON.stringify([wish, form.from, form.until])} wish={wish} range={range} asked={asked} /> : null}
    </Page>
  );
}
