/** Files of a thread: begun, brought in pieces, finished, fetched, destroyed. */
import type { AttachmentBegin, AttachmentFinish, AttachmentOut } from '../wire.gen';
import { call, getOctets, putOctets, query } from './http';

const at = (thread: string, id: string) => `/api/threads/${thread}/attachments/${id}`;

export const beginFile = (thread: string, body: AttachmentBegin) => call<AttachmentOut>('POST', `/api/threads/${thread}/attachments`, body);
export const lookAtFile = (thread: string, id: string) => call<AttachmentOut>('GET', at(thread, id));
export const putPiece = (thread: string, id: string, offset: number, piece: Uint8Array<ArrayBuffer>, signal: AbortSignal) =>
  putOctets<AttachmentOut>(`${at(thread, id)}/content${query({ offset })}`, piece, signal);
export const finishFile = (thread: string, id: string, body: AttachmentFinish) => call<AttachmentOut>('POST', `${at(thread, id)}/finish`, body);
export const fetchContent = (thread: string, id: string, start: number, signal: AbortSignal) => getOctets(`${at(thread, id)}/content`, start, signal);
export const destroyFile = (thread: string, id: string, retraction?: string) => call<AttachmentOut>('DELETE', `${at(thread, id)}${query({ retraction })}`);
