import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { countdown, otherZoneWords, spanWords, stateWords } from '../../model/sessions';
import { roleName } from '../../model/words';
import type { ParticipantOut, SessionOut } from '../../wire.gen';
import { inWords } from '../../api/errors';
import { Avatar, Badge, Banner, Button, Card, Dialog, Page, Spinner, TextArea, toast, type Tone } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';
import { JoinLink, StatusBadge, titleOf } from './SessionsPage';
import { useForgetSessions, useNow, useSession } from './useSessions';
import './sessions.css';

const TONE: Record<ParticipantOut['state'], Tone> = {
  expected: 'good',
  needs_consent: 'wait',
  time_taken: 'plain',
  declined: 'plain',
  withdrawn: 'stop',
};

function Person({ person }: { person: ParticipantOut }) {
  return (
    <li className="session-person">
      <Avatar name={person.name} patient={person.is_patient} />
      <span className="grow stack-0">
        <span className="strong">{person.name}</span>
        <span className="small muted">
          {roleName(person.role)}
          {person.organisation ? ` · ${person.organisation}` : ''}
          {person.is_organiser ? ' · called this session' : person.required ? '' : ' · optional'}
        </span>
      </span>
      <Badge tone={TONE[person.state]}>{stateWords(person.state)}</Badge>
    </li>
  );
}

/** The minutes that are left to book, and booking. */
export function HoldPanel({ session, onDone }: { session: SessionOut; onDone: (session: SessionOut) => void }) {
  const { sessions } = useModel();
  const now = useNow();
  const { isActing, trouble, act } = useAct();
  const forget = useForgetSessions();
  const left = (session.expires_at ?? 0) - now;
  const run = (work: () => Promise<SessionOut>, said: string) =>
    void act(async () => {
      const after = await work();
      await forget();
      toast(said);
      onDone(after);
    });
  const over = session.status !== 'held' || left <= 0;
  return (
    <Banner tone={over ? 'stop' : 'wait'} icon="clock" title={over ? 'The hold has run out' : 'This time is held for you'}>
      <div className="stack-2">
        {over ? (
          <p>All calendars are free again. Find a time once more.</p>
        ) : (
          <p>
            Nobody else can take it for <span className="mono">{countdown(left)}</span>. Nobody has been told yet.
          </p>
        )}
        {trouble ? <p role="alert">{trouble}</p> : null}
        {over ? null : (
          <div className="row">
            <Button look="primary" isPending={isActing} onPress={() => run(() => sessions.book(session.id), 'Booked. Everybody on the list has been told.')}>
              Book it
            </Button>
            <Button isDisabled={isActing} onPress={() => run(() => sessions.cancel(session.id), 'The time is free again.')}>
              Let it go
            </Button>
          </div>
        )}
      </div>
    </Banner>
  );
}

function CancelDialog({ session, onClose }: { session: SessionOut; onClose: () => void }) {
  const { sessions } = useModel();
  const [reason, setReason] = useState('');
  const { isActing, trouble, act } = useAct();
  const forget = useForgetSessions();
  const cancel = () =>
    act(async () => {
      await sessions.cancel(session.id, reason.trim());
      await forget();
      toast('Cancelled for everybody.');
      onClose();
    });
  return (
    <Dialog
      title="Cancel this session?"
      isOpen
      onClose={onClose}
      role="alertdialog"
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button look="danger" isPending={isActing} onPress={() => void cancel()}>
            Cancel for everybody
          </Button>
        </>
      }
    >
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      <p>{spanWords(session.starts_at, session.ends_at)}</p>
      <TextArea
        label="Why?"
        hint="Everybody on the list reads this. Not encrypted: write nothing clinical here."
        value={reason}
        onChange={setReason}
        maxLength={300}
      />
    </Dialog>
  );
}

function Acts({ session, isPatient }: { session: SessionOut; isPatient: boolean }) {
  const { sessions } = useModel();
  const navigate = useNavigate();
  const now = useNow(15_000);
  const [isCancelling, setCancelling] = useState(false);
  const { isActing, trouble, act } = useAct();
  const forget = useForgetSessions();
  const isAhead = session.status === 'booked' && now < session.ends_at;
  const decline = () =>
    act(async () => {
      await sessions.decline(session.id);
      await forget();
      toast('Declined. The person who called this session has been told.');
      await navigate({ to: '/sessions' });
    });
  return (
    <>
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      <div className="row">
        <JoinLink session={session} now={now} />
        {session.status === 'booked' || session.status === 'cancelled' ? (
          <a className="button button-secondary button-md" href={sessions.calendarPath(session.id)} download="consilium.ics">
            Add to my calendar
          </a>
        ) : null}
        {isAhead && (session.you_organise || isPatient) ? (
          <Button look="danger-quiet" onPress={() => setCancelling(true)}>
            Cancel the session
          </Button>
        ) : null}
        {isAhead && !session.you_organise ? (
          <Button look="quiet" isPending={isActing} onPress={() => void decline()}>
            I cannot come
          </Button>
        ) : null}
      </div>
      {isCancelling ? <CancelDialog session={session} onClose={() => setCancelling(false)} /> : null}
    </>
  );
}

function Detail({ session }: { session: SessionOut }) {
  const me = useValue(useModel().session.me);
  const elsewhere = otherZoneWords(session.starts_at, session.zone);
  const waiting = session.participants.some((one) => one.state === 'needs_consent');
  return (
    <Page title={titleOf(session, me?.kind === 'patient')} width="narrow" lead={spanWords(session.starts_at, session.ends_at)}>
      <div className="row">
        <StatusBadge status={session.status} />
        {elsewhere ? <span className="small muted">Agreed as {elsewhere}</span> : null}
      </div>
      {session.status === 'held' || session.status === 'lapsed' ? <HoldPanel session={session} onDone={() => undefined} /> : null}
      {session.status === 'cancelled' ? (
        <Banner tone="stop" title="This session was cancelled">
          {session.reason}
        </Banner>
      ) : null}
      <Acts session={session} isPatient={me?.kind === 'patient'} />
      <Card as="section" label="People">
        <div className="stack-2">
          <h2>Who comes</h2>
          <ul className="session-people">
            {session.participants.map((person) => (
              <Person key={person.user} person={person} />
            ))}
          </ul>
          {waiting ? (
            <p className="small muted">Those who wait for the patient’s permission have heard nothing. They are told as soon as it is given.</p>
          ) : null}
        </div>
      </Card>
    </Page>
  );
}

export function SessionPage() {
  const { sessionId }: { sessionId?: string } = useParams({ strict: false });
  const found = useSession(sessionId ?? '');
  if (found.isError)
    return (
      <Banner tone="stop" live>
        {inWords(found.error)}
      </Banner>
    );
  if (found.isPending) return <Spinner label="Opening the session" />;
  return <Detail session={found.data} />;
}
