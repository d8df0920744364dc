/** One line of a conversation: a message with its marks, what cannot be shown and why, or what the log says happened. */
import { useEffect, useRef, type RefObject } from 'react';
import { adviceFor } from '../../model/failures';
import { clockOf, dayHeading } from '../../model/words';
import type { Line, MessageLine, OutgoingLine, Reach } from '../../model/timeline';
import { FileView } from '../attachments';
import { Avatar, Badge, Icon } from '../kit';
import { UrgencyMark } from '../urgency';
import { CardView } from './CardView';
import { MessageMenu, type MessageActs } from './MessageMenu';
import { Outgoing, type OutgoingActs } from './Outgoing';
import { ClockNote, Edited, Quoted, Retracted, Text } from './Said';

const TOGETHER_MS = 5 * 60_000;

export type LineProps = {
  reachOf: (seq: number) => Reach | null;
  outgoing: OutgoingActs;
  onAnswer: (request: MessageLine) => void;
  /** Null where nothing can be written. */
  acts: MessageActs | null;
  onJump: (seq: number) => void;
  /** The line that is to have the focus; another object focuses it again. `isFound`: it was looked for. */
  wanted: { key: string; isFound: boolean } | null;
};

function readBy(one: Reach['read'][number]): string {
  return one.at ? `${one.name} at ${clockOf(one.at)}` : one.name;
}

function reachWords(reach: Reach): string {
  const total = reach.read.length + reach.delivered.length + reach.waiting.length + reach.failed.length;
  if (total === 0) return 'Kept';
  if (reach.failed.length) return `Could not be read by ${reach.failed.map((one) => one.name).join(', ')}`;
  if (reach.read.length === total && total > 1) return 'Read by all';
  if (reach.read.length === total) return reach.read[0]?.at ? `Read at ${clockOf(reach.read[0].at)}` : 'Read';
  if (reach.read.length) return `Read by ${reach.read.map(readBy).join(', ')}`;
  if (reach.delivered.length) return reach.waiting.length ? `Delivered to ${reach.delivered.length} of ${total}` : 'Delivered';
  return 'Sent';
}

function ReachMark({ reach }: { reach: Reach }) {
  const isTrouble = reach.failed.length > 0;
  return (
    <>
      <span className={`mark${isTrouble ? ' mark-trouble' : ''}`}>
        <Icon name={isTrouble ? 'alert' : reach.read.length || reach.delivered.length ? 'checks' : 'check'} size={15} />
        {reachWords(reach)}
      </span>
      {reach.failed.map((one) => (
        <p key={one.name} className="reach-advice">
          <bdi>{one.name}</bdi>’s device could not open this. {adviceFor(one.code)} <Badge tone="stop">{one.code}</Badge>
        </p>
      ))}
    </>
  );
}

function Bubble({ line, props }: { line: MessageLine | OutgoingLine; props: LineProps }) {
  const quote = line.kind === 'message' ? line.quote : null;
  return (
    <div className={`bubble${line.kind === 'message' && line.isForMe ? ' bubble-for-me' : ''}`}>
      {quote ? <Quoted quote={quote} onJump={props.onJump} /> : null}
      {line.file ? <FileView attId={line.key} file={line.file} isSent={line.kind === 'message'} /> : null}
      {line.card ? <CardView line={line} card={line.card} onAnswer={props.onAnswer} /> : line.text ? <Text text={line.text} names={line.kind === 'message' ? (line.names ?? []) : []} /> : null}
    </div>
  );
}

function Foot({ line, isMine, props }: { line: MessageLine | OutgoingLine; isMine: boolean; props: LineProps }) {
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

/** What had the focus once for a wish does not take it again when it comes back into the page. */
const given = new WeakSet<object>();
const FRAMES_AFTER = 2;

function useFocus(wanted: LineProps['wanted']) {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!wanted || given.has(wanted)) return undefined;
    let frame = 0;
    // A dialog that is closing holds the focus, and then puts it back where it was: it is given here after that.
    const give = (frames: number) => {
      const isHeld = document.querySelector('[role=dialog]') !== null;
      if (isHeld || frames > 0) {
        frame = requestAnimationFrame(() => give(isHeld ? FRAMES_AFTER : frames - 1));
        return;
      }
      given.add(wanted);
      place.current?.focus({ preventScroll: true });
    };
    give(0);
    return () => cancelAnimationFrame(frame);
  }, [wanted]);
  return place;
}

function Message({ line, follows, props }: { line: MessageLine | OutgoingLine; follows: boolean; props: LineProps }) {
  const wanted = props.wanted?.key === line.key ? props.wanted : null;
  const article = useFocus(wanted);
  const sender = line.kind === 'message' ? line.sender : null;
  const isMine = sender === null || sender.isMe;
  return (
    <article
      ref={article}
      tabIndex={-1}
      className={`message${isMine ? ' message-mine' : ''}${follows ? ' message-follows' : ''}${wanted?.isFound ? ' message-found' : ''}`}
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

export function TimelineLine({ line, before, props }: { line: Line; before: Line | undefined; props: LineProps }) {
  const isNewDay = line.at > 0 && (!before || before.at === 0 || dayOfLine(before) !== dayOfLine(line));
  const isMessage = line.kind === 'message' || line.kind === 'outgoing';
  const place = useFocus(!isMessage && props.wanted?.key === line.key ? props.wanted : null) as RefObject<HTMLDivElement | null>;
  return (
    <div className="line" data-key={line.key} ref={place} tabIndex={isMessage ? undefined : -1}>
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
      ) : line.kind === 'new' ? (
        <p className="news">
          <span>New messages</span>
        </p>
      ) : (
        <p className="line-event">
          {line.text} <time className="faint">{clockOf(line.at)}</time>
        </p>
      )}
    </div>
  );
}

