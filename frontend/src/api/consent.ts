/** Directives, revocations and the ledger of a patient. */
import type { ConsentGiven, DirectiveIn, DirectivesOut, LedgerPage, RevocationIn } from '../wire.gen';
import { call, query } from './http';

export const fetchDirectives = (patient: string) => call<DirectivesOut>('GET', `/api/patients/${patient}/directives`);
export const giveDirective = (patient: string, body: DirectiveIn) => call<ConsentGiven>('POST', `/api/patients/${patient}/directives`, body);
export const giveRevocation = (patient: string, body: RevocationIn) => call<ConsentGiven>('POST', `/api/patients/${patient}/revocations`, body);
export const fetchLedger = (patient: string, before?: number, limit = 100) => call<LedgerPage>('GET', `/api/patients/${patient}/ledger${query({ before, limit })}`);
