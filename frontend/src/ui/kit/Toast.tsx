import { useSyncExternalStore } from 'react';
import { IconButton } from './Button';
import { Icon } from './Icon';
import type { Tone } from './Show';

type Toast = { id: number; tone: Tone; text: string };

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function put(next: readonly Toast[]): void {
  toasts = next;
  listeners.forEach((listener) => listener());
}

export function dismissToast(id: number): void {
  put(toasts.filter((toast) => toast.id !== id));
}

/** Says something for a moment; trouble stays until it is dismissed, since it may need an answer. */
export function toast(text: string, tone: Tone = 'good'): void {
  const id = nextId++;
  put([...toasts.slice(-2), { id, tone, text }]);
  if (tone !== 'stop') setTimeout(() => dismissToast(id), 6000);
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((item) => (
        <div key={item.id} className={`toast toast-${item.tone}`}>
          <Icon name={item.tone === 'stop' ? 'alert' : item.tone === 'wait' ? 'clock' : 'check'} />
          <span className="grow">{item.text}</span>
          <IconButton icon="close" label="Dismiss" size="sm" onPress={() => dismissToast(item.id)} />
        </div>
      ))}
    </div>
  );
}
