import { describe, expect, it } from 'vitest';
import { ContentType } from '../crypto/tables.gen';
import type { LogFacts, OpenedMessage } from '../crypto/vaultApi';
import type { MemberMarks, ThreadReader, ThreadSummary } from '../wire.gen';
import { adviceFor } from './failures';
import { NOTHING_SEEN } from './gaps';
import type { Held } from './history';
import { viewOf, type Holding } from './threadView';

const id = (letter: string) => letter.repeat(22);
const ELENA = id('e');
const MAYA = id('m');
const YEAR = 365 * 86_400_000;

function held(seq: number, sender: string, ctype: number, body: object, more: Partial<OpenedMessage> = {}): Held {
  const opened: OpenedMessage = { msgId: id(String.fromCharCode(64 + seq)), sender, sentAt: seq * 1000, ctype, body: JSON.stringify(body), hash: '', seen: NOTHING_SEEN, epoch: 1, device: id('d'), ...more };
  return { seq, at: seq * 1000, opened, wire: '', code: '', hash: '' };
}

const mapOf = (all: Held[]) => new Map(all.map((one) => [one.seq, one]));
const ref = (seq: number) => id(String.fromCharCode(64 + seq));

function view(shown: Held[], { elena = 'Elena', stretch = {}, ...more }: { elena?: string; stretch?: Partial<Holding['history']> } & Partial<Holding> = {}) {
  const member = (user: string, name: string) => ({ user, name, role: 1, is_patient: false, organisation_name: '', may_read: true });
  const summary = { patient: MAYA, patient_name: 'Maya', standing: 'member', members: [member(ELENA, elena), member(MAYA, 'Maya')] } as unknown as ThreadSummary;
  const history = { held: mapOf(shown), asides: new Map(), low: 1, head: 20, floor: 0, ownOnly: false, hasEarlier: false, isAtHead: true, generation: 1, ...stretch };
  return viewOf({ id: 't', me: MAYA, summary, people: [], readers: [], facts: null, marks: new Map(), history, pending: [], readBefore: 0, target: null, isWaiting: false, version: 0, ...more });
}

const text = (words: string) => ({ text: words });
const event = (seq: number, at: number) => ({ seq, at, kind: 'started', user: ELENA, author: ELENA }) as const;

describe('a stretch', () => {
  it('shows nothing that was taken back outside of it', () => {
    const asides = mapOf([held(15, ELENA, ContentType.REDACT, { ref: ref(3) })]);
    const { lines } = view([held(3, ELENA, ContentType.TEXT, text('a secret'))], { stretch: { asides, low: 3, isAtHead: false } });
    expect(lines).toMatchObject([{ kind: 'retracted', seq: 3 }]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('has the events of its time alone, and what is on its way only at the end', () => {
    const facts = { events: [event(0, 500), event(1, 3500), event(2, 90_000)], labels: [], verified: [], keysChanged: [], members: [] } as unknown as LogFacts;
    const shown = [held(3, ELENA, ContentType.TEXT, text('a')), held(4, ELENA, ContentType.TEXT, text('b'))];
    const pending = [{ msgId: id('p'), thread: 't', created: 1, body: { text: 'mine', card: null }, ctype: ContentType.TEXT, state: 'queued' as const, code: '' }];
    const kinds = (stretch: Partial<Holding['history']>) => view(shown, { facts, pending, stretch }).lines.map((line) => line.key);
    expect(kinds({ low: 3, isAtHead: false, hasEarlier: true })).toEqual([ref(3), 'log-1', ref(4)]);
    expect(kinds({ low: 1, isAtHead: true })).toEqual(['log-0', ref(3), 'log-1', ref(4), 'log-2', id('p')]);
  });

  it('has a line before the first message of somebody else that had not been read', () => {
    const shown = [3, 4, 5, 6].map((seq) => held(seq, seq === 4 ? MAYA : ELENA, ContentType.TEXT, text(String(seq))));
    expect(view(shown, { readBefore: 3 }).lines.map((line) => line.kind)).toEqual(['message', 'message', 'new', 'message', 'message']);
    expect(view(shown, { readBefore: 6 }).lines.some((line) => line.kind === 'new')).toBe(false);
    expect(view(shown, { readBefore: 1, stretch: { low: 3 } }).lines.some((line) => line.kind === 'new')).toBe(false);
  });

  it('tells the name, the cards and the pins of the whole thread', () => {
    const asides = mapOf([
      held(1, ELENA, ContentType.CARD, { text: 'card', card: { kind: 'screening.request', instrument: 'phq-9' } }),
      held(2, ELENA, ContentType.SUBJECT, text('Sleep')),
      held(9, ELENA, ContentType.PIN, { ref: ref(5), seq: 5, pinned: true }),
      held(10, ELENA, ContentType.PIN, { ref: ref(6), seq: 6, pinned: true }),
      held(11, MAYA, ContentType.PIN, { ref: ref(7), seq: 5, pinned: true }),
    ]);
    const { subject, cards, pinned } = view([held(5, ELENA, ContentType.TEXT, text('pinned'))], { stretch: { asides, low: 5 } });
    expect([subject, cards.map((card) => card.seq), pinned.map(({ line }) => line.text)]).toEqual(['Sleep', [1], ['pinned']]);
  });
});

describe('odd input', () => {
  it('neither hides nor turns a name', () => {
    const [line] = view([held(1, ELENA, ContentType.TEXT, text('שלום \u202e5 mg 👩‍⚕️'))], { elena: 'Ele\u202ena\u0007 \u2028 שרה' }).lines;
    expect(line).toMatchObject({ sender: { name: 'Ele\ufffdna\ufffd \ufffd שרה' }, text: 'שלום \ufffd5 mg 👩‍⚕️' });
  });

  it('of ten thousand mentions is shown and names nobody', () => {
    const [line] = view([held(1, ELENA, ContentType.TEXT, { text: 'all', mentions: Array.from({ length: 10_000 }, () => MAYA) })]).lines;
    expect(line).toMatchObject({ text: 'all', names: [], isForMe: false });
  });

  it('from a clock that is a year off stays where the log has it, and says so', () => {
    const shown = [held(1, ELENA, ContentType.TEXT, text('a'), { sentAt: 1000 + YEAR }), held(2, ELENA, ContentType.TEXT, text('b'), { sentAt: 2000 - YEAR })];
    expect(view(shown).lines).toMatchObject([{ text: 'a', clockOff: YEAR }, { text: 'b', clockOff: -YEAR }]);
  });
});

describe('marks', () => {
  const samuel = { user: id('s'), name: 'Samuel' } as unknown as ThreadReader;
  const marks = (more: Partial<MemberMarks>) => new Map([[samuel.user, { user: samuel.user, delivered: 9, read: 9, failed: [], moves: [], ...more }]]);

  it('tell when somebody had read, as far as times were kept', () => {
    const moves = [{ read: 3, at: 0 }, { read: 5, at: 5000 }, { read: 9, at: 9000 }];
    const at = (seq: number) => view([], { readers: [samuel], marks: marks({ moves }) }).reachOf(seq)?.read;
    expect([2, 4, 5, 6].map(at)).toEqual([null, 5000, 5000, 9000].map((when) => [{ name: 'Samuel', at: when }]));
  });

  it('name who could not open a message, with what to do by the code', () => {
    const failed = [{ seq: 4, code: 'E_SEAL_MISSING' }];
    expect(view([], { readers: [samuel], marks: marks({ failed }) }).reachOf(4)?.failed).toEqual([{ name: 'Samuel', code: 'E_SEAL_MISSING' }]);
    expect(new Set(['E_SEAL_MISSING', 'E_VERSION', 'E_AEAD'].map(adviceFor)).size).toBe(3);
  });
});
