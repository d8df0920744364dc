/** The JSON inside a message, as docs/protocol.md 3.13 says it: `text` always, for any client, and what more it is. */
import type { UrgencyWish } from '../crypto/vaultApi';
import { fileOf, type FileBody } from './files';
import type { Card } from './timeline';

/** The message that another one answers: its id, its place and the hash of its sealed bytes. Never its words. */
export type ReplyTo = { ref: string; seq: number; hash: string };

/**
 * `ref` names the message that an edit, a retraction or a pin is about, and `seq` where the one who pins it saw it. `wish`: how urgent the sender means it, which the server is
 * told in signed words beside the message.
 */
export type MessageBody = { text: string; card: Card | null; file?: FileBody | null; reply?: ReplyTo; mentions?: readonly string[]; ref?: string; seq?: number; pinned?: boolean; wish?: UrgencyWish };

/** Who names more people than this has written a list and no mention: nobody is taken as named. */
export const MOST_MENTIONS = 50;

const ID = /^[\w-]{22}$/;
const HASH = /^[\w-]{43}$/;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** An item as `answersOf` reads it: one that is not would end the page of everybody who reads the thread. */
function isItem(value: unknown): boolean {
  return isObject(value) && Array.isArray(value.answer) && value.answer.every((one: unknown) => isObject(one) && isObject(one.valueCoding));
}

function isCard(value: unknown): value is Card {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('instrument' in value)) return false;
  if (typeof value.instrument !== 'string') return false;
  if (value.kind === 'screening.request') return true;
  return value.kind === 'screening.response' && 'resource' in value && isObject(value.resource) && Array.isArray(value.resource.item) && value.resource.item.every(isItem);
}

const isId = (value: unknown): value is string => typeof value === 'string' && ID.test(value);

function replyOf(value: unknown): ReplyTo | null {
  if (typeof value !== 'object' || value === null) return null;
  const { ref, seq, hash } = value as Record<string, unknown>;
  if (!isId(ref) || typeof hash !== 'string' || !HASH.test(hash) || !Number.isSafeInteger(seq) || (seq as number) < 1) return null;
  return { ref, seq: seq as number, hash };
}

function mentionsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length > MOST_MENTIONS) return [];
  return [...new Set(value.filter(isId))];
}

/** What another client wrote, as far as this one understands it; never trusted to be well formed. */
export function parseBody(json: string): MessageBody {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { text: json, card: null };
  }
  if (typeof parsed !== 'object' || parsed === null) return { text: String(parsed), card: null };
  const said = parsed as Record<string, unknown>;
  const body: MessageBody = { text: typeof said.text === 'string' ? said.text : '', card: isCard(said.card) ? said.card : null };
  const file = fileOf(said.file);
  const reply = replyOf(said.reply);
  const mentions = mentionsOf(said.mentions);
  if (file) body.file = file;
  if (reply) body.reply = reply;
  if (mentions.length) body.mentions = mentions;
  if (isId(said.ref)) body.ref = said.ref;
  if (Number.isSafeInteger(said.seq) && (said.seq as number) > 0) body.seq = said.seq as number;
  if (typeof said.pinned === 'boolean') body.pinned = said.pinned;
  return body;
}
