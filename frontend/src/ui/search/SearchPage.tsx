import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Found, SearchScope } from '../../model/search';
import { coverageWords } from '../../model/searchWords';
import type { ThreadSummary } from '../../wire.gen';
import { Banner, Button, EmptyState, Page, SearchField, Select, type Choice } from '../kit';
import { useModel, useValue } from '../useModel';
import { Result } from './Result';

const FIRST = 30;
const ALL = 'all';
const PATIENT = 'patient ';
const THREAD = 'thread ';

/** Everything, each patient, and the conversation that one came from. */
function scopesOf(list: readonly ThreadSummary[], thread: string | undefined): Choice[] {
  const from = list.find(({ id }) => id === thread);
  const patients = new Map(list.map(({ patient, patient_name: name }) => [patient, name]));
  return [
    { id: ALL, name: 'All conversations' },
    ...(from ? [{ id: `${THREAD}${from.id}`, name: 'This conversation' }] : []),
    ...(patients.size > 1 ? [...patients].map(([id, name]) => ({ id: `${PATIENT}${id}`, name: `About ${name}` })) : []),
  ];
}

function scopeOf(choice: string): SearchScope {
  if (choice.startsWith(PATIENT)) return { patient: choice.slice(PATIENT.length) };
  return choice.startsWith(THREAD) ? { thread: choice.slice(THREAD.length) } : {};
}

/** The answer to the newest question; null while there is none. */
function useFound(asked: string, scope: SearchScope, limit: number): Found | null {
  const { search } = useModel().threads;
  const version = useValue(search.version);
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    let isCurrent = true;
    if (asked.trim() === '') setFound(null);
    // Locked meanwhile: the page goes with the keys.
    else void search.find(asked, scope, limit).then((answer) => isCurrent && setFound(answer)).catch(() => undefined);
    return () => {
      isCurrent = false;
    };
  }, [search, asked, scope, limit, version]);
  return found;
}

function CoverageLine() {
  const { threads, link } = useModel();
  const { search } = threads;
  const coverage = useValue(search.coverage);
  const isGoingBack = useValue(search.isGoingBack);
  const isOnline = useValue(link) === 'online';
  return (
    <div className="search-cover">
      <p className="small muted grow" role="status">
        {coverageWords(coverage)}
        {isOnline || coverage.isWhole ? '' : ' Without a connection it goes back no further.'}
      </p>
      {isGoingBack ? (
        <Button size="sm" icon="pause" onPress={() => search.stopGoingBack()}>
          Stop going back
        </Button>
      ) : coverage.isWhole || coverage.of === 0 ? null : (
        <Button size="sm" icon="clock" isDisabled={!isOnline} onPress={() => void search.goBack()}>
          Keep going back
        </Button>
      )}
    </div>
  );
}

function Results({ found, onMore }: { found: Found; onMore: () => void }) {
  const { isWhole } = useValue(useModel().threads.search.coverage);
  if (found.total === 0)
    return (
      <EmptyState icon="search" title="Nothing found">
        {isWhole ? 'No message that you may read has words that begin so.' : 'No message that is searched so far has words that begin so. Go further back to search older ones.'}
      </EmptyState>
    );
  return (
    <>
      <ol className="case-list search-results" aria-label="Messages found">
        {found.messages.map((message) => (
          <Result key={message.key} message={message} />
        ))}
      </ol>
      {found.total > found.messages.length ? <Button onPress={onMore}>Show more</Button> : null}
    </>
  );
}

/** Arrows go from the field through the results and back. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input[type="search"], .search-results a')];
  const at = stops.indexOf(event.target as HTMLElement);
  const next = stops[at + step];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}

export function SearchPage() {
  const { threads, link } = useModel();
  const { search } = threads;
  const { thread }: { thread?: string } = useSearch({ strict: false });
  const navigate = useNavigate();
  const list = useValue(threads.list);
  const isOnline = useValue(link) === 'online';
  const asked = useValue(search.asked);
  const [choice, setChoice] = useState(thread ? `${THREAD}${thread}` : ALL);
  const [limit, setLimit] = useState(FIRST);
  const scope = useMemo(() => scopeOf(choice), [choice]);
  const found = useFound(asked, scope, limit);
  const body = useRef<HTMLDivElement>(null);
  const choices = scopesOf(list ?? [], thread);
  // Anew when the connection is back.
  useEffect(() => search.watch(), [search, isOnline]);
  useEffect(() => body.current?.querySelector('input')?.focus(), []);
  const open = () => {
    const [first] = found?.messages ?? [];
    if (first) void navigate({ to: '/threads/$threadId', params: { threadId: first.thread }, search: { seq: first.seq } });
  };
  return (
    <Page title="Search" width="narrow" lead="Searched on this device alone: the server learns neither your words nor what you find.">
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the arrows belong to the field and the list in it */}
      <div className="stack" ref={body} onKeyDown={moveFocus}>
        <div className="search-head">
          <SearchField label="Search messages" placeholder="Words that a message has" value={asked} onChange={(text) => search.asked.set(text)} onSubmit={open} />
          {choices.length > 1 ? <Select label="Where" hideLabel choices={choices} value={choice} onChange={setChoice} /> : null}
        </div>
        <CoverageLine />
        {found ? (
          <>
            <p className="visually-hidden" role="status">
              {found.total === 0 ? 'Nothing found' : `${found.total} found`}
            </p>
            <Results found={found} onMore={() => setLimit(limit + FIRST)} />
          </>
        ) : (
          <EmptyState icon="search" title="Find what was written">
            Every word that you type must begin a word of the message, or of the name of its file. Accents and capitals make no difference.
          </EmptyState>
        )}
        {list === null ? <Banner tone="wait">Your conversations are not here yet.</Banner> : null}
      </div>
    </Page>
  );
}
