/** The patient's ledger in words: what the dotted verbs and codes mean to the person they are about. */
import { fetchLedger } from '../api/consent';
import type { LedgerLine } from '../wire.gen';

export type LedgerFilter = '' | 'read' | 'write' | 'consent' | 'call' | 'refused';

export type LedgerRow = {
  id: string;
  at: number;
  who: string;
  organisation: string;
  what: string;
  why: string;
  outcome: string;
  tone: 'good' | 'stop' | 'plain' | 'wait';
};

export type LedgerPage = { rows: LedgerRow[]; next: number | undefined };

const FEWEST_ROWS = 25;
const MOST_FETCHES = 8;

const VERBS: Record<string, string> = {
  'thread.read': 'Read the conversation',
  'thread.keys': 'Fetched the keys of the conversation',
  'thread.log': 'Changed who is in the conversation',
  'thread.create': 'Opened a conversation',
  'thread.post': 'Wrote a message',
  'message.post': 'Wrote a message',
  'message.read': 'Read messages',
  'thread.invite': 'Asked for permission',
  'invitation.refuse': 'Refused a request',
  'invitation.withdraw': 'Took a request back',
  'consent.give': 'Gave permission',
  'consent.grant': 'Gave permission',
  'consent.deny': 'Forbade access',
  'consent.withdraw': 'Withdrew permission',
  'consent.revoke': 'Withdrew permission',
  'consent.read': 'Looked at the permissions',
  'ledger.read': 'Looked at this ledger',
  'patient.enrol': 'Enrolled the patient',
  'patient.read': 'Looked at the patient’s entry',
  'care_team.join': 'Joined the care team',
  'care_team.leave': 'Left the care team',
  'session.join': 'Joined a call',
  'room.admit': 'Let somebody into a call',
  'room.join': 'Joined a call',
  'room.leave': 'Left a call',
  'room.remove': 'Was put out of a call',
  export: 'Took a copy out',
};

const REASONS: Record<string, string> = {
  CONSENT_PERMIT: 'Your permission',
  SELF_ACCESS: 'Your own record',
  SELF_CONSENT_ACT: 'Your own decision',
  NO_CONSENT: 'No permission',
  NO_RELATIONSHIP: 'Not on your care team or in the conversation',
  CONSENT_DENY: 'You said no',
  REVOKED: 'Permission withdrawn',
  EXPIRED: 'Permission has ended',
  NOT_YET_VALID: 'Permission not begun',
  LABEL_NOT_COVERED: 'Protected topic, not permitted',
  ROLE_CAPABILITY: 'Not part of this role',
};

function words(code: string): string {
  const plain = code.replace(/[._]/g, ' ').toLowerCase();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

function kindOf(line: LedgerLine): LedgerFilter {
  if (line.outcome === 'deny') return 'refused';
  if (/read|keys|seals|look/.test(line.verb)) return 'read';
  if (/^(consent|invitation)|invite/.test(line.verb)) return 'consent';
  if (/^(room|session|call)/.test(line.verb)) return 'call';
  return 'write';
}

function rowOf(line: LedgerLine): LedgerRow {
  const what = VERBS[line.verb] ?? words(line.verb);
  const isRefused = line.outcome === 'deny';
  return {
    id: String(line.id),
    at: line.at,
    who: line.who || 'The system',
    organisation: [line.role, line.organisation].filter(Boolean).join(' · '),
    what: `${what}${line.count > 1 ? ` (${line.count})` : ''}${line.about && line.about !== line.who ? `: ${line.about}` : ''}`,
    why: line.reason ? (REASONS[line.reason] ?? words(line.reason)) : line.basis.length ? 'Your permission' : '–',
    outcome: isRefused ? 'Refused' : line.outcome === 'failed' ? 'Failed' : line.outcome === 'permit' ? 'Permitted' : 'Done',
    tone: isRefused ? 'stop' : line.outcome === 'failed' ? 'wait' : 'good',
  };
}

export class Ledger {
  /** A page of one kind; the server keeps one order for all, so a rare kind takes a few fetches. */
  async page(patient: string, kind: LedgerFilter, before: number | undefined): Promise<LedgerPage> {
    const rows: LedgerRow[] = [];
    let next = before;
    for (let fetches = 0; fetches < MOST_FETCHES; fetches++) {
      const page = await fetchLedger(patient, next);
      rows.push(...page.lines.filter((line) => kind === '' || kindOf(line) === kind).map(rowOf));
      next = page.next ?? undefined;
      if (next === undefined || rows.length >= FEWEST_ROWS) break;
    }
    return { rows, next };
  }
}
