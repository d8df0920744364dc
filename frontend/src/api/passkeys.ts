/** Passkeys: the browser's ceremonies, and allauth's doors for them. */
import type { Passkeys, PasskeySlot } from '../wire.gen';
import { ACCOUNT, AUTH, demand, refusal } from './account';
import { ApiError } from './errors';
import { call, exchange } from './http';

/** What a ceremony yields: what the server may see, and the secret that it must not (null without PRF). */
export type Ceremony = { readonly id: string; readonly seen: object; readonly prf: string | null };

type Options = { data?: { creation_options?: { publicKey: unknown }; request_options?: { publicKey: unknown } } } | null;

export const fetchPasskeys = () => call<Passkeys>('GET', '/api/keys/passkeys');
export const keepPasskeySlot = (body: PasskeySlot) => call<Passkeys>('PUT', '/api/keys/passkey', body);

/** Whether this browser knows passkeys at all. */
export function knowsPasskeys(): boolean {
  return 'PublicKeyCredential' in globalThis && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
}

function bytesOf(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0)).buffer;
}

function textOf(bytes: BufferSource): string {
  const view = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
  return btoa(String.fromCharCode(...view)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function ceremonyOf(credential: Credential | null): Ceremony & { isEnabled: boolean } {
  if (!(credential instanceof PublicKeyCredential)) throw new ApiError('no_passkey', 'No passkey was used.', 0);
  const { prf } = credential.getClientExtensionResults();
  const first = prf?.results?.first;
  // toJSON() carries the results of the extensions, the secret among them: the server gets none of them.
  const seen = { ...(credential.toJSON() as object), clientExtensionResults: {} };
  return { id: credential.id, seen, prf: first ? textOf(first) : null, isEnabled: prf?.enabled === true || first !== undefined };
}

/** The browser's refusals say little on purpose: not asked for, not verified, not there are one to the page. */
async function ask(ceremony: () => Promise<Credential | null>): Promise<Ceremony & { isEnabled: boolean }> {
  try {
    return ceremonyOf(await ceremony());
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const isThere = error instanceof DOMException && error.name === 'InvalidStateError';
    throw new ApiError(isThere ? 'passkey_known' : 'no_passkey', 'No passkey was used.', 0);
  }
}

async function optionsOf(path: string, kind: 'creation_options' | 'request_options'): Promise<unknown> {
  const answer = await exchange('GET', path);
  const found = (answer.body as Options)?.data?.[kind]?.publicKey;
  if (answer.status !== 200 || !found) throw refusal(answer.status, answer.body);
  return found;
}

function requested(json: unknown, salt: string): PublicKeyCredentialRequestOptions {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(json as PublicKeyCredentialRequestOptionsJSON);
  return { ...options, userVerification: 'required', extensions: { prf: { eval: { first: bytesOf(salt) } } } };
}

/**
 * Registers a passkey; `prf` is null when it keeps no secret. Some authenticators tell that they will only at
 * creation, and answer it only when used: those are asked once more.
 */
export async function registerPasskey(name: string, salt: string): Promise<{ made: Ceremony; recoveryCodes: boolean }> {
  const json = await optionsOf(`${ACCOUNT}/webauthn?passwordless`, 'creation_options');
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(json as PublicKeyCredentialCreationOptionsJSON);
  const eval_ = { first: bytesOf(salt) };
  const publicKey = { ...options, extensions: { ...options.extensions, prf: { eval: eval_ } } };
  const made = await ask(() => navigator.credentials.create({ publicKey }));
  const answer = await demand(`${ACCOUNT}/webauthn`, { name, credential: made.seen, passwordless: true });
  const recoveryCodes = (answer as { meta?: { recovery_codes_generated?: boolean } } | null)?.meta?.recovery_codes_generated === true;
  if (made.prf || !made.isEnabled) return { made, recoveryCodes };
  const challenge = crypto.getRandomValues(new Uint8Array(32));
  const again = await ask(() =>
    navigator.credentials.get({
      publicKey: {
        challenge,
        allowCredentials: [{ type: 'public-key', id: bytesOf(made.id) }],
        userVerification: 'required',
        extensions: { prf: { eval: eval_ } },
      },
    }),
  );
  return { made: { ...made, prf: again.prf }, recoveryCodes };
}

async function assert(path: string, salt: string): Promise<Ceremony> {
  const json = await optionsOf(path, 'request_options');
  const shown = await ask(() => navigator.credentials.get({ publicKey: requested(json, salt) }));
  await demand(path, { credential: shown.seen });
  return shown;
}

/** Signs in with a passkey alone; it says who signs in. */
export const signInWithPasskey = (salt: string) => assert(`${AUTH}/webauthn/login`, salt);
/** Completes a sign-in by password. */
export const answerWithPasskey = (salt: string) => assert(`${AUTH}/webauthn/authenticate`, salt);
/** Shows the passkey again in an open session; it counts as a recent second factor. */
export const proveWithPasskey = (salt: string) => assert(`${AUTH}/webauthn/reauthenticate`, salt);

export async function removePasskey(id: number): Promise<void> {
  const answer = await exchange('DELETE', `${ACCOUNT}/webauthn`, { authenticators: [id] });
  if (answer.status !== 200) throw refusal(answer.status, answer.body);
}
