/** A conversation as a list that holds a stretch of it, keeps its place while the stretch moves, and goes by keyboard. */
import { useEffect, useLayoutEffect, useRef, useState, type FocusEvent, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { VList, type VListHandle } from 'virtua';
import type { Line } from '../../model/timeline';
import { unreadWords } from '../../model/words';
import { Button } from '../kit';
import { TimelineLine, type LineProps } from './TimelineLine';

const NEAR_END_PX = 80;
/** So far before an end of what is held the next page is asked for. */
const NEAR_PAGE_PX = 800;
/** A message counts as seen once so much of the next one shows. */
const SEEN_PX = 24;

export type TimelineProps = Omit<LineProps, 'wanted'> & {
  lines: readonly Line[];
  /** Another number is another stretch: the list begins anew, at the target or at the end. */
  generation: number;
  /** The message to go to; another object goes there again. */
  target: { seq: number; isSought: boolean } | null;
  onEarlier: (() => void) | null;
  onLater: (() => void) | null;
  onNewest: () => void;
  /** How many messages of others have not been read. */
  unread: number;
  onSeen: (seq: number) => void;
  /** What stands above the list. */
  above?: ReactNode;
};

function lastSeq(lines: readonly Line[]): number {
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index];
    if (line && 'seq' in line) return line.seq;
  }
  return 0;
}

function keyOf(target: EventTarget): string | null {
  return target instanceof Element ? (target.closest<HTMLElement>('[data-key]')?.dataset.key ?? null) : null;
}

const isStop = (line: Line | undefined) => line !== undefined && line.kind !== 'event' && line.kind !== 'new' && line.kind !== 'withheld';

/** Says a new message once; the list itself is silent, since scrolling through it is no news. */
function useNews(lines: readonly Line[]): string {
  const [newest, setNewest] = useState('');
  const said = useRef<number | null>(null);
  useEffect(() => {
    const seq = lastSeq(lines);
    const line = lines[lines.length - 1];
    if (said.current !== null && seq > said.current && line?.kind === 'message' && !line.sender.isMe) setNewest(line.key);
    said.current = seq;
  }, [lines]);
  // Said from the line as it stands: what was taken back is not left in the page for a reader of screens alone.
  const line = lines.find((one) => one.key === newest);
  return line?.kind === 'message' ? `${line.sender.name}: ${line.text || (line.file ? 'sent a file' : '')}` : '';
}

/** Whether the first lines were added or let go of: then the list keeps its place by its end. */
function useShift(lines: readonly Line[]): boolean {
  const before = useRef(lines);
  const [first, old] = [lines[0]?.key, before.current[0]?.key];
  const isShift = first !== old && (lines.some((line) => line.key === old) || before.current.some((line) => line.key === first));
  useEffect(() => {
    before.current = lines;
  }, [lines]);
  return isShift;
}

/** Goes to the target when it changes, and first of all where the stretch begins to be read. */
function useTarget(list: RefObject<VListHandle | null>, { lines, target }: TimelineProps, onGone: (key: string) => void) {
  const sought = useRef<TimelineProps['target'] | undefined>(undefined);
  useLayoutEffect(() => {
    if (sought.current === target || lines.length === 0) return;
    const isFirst = sought.current === undefined;
    sought.current = target;
    if (!target) {
      if (isFirst) list.current?.scrollToIndex(lines.length - 1, { align: 'end' });
      return;
    }
    const found = lines.findIndex((line) => 'seq' in line && line.seq >= target.seq);
    if (found < 0) return;
    const isNews = lines[found - 1]?.kind === 'new' && !target.isSought;
    list.current?.scrollToIndex(isNews ? found - 1 : found, { align: isNews ? 'start' : 'center' });
    if (target.isSought) onGone(lines[found]?.key ?? '');
  }, [list, target, lines, onGone]);
}

/** Up and down from message to message; the one with the focus stays in the page, however far one scrolls. */
function useKeys(list: RefObject<VListHandle | null>, lines: readonly Line[], want: (key: string) => void) {
  const [focused, setFocused] = useState<string | null>(null);
  const index = focused === null ? -1 : lines.findIndex((line) => line.key === focused);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const handle = list.current;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const isOwn = event.target instanceof HTMLElement && event.target.matches('article, .line, [role=log]');
    if (!handle || step === 0 || !isOwn || event.altKey || event.ctrlKey || event.metaKey) return;
    const bottom = handle.findItemIndex(handle.scrollOffset + handle.viewportSize - SEEN_PX);
    let to = index < 0 ? (step < 0 ? bottom : bottom + 1) : index + step;
    while (to >= 0 && to < lines.length && !isStop(lines[to])) to += step;
    const line = lines[to];
    if (!line) return;
    event.preventDefault();
    handle.scrollToIndex(to, { align: 'nearest' });
    want(line.key);
  };
  return {
    kept: index < 0 ? [] : [index],
    onKeyDown,
    onFocus: (event: FocusEvent<HTMLElement>) => setFocused(keyOf(event.target)),
    onBlur: (event: FocusEvent<HTMLElement>) => {
      if (!event.currentTarget.contains(event.relatedTarget)) setFocused(null);
    },
  };
}

/** What is on the screen: told upwards as seen, and a page more is asked for where an end comes near. */
function useLook(list: RefObject<VListHandle | null>, { lines, onSeen, onEarlier, onLater }: TimelineProps) {
  const [isAtEnd, setAtEnd] = useState(false);
  const look = (isStill: boolean) => {
    const handle = list.current;
    if (!handle || handle.viewportSize === 0) return;
    const below = handle.scrollSize - handle.scrollOffset - handle.viewportSize;
    setAtEnd(below < NEAR_END_PX && onLater === null);
    if (!isStill) return;
    if (handle.scrollOffset < NEAR_PAGE_PX) onEarlier?.();
    if (below < NEAR_PAGE_PX) onLater?.();
    if (document.visibilityState !== 'visible') return;
    const bottom = below < NEAR_END_PX ? lines.length - 1 : handle.findItemIndex(handle.scrollOffset + handle.viewportSize - SEEN_PX);
    const seq = lastSeq(lines.slice(0, bottom + 1));
    if (seq) onSeen(seq);
  };
  const latest = useRef(look);
  useEffect(() => {
    latest.current = look;
  });
  useEffect(() => {
    const again = () => latest.current(true);
    document.addEventListener('visibilitychange', again);
    return () => document.removeEventListener('visibilitychange', again);
  }, []);
  return { isAtEnd, look };
}

function Stretch(props: TimelineProps) {
  const { lines, onNewest, unread } = props;
  const list = useRef<VListHandle>(null);
  const [wanted, setWanted] = useState<LineProps['wanted']>(null);
  const [goTo] = useState(() => (key: string) => setWanted({ key, isFound: true }));
  const isShift = useShift(lines);
  const { isAtEnd, look } = useLook(list, props);
  const keys = useKeys(list, lines, (key) => setWanted({ key, isFound: false }));
  useTarget(list, props, goTo);
  useEffect(() => {
    if (isAtEnd && lines.length) list.current?.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [isAtEnd, lines]);
  return (
    <>
      <VList
        ref={list}
        className="timeline"
        role="log"
        aria-live="off"
        aria-label="Messages"
        tabIndex={0}
        shift={isShift}
        keepMounted={keys.kept}
        onKeyDown={keys.onKeyDown}
        onFocus={keys.onFocus}
        onBlur={keys.onBlur}
        onScroll={() => look(false)}
        onScrollEnd={() => look(true)}
        onResize={() => {
          // A keyboard that opens, or a picture that arrives, does not take away the end that one is reading.
          if (isAtEnd) list.current?.scrollToIndex(lines.length - 1, { align: 'end' });
          look(true);
        }}
      >
        {lines.map((line, index) => (
          <TimelineLine key={line.key} line={line} before={lines[index - 1]} props={{ ...props, wanted }} />
        ))}
      </VList>
      {isAtEnd ? null : (
        <div className="to-end">
          <Button
            size="sm"
            icon="chevronDown"
            onPress={() => {
              if (props.onLater) onNewest();
              else list.current?.scrollToIndex(lines.length - 1, { align: 'end' });
            }}>
            {unread > 0 ? `Newest · ${unreadWords(unread)}` : 'Newest'}
          </Button>
        </div>
      )}
    </>
  );
}

export function Timeline(props: TimelineProps) {
  const news = useNews(props.lines);
  return (
    <div className="timeline-frame">
      <p className="visually-hidden" aria-live="polite">
        {news}
      </p>
      {props.above}
      <Stretch key={props.generation} {...props} />
    </div>
  );
}
