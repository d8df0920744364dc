import { useState } from 'react';
import { firstLine } from '../../model/speech';
import type { PinnedLine } from '../../model/threadView';
import { dayHeading } from '../../model/words';
import { Button, Dialog, Icon } from '../kit';

function wordsOf({ line }: PinnedLine): string {
  return firstLine(line.text) || line.file?.name || 'A card';
}

type PinnedBarProps = { pinned: readonly PinnedLine[]; onJump: (seq: number) => void; onUnpin: ((line: PinnedLine['line']) => void) | null };

/** What everybody here is to come back to: the newest at a glance, all of it a press away. */
export function PinnedBar({ pinned, onJump, onUnpin }: PinnedBarProps) {
  const [isOpen, setOpen] = useState(false);
  const [newest] = pinned;
  if (!newest) return null;
  const go = (one: PinnedLine) => {
    setOpen(false);
    onJump(one.line.seq);
  };
  return (
    <section className="pinned-bar" aria-label="Pinned">
      <Icon name="pin" size={18} />
      <button type="button" className="link-button grow truncate" onClick={() => go(newest)}>
        <bdi>{wordsOf(newest)}</bdi>
      </button>
      <Button size="sm" look="quiet" onPress={() => setOpen(true)}>
        {pinned.length === 1 ? 'Pinned' : `All ${pinned.length} pinned`}
      </Button>
      <Dialog title="Pinned in this conversation" isOpen={isOpen} onClose={() => setOpen(false)} size="sm">
        <ul className="pinned-list">
          {pinned.map((one) => (
            <li key={one.line.key} className="row">
              <div className="grow stack-0">
                <bdi className="pinned-words">{wordsOf(one)}</bdi>
                <span className="small muted">
                  <bdi>{one.line.sender.isMe ? 'You' : one.line.sender.name}</bdi>, {dayHeading(one.line.at, Date.now())}. Pinned by <bdi>{one.by.isMe ? 'you' : one.by.name}</bdi>.
                </span>
              </div>
              <Button size="sm" onPress={() => go(one)}>
                Go there<span className="visually-hidden">: {wordsOf(one)}</span>
              </Button>
              {onUnpin ? (
                <Button size="sm" look="quiet" onPress={() => onUnpin(one.line)}>
                  Unpin<span className="visually-hidden">: {wordsOf(one)}</span>
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      </Dialog>
    </section>
  );
}
