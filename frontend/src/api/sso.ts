/** Signing in by an organisation's identity provider: where to go, and what came back. */
import type { Done, LinkedIdentities, SsoAddress, SsoReturn } from '../wire.gen';
import { call } from './http';

export const beginSignIn = (provider: string) => call<SsoAddress>('POST', '/api/sso/begin', { provider });
export const finishSignIn = (body: SsoReturn) => call<Done>('POST', '/api/sso/finish', body);
export const beginLinking = (provider: string) => call<SsoAddress>('POST', '/api/me/identities/begin', { provider });
export const finishLinking = (body: SsoReturn) => call<LinkedIdentities>('POST', '/api/me/identities', body);
export const fetchIdentities = () => call<LinkedIdentities>('GET', '/api/me/identities');
export const unlink = (provider: string) => call<Done>('DELETE', `/api/me/identities/${encodeURIComponent(provider)}`);
