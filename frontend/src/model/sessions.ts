/** Sessions and one's own calendar: what is ahead, finding a time, and when one works. */
import * as api from '../api/sessions';
import type { LiveSocket } from '../live/socket';
import type {
  FreeSlot,
  FreeSlots,
  Hours,
  HoursExceptionOut,
  HoursRow,
  ParticipantIn,
  ParticipantOut,
  SessionChanged,
  SessionLost,
  SessionOut,
  SessionPage,
} from '../wire.gen';
import { newId } from './bytes';
import { Observable } from './observable';

export type SessionKind = SessionOut['kind'];
export type AttendanceState = ParticipantOut['state'];

const LOBBY_AFTER_MS = 2 * 3_600_000;
const DAY_MINUTES = 1440;

/** What a session is to be: about whom, of which kind, with whom, how long, and how early (minutes) one may come in. */
export type Wish = { patient: string; thread: string; kind: SessionKind; participants: ParticipantIn[]; length: number; early: number };

export class Sessions {
  /** Goes up whenever the server says that a session is new, has changed or is gone. */
  readonly version = new Observable(0);

  /** Listens to this device's socket until the returned function is called. */
  attach(live: LiveSocket): () => void {
    const moved = () => this.version.update((count) => count + 1);
    const stops = [live.on<SessionChanged>('session.changed', moved), live.on<SessionLost>('session.lost', moved)];
    return () => stops.forEach((stop) => stop());
  }

  page(page: number, past: boolean): Promise<SessionPage> {
    return api.fetchSessions(page, past);
  }

  one(id: string): Promise<SessionOut> {
    return api.fetchSession(id);
  }

  find({ patient, thread, kind, participants, length }: Wish, range: { starts: number; ends: number }, page = 1): Promise<FreeSlots> {
    return api.findSlots({ patient, thread, kind, participants, length, ...range, zone: ownZone(), page });
  }

  /** Takes a slot on everybody's calendar for some minutes. */
  hold(wish: Wish, slot: FreeSlot): Promise<SessionOut> {
    return api.holdSession({ ...wish, id: newId(), starts_at: slot.starts_at, zone: ownZone() });
  }

  /** A session that begins now. */
  start(wish: Wish): Promise<SessionOut> {
    return api.startSession({ ...wish, id: newId() });
  }

  book(id: string): Promise<SessionOut> {
    return api.bookSession(id);
  }

  cancel(id: string, reason = ''): Promise<SessionOut> {
    return api.cancelSession(id, reason);
  }

  decline(id: string): Promise<SessionOut> {
    return api.declineSession(id);
  }

  hours(): Promise<Hours> {
    return api.fetchHours();
  }

  setHours(hours: Hours): Promise<Hours> {
    return api.putHours(hours);
  }

  async exceptions(): Promise<HoursExceptionOut[]> {
    return (await api.fetchExceptions()).exceptions;
  }

  /** `starts` and `ends` are wall-clock times of the zone, as `2026-11-24T09:30`. */
  addException(zone: string, starts: string, ends: string, open: boolean): Promise<HoursExceptionOut> {
    return api.addException({ zone, starts, ends, open });
  }

  async removeException(id: string): Promise<void> {
    await api.removeException(id);
  }

  /** A new secret address for a calendar program; the one before stops working. */
  async newFeed(): Promise<string> {
    return `${location.origin}${(await api.renewFeed()).path}`;
  }

  calendarPath(id: string): string {
    return api.calendarPath(id);
  }
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function zoneNames(): string[] {
  const known = Intl.supportedValuesOf('timeZone');
  return known.includes('UTC') ? known : ['UTC', ...known];
}

/** Whether the room of a session can be entered at this moment. */
export function mayJoin(session: SessionOut, now: number): boolean {
  const open = session.opens_at <= now && now <= session.ends_at + LOBBY_AFTER_MS;
  return session.status === 'booked' && session.room && open;
}

export function kindName(kind: SessionKind): string {
  switch (kind) {
    case 'case_conference':
      return 'Case conference';
    case 'joint':
      return 'Joint session';
    case 'check_in':
      return 'Check-in';
    default:
      return kind satisfies never;
  }
}

export function stateWords(state: AttendanceState): string {
  switch (state) {
    case 'expected':
      return 'Expected';
    case 'needs_consent':
      return 'Waits for the patient’s permission';
    case 'time_taken':
      return 'Not free then';
    case 'declined':
      return 'Declined';
    case 'withdrawn':
      return 'Permission ended';
    default:
      return state satisfies never;
  }
}

/** `09:30` of minutes since midnight; midnight at the end of a day is `24:00` in words and `00:00` in a field. */
export function clockText(minutes: number): string {
  const at = minutes % DAY_MINUTES;
  return `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
}

/** Minutes since midnight of `09:30`; null for anything else. `isEnd` reads 00:00 as the end of the day. */
export function minutesOf(text: string, isEnd = false): number | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)/.exec(text);
  if (!found) return null;
  const minutes = Number(found[1]) * 60 + Number(found[2]);
  return isEnd && minutes === 0 ? DAY_MINUTES : minutes;
}

/** The rows of one weekday, in order; 0 is Monday. */
export function rowsOf(hours: Hours, weekday: number): HoursRow[] {
  return hours.rows.filter((row) => row.weekday === weekday).sort((one, other) => one.start - other.start);
}

/** `9:05` left of this many milliseconds; never below zero. */
export function countdown(left: number): string {
  const seconds = Math.max(0, Math.ceil(left / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** When, for a list: the day and both clocks, in the reader's own zone. */
export function spanWords(starts: number, ends: number): string {
  const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' }).format(starts);
  const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
  return `${day}, ${clock.format(starts)} – ${clock.format(ends)}`;
}

/** A moment on the wall clock of a zone. */
export function momentIn(at: number, zone: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short', timeZone: zone }).format(at);
}

/** The same moment in another zone, with the zone's name; empty if it is the reader's own. */
export function otherZoneWords(starts: number, zone: string): string {
  if (zone === ownZone()) return '';
  const clock = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZone: zone });
  return `${clock.format(starts)} in ${zone.replaceAll('_', ' ')}`;
}
