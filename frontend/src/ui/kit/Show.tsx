import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';

export type Tone = 'info' | 'wait' | 'stop' | 'good' | 'plain';

const TONE_ICON: Record<Tone, IconName> = { info: 'message', wait: 'clock', stop: 'alert', good: 'check', plain: 'shield' };

/** A message about the state of the page; `live` makes a screen reader say it when it appears. */
export function Banner({
  tone = 'info',
  title,
  children,
  action,
  icon,
  live,
}: {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  icon?: IconName;
  live?: boolean;
}) {
  return (
    <div className={`banner banner-${tone}`} role={live ? (tone === 'stop' ? 'alert' : 'status') : undefined}>
      <Icon name={icon ?? TONE_ICON[tone]} />
      <div className="grow stack-0">
        {title ? <p className="strong">{title}</p> : null}
        {children ? <div>{children}</div> : null}
      </div>
      {action ? <div className="banner-action">{action}</div> : null}
    </div>
  );
}

export function Badge({ tone = 'plain', children }: { tone?: Tone | 'brand'; children: ReactNode }) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}

export function initials(name: string): string {
  const words = name.replace(/^(Dr|Prof|Mr|Mrs|Ms|Mx)\.?\s+/i, '').split(/\s+/).filter(Boolean);
  const first = words[0]?.[0] ?? '?';
  const last = words.length > 1 ? (words[words.length - 1]?.[0] ?? '') : '';
  return (first + last).toUpperCase();
}

function hue(seed: string): number {
  let sum = 7;
  for (const char of seed) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 997;
  return sum % 6;
}

/** A person's initials on one of six quiet grounds, chosen by the name: decorative, the name is always beside it. */
export function Avatar({ name, size = 'md', patient }: { name: string; size?: 'sm' | 'md' | 'lg' | 'xl'; patient?: boolean }) {
  return (
    <span className={`avatar avatar-${size} avatar-${patient ? 'patient' : hue(name)}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} size={28} />
      </span>
      <h2 className="empty-title">{title}</h2>
      {children ? <div className="muted measure">{children}</div> : null}
      {action}
    </div>
  );
}

export function Spinner({ label = 'Loading' }: { label?: string }) {
  return (
    <div className="loading" role="status">
      <span className="spinner spinner-lg" aria-hidden="true" />
      <span>{label}…</span>
    </div>
  );
}

export function Card({ children, tone, as: Tag = 'div', label }: { children: ReactNode; tone?: Tone; as?: 'div' | 'section' | 'article' | 'li'; label?: string }) {
  return (
    <Tag className={`card${tone ? ` card-${tone}` : ''}`} aria-label={label}>
      {children}
    </Tag>
  );
}
