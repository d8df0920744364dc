import { useEffect, useRef, type KeyboardEvent, type ReactNode, type SyntheticEvent } from 'react';
import type { Observable } from '../../model/observable';
import { IconButton } from '../kit';
import { useValue } from '../useModel';

const TALLEST_PX = 180;

/** Enter sends, Shift+Enter makes a new line; on a touch screen Enter is a new line and the button sends. */
export function Composer({ draft, readers, onSend, leading }: { draft: Observable<string>; readers: string; onSend: (text: string) => Promise<void>; leading?: ReactNode }) {
  const text = useValue(draft);
  const setText = (written: string) => draft.set(written);
  const area = useRef<HTMLTextAreaElement>(null);
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
      <div className="composer-box">
        {leading}
        <textarea
          ref={area}
          rows={1}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          aria-label="Write a message"
          aria-describedby="composer-readers"
          placeholder="Write a message"
          maxLength={20_000}
        />
        <IconButton icon="send" label="Send" look="primary" type="submit" isDisabled={!text.trim()} />
      </div>
      <p id="composer-readers" className="tiny muted composer-readers">
        {readers}
      </p>
    </form>
  );
}
