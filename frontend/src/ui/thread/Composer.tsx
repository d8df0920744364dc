import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject, type SyntheticEvent } from 'react';
import type { Observable } from '../../model/observable';
import type { Named } from '../../model/speech';
import { IconButton } from '../kit';
import { useValue } from '../useModel';
import { openMention, Suggestions, suggested } from './Mentions';

const TALLEST_PX = 180;
const MOST_SUGGESTED = 6;

const LIST_ID = 'composer-mentions';

/** The list of members that an @ opens, and the keys that go up and down in it. */
function useMention(area: RefObject<HTMLTextAreaElement | null>, text: string, people: readonly Named[], setText: (text: string) => void) {
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [closedAt, setClosedAt] = useState('');
  const open = text === closedAt ? null : openMention(text, caret);
  const found = open ? suggested(people, open.letters).slice(0, MOST_SUGGESTED) : [];
  const current = Math.min(chosen, found.length - 1);
  const choose = (person: Named) => {
    if (!open) return;
    const before = `${text.slice(0, open.from)}${person.name} `;
    setText(before + text.slice(caret));
    setCaret(before.length);
    setChosen(0);
    requestAnimationFrame(() => area.current?.setSelectionRange(before.length, before.length));
  };
  const onKey = (key: string): boolean => {
    const person = found[current];
    if (!person) return false;
    if (key === 'ArrowDown') setChosen((current + 1) % found.length);
    else if (key === 'ArrowUp') setChosen((current + found.length - 1) % found.length);
    else if (key === 'Escape') setClosedAt(text);
    else if (key === 'Enter' || key === 'Tab') choose(person);
    else return false;
    return true;
  };
  return { found, current, choose, onKey, moved: (at: number) => setCaret(at) };
}

/** Enter sends, Shift+Enter makes a new line; on a touch screen Enter is a new line and the button sends. */
type ComposerProps = { draft: Observable<string>; readers: string; people: readonly Named[]; onSend: (text: string) => Promise<void>; expected: string; leading?: ReactNode; above?: ReactNode; isSummoned?: boolean };

export function Composer({ draft, readers, expected, people, onSend, leading, above, isSummoned = false }: ComposerProps) {
  const text = useValue(draft);
  const setText = (written: string) => draft.set(written);
  const area = useRef<HTMLTextAreaElement>(null);
  const mention = useMention(area, text, people, setText);
  useEffect(() => {
    if (isSummoned) area.current?.focus();
  }, [isSummoned, draft]);
  useEffect(() => {
    const node = area.current;
    if (!node) return;
    node.style.height = 'auto';
    node.style.height = `${Math.min(node.scrollHeight, TALLEST_PX)}px`;
  }, [text]);
  const send = async () => {
    const written = text.trim();
    if (!written) return;
    setText('');
    await onSend(written);
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.nativeEvent.isComposing && mention.onKey(event.key)) {
      event.preventDefault();
      return;
    }
    const isTouch = window.matchMedia('(pointer: coarse)').matches;
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || isTouch) return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      className="composer"
      onSubmit={(event: SyntheticEvent) => {
        event.preventDefault();
        void send();
      }}
    >
      {above}
      {mention.found.length ? <Suggestions id={LIST_ID} people={mention.found} chosen={mention.current} onChoose={mention.choose} /> : null}
      <div className="composer-box">
        {leading}
        <textarea
          ref={area}
          rows={1}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            mention.moved(event.target.selectionStart);
          }}
          onSelect={(event) => mention.moved(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          dir="auto"
          aria-autocomplete="list"
          aria-controls={mention.found.length ? LIST_ID : undefined}
          aria-activedescendant={mention.found.length ? `${LIST_ID}-${mention.current}` : undefined}
          aria-label="Write a message"
          aria-describedby="composer-readers"
          placeholder="Write a message"
          maxLength={20_000}
        />
        <IconButton icon="send" label="Send" look="primary" type="submit" isDisabled={!text.trim()} />
      </div>
      <p id="composer-readers" className="tiny muted composer-readers">
        {readers} {expected ? <span className="composer-expected">{expected} Not a line for emergencies.</span> : null}
      </p>
    </form>
  );
}
