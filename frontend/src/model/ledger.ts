/** The patient's ledger in words: what the dotted verbs and codes mean to the person they are about. */
import { fetchLedger, fetchReport, fetchSummary } from '../api/consent';
import type { LedgerLine } from '../wire.gen';
import { DEEDS, OUTCOMES, WHYS } from './plain/ledger';

export type LedgerFilter = '' | 'read' | 'write' | 'consent' | 'call' | 'refused' | 'looks';

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

/** The kinds that the server itself picks out. */
const SHOWN: Partial<Record<LedgerFilter, string>> = { refused: 'refused', looks: 'permissions' };

const FEWEST_ROWS = 25;
const MOST_FETCHES = 8;

function words(code: string): string {
  const plain = code.replace(/[._]/g, ' ').toLowerCase();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

function kindOf(line: LedgerLine): LedgerFilter {
  if (line.outcome === 'deny') return 'refused';
  if (/read|keys|seals|look|^records/.test(line.verb)) return 'read';
  if (/^(consent|invitation)|invite/.test(line.verb)) return 'consent';
  if (/^(room|session|call)/.test(line.verb)) return 'call';
  return 'write';
}

function whyOf(line: LedgerLine): string {
  if (line.reason) return WHYS[line.reason] ?? words(line.reason);
  if (line.role === 'patient') return WHYS['SELF_ACCESS'] ?? '';
  // What a decision about consent names is what it changed, not what allowed it.
  return line.basis.length && !line.verb.startsWith('consent.') ? (WHYS['CONSENT_PERMIT'] ?? '') : OUTCOMES.noReason;
}

function rowOf(line: LedgerLine): LedgerRow {
  const what = `${DEEDS[line.verb] ?? words(line.verb)}${line.count > 1 ? ` (${line.count})` : ''}`;
  const isRefused = line.outcome === 'deny';
  return {
    id: String(line.id),
    at: line.at,
    who: line.who || OUTCOMES.system,
    organisation: [line.role, line.organisation].filter(Boolean).join(' · '),
    what: line.about && line.about !== line.who ? OUTCOMES.about(what, line.about) : what,
    why: whyOf(line),
    outcome: isRefused ? OUTCOMES.refused : line.outcome === 'failed' ? OUTCOMES.failed : line.outcome === 'permit' ? OUTCOMES.permitted : OUTCOMES.done,
    tone: isRefused ? 'stop' : line.outcome === 'failed' ? 'wait' : 'good',
  };
}

export type LedgerPerson = { id: string; who: string; organisation: string; times: number; refused: number; last: number };

export class Ledger {
  /** Who did something about the patient, with how often it was, the most recent first. */
  async people(patient: string, kind: LedgerFilter): Promise<LedgerPerson[]> {
    const { organisations } = await fetchSummary(patient, SHOWN[kind] ?? '');
    const people = organisations.flatMap((house) => house.people);
    return people
      .map((one) => ({
        id: one.user ?? '',
        who: one.who || OUTCOMES.system,
        organisation: [one.role, one.organisation].filter(Boolean).join(' · '),
        times: one.times,
        refused: one.refused,
        last: one.last,
      }))
      .sort((one, other) => other.last - one.last);
  }

  /** The copy to keep, as the text of a file: every line with its proof. */
  async copy(patient: string): Promise<string> {
    return JSON.stringify(await fetchReport(patient));
  }

  /** A page of one kind; the server keeps one order for all, so a rare kind takes a few fetches. */
  async page(patient: string, kind: LedgerFilter, before: number | undefined): Promise<LedgerPage> {
    const rows: LedgerRow[] = [];
    let next = before;
    for (let fetches = 0; fetches < MOST_FETCHES; fetches++) {
      const page = await fetchLedger(patient, next, SHOWN[kind] ?? '');
      rows.push(...page.lines.filter((line) => kind === '' || kind in SHOWN || kindOf(line) === kind).map(rowOf));
      next = page.next ?? undefined;
      if (next === undefined || rows.length >= FEWEST_ROWS) break;
    }
    return { rows, next };
  }
}
