/** What a page shows of a thread, made of what the thread holds: pure, so every state can be looked at alone. */
import { ContentType } from '../crypto/tables.gen';
import type { LogFacts } from '../crypto/vaultApi';
import type { MemberMarks, PersonKeys, ThreadReader, ThreadSummary } from '../wire.gen';
import type { AnswerTime } from './answerTime';
import type { ReplyTo } from './body';
import { closeWords, eventText } from './events';
import { gapsOf } from './gaps';
import type { Held, History } from './history';
import type { Pending } from './outbox';
import { pinsOf } from './pinned';
import { bodyOf, clockOff, firstLine, nameOf, speechOf, visible, type Said } from './speech';
import type { Line, MessageLine, Quote, Reach, Sender } from './timeline';
import { firstNameOf, roleName } from './words';

export type PinnedLine = { line: MessageLine; by: Sender; at: number };

export type ReaderView = { user: string; name: string; isMe: boolean; answers: AnswerTime };

export type ThreadView = {
  id: string;
  phase: 'loading' | 'ready' | 'ended' | 'stopped';
  code: string;
  trouble: string;
  patient: string;
  patientName: string;
  /** Nobody with an account decides here: what the patient says is brought in by witnesses. */
  isWitnessed: boolean;
  /** The newest subject that somebody gave the thread; '' before. */
  subject: string;
  labels: string[];
  lines: readonly Line[];
  /** Every card of the thread that is known, though it stands outside of `lines`. */
  cards: readonly MessageLine[];
  /** What is pinned and is there, the newest pin first. */
  pinned: readonly PinnedLine[];
  hasEarlier: boolean;
  hasLater: boolean;
  /** Rises when `lines` are another stretch of the thread. */
  generation: number;
  /** The message that the page is to go to; another object goes there again. */
  target: { seq: number; isSought: boolean } | null;
  isClosed: boolean;
  canPost: boolean;
  canAttach: boolean;
  /** Whether this person may ask the patient to let others in. */
  mayInvite: boolean;
  whyNot: string;
  /** Those whose key was replaced: nothing is sent until each has been compared and taken. */
  changed: readonly ReaderView[];
  /** Members whose key this person has compared. */
  verified: ReadonlySet<string>;
  /** Six words that all who see the same conversation read alike; '' before the log is here. */
  phrase: string;
  /** Who, by genesis, can open the records with a key kept offline; '' where nobody can. */
  recordsKey: string;
  mayClose: boolean;
  readers: readonly ReaderView[];
  /** Rises whenever the log or consent moved, so that what depends on them is fetched again. */
  version: number;
  reachOf: (seq: number) => Reach | null;
};

/** What a page needs of a History. */
export type Stretch = Pick<History, 'held' | 'asides' | 'low' | 'head' | 'floor' | 'ownOnly' | 'hasEarlier' | 'isAtHead' | 'generation'>;

export type Holding = {
  id: string;
  me: string;
  summary: ThreadSummary | null;
  people: readonly PersonKeys[];
  readers: readonly ThreadReader[];
  facts: LogFacts | null;
  marks: ReadonlyMap<string, MemberMarks>;
  history: Stretch;
  pending: readonly Pending[];
  /** The last message read before the thread was opened. */
  readBefore: number;
  target: { seq: number; isSought: boolean } | null;
  isWaiting: boolean;
  version: number;
};

export function emptyView(id: string): ThreadView {
  return {
    id,
    phase: 'loading',
    code: '',
    trouble: '',
    patient: '',
    patientName: '',
    isWitnessed: false,
    subject: '',
    labels: [],
    lines: [],
    cards: [],
    pinned: [],
    hasEarlier: false,
    hasLater: false,
    generation: 0,
    target: null,
    isClosed: false,
    canPost: false,
    canAttach: false,
    mayInvite: false,
    whyNot: '',
    changed: [],
    verified: new Set(),
    phrase: '',
    recordsKey: '',
    mayClose: false,
    readers: [],
    version: 0,
    reachOf: () => null,
  };
}

/** One who opened the thread and whom the patient has never permitted: the server has nothing to give until then. */
export function waitsForPermission(summary: ThreadSummary, me: string): boolean {
  if (summary.standing === 'waiting') return true;
  const mine = summary.members.find((member) => member.user === me);
  return summary.standing === 'member' && Boolean(mine && !mine.may_read && !mine.is_patient);
}

export function viewOf(holding: Holding): ThreadView {
  const { facts, summary, history } = holding;
  const isEnded = !holding.isWaiting && (summary?.standing === 'ended' || history.ownOnly);
  const ordered = [...everyOf(history).values()].sort((a, b) => a.seq - b.seq);
  const speech = speechOf(ordered);
  const changed = (facts?.keysChanged ?? []).map((user) => ({ user, name: senderOf(holding, user).name, isMe: user === holding.me, answers: '' as const }));
  const canPost = !isEnded && Boolean(facts?.mayPost) && !facts?.closed && changed.length === 0;
  return {
    id: holding.id,
    phase: isEnded ? 'ended' : facts || holding.isWaiting ? 'ready' : 'loading',
    code: '',
    trouble: '',
    patient: summary?.patient ?? '',
    patientName: summary?.patient_name ?? '',
    isWitnessed: facts !== null && !facts.closed && !facts.members.some((member) => member.isAuthority),
    subject: subjectOf(holding),
    labels: facts?.labels ?? [],
    lines: linesOf(holding, speech),
    cards: cardsOf(holding, speech),
    pinned: isEnded ? [] : pinnedOf(holding, ordered, speech),
    hasEarlier: !isEnded && history.hasEarlier,
    hasLater: !isEnded && !history.isAtHead,
    generation: history.generation,
    target: holding.target,
    isClosed: Boolean(facts?.closed),
    canPost,
    canAttach: canPost && Boolean(facts?.mayAttach),
    mayInvite: canPost && Boolean(facts?.mayAdmit),
    whyNot: whyNot(holding, isEnded),
    changed,
    verified: new Set(facts?.verified ?? []),
    phrase: facts?.phrase ?? '',
    recordsKey: facts?.recordsKey ?? '',
    mayClose: !isEnded && Boolean(facts?.mayClose),
    readers: holding.readers.map((reader) => ({ user: reader.user, name: visible(reader.name), isMe: reader.user === holding.me, answers: reader.answers })),
    version: holding.version,
    reachOf: (seq) => reachOf(holding, seq),
  };
}

/** The messages at hand and the asides, each once. */
function everyOf({ held, asides }: Stretch): Map<number, Held> {
  return new Map([...asides, ...held]);
}

function whyNot({ facts, summary }: Holding, isEnded: boolean): string {
  if (isEnded) return 'The permission has ended. You can still read what you wrote yourself, for your own record; nothing else.';
  if (facts?.outdated) return 'This conversation needs a newer version of the app. Please reload the page; until then you can read, and not write.';
  if (facts?.closed) return `This conversation is closed${closeWords(facts.events.find((event) => event.kind === 'closed')?.reason)}. It can still be read, and nobody can write in it any more.`;
  const name = firstNameOf(summary?.patient_name ?? 'The patient');
  const road = summary?.members.some((member) => member.is_patient)
    ? 'They are asked on their own device; you can write as soon as they agree.'
    : 'They have no account yet. Two witnesses bring in what they permit.';
  return `${name} has not given you permission to write here yet. ${road}`;
}

function senderOf({ me, people, summary }: Pick<Holding, 'me' | 'people' | 'summary'>, user: string): Sender {
  const member = summary?.members.find((one) => one.user === user);
  const person = people.find((one) => one.user === user);
  const isPatient = member?.is_patient ?? person?.kind === 'patient';
  return {
    user,
    name: visible(member?.name ?? person?.name ?? 'Somebody unknown'),
    role: isPatient ? 'patient' : member ? roleName(member.role) : '',
    organisation: member?.organisation_name ?? '',
    isMe: user === me,
    isPatient,
  };
}

function linesOf(holding: Holding, speech: ReadonlyMap<string, Said>): Line[] {
  const { history } = holding;
  const lines: Line[] = [];
  if (history.ownOnly) lines.push({ kind: 'withheld', key: 'ended', at: 0, reason: 'ended' });
  else if (history.floor > 1 && history.low <= history.floor) lines.push({ kind: 'withheld', key: 'floor', at: 0, reason: 'history' });
  const ordered = [...history.held.values()].sort((a, b) => a.seq - b.seq);
  const gaps = !history.ownOnly && history.floor <= 1 && history.low <= 1 ? gapsOf(ordered) : new Set<number>();
  const messages = ordered.filter(isShown).flatMap((held): Line[] => {
    const line = lineOf(holding, held, speech);
    if (!held.opened || !gaps.has(held.seq)) return [line];
    return [{ kind: 'missing', key: `gap-${held.seq}`, at: held.at, name: senderOf(holding, held.opened.sender).name }, line];
  });
  return [...lines, ...withNews(holding, merged(messages, eventsOf(holding, messages))), ...(history.isAtHead ? outgoingOf(holding) : [])];
}

/** A line before the first message that had not been read when the thread was opened, where something had. */
function withNews({ readBefore, history, me }: Holding, lines: readonly Line[]): Line[] {
  const isNew = (line: Line) => 'seq' in line && line.seq > readBefore && !(line.kind === 'message' && line.sender.user === me);
  const first = readBefore > 0 && readBefore >= history.low - 1 ? lines.findIndex(isNew) : -1;
  const found = lines[first];
  return found ? [...lines.slice(0, first), { kind: 'new', key: 'new', at: found.at }, ...lines.slice(first)] : [...lines];
}

/** The pinned messages that are at hand and stand: who was not given one, or after it was taken back, sees no pin. */
function pinnedOf(holding: Holding, ordered: readonly Held[], speech: ReadonlyMap<string, Said>): PinnedLine[] {
  const every = everyOf(holding.history);
  return pinsOf(ordered).flatMap(({ ref, seq, by, at }) => {
    const held = every.get(seq);
    const line = held?.opened?.msgId === ref && isShown(held) ? lineOf(holding, held, speech) : null;
    return line?.kind === 'message' ? [{ line, by: senderOf(holding, by), at }] : [];
  });
}

function cardsOf(holding: Holding, speech: ReadonlyMap<string, Said>): MessageLine[] {
  const cards = [...everyOf(holding.history).values()].filter(({ opened }) => opened?.ctype === ContentType.CARD).sort((a, b) => a.seq - b.seq);
  return cards.map((held) => lineOf(holding, held, speech)).filter((line): line is MessageLine => line.kind === 'message');
}

/** Events among the messages by their time; the messages stay in the log's order, whatever a clock says. */
function merged(messages: readonly Line[], events: readonly Line[]): Line[] {
  const waiting = [...events].sort((a, b) => a.at - b.at);
  const lines: Line[] = [];
  for (const message of messages) {
    while (waiting[0] && waiting[0].at <= message.at) lines.push(...waiting.splice(0, 1));
    lines.push(message);
  }
  return [...lines, ...waiting];
}

/** What the log says happened in the time of these messages, and after them where nothing is left out. */
function eventsOf({ history, facts, ...holding }: Holding, messages: readonly Line[]): Line[] {
  if (history.ownOnly) return [];
  const from = history.low <= 1 ? 0 : (messages[0]?.at ?? 0);
  const until = history.isAtHead ? Infinity : (messages.at(-1)?.at ?? Infinity);
  return (facts?.events ?? []).flatMap((event): Line[] => {
    const text = eventText(event, (user) => senderOf(holding, user));
    return text && event.at >= from && event.at <= until ? [{ kind: 'event', key: `log-${event.seq}`, at: event.at, text }] : [];
  });
}

const SHOWN = new Set<number>([ContentType.TEXT, ContentType.CARD, ContentType.ATTACHMENT]);

/** Edits, marks and the like speak through other lines; what could not be opened is always shown. */
export function isShown({ opened }: Held): boolean {
  return opened === null || SHOWN.has(opened.ctype);
}

function lineOf(holding: Holding, held: Held, speech: ReadonlyMap<string, Said>): Line {
  const { seq, at, opened, code } = held;
  if (!opened) return { kind: 'unreadable', key: `m-${seq}`, seq, at, code, sender: '' };
  const { msgId: key, hash } = opened;
  const sender = senderOf(holding, opened.sender);
  const said = speech.get(nameOf(opened.sender, key));
  if (said?.takenBack) return { kind: 'retracted', key, seq, sender, at, takenBackAt: said.takenBack.at };
  const { card, file = null, reply } = bodyOf(opened);
  const versions = (said?.versions ?? []).map((version) => ({ ...version, text: visible(version.text) }));
  const named = (holding.summary?.members ?? []).filter(({ user }) => said?.mentions.includes(user));
  return {
    kind: 'message',
    key,
    seq,
    msgId: key,
    sender,
    at,
    text: versions.at(-1)?.text ?? '',
    card,
    file,
    hash,
    quote: reply ? quoteOf(holding, reply, speech) : null,
    earlier: versions.slice(0, -1),
    names: named.map(({ name }) => name),
    isForMe: named.some(({ user }) => user === holding.me),
    clockOff: clockOff(opened.sentAt, at),
  };
}

function quoteOf(holding: Holding, { ref, seq, hash }: ReplyTo, speech: ReadonlyMap<string, Said>): Quote {
  const { held, floor, ownOnly } = holding.history;
  const opened = held.get(seq)?.opened;
  if (!opened) return { seq, state: seq < Math.max(floor, 1) || ownOnly ? 'unknown' : 'away', name: '', line: '' };
  // A reply names the bytes that it answers: it cannot be put under other words.
  if (opened.msgId !== ref || opened.hash !== hash) return { seq, state: 'unknown', name: '', line: '' };
  const said = speech.get(nameOf(opened.sender, ref));
  const name = senderOf(holding, opened.sender).name;
  if (!said || said.takenBack) return { seq, state: 'gone', name, line: '' };
  const line = firstLine(said.versions.at(-1)?.text ?? '') || visible(bodyOf(opened).file?.name ?? '');
  return { seq, state: 'here', name, line };
}

function subjectOf({ history }: Holding): string {
  const given = [...everyOf(history).values()].filter(({ opened }) => opened?.ctype === ContentType.SUBJECT).sort((a, b) => b.seq - a.seq)[0];
  return given?.opened ? visible(bodyOf(given.opened).text) : '';
}

/** What is said before a failed one that is no message of its own; while these are on their way, nothing is shown. */
const ABOUT: ReadonlyMap<number, string> = new Map<number, string>([
  [ContentType.SUBJECT, 'Name of the conversation: '],
  [ContentType.EDIT, 'Change of a message: '],
  [ContentType.REDACT, 'Taking back a message'],
  [ContentType.PIN, 'Pinning a message'],
]);

function outgoingOf({ history, pending }: Holding): Line[] {
  const known = new Set([...everyOf(history).values()].map(({ opened }) => opened?.msgId));
  return pending
    .filter((draft) => !known.has(draft.msgId) && (!ABOUT.has(draft.ctype) || draft.state === 'failed'))
    .map(({ msgId, created, body, ctype, state, code }) => ({
      kind: 'outgoing',
      key: msgId,
      at: created,
      text: `${ABOUT.get(ctype) ?? ''}${visible(body.text)}`,
      mayEdit: ctype === ContentType.TEXT && !body.file,
      card: body.card,
      file: body.file ?? null,
      state,
      code,
    }));
}

function reachOf({ marks, me, readers }: Holding, seq: number): Reach {
  const reach: Reach = { read: [], delivered: [], waiting: [], failed: [] };
  for (const reader of readers) {
    if (reader.user === me) continue;
    const mark = marks.get(reader.user);
    const failure = mark?.failed.find((one) => one.seq === seq);
    if (failure) reach.failed.push({ name: reader.name, code: failure.code });
    else if (mark && mark.read >= seq) reach.read.push({ name: reader.name, at: readAt(mark, seq) });
    else if ((mark?.delivered ?? 0) >= seq) reach.delivered.push(reader.name);
    else reach.waiting.push(reader.name);
  }
  return reach;
}

/** So many moves are kept; of what was read before the oldest of them no time is known. */
const MOVES_KEPT = 30;

function readAt({ moves }: MemberMarks, seq: number): number | null {
  const index = moves.findIndex((move) => move.read >= seq);
  return index > 0 || moves.length < MOVES_KEPT ? moves[index]?.at || null : null;
}
