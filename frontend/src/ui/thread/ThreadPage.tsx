import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { answerWords } from '../../model/answerTime';
import { instrument, instruments } from '../../model/scoring';
import { openRequests, resultsOf, screeningRequest, screeningResponse } from '../../model/screening';
import type { MessageLine } from '../../model/timeline';
import type { OpenThread } from '../../model/openThread';
import type { UrgencyWish } from '../../crypto/vaultApi';
import { AttachZone } from '../attachments';
import type { ReaderView, ThreadView } from '../../model/threadView';
import { Avatar, Badge, Banner, Button, Dialog, EmptyState, Icon, Menu, Spinner, toast, usePageTitle, type MenuChoice } from '../kit';
import { ScreeningForm } from '../screening/ScreeningForm';
import { Trend } from '../screening/Trend';
import { CrisisNote, UrgencyBar, UrgencyContext } from '../urgency';
import { useModel, useValue } from '../useModel';
import type { Observable } from '../../model/observable';
import { Composer } from './Composer';
import { DateDialog } from './DateDialog';
import { EndDialog } from './EndDialog';
import { FollowUp } from './FollowUp';
import { HandOver } from './HandOver';
import { InviteDialog } from './InviteDialog';
import { KeyDialog } from './KeyDialog';
import { NameDialog } from './NameDialog';
import { PinnedBar } from './PinnedBar';
import { Readers } from './Readers';
import { RetractDialog } from './RetractDialog';
import { AboutBar } from './Said';
import { useSpeech, type About } from './useSpeech';
import { Timeline } from './Timeline';
import { ViewerContext } from './viewer';

function readersLine(view: ThreadView): string {
  const names = view.readers.filter((reader) => !reader.isMe).map((reader) => reader.name);
  if (view.recordsKey) names.push('the records key');
  if (names.length === 0) return 'Nobody else can read this yet.';
  return `Sealed for ${names.join(', ')}.`;
}

type HeadProps = { view: ThreadView; isPatient: boolean; onInvite: () => void; onReaders: () => void; onName: () => void; onEnd: () => void; onDate: () => void };

function moreOf({ view, isPatient, onName, onEnd, onDate }: HeadProps): MenuChoice[] {
  const choices: MenuChoice[] = [{ id: 'date', name: 'Go to a date', icon: 'calendar', onAction: onDate }];
  if (isPatient || !view.canPost) return choices;
  choices.push({ id: 'name', name: view.subject ? 'Rename it' : 'Give it a name', icon: 'message', onAction: onName });
  if (view.mayClose) choices.push({ id: 'end', name: 'Close it', icon: 'lock', onAction: onEnd });
  return choices;
}

function Head(props: HeadProps) {
  const { view, isPatient, onInvite, onReaders } = props;
  const { threads } = useModel();
  const canAsk = !isPatient && view.canPost;
  const others = view.readers.filter((one) => !one.isMe).map((one) => one.name);
  const company = view.phase === 'stopped' && others.length === 0 ? 'Conversation' : `With ${others.join(', ') || 'nobody yet'}`;
  const title = isPatient ? view.subject || company : view.patientName || 'Conversation';
  const line = isPatient ? '' : view.subject;
  return (
    <header className="thread-head">
      <Link to={isPatient ? '/conversations' : '/'} className="icon-button button-quiet icon-button-md thread-back" aria-label="Back to the list">
        <Icon name="arrowLeft" />
      </Link>
      <Avatar name={view.patientName} patient />
      <div className="grow stack-0">
        <h1 className="truncate">{title}</h1>
        <p className="small muted thread-line">
          <Icon name="lock" size={14} /> <span className={line ? 'truncate' : 'thread-lock-text'}>{line || 'End-to-end encrypted'}</span>
          {view.labels.map((label) => (
            <Badge key={label}>{label}</Badge>
          ))}
        </p>
      </div>
      <div className="thread-actions">
        {canAsk ? (
          <Menu
            label="Ask for a screening"
            className="button button-secondary button-md"
            trigger={
              <>
                <Icon name="clipboard" size={18} />
                <span className="button-label">Screening</span>
              </>
            }
            choices={instruments().map((one) => ({
              id: one.id,
              name: `Ask for the ${one.name}`,
              icon: 'clipboard' as const,
              onAction: () => void threads.post(view.id, screeningRequest(one)),
            }))}
          />
        ) : null}
        {canAsk ? (
          <Link to="/sessions/new" search={{ thread: view.id }} className="button button-secondary button-md">
            <Icon name="calendar" size={18} />
            <span className="button-label">Plan a session</span>
          </Link>
        ) : null}
        {canAsk && view.mayInvite ? (
          <span className="only-narrow">
            <Button icon="personAdd" onPress={onInvite}>
              Invite
            </Button>
          </span>
        ) : null}
        {view.phase === 'ready' ? <Menu label="More about this conversation" choices={moreOf(props)} /> : null}
        <span className="only-narrow">
          <Button icon="eye" onPress={onReaders} aria-label={`Who can read this: ${view.readers.length}`}>
            Who reads
          </Button>
        </span>
      </div>
    </header>
  );
}

/** A hard stop: whose key was replaced is compared and taken, or nothing is written. */
function ChangedKeys({ view }: { view: ThreadView }) {
  const { threads } = useModel();
  const [comparing, setComparing] = useState<ReaderView | null>(null);
  return (
    <div className="thread-notice">
      <Banner tone="stop" live title="Nothing is sent until you have checked">
        {view.changed.map((person) => (
          <p key={person.user} className="row">
            The key of {person.name} was replaced.
            <Button size="sm" onPress={() => setComparing(person)}>
              Compare and decide
            </Button>
          </p>
        ))}
      </Banner>
      {comparing ? <KeyDialog comparing={threads.comparingIn(view.id, comparing.user)} person={comparing} onClose={() => setComparing(null)} /> : null}
    </div>
  );
}

/** What is written of urgency here: how the messages stand, and the wish for the next one. */
function useUrgency(view: ThreadView) {
  const { threads, session } = useModel();
  const held = useValue(threads.urgencies.of(view.id));
  const me = useValue(session.me)?.id ?? '';
  // Before the log is here there is nothing to verify with, and one who waits for permission would be refused.
  const isReady = view.phase === 'ready' && view.version > 0;
  useEffect(() => {
    if (isReady) void threads.urgencies.refresh(view.id).catch(() => undefined);
  }, [threads, view.id, view.version, isReady]);
  return useMemo(
    () => ({
      held,
      me,
      nameOf: (user: string) => (user === me ? 'you' : (view.readers.find((one) => one.user === user)?.name ?? 'somebody')),
      acknowledge: (msgId: string) => threads.urgencies.acknowledge(view.id, msgId),
    }),
    [threads, held, me, view.id, view.readers],
  );
}

type BelowProps = {
  view: ThreadView;
  draft: Observable<string>;
  isPatient: boolean;
  trouble: string;
  about: About | null;
  onLeave: () => void;
  onSend: (text: string, wish: UrgencyWish | null) => Promise<void>;
};

function Below({ view, draft, isPatient, trouble, about, onLeave, onSend }: BelowProps) {
  const [wish, setWish] = useState<UrgencyWish | null>(null);
  const readers = readersLine(view);
  const isEdit = about?.what === 'edit';
  const send = async (text: string) => {
    // A change is no new message: what was wished for the next one stays wished.
    if (!isEdit) setWish(null);
    await onSend(text, isEdit ? null : wish);
  };
  if (view.phase === 'stopped')
    return (
      <div className="thread-notice">
        <Banner tone="stop" live title="This conversation is stopped">
          {view.trouble} <Badge tone="stop">{view.code}</Badge>
        </Banner>
      </div>
    );
  if (view.changed.length > 0) return <ChangedKeys view={view} />;
  if (!view.canPost)
    return (
      <div className="thread-notice">
        <Banner tone="wait" icon="lock">
          <p>{view.whyNot}</p>
          {view.isClosed && !isPatient ? <FollowUp view={view} /> : null}
        </Banner>
      </div>
    );
  const people = view.readers.filter((one) => !one.isMe);
  return (
    <AttachZone threadId={view.id} canAttach={view.canAttach} readers={readers}>
      {(button) => (
        <>
          {trouble ? (
            <Banner tone="stop" live>
              {trouble}
            </Banner>
          ) : null}
          {isPatient ? <CrisisNote isUrgent={wish !== null} /> : null}
          {isEdit ? null : <UrgencyBar thread={view.id} readers={view.readers} wish={wish} onChange={setWish} />}
          <Composer
            draft={draft}
            readers={readers}
            expected={answerWords(people)}
            people={people}
            onSend={send}
            leading={isEdit ? null : button}
            above={about ? <AboutBar about={about} onCancel={onLeave} /> : null}
            isSummoned={about !== null}
          />
        </>
      )}
    </AttachZone>
  );
}

function Side({ view, isPatient, onInvite }: { view: ThreadView; isPatient: boolean; onInvite: () => void }) {
  const results = useMemo(() => [...resultsOf(view.cards).values()], [view.cards]);
  return (
    <>
      {view.phase === 'ended' ? <p className="small muted">You cannot see any more who reads this.</p> : null}
      {view.readers.length === 0 ? null : <Readers threadId={view.id} version={view.version} onInvite={isPatient || !view.mayInvite ? null : onInvite} />}
      {view.isWitnessed && !isPatient ? <HandOver patientId={view.patient} /> : null}
      {results.length ? (
        <section className="side-block" aria-labelledby="scores-title">
          <h2 className="side-title" id="scores-title">
            <span className="row">
              <Icon name="chart" size={18} /> Screening over time
            </span>
          </h2>
          {results.map((course) => (
            <Trend key={course[0]?.instrument.id} results={course} />
          ))}
        </section>
      ) : null}
    </>
  );
}

/** Goes to the message that an address names, as soon as the conversation is open; once for each arrival. */
function useArrival(view: ThreadView, jump: (seq: number) => void): void {
  const { seq }: { seq?: number } = useSearch({ strict: false });
  const arrived = useRef(0);
  const latest = useRef(jump);
  useEffect(() => {
    latest.current = jump;
  });
  const isReady = view.phase === 'ready' && view.lines.length > 0;
  useEffect(() => {
    if (!seq || !isReady || arrived.current === seq) return undefined;
    // The page that opens goes to where one had stopped reading, and takes the focus: this comes after both.
    const frame = requestAnimationFrame(() => {
      arrived.current = seq;
      latest.current(seq);
    });
    return () => cancelAnimationFrame(frame);
  }, [seq, isReady]);
}

function Thread({ thread }: { thread: OpenThread }) {
  const { threads, session } = useModel();
  const me = useValue(session.me);
  const view = useValue(thread.view);
  const [isInviting, setInviting] = useState(false);
  const [isReading, setReading] = useState(false);
  const [isNaming, setNaming] = useState(false);
  const [isEnding, setEnding] = useState(false);
  const [isDating, setDating] = useState(false);
  const [answering, setAnswering] = useState<MessageLine | null>(null);
  const isPatient = me?.kind === 'patient';
  usePageTitle(view.patientName || 'Conversation');
  const viewer = useMemo(() => ({ isPatient, open: new Set(openRequests([...view.cards, ...view.lines.filter((line) => line.kind === 'outgoing')]).map((line) => line.msgId)) }), [isPatient, view.cards, view.lines]);
  const known = useMemo(() => new Set(view.readers.map((reader) => reader.user)), [view.readers]);
  const onSeen = useCallback((seq: number) => thread.markRead(seq), [thread]);
  const onEarlier = useCallback(() => void thread.loadEarlier(), [thread]);
  const onLater = useCallback(() => void thread.loadLater(), [thread]);
  const onNewest = useCallback(() => void thread.toNewest(), [thread]);
  const unread = useValue(threads.list)?.find((one) => one.id === view.id)?.unread ?? 0;
  const asked = answering?.card?.kind === 'screening.request' ? instrument(answering.card.instrument) : undefined;
  const outgoing = useMemo(
    () => ({ onRetry: (id: string) => void threads.retry(id), onEdit: (id: string) => void threads.takeBack(id), onDiscard: (id: string) => void threads.discard(id) }),
    [threads],
  );
  const speech = useSpeech(thread, view);
  useArrival(view, speech.jump);
  const urgency = useUrgency(view);
  return (
    <ViewerContext.Provider value={viewer}>
      <UrgencyContext.Provider value={urgency}>
      <div className="thread">
        <Head view={view} isPatient={isPatient} onInvite={() => setInviting(true)} onReaders={() => setReading(true)} onName={() => setNaming(true)} onEnd={() => setEnding(true)} onDate={() => setDating(true)} />
        {view.phase === 'loading' ? (
          <Spinner label="Opening the conversation" />
        ) : view.phase === 'stopped' && view.lines.length === 0 ? (
          <EmptyState icon="alert" title="Nothing can be shown">
            What the server gave for this conversation did not hold when this device checked it.
          </EmptyState>
        ) : view.lines.length === 0 ? (
          <EmptyState icon="message" title="Nothing written yet">
            What you write here is sealed on this device for the people who can read it now.
          </EmptyState>
        ) : (
          <Timeline
            lines={view.lines}
            reachOf={view.reachOf}
            outgoing={outgoing}
            generation={view.generation}
            onEarlier={view.hasEarlier ? onEarlier : null}
            onLater={view.hasLater ? onLater : null}
            onNewest={onNewest}
            unread={unread}
            above={<PinnedBar pinned={view.pinned} onJump={speech.jump} onUnpin={view.canPost ? (line) => void threads.pin(view.id, line, false) : null} />}
            onSeen={onSeen}
            onAnswer={setAnswering}
            acts={view.canPost ? speech.acts : null}
            onJump={speech.jump}
            target={view.target}
          />
        )}
        <Below
          view={view}
          draft={speech.draft}
          isPatient={isPatient}
          trouble={urgency.held.trouble}
          about={speech.about}
          onLeave={speech.leave}
          onSend={speech.send}
        />
        <aside className="thread-side" aria-label="About this conversation">
          <Side view={view} isPatient={isPatient} onInvite={() => setInviting(true)} />
        </aside>
      </div>
      <Dialog title="About this conversation" isOpen={isReading} onClose={() => setReading(false)} size="sm">
        <Side view={view} isPatient={isPatient} onInvite={() => setInviting(true)} />
      </Dialog>
      {speech.retracting ? <RetractDialog threadId={view.id} line={speech.retracting} onClose={speech.keep} /> : null}
      {isEnding ? <EndDialog threadId={view.id} onClose={() => setEnding(false)} /> : null}
      {isDating ? <DateDialog thread={thread} onClose={() => setDating(false)} /> : null}
      {isNaming ? <NameDialog threadId={view.id} subject={view.subject} isOpen onClose={() => setNaming(false)} /> : null}
      <InviteDialog threadId={view.id} patientName={view.patientName} known={known} isOpen={isInviting} onClose={() => setInviting(false)} />
      {asked && answering ? (
        <ScreeningForm
          instrument={asked}
          isOpen
          onClose={() => setAnswering(null)}
          onSubmit={async (answers) => {
            await threads.post(view.id, screeningResponse(asked, answering.msgId, answers, Date.now()));
            setAnswering(null);
            toast('Your answers are on their way.');
          }}
        />
      ) : null}
      </UrgencyContext.Provider>
    </ViewerContext.Provider>
  );
}

export function ThreadPage() {
  const { threadId }: { threadId?: string } = useParams({ strict: false });
  const { threads } = useModel();
  const thread = useMemo(() => (threadId ? threads.open(threadId) : null), [threads, threadId]);
  useEffect(() => thread?.watch(), [thread]);
  if (!thread) return <EmptyState icon="message" title="There is nothing here that you can open" />;
  return <Thread key={threadId} thread={thread} />;
}
