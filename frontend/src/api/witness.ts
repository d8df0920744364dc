/** Permissions on paper or by word of mouth, as two witnesses bring them in. */
import type { ConsentSigner, Done, WitnessingIn, WitnessingOut, WitnessingsOut } from '../wire.gen';
import { call } from './http';

export const bringIn = (patient: string, body: WitnessingIn) => call<WitnessingOut>('POST', `/api/patients/${patient}/witnessings`, body);
export const fetchWitnessings = () => call<WitnessingsOut>('GET', '/api/witnessings');
export const signWitnessing = (id: string, signer: ConsentSigner) => call<WitnessingOut>('POST', `/api/witnessings/${id}/sign`, signer);
export const dropWitnessing = (id: string) => call<Done>('DELETE', `/api/witnessings/${id}`);
