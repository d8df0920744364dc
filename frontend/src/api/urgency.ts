/** Urgency of messages, on-call roles, quiet hours, and the crisis lines of a place. */
import type { AckOut, AnswerTimePut, CrisisLines, OnCallRoles, QuietHoursPut, RoleGive, RoleOpen, SignedWords, ThreadRoles, ThreadUrgencies, UrgencyOut } from '../wire.gen';
import { call } from './http';

export const raiseUrgency = (thread: string, body: SignedWords) => call<UrgencyOut>('POST', `/api/threads/${thread}/urgencies`, body);
export const fetchUrgencies = (thread: string) => call<ThreadUrgencies>('GET', `/api/threads/${thread}/urgencies`);
export const acknowledge = (thread: string, body: SignedWords) => call<AckOut>('POST', `/api/threads/${thread}/acks`, body);
export const fetchThreadRoles = (thread: string) => call<ThreadRoles>('GET', `/api/threads/${thread}/roles`);
export const fetchOnCall = (organisation: string) => call<OnCallRoles>('GET', `/api/organisations/${organisation}/on-call`);
export const openRole = (organisation: string, body: RoleOpen) => call<OnCallRoles>('POST', `/api/organisations/${organisation}/on-call`, body);
export const giveRole = (role: string, body: RoleGive) => call<OnCallRoles>('POST', `/api/on-call/${role}/turns`, body);
export const fetchQuietHours = () => call<QuietHoursPut>('GET', '/api/me/quiet-hours');
export const putQuietHours = (body: QuietHoursPut) => call<QuietHoursPut>('PUT', '/api/me/quiet-hours', body);
export const fetchCrisisLines = () => call<CrisisLines>('GET', '/api/me/crisis-lines');
export const fetchAnswerTime = () => call<AnswerTimePut>('GET', '/api/me/answer-time');
export const putAnswerTime = (body: AnswerTimePut) => call<AnswerTimePut>('PUT', '/api/me/answer-time', body);
