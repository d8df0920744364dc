/** Directives, revocations and the ledger of a patient; rehearsals, notices and receipts; and for whom one acts. */
import type {
  ConsentGiven,
  DirectiveIn,
  DirectivesOut,
  Done,
  LedgerPage,
  NoticesOut,
  Receipt,
  RehearsalIn,
  RehearsalOut,
  ReportFile,
  ReportOut,
  RepresentedOut,
  RevocationIn,
} from '../wire.gen';
import { call, query } from './http';

export const fetchDirectives = (patient: string) => call<DirectivesOut>('GET', `/api/patients/${patient}/directives`);
export const giveDirective = (patient: string, body: DirectiveIn) => call<ConsentGiven>('POST', `/api/patients/${patient}/directives`, body);
export const giveRevocation = (patient: string, body: RevocationIn) => call<ConsentGiven>('POST', `/api/patients/${patient}/revocations`, body);
export const fetchLedger = (patient: string, before?: number, show = '', limit = 100) =>
  call<LedgerPage>('GET', `/api/patients/${patient}/ledger${query({ before, limit, show })}`);
export const fetchSummary = (patient: string, show: string) => call<ReportOut>('GET', `/api/patients/${patient}/ledger/summary${query({ show })}`);
export const fetchReport = (patient: string) => call<ReportFile>('GET', `/api/patients/${patient}/ledger/report`);
export const rehearse = (patient: string, body: RehearsalIn) => call<RehearsalOut>('POST', `/api/patients/${patient}/rehearsals`, body);
export const fetchNotices = (patient: string) => call<NoticesOut>('GET', `/api/patients/${patient}/notices`);
export const reviewDirective = (patient: string, directive: string) => call<Done>('POST', `/api/patients/${patient}/directives/${directive}/review`);
export const fetchReceipt = (patient: string, directive: string) => call<Receipt>('GET', `/api/patients/${patient}/directives/${directive}/receipt`);
export const fetchWithdrawalReceipt = (patient: string, withdrawal: string) => call<Receipt>('GET', `/api/patients/${patient}/withdrawals/${withdrawal}/receipt`);
export const fetchRepresented = () => call<RepresentedOut>('GET', '/api/represented');
