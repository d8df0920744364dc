import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Me } from '../../wire.gen';
import { Avatar, Badge, Icon, Logo, Toasts, type IconName } from '../kit';
import { clockOf, momentOf } from '../../model/words';
import { SearchLink } from '../search/SearchLink';
import { useModel, useValue } from '../useModel';

type Place = { to: string; name: string; short?: string; icon: IconName; count?: number };

function usePlaces(me: Me): Place[] {
  const { threads, consent, office, represented } = useModel();
  const house = useValue(office.house);
  const duties = useValue(office.duties);
  const actsFor = useValue(represented.list)?.length ?? 0;
  const acting: Place[] = actsFor ? [{ to: me.kind === 'representative' ? '/' : '/acting', name: 'You act for', short: 'Acting', icon: 'person' }] : [];
  const list = useValue(threads.list);
  const requests = useValue(consent.requests);
  const unread = (list ?? []).reduce((sum, thread) => sum + thread.unread, 0);
  if (me.kind === 'patient')
    return [
      { to: '/', name: 'Home', icon: 'home', count: requests?.length ?? 0 },
      { to: '/conversations', name: 'Conversations', short: 'Messages', icon: 'message', count: unread },
      { to: '/sessions', name: 'Appointments', short: 'Visits', icon: 'calendar' },
      { to: '/permissions', name: 'Who may read', short: 'Sharing', icon: 'key' },
      { to: '/ledger', name: 'Who read what', short: 'Who read', icon: 'eye' },
      ...acting,
    ];
  if (me.kind === 'representative')
    return [
      ...(acting.length ? acting : [{ to: '/', name: 'You act for', short: 'Acting', icon: 'person' } as const]),
      { to: '/conversations', name: 'Conversations', short: 'Messages', icon: 'message', count: unread },
      { to: '/sessions', name: 'Appointments', short: 'Visits', icon: 'calendar' },
    ];
  return [
    { to: '/', name: 'Patients', icon: 'people', count: unread },
    { to: '/sessions', name: 'Calendar', icon: 'calendar' },
    { to: '/directory', name: 'Directory', icon: 'search' },
    ...(duties.includes('emergency') ? [{ to: '/emergency', name: 'Emergency', icon: 'alert' } as const] : []),
    ...(house ? [{ to: '/office', name: 'Privacy office', short: 'Office', icon: 'shield' } as const] : []),
    ...acting,
  ];
}

function PlaceLink({ place }: { place: Place }) {
  return (
    <li>
      <Link to={place.to} className="place" activeProps={{ className: 'place place-here' }} activeOptions={{ exact: place.to === '/', includeSearch: false }}>
        <Icon name={place.icon} size={22} />
        <span className="place-name">
          <span className="place-long">{place.name}</span>
          <span className="place-short">{place.short ?? place.name}</span>
        </span>
        {place.count ? (
          <Badge tone="brand">
            {place.count}
            <span className="visually-hidden"> new</span>
          </Badge>
        ) : null}
      </Link>
    </li>
  );
}

function LinkBanner() {
  const { link, session } = useModel();
  const state = useValue(link);
  const since = useValue(session.offlineSince);
  if (since !== null)
    return (
      <div className="link-banner" role="status">
        <Icon name="clock" size={16} /> Offline: showing what this device had at {new Date(since).toDateString() === new Date().toDateString() ? clockOf(since) : momentOf(since)}.
      </div>
    );
  if (state === 'offline')
    return (
      <div className="link-banner" role="status">
        <span className="spinner" aria-hidden="true" /> No connection. What you write is kept on this device and sent as soon as it is back.
      </div>
    );
  return null;
}

/** While a new key is on its way into the conversations, on whichever page one is. */
function CarriedBanner() {
  const { threads } = useModel();
  const carried = useValue(threads.carried);
  if (!carried || carried.done === carried.of) return null;
  return (
    <div className="link-banner" role="status">
      <span className="spinner" aria-hidden="true" /> Your new key goes into your conversations: {carried.done} of {carried.of}. Keep this page open.
    </div>
  );
}

/** The app around every page: skip link, navigation (a rail, or a bar below on a phone), main. */
export function Shell({ me }: { me: Me }) {
  const places = usePlaces(me);
  const main = useRef<HTMLElement>(null);
  const address = useRouterState({ select: (state) => state.location.pathname });
  const isFirst = useRef(true);
  useEffect(() => {
    // A new page: a screen reader and the keyboard start at its beginning.
    if (isFirst.current) isFirst.current = false;
    else main.current?.focus();
  }, [address]);
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="rail">
        <Link to="/" className="rail-brand" aria-label="Consilium, start">
          <Logo size={30} />
          <span className="rail-word">Consilium</span>
        </Link>
        <SearchLink />
        <nav aria-label="Main" className="rail-nav">
          <ul>
            {places.map((place) => (
              <PlaceLink key={place.to} place={place} />
            ))}
          </ul>
        </nav>
        <Link to="/account" className="rail-me" activeProps={{ className: 'rail-me place-here' }} aria-label={`${me.name}: account and security`}>
          <Avatar name={me.name} size="sm" patient={me.kind === 'patient'} />
          <span className="stack-0 rail-me-text">
            <span className="strong truncate">{me.name}</span>
            <span className="tiny muted truncate">{me.posts[0]?.organisation_name ?? 'Patient'}</span>
          </span>
        </Link>
      </header>
      <main id="main" className="shell-main" ref={main} tabIndex={-1}>
        <LinkBanner />
        <CarriedBanner />
        <Outlet />
      </main>
      <Toasts />
    </div>
  );
}
