import { useState } from 'react';
import { clockOf, dayHeading } from '../../model/words';
import { partsOf } from '../../model/speech';
import type { MessageLine, Quote, RetractedLine } from '../../model/timeline';
import { Button, Dialog, Icon } from '../kit';
import type { About } from './useSpeech';

/** A text in its own direction, with the names of those it is for. */
export function Text({ text, names }: { text: string; names: readonly string[] }) {
  return (
    <p className="message-text" dir="auto">
      {partsOf(text, names).map((part, index) =>
        part.isName ? (
          <bdi key={index} className="mention">
            {part.text}
          </bdi>
        ) : (
          part.text
        ),
      )}
    </p>
  );
}

const WORDS = {
  here: '',
  away: 'A message from further back',
  gone: 'A message that was taken back',
  unknown: 'A message that was not shared with you',
};

/** What a message answers; a press goes there. */
export function Quoted({ quote, onJump }: { quote: Quote; onJump: (seq: number) => void }) {
  const words = quote.state === 'here' ? quote.line : WORDS[quote.state];
  const inside = (
    <>
      {quote.name ? <bdi className="strong">{quote.name}</bdi> : null}
      <bdi className="quote-line">{words}</bdi>
    </>
  );
  if (quote.state === 'unknown') return <div className="quote">{inside}</div>;
  return (
    <button type="button" className="quote" onClick={() => onJump(quote.seq)} aria-label={`In answer to ${quote.name ? `${quote.name}: ` : ''}${words}. Go there.`}>
      {inside}
    </button>
  );
}

/** "Edited", and what it said before. */
export function Edited({ line }: { line: MessageLine }) {
  const [isOpen, setOpen] = useState(false);
  const earlier = line.earlier ?? [];
  if (earlier.length === 0) return null;
  return (
    <>
      <button type="button" className="link-button" onClick={() => setOpen(true)}>
        Edited: see what it said
      </button>
      <Dialog title="What it said before" isOpen={isOpen} onClose={() => setOpen(false)} size="sm">
        <ol className="stack-2 versions">
          {earlier.map((version, index) => (
            <li key={index} className="stack-0">
              <time className="small muted" dateTime={new Date(version.at).toISOString()}>
                {dayHeading(version.at, Date.now())}, {clockOf(version.at)}
              </time>
              <Text text={version.text} names={[]} />
            </li>
          ))}
        </ol>
      </Dialog>
    </>
  );
}

export function Retracted({ line }: { line: RetractedLine }) {
  return (
    <article className="line-note" aria-label={`${line.sender.isMe ? 'You' : line.sender.name}, ${clockOf(line.at)}, taken back`}>
      <Icon name="message" size={18} />
      <p>
        <bdi className="strong">{line.sender.isMe ? 'You' : line.sender.name}</bdi> wrote a message at <time dateTime={new Date(line.at).toISOString()}>{clockOf(line.at)}</time> and took it back{' '}
        <time dateTime={new Date(line.takenBackAt).toISOString()}>
          {new Date(line.at).toDateString() === new Date(line.takenBackAt).toDateString() ? '' : `on ${dayHeading(line.takenBackAt, Date.now())} `}at {clockOf(line.takenBackAt)}
        </time>
        . It is not shown any more.
      </p>
    </article>
  );
}

const MINUTE = 60_000;
const UNITS: [number, string][] = [
  [525_600 * MINUTE, 'year'],
  [1_440 * MINUTE, 'day'],
  [60 * MINUTE, 'hour'],
  [MINUTE, 'minute'],
];

/** The sender's device has another time; the place in the conversation is the log's all the same. */
export function ClockNote({ off }: { off: number }) {
  const [unit, word] = UNITS.find(([ms]) => Math.abs(off) >= ms) ?? [MINUTE, 'minute'];
  const count = Math.round(Math.abs(off) / unit);
  return (
    <span className="mark">
      <Icon name="clock" size={15} />
      The clock of the sender’s device is {count} {word}
      {count === 1 ? '' : 's'} {off > 0 ? 'ahead' : 'behind'}
    </span>
  );
}

/** Above the composer: what the next message answers, or which one it changes. */
export function AboutBar({ about, onCancel }: { about: About; onCancel: () => void }) {
  const isEdit = about.what === 'edit';
  return (
    <div className="about-bar" role="status">
      <Icon name={isEdit ? 'message' : 'arrowLeft'} size={18} />
      <p className="grow truncate small">
        {isEdit ? (
          'Changing what you wrote: what it said before can still be seen'
        ) : (
          <>
            In answer to <bdi className="strong">{about.line.sender.isMe ? 'yourself' : about.line.sender.name}</bdi>: <bdi>{about.line.text}</bdi>
          </>
        )}
      </p>
      <Button size="sm" look="quiet" onPress={onCancel}>
        {isEdit ? 'Leave it as it was' : 'Do not answer it'}
      </Button>
    </div>
  );
}
