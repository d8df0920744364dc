/** One typed fetch for every route: CSRF, the device's name, and refusals as ApiError. */
import { BUILD, PROTOCOL, type ErrorBody } from '../wire.gen';
import { ApiError, Offline } from './errors';

const TIMEOUT_MS = 20_000;
/** For half a mebibyte over the slowest of lines. */
const OCTETS_TIMEOUT_MS = 120_000;

let deviceId = '';

/** Every request after this names the device (header X-Device). */
export function nameDevice(id: string): void {
  deviceId = id;
}

/** What this page says of itself, and how the server says what it speaks (wire/version.py). */
const CLIENT = 'X-Consilium-Client';
const SERVER = 'X-Consilium-Server';

let refused: () => void = () => undefined;

/** Calls back whenever an answer tells that the server does not speak with this version. */
export function whenRefused(listener: () => void): void {
  refused = listener;
}

function isOurs(server: string | null): boolean {
  if (!server) return true;
  const [protocol, oldest] = server.split('.').map(Number);
  return protocol === PROTOCOL && (oldest ?? 0) <= BUILD;
}

function csrfToken(): string {
  const pair = document.cookie.split('; ').find((cookie) => cookie.startsWith('csrftoken='));
  return pair ? decodeURIComponent(pair.slice('csrftoken='.length)) : '';
}

function isErrorBody(value: unknown): value is ErrorBody {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request with what every request carries; raises Offline when nothing came back in time. */
async function send(method: Method, path: string, body: BodyInit | undefined, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  const carried: Record<string, string> = { Accept: 'application/json', [CLIENT]: `${PROTOCOL}.${BUILD}`, ...headers };
  if (method !== 'GET') carried['X-CSRFToken'] = csrfToken();
  if (deviceId) carried['X-Device'] = deviceId;
  try {
    const response = await fetch(path, { method, headers: carried, body, credentials: 'same-origin', cache: 'no-store', signal });
    if (!isOurs(response.headers.get(SERVER))) refused();
    return response;
  } catch {
    throw new Offline();
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  return response.headers.get('content-type')?.includes('json') ? ((await response.json()) as unknown) : null;
}

/** Sends, and answers status and body whatever the status is; raises Offline when nothing came back. */
export async function exchange(
  method: Method,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown }> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const carried: Record<string, string> = body === undefined ? headers : { 'Content-Type': 'application/json', ...headers };
  const response = await send(method, path, text, carried, AbortSignal.timeout(TIMEOUT_MS));
  return { status: response.status, body: await bodyOf(response) };
}

function taken<Answer>(status: number, body: unknown): Answer {
  if (status >= 200 && status < 300) return body as Answer;
  if (isErrorBody(body)) throw new ApiError(body.code, body.message, status, body.re);
  throw new ApiError(status === 429 ? 'too_many' : 'internal', `The server answered ${status}.`, status);
}

/** Brings bytes as they are; `signal` gives up. */
export async function putOctets<Answer>(path: string, octets: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Answer> {
  const waits = AbortSignal.any([signal, AbortSignal.timeout(OCTETS_TIMEOUT_MS)]);
  const response = await send('PUT', path, octets, { 'Content-Type': 'application/octet-stream' }, waits);
  return taken<Answer>(response.status, await bodyOf(response));
}

/** The bytes from `start` on, as they arrive; raises Offline where they break off. */
export async function* getOctets(path: string, start: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const response = await send('GET', path, undefined, start ? { Range: `bytes=${start}-` } : {}, signal);
  if (response.status !== (start ? 206 : 200)) taken(response.status >= 400 ? response.status : 500, await bodyOf(response));
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch {
    throw new Offline();
  } finally {
    reader.releaseLock();
  }
}

/** The body of a success; any refusal is raised as ApiError. */
export async function call<Answer>(method: Method, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  const answer = await exchange(method, path, body, headers);
  return taken<Answer>(answer.status, answer.body);
}

/** `?a=1&b=2` of what is set. */
export function query(parameters: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '');
  return pairs.length ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}` : '';
}
