/** Calendars and sessions. */
import type {
  ExceptionRemoved,
  FeedAddress,
  FreeSlots,
  Hours,
  HoursExceptionIn,
  HoursExceptionOut,
  HoursExceptions,
  SessionFind,
  SessionHold,
  SessionOut,
  SessionPage,
  SessionStart,
} from '../wire.gen';
import { call, query } from './http';

export const fetchHours = () => call<Hours>('GET', '/api/me/hours');
export const putHours = (body: Hours) => call<Hours>('PUT', '/api/me/hours', body);
export const fetchExceptions = () => call<HoursExceptions>('GET', '/api/me/exceptions');
export const addException = (body: HoursExceptionIn) => call<HoursExceptionOut>('POST', '/api/me/exceptions', body);
export const removeException = (id: string) => call<ExceptionRemoved>('DELETE', `/api/me/exceptions/${id}`);
export const renewFeed = () => call<FeedAddress>('POST', '/api/me/feed');
export const findSlots = (body: SessionFind) => call<FreeSlots>('POST', '/api/sessions/find', body);
export const holdSession = (body: SessionHold) => call<SessionOut>('POST', '/api/sessions/hold', body);
export const startSession = (body: SessionStart) => call<SessionOut>('POST', '/api/sessions/start', body);
export const bookSession = (id: string) => call<SessionOut>('POST', `/api/sessions/${id}/book`);
export const cancelSession = (id: string, reason: string) => call<SessionOut>('POST', `/api/sessions/${id}/cancel`, { reason });
export const declineSession = (id: string) => call<SessionOut>('POST', `/api/sessions/${id}/decline`);
export const fetchSession = (id: string) => call<SessionOut>('GET', `/api/sessions/${id}`);
export const fetchSessions = (page: number, past: boolean) => call<SessionPage>('GET', `/api/sessions${query({ page, past: past ? 'true' : undefined })}`);
export const calendarPath = (id: string) => `/api/sessions/${id}/calendar.ics`;
