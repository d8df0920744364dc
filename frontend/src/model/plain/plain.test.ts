/** Every text that a patient is shown can be read at twelve: short sentences, plain words, and none that hides. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { Action, HistoryKind } from '../../crypto/tables.gen';
import type { AdmissionRequest, AuthorityOut } from '../../wire.gen';
import type { Permission } from '../permissions';
import { actsForMe, iActFor } from '../represented';
import { endOf, givenOf, renewalOf, sentencesOf, statementOf } from '../statement';
import { actionChoices, labelWords } from '../words';
import LABEL_WORDS from '../../../../consent/label_words.json';
import { HOME, REMINDERS, TALKS } from './home';
import { DEEDS, LEDGER, OUTCOMES, WHYS } from './ledger';
import { PERMISSIONS, RENEW, STOP } from './permissions';
import { gradeOf, sentencesIn, syllablesIn, wordsIn } from './reading';
import { ACTING, ACTS_FOR_ME } from './represented';
import { REFUSAL, REQUEST } from './request';

const LONGEST_SENTENCE = 20;
const HIGHEST_GRADE = 7;
const JARGON = [
  'directive', 'revoke', 'revocation', 'grantee', 'grantor', 'epoch', 'pdp', 'entity', 'pursuant', 'disclose', 'disclosure', 'redisclose',
  'consent', 'authorise', 'authorize', 'authorisation', 'authorization', 'supersede', 'superseded', 'expire', 'expires', 'expired', 'expiry',
  'proxy', 'principal', 'controller', 'processor', 'processing', 'jurisdiction', 'hereby', 'herein', 'whereas', 'terminate', 'termination',
  'commence', 'utilise', 'utilize', 'facilitate', 'provision', 'provisions', 'prior', 'subsequent', 'notwithstanding', 'cryptographic', 'key',
  'encrypted', 'signature', 'token', 'hash', 'ledger', 'audit', 'policy', 'snapshot', 'membership', 'capability', 'rehearsal', 'invitee',
  'psychotherapy', 'confidentiality', 'statutory', 'invalid', 'metadata', 'endpoint', 'server',
];

const NOW = Date.UTC(2026, 2, 3, 12);
const LATER = Date.UTC(2027, 2, 3, 12);
/** Names are not the writer's choice: short ones, so that what is measured are our own words. */
const ANN = 'Ann Lee';

const permission: Permission = {
  id: 'a', who: ANN, role: 'nurse', organisation: 'Hill House', user: 'u', isKey: true, grantee: 'g', isDeny: false,
  actions: Action.READ | Action.POST | Action.JOIN, history: 'all', historyKind: HistoryKind.ALL, historyFrom: NOW, from: NOW, until: LATER,
  givenAt: NOW, endedAt: null, state: 'active', threads: ['t'], labels: [], voice: 'patient', method: 'app', givenBy: [], endedBy: [],
  withdrawal: null, statement: '', server: '{}', purposes: [],
};
const ALL = Object.values(Action).reduce((sum, bit) => sum | bit, 0);
const request = { invitee_name: ANN, role: 4, invitee_organisation_name: 'Hill House' } as AdmissionRequest;
const authority: AuthorityOut = { id: 'a', patient: 'p', person: 'q', name: ANN, type: 'parent', scope: [], state: 'acts', valid_from: NOW, valid_until: LATER, ages_out: '' };

type Text = string | ((...given: never[]) => string);

/** What the functions of a place are asked with; a new one without a sample fails the test. */
const SAMPLES: Record<string, unknown[][]> = {
  hello: [['Ann']], asked: [[1], [3]], talks: [[0], [2]], ends: [[ANN, 1], [ANN, 12]], review: [[ANN]], reviewMore: [[NOW]],
  age: [[30, '3 March']], ageMore: [[[ANN]], [[ANN, 'Bo Ek']]], unread: [[2]], titleFor: [['Ann']], leadFor: [['Ann']], noneForMore: [['Ann']], pastOf: [[1], [4]],
  stopName: [[ANN]], allowName: [[ANN]], renewName: [[ANN]], receiptName: [[ANN, NOW]], endReceiptName: [[ANN, NOW]], place: [[[ANN, 'Bo Ek']]],
  named: [['Sleep and mood']], stopped: [[ANN]], loses: [[ANN]], stays: [[ANN]], staysToo: [[ANN]], goes: [[ANN]], comes: [[ANN]],
  allowTitle: [[ANN]], untilMore: [[NOW, LATER]], renewed: [[LATER]], mayWrite: [[ANN]], mayJoin: [[ANN]], mayWriteTo: [[ANN, 'Ann']], mayJoinOf: [[ANN, 'Ann']], whoIs: [['nurse', 'Hill House']],
  checked: [['Hill House']], replaced: [[ANN]], seesTalk: [['this conversation'], ['“Sleep and mood”']], date: [[NOW]], signed: [[ANN]], signedAhead: [[ANN, NOW]],
  notThese: [['record a call and keep a copy in their own files']], more: [[ANN]], moreFor: [[ANN, 'Ann']], waiting: [['Ann']], title: [[ANN]], until: [[LATER]], open: [['Ann']],
  times: [[1], [3]], wasStopped: [[1], [3]], last: [['3 March']],
  about: [['Said yes', ANN]], protect: [['Ann']], sleeps: [[ANN]], ahead: [[ANN, NOW]],
  since: ['parent', 'guardian', 'attorney', 'deputy', 'advocate'].map((kind) => ['Ann', kind, NOW]),
  acts: ['parent', 'guardian', 'attorney', 'deputy', 'advocate'].map((kind) => [ANN, kind, NOW]),
};

function said(place: string, name: string, text: Text): string[] {
  if (typeof text === 'string') return [text];
  // `asked` of a request takes a time, of one who acts a name too; `age` of a helper a day.
  const samples = place === 'REQUEST' && name === 'asked' ? [[NOW]] : place === 'ACTS_FOR_ME' && name === 'age' ? [[LATER]] : place === 'ACTING' && name === 'asked' ? [[1, 'Ann'], [3, 'Ann']] : SAMPLES[name];
  if (!samples) throw new Error(`${place}.${name} has no sample`);
  return samples.map((given) => (text as (...all: unknown[]) => string)(...given));
}

const places: Record<string, Record<string, Text>> = { HOME, REMINDERS, TALKS, PERMISSIONS, STOP, RENEW, REQUEST, REFUSAL, ACTING, ACTS_FOR_ME, LEDGER, DEEDS, WHYS, OUTCOMES };

const SAID: string[] = [
  ...[HistoryKind.ALL, HistoryKind.NONE, HistoryKind.FROM_DATE].map((history) => statementOf(request, { actions: permission.actions, history, historyFrom: NOW, from: NOW, until: LATER })),
  statementOf(request, { actions: ALL, history: HistoryKind.ALL, historyFrom: 0, from: NOW, until: LATER }),
  statementOf(request, { actions: Action.READ, history: HistoryKind.NONE, historyFrom: 0, from: NOW, until: LATER }),
  renewalOf(permission, LATER, NOW),
  renewalOf(permission, LATER, NOW, 'Ann'),
  statementOf(request, { actions: ALL, history: HistoryKind.ALL, historyFrom: 0, from: NOW, until: LATER }, 'Ann'),
  ...[permission, { ...permission, isDeny: true }, { ...permission, actions: ALL, labels: ['ETHUD'] }, { ...permission, threads: [], from: LATER }, { ...permission, actions: Action.EXPORT }].flatMap((one) => [
    ...sentencesOf(one, { place: PERMISSIONS.named('Sleep and mood'), owner: '', now: NOW }),
    ...sentencesOf(one, { place: '', owner: 'Ann', now: NOW }),
  ]),
  ...(['patient', 'representative', 'witnessed'] as const).flatMap((voice) => [givenOf({ ...permission, voice, givenBy: [ANN] }, 'Bo'), givenOf({ ...permission, voice, method: 'verbal' }, 'Bo')]),
  ...(['withdrawn', 'replaced', 'over'] as const).map((state) => endOf({ ...permission, state, endedBy: [ANN] }, 'Bo')),
  ...(['acts', 'sleeps', 'not_yet'] as const).flatMap((state) => actsForMe({ ...authority, state })),
  ...iActFor({ authority, patient_name: 'Ann', zone: 'UTC' }),
];

const screens: Record<string, string[]> = Object.fromEntries(
  Object.entries(places).map(([place, texts]) => [place, Object.entries(texts).flatMap(([name, text]) => said(place, name, text))]),
);
screens['what is said of a permission'] = SAID;
screens['acts and topics'] = [...actionChoices(ALL).map(({ words }) => words), ...Object.keys(LABEL_WORDS).map(labelWords)];

describe.each(Object.entries(screens))('%s', (name, texts) => {
  it('has no long sentence', () => {
    expect(texts.flatMap(sentencesIn).filter((one) => wordsIn(one).length > LONGEST_SENTENCE)).toEqual([]);
  });

  it('can be read at twelve', () => {
    // Single words and buttons are no sentences: what is measured is what reads as one.
    const prose = texts.filter((one) => wordsIn(one).length > 3);
    expect(gradeOf(prose), name).toBeLessThanOrEqual(HIGHEST_GRADE);
  });

  it('has no word that hides what is meant', () => {
    const words = texts.flatMap(wordsIn).map((word) => word.toLowerCase());
    expect(words.filter((word) => JARGON.includes(word))).toEqual([]);
  });
});

const UI = join(import.meta.dirname, '../../ui/patient');
const SPOKEN = new Set(['title', 'label', 'lead', 'hint', 'detail', 'placeholder', 'name', 'alt', 'aria-label', 'description', 'caption']);

/** An icon's name is a drawing, and is never spoken. */
const isIcon = (node: ts.JsxAttribute) => node.parent.parent.tagName.getText() === 'Icon';

/** Literal words on a page: text between tags, spoken attributes, and strings that read like a sentence. */
function literals(source: string, file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /\p{L}{2}/u.test(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && !isIcon(node) && SPOKEN.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer) && /\p{L}{2}/u.test(node.initializer.text)) found.push(node.initializer.text);
    const isText = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node);
    const isClass = node.parent && ts.findAncestor(node, (one) => ts.isJsxAttribute(one) && ['className', 'to', 'id', 'aria-labelledby'].includes(one.name.getText()));
    if (isText && !isClass && /\p{L}+[,.?!]?\s+\p{L}+/u.test(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found;
}

describe('the patient’s pages', () => {
  it.each(readdirSync(UI).filter((file) => /\.tsx?$/.test(file)))('%s holds no words of its own', (file) => {
    expect(literals(readFileSync(join(UI, file), 'utf8'), file)).toEqual([]);
  });

  it('would be caught with a word of their own', () => {
    expect(literals('<p className="small muted">Read me</p>', 'a.tsx')).toEqual(['Read me']);
    expect(literals('<Page title="Hello" lead={x ? `You may` : y} />', 'a.tsx')).toEqual(['Hello', 'You may']);
  });

  it('all take their words from places that are measured', () => {
    const imported = readdirSync(UI).flatMap((file) => [...readFileSync(join(UI, file), 'utf8').matchAll(/import \{([^}]*)\} from '[^']*model\/plain\/[^']*'/g)].flatMap((match) => (match[1] ?? '').split(',').map((name) => name.trim())));
    expect(imported.filter((name) => !(name in places))).toEqual([]);
  });
});

describe('the measure', () => {
  it('counts what a reader counts', () => {
    expect(['read', 'conversation', 'permission', 'agreed', 'notes', 'people', 'decide'].map(syllablesIn)).toEqual([1, 4, 3, 2, 1, 2, 2]);
    expect(sentencesIn('Dr. Ann may read. You may not.')).toHaveLength(2);
  });

  it('finds a text of lawyers too hard', () => {
    const hard = 'Pursuant to the aforementioned authorisation, the designated recipient organisation may subsequently disclose identifiable information.';
    expect(gradeOf([hard])).toBeGreaterThan(15);
  });
});
