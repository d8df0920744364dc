/** What became of each message: its versions and its retraction, told from the messages alone and in the log's order. */
import { ContentType } from '../crypto/tables.gen';
import type { OpenedMessage } from '../crypto/vaultApi';
import { parseBody, type MessageBody } from './body';

export type Version = { at: number; text: string };

/** `versions` from the first to the one that stands; `takenBack` names the retraction and its time, and is null while it stands. */
export type Said = { versions: Version[]; mentions: readonly string[]; takenBack: { at: number; msgId: string } | null };

export type Heard = { seq: number; at: number; opened: OpenedMessage | null };

const EDITABLE = new Set<number>([ContentType.TEXT, ContentType.ATTACHMENT]);
const RETRACTABLE = new Set<number>([ContentType.TEXT, ContentType.ATTACHMENT, ContentType.CARD]);

const bodies = new WeakMap<OpenedMessage, MessageBody>();

/** The body of an opened message, read once. */
export function bodyOf(opened: OpenedMessage): MessageBody {
  const known = bodies.get(opened);
  if (known) return known;
  const made = parseBody(opened.body);
  bodies.set(opened, made);
  return made;
}

/** A name that only the author's own messages bear: nobody else's edit or retraction finds it. */
export function nameOf(author: string, msgId: string): string {
  return `${author} ${msgId}`;
}

/** By `nameOf`; `ordered` ascends by seq. Only the author edits and retracts, only what came before, and nothing taken back. */
export function speechOf(ordered: readonly Heard[]): Map<string, Said> {
  const said = new Map<string, Said>();
  const types = new Map<string, number>();
  for (const { at, opened } of ordered) {
    if (!opened) continue;
    const { ctype, sender, msgId } = opened;
    const body = bodyOf(opened);
    if (RETRACTABLE.has(ctype)) {
      said.set(nameOf(sender, msgId), { versions: [{ at, text: body.text }], mentions: body.mentions ?? [], takenBack: null });
      types.set(nameOf(sender, msgId), ctype);
    }
    const about = body.ref === undefined ? undefined : said.get(nameOf(sender, body.ref));
    if (!about || about.takenBack) continue;
    if (ctype === ContentType.REDACT) {
      about.versions = [];
      about.mentions = [];
      about.takenBack = { at, msgId };
    } else if (ctype === ContentType.EDIT && EDITABLE.has(types.get(nameOf(sender, body.ref ?? '')) ?? 0)) {
      about.versions.push({ at, text: body.text });
      about.mentions = body.mentions ?? [];
    }
  }
  return said;
}

export type Named = { user: string; name: string };

/** Those whose full name stands in the text after an @, each once. */
export function mentionsIn(text: string, people: readonly Named[]): string[] {
  return people.filter(({ name }) => name !== '' && partsOf(text, [name]).some((part) => part.isName)).map(({ user }) => user);
}

/** The text cut at each @name of `names`, in order; a longer name is taken before one that it begins with. */
export function partsOf(text: string, names: readonly string[]): { text: string; isName: boolean }[] {
  const found = names.filter((name) => name !== '').sort((a, b) => b.length - a.length);
  if (found.length === 0) return [{ text, isName: false }];
  const sought = new RegExp(`(@(?:${found.map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')}))(?![\\p{L}\\p{N}])`, 'u');
  return text.split(sought).flatMap((part, index) => (part === '' ? [] : [{ text: part, isName: index % 2 === 1 }]));
}

/** What no eye sees and what turns the order of what follows: controls, and marks of direction that override it. */
// eslint-disable-next-line no-control-regex -- these are the characters that are looked for
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202d\u202e\u2028\u2029]/g;

/** A text as it may be shown: each unseen character stands as the sign for one, so that none hides or turns a word. */
export function visible(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(UNSEEN, '\ufffd');
}

const LINE_LENGTH = 140;

/** The first line of a text, of at most 140 characters of which none is cut in two. */
export function firstLine(text: string): string {
  const line = visible(text).trim().split('\n', 1)[0] ?? '';
  const signs = Array.from(line);
  return signs.length > LINE_LENGTH ? `${signs.slice(0, LINE_LENGTH).join('')}…` : line;
}

const CLOCK_TOLERANCE_MS = 10 * 60_000;

/** How far the sender's clock was from the server's, in ms, when that is worth a word; else 0. */
export function clockOff(sentAt: number, at: number): number {
  return Math.abs(sentAt - at) > CLOCK_TOLERANCE_MS ? sentAt - at : 0;
}
