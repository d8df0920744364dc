import { describe, expect, it } from 'vitest';
import { ContentType } from '../crypto/tables.gen';
import type { OpenedMessage } from '../crypto/vaultApi';
import type { ThreadSummary } from '../wire.gen';
import { MOST_MENTIONS, parseBody } from './body';
import { clockOff, firstLine, mentionsIn, nameOf, partsOf, speechOf, visible, type Heard } from './speech';
import { viewOf, type Holding } from './threadView';

const id = (letter: string) => letter.repeat(22);
const hash = (seq: number) => String(seq % 10).repeat(43);
const ELENA = id('e');
const MAYA = id('m');

function heard(seq: number, sender: string, ctype: number, body: object, at = seq * 1000): Heard & { wire: string; code: string; hash: string } {
  const opened: OpenedMessage = { msgId: id(String(seq)), sender, sentAt: at, ctype, body: JSON.stringify(body), hash: hash(seq), seen: 'A'.repeat(43), epoch: 1, device: id('d') };
  return { seq, at, opened, wire: '', code: '', hash: hash(seq) };
}

function holding(held: ReturnType<typeof heard>[], more: Partial<Holding> = {}): Holding {
  const member = (user: string, name: string) => ({ user, name, role: 1, is_patient: false, organisation_name: '', may_read: true });
  const summary = { patient: MAYA, patient_name: 'Maya', standing: 'member', members: [member(ELENA, 'Elena'), member(MAYA, 'Maya')] } as unknown as ThreadSummary;
  const history = { held: new Map(held.map((one) => [one.seq, one])), asides: new Map(), low: 1, head: held.length, floor: 1, ownOnly: false, hasEarlier: false, isAtHead: true, generation: 1 };
  return { id: 't', me: MAYA, summary, people: [], readers: [], facts: null, marks: new Map(), history, pending: [], readBefore: 0, target: null, isWaiting: false, version: 0, ...more };
}

describe('edits', () => {
  it('keep what was said before', () => {
    const said = speechOf([heard(1, ELENA, ContentType.TEXT, { text: '5 mg' }), heard(2, ELENA, ContentType.EDIT, { ref: id('1'), text: '50 mg' })]);
    expect(said.get(nameOf(ELENA, id('1')))?.versions.map(({ text }) => text)).toEqual(['5 mg', '50 mg']);
  });

  it('of another are nothing', () => {
    const said = speechOf([heard(1, ELENA, ContentType.TEXT, { text: 'mine' }), heard(2, MAYA, ContentType.EDIT, { ref: id('1'), text: 'yours' }), heard(3, MAYA, ContentType.REDACT, { ref: id('1') })]);
    expect(said.get(nameOf(ELENA, id('1')))).toEqual({ versions: [{ at: 1000, text: 'mine' }], mentions: [], takenBack: null });
  });

  it('change no card, and nothing that was taken back', () => {
    const said = speechOf([
      heard(1, ELENA, ContentType.CARD, { text: 'a card' }),
      heard(2, ELENA, ContentType.EDIT, { ref: id('1'), text: 'other' }),
      heard(3, ELENA, ContentType.TEXT, { text: 'gone' }),
      heard(4, ELENA, ContentType.REDACT, { ref: id('3') }),
      heard(5, ELENA, ContentType.EDIT, { ref: id('3'), text: 'back' }),
    ]);
    expect(said.get(nameOf(ELENA, id('1')))?.versions.length).toBe(1);
    expect(said.get(nameOf(ELENA, id('3')))).toEqual({ versions: [], mentions: [], takenBack: { at: 4000, msgId: id('4') } });
  });

  it('before their message are nothing', () => {
    const said = speechOf([heard(1, ELENA, ContentType.EDIT, { ref: id('2'), text: 'early' }), heard(2, ELENA, ContentType.TEXT, { text: 'said' })]);
    expect(said.get(nameOf(ELENA, id('2')))?.versions.map(({ text }) => text)).toEqual(['said']);
  });
});

describe('what the page shows', () => {
  it('leaves who and when of a message that was taken back, and no word of it', () => {
    const { lines } = viewOf(holding([heard(1, ELENA, ContentType.TEXT, { text: 'a secret' }), heard(2, ELENA, ContentType.REDACT, { ref: id('1') })]));
    expect(lines).toMatchObject([{ kind: 'retracted', seq: 1, at: 1000, takenBackAt: 2000, sender: { name: 'Elena' } }]);
    expect(JSON.stringify(lines)).not.toContain('a secret');
  });

  it('quotes what this reader holds, as it stands now', () => {
    const reply = (seq: number, of: string) => ({ text: 'yes', reply: { ref: id(of), seq, hash: hash(seq) } });
    const messages = [heard(1, ELENA, ContentType.TEXT, { text: 'one\ntwo' }), heard(2, MAYA, ContentType.TEXT, reply(1, '1'))];
    const quoteIn = (held: typeof messages) => viewOf(holding(held)).lines.find((line) => line.key === id('2'));
    expect(quoteIn(messages)).toMatchObject({ quote: { seq: 1, state: 'here', name: 'Elena', line: 'one' } });
    expect(quoteIn([...messages, heard(3, ELENA, ContentType.REDACT, { ref: id('1') })])).toMatchObject({ quote: { state: 'gone', line: '' } });
    expect(quoteIn(messages.slice(1))).toMatchObject({ quote: { state: 'away', line: '' } });
    const other = heard(2, MAYA, ContentType.TEXT, { text: 'yes', reply: { ref: id('1'), seq: 1, hash: hash(7) } });
    expect(quoteIn([messages[0] as (typeof messages)[0], other])).toMatchObject({ quote: { state: 'unknown', name: '', line: '' } });
  });

  it('names members alone', () => {
    const { lines } = viewOf(holding([heard(1, ELENA, ContentType.TEXT, { text: 'hello @Maya @Eve', mentions: [MAYA, id('v')] })]));
    expect(lines[0]).toMatchObject({ names: ['Maya'], isForMe: true });
  });

  it('keeps the order of the log when clocks are wrong by a year, and says so', () => {
    const late = heard(1, ELENA, ContentType.TEXT, { text: 'first' }, 5000);
    const early = heard(2, MAYA, ContentType.TEXT, { text: 'second' }, 1000);
    if (late.opened) late.opened = { ...late.opened, sentAt: 5000 + 365 * 86_400_000 };
    const { lines } = viewOf(holding([early, late]));
    expect(lines.map((line) => ('text' in line ? line.text : ''))).toEqual(['first', 'second']);
    expect(lines[0]).toMatchObject({ clockOff: 365 * 86_400_000 });
    expect(lines[1]).toMatchObject({ clockOff: 0 });
    expect(clockOff(0, 10 * 60_000)).toBe(0);
  });
});

describe('bad bodies', () => {
  it('with ten thousand mentions name nobody', () => {
    expect(parseBody(JSON.stringify({ text: 'all', mentions: Array<string>(10_000).fill(MAYA) }))).toEqual({ text: 'all', card: null });
    expect(parseBody(JSON.stringify({ text: 'all', mentions: Array<string>(MOST_MENTIONS).fill(MAYA) })).mentions).toEqual([MAYA]);
  });

  it.each([null, 3, {}, { ref: 'x', seq: 1, hash: hash(1) }, { ref: id('1'), seq: 0, hash: hash(1) }, { ref: id('1'), seq: 1.5, hash: hash(1) }, { ref: id('1'), seq: 1, hash: '' }])('answer nothing with %j', (reply) => {
    expect(parseBody(JSON.stringify({ text: 'a', reply }))).toEqual({ text: 'a', card: null });
  });
});

describe('texts', () => {
  it('hide and turn nothing', () => {
    expect(visible('a\u0000b\u202ec\r\nd\te\u2028')).toBe('a\ufffdb\ufffdc\nd\te\ufffd');
    expect(visible('👩‍⚕️ שלום مرحبا \u2067x\u2069')).toBe('👩‍⚕️ שלום مرحبا \u2067x\u2069');
  });

  it('are cut between signs', () => {
    expect(firstLine('😀'.repeat(200))).toBe(`${'😀'.repeat(140)}…`);
  });

  it('are for those whose whole name is in them', () => {
    const people = [
      { user: '1', name: 'Ann' },
      { user: '2', name: 'Ann Lee' },
      { user: '3', name: 'J. (Jo) Öz' },
    ];
    expect(mentionsIn('@Anna and @J. (Jo) Öz', people)).toEqual(['3']);
    expect(partsOf('to @Ann Lee!', ['Ann', 'Ann Lee'])).toEqual([
      { text: 'to ', isName: false },
      { text: '@Ann Lee', isName: true },
      { text: '!', isName: false },
    ]);
  });
});
