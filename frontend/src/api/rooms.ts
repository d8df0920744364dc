/** A call's lobby over HTTP; everything else of a call is on the socket (live). */
import type { RoomView } from '../wire.gen';
import { call } from './http';

export const fetchRoom = (session: string) => call<RoomView>('GET', `/api/rooms/${session}`);
