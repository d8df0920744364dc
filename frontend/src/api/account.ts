/** Signing in and up (allauth's headless browser client), keys, devices. `auth` is derived, never the password. */
import type {
  ChangePassword,
  Config,
  DemoCast,
  DemoCode,
  DeviceIn,
  Devices,
  Done,
  EnrolKeys,
  EnrolmentOffer,
  FinishRecovery,
  KeptPins,
  LoginParameters,
  Me,
  MyKeys,
  PinsBlob,
  NewRecoveryCode,
  RecoverySlot,
  RenewKeys,
  ResetKeys,
  ResetOffer,
  SecondFactor,
} from '../wire.gen';
import { ApiError } from './errors';
import { call, exchange } from './http';

export const AUTH = '/_allauth/browser/v1/auth';

type AllauthBody = { errors?: { code?: string; message?: string; param?: string }[]; data?: { flows?: { id?: string }[] }; meta?: { secret?: string } } | null;

export const ACCOUNT = '/_allauth/browser/v1/account/authenticators';

export function refusal(status: number, body: unknown): ApiError {
  const first = (body as AllauthBody)?.errors?.[0];
  // The password was right: what is still asked for is a code.
  if (!first && (body as AllauthBody)?.data?.flows?.some((flow) => flow.id === 'mfa_authenticate')) return new ApiError('second_factor', 'Enter the code of your authenticator app.', status);
  const code =
    first?.code === 'email_password_mismatch' ? 'wrong_password' : status === 429 ? 'too_many' : (first?.code ?? 'internal');
  return new ApiError(code, first?.message ?? `The server answered ${status}.`, status, first?.param ?? '');
}

export const fetchConfig = () => call<Config>('GET', '/api/config');
export const fetchCast = () => call<DemoCast>('GET', '/api/demo/cast');
export const fetchLoginParameters = (email: string) => call<LoginParameters>('POST', '/api/login-parameters', { email });
export const lookAtEnrolment = (code: string) => call<EnrolmentOffer>('POST', '/api/enrolments/look', { code });
export const fetchMe = () => call<Me>('GET', '/api/me');
export const fetchPins = () => call<KeptPins>('GET', '/api/keys/pins');
export const putPins = (body: PinsBlob) => call<PinsBlob>('PUT', '/api/keys/pins', body);
export const fetchMyKeys = () => call<MyKeys>('GET', '/api/keys/mine');
export const enrolKeys = (body: EnrolKeys) => call<MyKeys>('POST', '/api/keys/enrol', body);
export const changePassword = (body: ChangePassword) => call<Done>('PUT', '/api/keys/password', body);
export const changeRecoveryCode = (body: NewRecoveryCode) => call<Done>('PUT', '/api/keys/recovery', body);
export const renewKeys = (body: RenewKeys) => call<MyKeys>('POST', '/api/keys/renew', body);
export const openRecovery = (email: string, rc_auth: string) => call<RecoverySlot>('POST', '/api/recovery/open', { email, rc_auth });
export const finishRecovery = (body: FinishRecovery) => call<Done>('POST', '/api/recovery/finish', body);
export const lookAtReset = (email: string, code: string) => call<ResetOffer>('POST', '/api/reset/look', { email, code });
export const finishReset = (body: ResetKeys) => call<Done>('POST', '/api/reset/finish', body);
export const registerDevice = (body: DeviceIn) => call<Done>('POST', '/api/devices', body);
export const fetchDevices = () => call<Devices>('GET', '/api/devices');
export const signOutDevice = (number: number) => call<Done>('DELETE', `/api/devices/${number}`);
export const signOutOthers = () => call<Done>('POST', '/api/sign-out-others');
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

/** Posts to allauth; whatever is not a success is raised as ApiError. */
export async function demand(path: string, body: unknown): Promise<unknown> {
  const answer = await exchange('POST', path, body);
  if (answer.status !== 200) throw refusal(answer.status, answer.body);
  return answer.body;
}

/** Completes a sign-in: a code of the authenticator app, or a recovery code. */
export const answerSecondFactor = (code: string) => demand(`${AUTH}/2fa/authenticate`, { code });
/** Shows the second factor again in an open session: it counts as recent for fifteen minutes. */
export const proveSecondFactor = (code: string) => demand(`${AUTH}/2fa/reauthenticate`, { code });
export const provePassword = (auth: string) => demand(`${AUTH}/reauthenticate`, { password: auth });
export const confirmSecondFactor = (code: string) => demand(`${ACCOUNT}/totp`, { code });
export const fetchSecondFactor = () => call<SecondFactor>('GET', '/api/me/second-factor');
export const fetchDemoCode = (email: string) => call<DemoCode>('GET', `/api/demo/code?email=${encodeURIComponent(email)}`);

/** The secret for an authenticator app, kept in the session until a code confirms it. */
export async function offerSecondFactor(): Promise<string> {
  const answer = await exchange('GET', `${ACCOUNT}/totp`);
  const secret = (answer.body as AllauthBody)?.meta?.secret;
  if (!secret) throw refusal(answer.status, answer.body);
  return secret;
}

/** Codes for the day on which the telephone is lost; shown once. */
export async function makeRecoveryCodes(): Promise<string[]> {
  const body = (await demand(`${ACCOUNT}/recovery-codes`, {})) as { data?: { unused_codes?: string[] } } | null;
  return body?.data?.unused_codes ?? [];
}

export async function removeSecondFactor(): Promise<void> {
  const answer = await exchange('DELETE', `${ACCOUNT}/totp`);
  if (answer.status !== 200) throw refusal(answer.status, answer.body);
}

export async function signOut(): Promise<void> {
  // allauth answers 401 to say that nobody is signed in any more.
  const answer = await exchange('DELETE', `${AUTH}/session`);
  if (answer.status !== 401 && answer.status !== 200) throw refusal(answer.status, answer.body);
}
