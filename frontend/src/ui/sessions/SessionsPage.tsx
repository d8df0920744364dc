import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { kindName, mayJoin, spanWords } from '../../model/sessions';
import type { SessionOut } from '../../wire.gen';
import { Avatar, Badge, Banner, Button, EmptyState, Page, Spinner, Tabs, type Tone } from '../kit';
import { useModel, useValue } from '../useModel';
import { HoursEditor } from './HoursEditor';
import { useNow, useSessionPage } from './useSessions';
import './sessions.css';

const STATUS: Record<SessionOut['status'], { tone: Tone; name: string }> = {
  held: { tone: 'wait', name: 'Held for you' },
  lapsed: { tone: 'plain', name: 'Hold ran out' },
  booked: { tone: 'good', name: 'Booked' },
  cancelled: { tone: 'stop', name: 'Cancelled' },
};

export function StatusBadge({ status }: { status: SessionOut['status'] }) {
  return <Badge tone={STATUS[status].tone}>{STATUS[status].name}</Badge>;
}

export function JoinLink({ session, now }: { session: SessionOut; now: number }) {
  if (!mayJoin(session, now)) return null;
  return (
    <Link to="/rooms/$roomId" params={{ roomId: session.id }} className="button button-primary button-md">
      Join the call
    </Link>
  );
}

/** What a session is called: to its patient without their own name. */
export function titleOf(session: SessionOut, isPatient: boolean): string {
  return isPatient ? kindName(session.kind) : `${kindName(session.kind)} about ${session.patient_name}`;
}

function DayLeaf({ at }: { at: number }) {
  return (
    <span className="day-leaf" aria-hidden="true">
      <span className="day-leaf-month">{new Intl.DateTimeFormat(undefined, { month: 'short' }).format(at)}</span>
      <span className="day-leaf-day">{new Intl.DateTimeFormat(undefined, { day: 'numeric' }).format(at)}</span>
    </span>
  );
}

function SessionRow({ session, now }: { session: SessionOut; now: number }) {
  const isPatient = useValue(useModel().session.me)?.kind === 'patient';
  const others = session.participants.filter((one) => one.state === 'expected');
  return (
    <li className="session-row">
      <DayLeaf at={session.starts_at} />
      <div className="grow stack-0">
        <div className="row">
          <Link to="/sessions/$sessionId" params={{ sessionId: session.id }} className="session-link">
            {titleOf(session, isPatient)}
          </Link>
          {session.status === 'booked' ? null : <StatusBadge status={session.status} />}
        </div>
        <span className="small muted">{spanWords(session.starts_at, session.ends_at)}</span>
        <span className="small muted truncate">{others.map((one) => one.name).join(', ')}</span>
      </div>
      <span className="session-faces" aria-hidden="true">
        {others.slice(0, 4).map((one) => (
          <Avatar key={one.user} name={one.name} size="sm" patient={one.is_patient} />
        ))}
      </span>
      <JoinLink session={session} now={now} />
    </li>
  );
}

function SessionList({ past }: { past: boolean }) {
  const [page, setPage] = useState(1);
  const found = useSessionPage(page, past);
  const now = useNow(15_000);
  if (found.isError) return <Banner tone="stop">The list could not be loaded. {found.error.message}</Banner>;
  if (found.isPending) return <Spinner label="Loading your sessions" />;
  if (found.data.sessions.length === 0 && page === 1)
    return (
      <EmptyState icon="calendar" title={past ? 'Nothing has taken place yet' : 'Nothing is planned'}>
        {past ? 'Sessions that are over are listed here.' : 'When a session is booked with you, it is listed here.'}
      </EmptyState>
    );
  return (
    <div className="stack">
      <ul className="session-list" aria-label={past ? 'Past sessions' : 'Sessions ahead'}>
        {found.data.sessions.map((session) => (
          <SessionRow key={session.id} session={session} now={now} />
        ))}
      </ul>
      {page > 1 || found.data.more ? (
        <div className="row">
          <Button isDisabled={page === 1} onPress={() => setPage(page - 1)}>
            Earlier in the list
          </Button>
          <Button isDisabled={!found.data.more} onPress={() => setPage(page + 1)}>
            More
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** What is planned, what took place, and when one may be asked. */
export function SessionsPage() {
  const { session } = useModel();
  const me = useValue(session.me);
  const [tab, setTab] = useState('ahead');
  const isPatient = me?.kind === 'patient';
  return (
    <Page
      title={isPatient ? 'Appointments' : 'Calendar'}
      lead={isPatient ? 'Sessions about you. You may always come to those you are asked to.' : 'Your sessions, and the hours in which you may be asked.'}
      actions={
        isPatient ? null : (
          <Link to="/sessions/new" className="button button-primary button-md">
            Find a time
          </Link>
        )
      }
    >
      <Tabs
        label="Sessions"
        value={tab}
        onChange={setTab}
        items={[
          { id: 'ahead', name: 'Ahead', content: <SessionList past={false} /> },
          { id: 'past', name: 'Past', content: <SessionList past /> },
          { id: 'hours', name: isPatient ? 'When you can' : 'Your hours', content: <HoursEditor /> },
        ]}
      />
    </Page>
  );
}
