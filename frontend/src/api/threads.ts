/** Threads: the list, the signed log, sealed messages, marks, and who may read. */
import type {
  AdmissionRequests,
  Done,
  InvitationAsk,
  Invitations,
  InvitationSent,
  LogAppend,
  LogHead,
  LogPage,
  MarksPut,
  MemberMarks,
  MessagePage,
  MessagePlace,
  ThreadCreate,
  ThreadKeys,
  ThreadMarks,
  ThreadOwed,
  ThreadPage,
  ThreadReaders,
  ThreadSeals,
  ThreadSummary,
} from '../wire.gen';
import { call, query } from './http';

export const fetchThreads = (cursor?: string) => call<ThreadPage>('GET', `/api/threads${query({ cursor })}`);
export const createThread = (body: ThreadCreate) => call<ThreadSummary>('POST', '/api/threads', body);
export const fetchThread = (id: string) => call<ThreadSummary>('GET', `/api/threads/${id}`);
export const fetchLog = (id: string, after: number) => call<LogPage>('GET', `/api/threads/${id}/log${query({ after })}`);
export const appendLog = (id: string, body: LogAppend) => call<LogHead>('POST', `/api/threads/${id}/log`, body);
export const fetchSeals = (id: string) => call<ThreadSeals>('GET', `/api/threads/${id}/seals`);
export const fetchThreadKeys = (id: string) => call<ThreadKeys>('GET', `/api/threads/${id}/keys`);
export const fetchOwed = (id: string) => call<ThreadOwed>('GET', `/api/threads/${id}/owed`);
export const fetchMarks = (id: string) => call<ThreadMarks>('GET', `/api/threads/${id}/marks`);
export const putMarks = (id: string, body: MarksPut) => call<MemberMarks>('PUT', `/api/threads/${id}/marks`, body);
export const fetchReaders = (id: string) => call<ThreadReaders>('GET', `/api/threads/${id}/readers`);
export const fetchMessages = (id: string, { asides, ...range }: { after?: number; before?: number; around?: number; asides?: boolean; limit?: number } = {}) =>
  call<MessagePage>('GET', `/api/threads/${id}/messages${query({ ...range, asides: asides ? 'true' : undefined })}`);
export const fetchPlaceAt = (id: string, time: number) => call<MessagePlace>('GET', `/api/threads/${id}/messages/at${query({ time })}`);
export const askInvitation = (id: string, body: InvitationAsk) => call<InvitationSent>('POST', `/api/threads/${id}/invitations`, body);
export const fetchInvitations = () => call<Invitations>('GET', '/api/invitations');
export const takeBackInvitation = (id: string) => call<Done>('DELETE', `/api/invitations/${id}`);
export const refuseInvitation = (id: string) => call<Done>('POST', `/api/invitations/${id}/refuse`);
export const fetchRequests = (patient: string) => call<AdmissionRequests>('GET', `/api/patients/${patient}/requests`);
