/** Where this browser is told that there is something new (RFC 8030). */
import type { Done, PushStanding, PushSubscribe } from '../wire.gen';
import { call } from './http';

export const fetchPush = () => call<PushStanding>('GET', '/api/me/push');
export const putPush = (body: PushSubscribe) => call<Done>('PUT', '/api/me/push', body);
export const deletePush = () => call<Done>('DELETE', '/api/me/push');
