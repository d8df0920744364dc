/** Signing in and up (allauth's headless browser client), keys, devices. `auth` is derived, never the password. */
import type {
  Config,
  DemoCast,
  DeviceIn,
  DeviceOut,
  Devices,
  Done,
  EnrolKeys,
  EnrolmentOffer,
  FinishRecovery,
  LoginParameters,
  Me,
  MyKeys,
  RecoverySlot,
} from '../wire.gen';
import { ApiError } from './errors';
import { call, exchange } from './http';

const AUTH = '/_allauth/browser/v1/auth';

type AllauthBody = { errors?: { code?: string; message?: string; param?: string }[] } | null;

function refusal(status: number, body: unknown): ApiError {
  const first = (body as AllauthBody)?.errors?.[0];
  const code =
    first?.code === 'email_password_mismatch' ? 'wrong_password' : status === 429 ? 'too_many' : (first?.code ?? 'internal');
  return new ApiError(code, first?.message ?? `The server answered ${status}.`, status, first?.param ?? '');
}

export const fetchConfig = () => call<Config>('GET', '/api/config');
export const fetchCast = () => call<DemoCast>('GET', '/api/demo/cast');
export const fetchLoginParameters = (email: string) => call<LoginParameters>('POST', '/api/login-parameters', { email });
export const lookAtEnrolment = (code: string) => call<EnrolmentOffer>('POST', '/api/enrolments/look', { code });
export const fetchMe = () => call<Me>('GET', '/api/me');
export const fetchMyKeys = () => call<MyKeys>('GET', '/api/keys/mine');
export const enrolKeys = (body: EnrolKeys) => call<MyKeys>('POST', '/api/keys/enrol', body);
export const openRecovery = (email: string, rc_auth: string) => call<RecoverySlot>('POST', '/api/recovery/open', { email, rc_auth });
export const finishRecovery = (body: FinishRecovery) => call<Done>('POST', '/api/recovery/finish', body);
export const registerDevice = (body: DeviceIn) => call<DeviceOut>('POST', '/api/devices', body);
export const fetchDevices = () => call<Devices>('GET', '/api/devices');
export const forgetDevice = (id: string) => call<Done>('DELETE', `/api/devices/${id}`);
export const signOutEverywhere = () => call<Done>('POST', '/api/sign-out-everywhere');

export async function signIn(email: string, auth: string): Promise<void> {
  const answer = await exchange('POST', `${AUTH}/login`, { email, password: auth });
  // 409: this browser's session is signed in already, which is what was asked for only if it is the same person.
  if (answer.status === 409) {
    await signOut();
    const again = await exchange('POST', `${AUTH}/login`, { email, password: auth });
    if (again.status !== 200) throw refusal(again.status, again.body);
    return;
  }
  if (answer.status !== 200) throw refusal(answer.status, answer.body);
}

export async function signUp(email: string, auth: string, enrolmentCode: string): Promise<void> {
  const answer = await exchange('POST', `${AUTH}/signup`, { email, password: auth }, { 'X-Enrolment-Code': enrolmentCode });
  if (answer.status !== 200) throw refusal(answer.status, answer.body);
}

export async function signOut(): Promise<void> {
  // allauth answers 401 to say that nobody is signed in any more.
  const answer = await exchange('DELETE', `${AUTH}/session`);
  if (answer.status !== 401 && answer.status !== 200) throw refusal(answer.status, answer.body);
}
