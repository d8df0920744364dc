/** What a page shows of a thread, made of what the thread holds: pure, so every state can be looked at alone. */
import { ContentType } from '../crypto/tables.gen';
import type { LogFacts, OpenedMessage } from '../crypto/vaultApi';
import type { MemberMarks, PersonKeys, ThreadReader, ThreadSummary } from '../wire.gen';
import type { ReplyTo } from './body';
import { eventText } from './events';
import { gapsOf } from './gaps';
import type { Pending } from './outbox';
import { bodyOf, clockOff, firstLine, nameOf, speechOf, visible, type Said } from './speech';
import type { Line, Quote, Reach, Sender } from './timeline';
import { firstNameOf, roleName } from './words';

export type ReaderView = { user: string; name: string; isMe: boolean };

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
  hasEarlier: boolean;
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

/** A message that this device has: opened, or with the code of why it could not be. */
export type Held = { seq: number; at: number; wire: string; opened: OpenedMessage | null; code: string; hash: string };

export type Holding = {
  id: string;
  me: string;
  summary: ThreadSummary | null;
  people: readonly PersonKeys[];
  readers: readonly ThreadReader[];
  facts: LogFacts | null;
  marks: ReadonlyMap<string, MemberMarks>;
  held: ReadonlyMap<number, Held>;
  pending: readonly Pending[];
  floor: number;
  head: number;
  ownOnly: boolean;
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
    hasEarlier: false,
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
  const { facts, summary } = holding;
  const isEnded = !holding.isWaiting && (summary?.standing === 'ended' || holding.ownOnly);
  const changed = (facts?.keysChanged ?? []).map((user) => ({ user, name: senderOf(holding, user).name, isMe: user === holding.me }));
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
    lines: linesOf(holding),
    hasEarlier: !isEnded && lowestOf(holding) > Math.max(1, holding.floor),
    canPost,
    canAttach: canPost && Boolean(facts?.mayAttach),
    mayInvite: canPost && Boolean(facts?.mayAdmit),
    whyNot: whyNot(holding, isEnded),
    changed,
    verified: new Set(facts?.verified ?? []),
    phrase: facts?.phrase ?? '',
    recordsKey: facts?.recordsKey ?? '',
    mayClose: !isEnded && Boolean(facts?.mayClose),
    readers: holding.readers.map((reader) => ({ user: reader.user, name: reader.name, isMe: reader.user === holding.me })),
    version: holding.version,
    reachOf: (seq) => reachOf(holding, seq),
  };
}

export function lowestOf(holding: Pick<Holding, 'held' | 'head'>): number {
  return holding.held.size ? Math.min(...holding.held.keys()) : holding.head + 1;
}

function whyNot({ facts, summary }: Holding, isEnded: boolean): string {
  if (isEnded) return 'The permission has ended. You can still read what you wrote yourself, for your own record; nothing else.';
  if (facts?.outdated) return 'This conversation needs a newer version of the app. Please reload the page; until then you can read, and not write.';
  if (facts?.closed) return 'This conversation is closed.';
  const name = firstNameOf(summary?.patient_name ?? 'The patient');
  const road = summary?.members.some((member) => member.is_patient)
    ? 'They are asked on their own device; you can write as soon as they agree.'
    : 'They have no account yet. Two witnesses bring in what they permit.';
  return `${name} has not given you permission to write here yet. ${road}`;
}

function senderOf({ me, people, summary }: Holding, user: string): Sender {
  const member = summary?.members.find((one) => one.user === user);
  const person = people.find((one) => one.user === user);
  const isPatient = member?.is_patient ?? person?.kind === 'patient';
  return {
    user,
    name: member?.name ?? person?.name ?? 'Somebody unknown',
    role: isPatient ? 'patient' : member ? roleName(member.role) : '',
    organisation: member?.organisation_name ?? '',
    isMe: user === me,
    isPatient,
  };
}

function linesOf(holding: Holding): Line[] {
  const lines: Line[] = [];
  const ordered = [...holding.held.values()].sort((a, b) => a.seq - b.seq);
  const lowest = lowestOf(holding);
  if (holding.ownOnly) lines.push({ kind: 'withheld', key: 'ended', at: 0, reason: 'ended' });
  else if (holding.floor > 1 && lowest <= holding.floor) lines.push({ kind: 'withheld', key: 'floor', at: 0, reason: 'history' });
  const speech = speechOf(ordered);
  const gaps = !holding.ownOnly && holding.floor <= 1 && lowest <= 1 ? gapsOf(ordered) : new Set<number>();
  const messages = ordered.filter(isShown).flatMap((held): Line[] => {
    const line = lineOf(holding, held, speech);
    if (!held.opened || !gaps.has(held.seq)) return [line];
    return [{ kind: 'missing', key: `gap-${held.seq}`, at: held.at, name: senderOf(holding, held.opened.sender).name }, line];
  });
  const events = holding.ownOnly ? [] : eventsOf(holding, lowest <= 1 ? 0 : (messages[0]?.at ?? 0));
  return [...lines, ...merged(messages, events), ...outgoingOf(holding)];
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

function eventsOf(holding: Holding, from: number): Line[] {
  return (holding.facts?.events ?? []).flatMap((event): Line[] => {
    const text = eventText(event, (user) => senderOf(holding, user));
    return text && event.at >= from ? [{ kind: 'event', key: `log-${event.seq}`, at: event.at, text }] : [];
  });
}

const SHOWN = new Set<number>([ContentType.TEXT, ContentType.CARD, ContentType.ATTACHMENT]);

/** Edits, marks and the like speak through other lines; what could not be opened is always shown. */
function isShown({ opened }: Held): boolean {
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
  const opened = holding.held.get(seq)?.opened;
  if (!opened) return { seq, state: seq < Math.max(holding.floor, 1) || holding.ownOnly ? 'unknown' : 'away', name: '', line: '' };
  // A reply names the bytes that it answers: it cannot be put under other words.
  if (opened.msgId !== ref || opened.hash !== hash) return { seq, state: 'unknown', name: '', line: '' };
  const said = speech.get(nameOf(opened.sender, ref));
  const name = senderOf(holding, opened.sender).name;
  if (!said || said.takenBack) return { seq, state: 'gone', name, line: '' };
  const line = firstLine(said.versions.at(-1)?.text ?? '') || visible(bodyOf(opened).file?.name ?? '');
  return { seq, state: 'here', name, line };
}

function subjectOf({ held }: Holding): string {
  const given = [...held.values()].filter(({ opened }) => opened?.ctype === ContentType.SUBJECT).sort((a, b) => b.seq - a.seq)[0];
  return given?.opened ? visible(bodyOf(given.opened).text) : '';
}

/** What is said before a failed one that is no message of its own; while these are on their way, nothing is shown. */
const ABOUT: ReadonlyMap<number, string> = new Map<number, string>([
  [ContentType.SUBJECT, 'Name of the conversation: '],
  [ContentType.EDIT, 'Change of a message: '],
  [ContentType.REDACT, 'Taking back a message'],
]);

function outgoingOf({ held, pending }: Holding): Line[] {
  const known = new Set([...held.values()].map(({ opened }) => opened?.msgId));
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
    else if ((mark?.read ?? 0) >= seq) reach.read.push(reader.name);
    else if ((mark?.delivered ?? 0) >= seq) reach.delivered.push(reader.name);
    else reach.waiting.push(reader.name);
  }
  return reach;
}
