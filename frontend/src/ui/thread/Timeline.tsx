import { useEffect, useRef, useState } from 'react';
import { VList, type VListHandle } from 'virtua';
import { clockOf, dayHeading } from '../../model/words';
import type { Line, MessageLine, OutgoingLine, Reach } from '../../model/timeline';
import { FileView } from '../attachments';
import { Avatar, Badge, Button, Icon } from '../kit';
import { UrgencyMark } from '../urgency';
import { CardView } from './CardView';
import { MessageMenu, type MessageActs } from './MessageMenu';
import { Outgoing, type OutgoingActs } from './Outgoing';
import { ClockNote, Edited, Quoted, Retracted, Text } from './Said';

const TOGETHER_MS = 5 * 60_000;
const NEAR_END_PX = 80;

export type TimelineProps = {
  lines: readonly Line[];
  reachOf: (seq: number) => Reach | null;
  outgoing: OutgoingActs;
  onEarlier: (() => void) | null;
  onSeen: (seq: number) => void;
  onAnswer: (request: MessageLine) => void;
  /** Null where nothing can be written. */
  acts: MessageActs | null;
  onJump: (seq: number) => void;
  /** The message to go to; another object goes there again. */
  target: { seq: number } | null;
};

function reachWords(reach: Reach): string {
  const total = reach.read.length + reach.delivered.length + reach.waiting.length + reach.failed.length;
  if (total === 0) return 'Kept';
  if (reach.failed.length) return `Could not be read by ${reach.failed.map((one) => one.name).join(', ')}`;
  if (reach.read.length === total) return total === 1 ? 'Read' : 'Read by all';
  if (reach.read.length) return `Read by ${reach.read.join(', ')}`;
  if (reach.delivered.length) return reach.waiting.length ? `Delivered to ${reach.delivered.length} of ${total}` : 'Delivered';
  return 'Sent';
}

function ReachMark({ reach }: { reach: Reach }) {
  const words = reachWords(reach);
  const isTrouble = reach.failed.length > 0;
  return (
    <span className={`mark${isTrouble ? ' mark-trouble' : ''}`}>
      <Icon name={isTrouble ? 'alert' : reach.read.length || reach.delivered.length ? 'checks' : 'check'} size={15} />
      {words}
    </span>
  );
}

function Bubble({ line, props }: { line: MessageLine | OutgoingLine; props: TimelineProps }) {
  const quote = line.kind === 'message' ? line.quote : null;
  return (
    <div className={`bubble${line.kind === 'message' && line.isForMe ? ' bubble-for-me' : ''}`}>
      {quote ? <Quoted quote={quote} onJump={props.onJump} /> : null}
      {line.file ? <FileView attId={line.key} file={line.file} isSent={line.kind === 'message'} /> : null}
      {line.card ? <CardView line={line} card={line.card} onAnswer={props.onAnswer} /> : line.text ? <Text text={line.text} names={line.kind === 'message' ? (line.names ?? []) : []} /> : null}
    </div>
  );
}

function Foot({ line, isMine, props }: { line: MessageLine | OutgoingLine; isMine: boolean; props: TimelineProps }) {
  const reach = line.kind === 'message' && isMine ? props.reachOf(line.seq) : null;
  return (
    <div className="message-foot">
      <time dateTime={new Date(line.at).toISOString()}>{clockOf(line.at)}</time>
      {line.kind === 'outgoing' ? <Outgoing line={line} {...props.outgoing} /> : <Edited line={line} />}
      {line.kind === 'message' && line.clockOff ? <ClockNote off={line.clockOff} /> : null}
      {reach ? <ReachMark reach={reach} /> : null}
    </div>
  );
}

function Message({ line, follows, props }: { line: MessageLine | OutgoingLine; follows: boolean; props: TimelineProps }) {
  const article = useRef<HTMLElement>(null);
  const isTarget = line.kind === 'message' && props.target?.seq === line.seq;
  useEffect(() => {
    if (isTarget) article.current?.focus({ preventScroll: true });
  }, [isTarget, props.target]);
  const sender = line.kind === 'message' ? line.sender : null;
  const isMine = sender === null || sender.isMe;
  return (
    <article
      ref={article}
      tabIndex={-1}
      className={`message${isMine ? ' message-mine' : ''}${follows ? ' message-follows' : ''}${isTarget ? ' message-found' : ''}`}
      aria-label={`${sender?.name ?? 'You'}, ${clockOf(line.at)}`}>
      {isMine ? null : follows ? <span className="message-gap" /> : <Avatar name={sender?.name ?? ''} patient={sender?.isPatient} />}
      <div className="message-body">
        {!follows && sender && !sender.isMe ? (
          <p className="message-head">
            <bdi className="strong">{sender.name}</bdi>
            <span className="muted small">
              {sender.role}
              {sender.organisation ? ` · ${sender.organisation}` : ''}
            </span>
          </p>
        ) : null}
        <Bubble line={line} props={props} />
        <Foot line={line} isMine={isMine} props={props} />
        {line.kind === 'message' ? <UrgencyMark line={line} /> : null}
      </div>
      {line.kind === 'message' && props.acts ? <MessageMenu line={line} acts={props.acts} /> : null}
    </article>
  );
}

function Unreadable({ code, sender }: { code: string; sender: string }) {
  return (
    <div className="line-note line-stop">
      <Icon name="alert" size={18} />
      <p>
        <span className="strong">A message could not be verified and is not shown.</span> It says it is from {sender || 'somebody unknown'}. Do not act on it; ask them another way. <Badge tone="stop">{code}</Badge>
      </p>
    </div>
  );
}

function Missing({ name }: { name: string }) {
  return (
    <div className="line-note line-stop">
      <Icon name="alert" size={18} />
      <p>
        <span className="strong">A message is missing here.</span> {name} had read it before writing what follows, and it was not given to this device. Ask them what it said, and tell your privacy officer. <Badge tone="stop">E_GAP</Badge>
      </p>
    </div>
  );
}

function Withheld({ reason }: { reason: 'history' | 'ended' }) {
  return (
    <div className="line-note">
      <Icon name="lock" size={18} />
      <p>
        {reason === 'history'
          ? 'What was written before this point was not shared with you. The patient chose from when you may read.'
          : 'The permission has ended. Only what you wrote yourself remains, for your own record.'}
      </p>
    </div>
  );
}

function followsOn(line: Line, before: Line | undefined): boolean {
  if (!before || (line.kind !== 'message' && line.kind !== 'outgoing') || (before.kind !== 'message' && before.kind !== 'outgoing')) return false;
  const senderOf = (one: MessageLine | OutgoingLine) => (one.kind === 'outgoing' ? 'me' : one.sender.isMe ? 'me' : one.sender.user);
  return senderOf(line) === senderOf(before) && line.at - before.at < TOGETHER_MS && dayOfLine(line) === dayOfLine(before);
}

function dayOfLine(line: Line): string {
  return new Date(line.at).toDateString();
}

function One({ line, before, props }: { line: Line; before: Line | undefined; props: TimelineProps }) {
  const isNewDay = line.at > 0 && (!before || before.at === 0 || dayOfLine(before) !== dayOfLine(line));
  return (
    <div className="line">
      {isNewDay ? (
        <p className="day">
          <span>{dayHeading(line.at, Date.now())}</span>
        </p>
      ) : null}
      {line.kind === 'message' || line.kind === 'outgoing' ? (
        <Message line={line} follows={!isNewDay && followsOn(line, before)} props={props} />
      ) : line.kind === 'unreadable' ? (
        <Unreadable code={line.code} sender={line.sender} />
      ) : line.kind === 'missing' ? (
        <Missing name={line.name} />
      ) : line.kind === 'withheld' ? (
        <Withheld reason={line.reason} />
      ) : line.kind === 'retracted' ? (
        <Retracted line={line} />
      ) : (
        <p className="line-event">
          {line.text} <time className="faint">{clockOf(line.at)}</time>
        </p>
      )}
    </div>
  );
}

function lastSeq(lines: readonly Line[]): number {
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index];
    if (line && 'seq' in line) return line.seq;
  }
  return 0;
}

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

export function Timeline(props: TimelineProps) {
  const { lines, onSeen, onEarlier } = props;
  const list = useRef<VListHandle>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const firstKey = lines[0]?.key;
  const knownFirst = useRef(firstKey);
  const isPrepending = knownFirst.current !== firstKey && lines.some((line) => line.key === knownFirst.current);
  useEffect(() => {
    knownFirst.current = firstKey;
  }, [firstKey]);
  const news = useNews(lines);
  const seq = lastSeq(lines);
  const { target } = props;
  const sought = useRef(target);
  useEffect(() => {
    if (!target || sought.current === target) return;
    const index = lines.findIndex((line) => 'seq' in line && line.seq === target.seq);
    if (index < 0) return;
    sought.current = target;
    setAtEnd(false);
    list.current?.scrollToIndex(index, { align: 'center' });
  }, [target, lines]);
  useEffect(() => {
    if (isAtEnd && lines.length) list.current?.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [isAtEnd, lines]);
  useEffect(() => {
    const look = () => {
      if (isAtEnd && document.visibilityState === 'visible' && seq) onSeen(seq);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [isAtEnd, seq, onSeen]);
  return (
    <div className="timeline-frame">
      <p className="visually-hidden" aria-live="polite">
        {news}
      </p>
      <VList
        ref={list}
        className="timeline"
        role="log"
        aria-live="off"
        aria-label="Messages"
        tabIndex={0}
        shift={isPrepending}
        onScroll={(offset) => {
          const handle = list.current;
          if (!handle) return;
          setAtEnd(handle.scrollSize - offset - handle.viewportSize < NEAR_END_PX);
          if (offset < NEAR_END_PX) onEarlier?.();
        }}
      >
        {lines.map((line, index) => (
          <One key={line.key} line={line} before={lines[index - 1]} props={props} />
        ))}
      </VList>
      {isAtEnd ? null : (
        <div className="to-end">
          <Button size="sm" icon="chevronDown" onPress={() => list.current?.scrollToIndex(lines.length - 1, { align: 'end' })}>
            Newest
          </Button>
        </div>
      )}
    </div>
  );
}
