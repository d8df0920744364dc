/** One typed fetch for every route: CSRF, the device's name, and refusals as ApiError. */
import type { ErrorBody } from '../wire.gen';
import { ApiError, Offline } from './errors';

const TIMEOUT_MS = 20_000;

let deviceId = '';

/** Every request after this names the device (header X-Device). */
export function nameDevice(id: string): void {
  deviceId = id;
}

function csrfToken(): string {
  const pair = document.cookie.split('; ').find((cookie) => cookie.startsWith('csrftoken='));
  return pair ? decodeURIComponent(pair.slice('csrftoken='.length)) : '';
}

function isErrorBody(value: unknown): value is ErrorBody {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Sends, and answers status and body whatever the status is; raises Offline when nothing came back. */
export async function exchange(
  method: Method,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown }> {
  const carried: Record<string, string> = { Accept: 'application/json', ...headers };
  if (body !== undefined) carried['Content-Type'] = 'application/json';
  if (method !== 'GET') carried['X-CSRFToken'] = csrfToken();
  if (deviceId) carried['X-Device'] = deviceId;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: carried,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new Offline();
  }
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: isJson ? ((await response.json()) as unknown) : null };
}

/** The body of a success; any refusal is raised as ApiError. */
export async function call<Answer>(method: Method, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  const answer = await exchange(method, path, body, headers);
  if (answer.status >= 200 && answer.status < 300) return answer.body as Answer;
  if (isErrorBody(answer.body)) throw new ApiError(answer.body.code, answer.body.message, answer.status, answer.body.re);
  throw new ApiError(answer.status === 429 ? 'too_many' : 'internal', `The server answered ${answer.status}.`, answer.status);
}

/** `?a=1&b=2` of what is set. */
export function query(parameters: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '');
  return pairs.length ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}` : '';
}
