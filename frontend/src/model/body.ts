/** The JSON inside a message: `text` always, for any client; `card` and `file` when it is more (records/__init__.py). */
import { fileOf, type FileBody } from './files';
import type { UrgencyWish } from '../crypto/vaultApi';
import type { Card } from './timeline';

/**
 * `ref` is the msg_id that a retraction takes back. `wish`: how urgent the sender means it, which the server is told in
 * signed words beside the message.
 */
export type MessageBody = { text: string; card: Card | null; file?: FileBody | null; ref?: string; wish?: UrgencyWish };

function isCard(value: unknown): value is Card {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('instrument' in value)) return false;
  if (typeof value.instrument !== 'string') return false;
  if (value.kind === 'screening.request') return true;
  return value.kind === 'screening.response' && 'resource' in value && typeof value.resource === 'object' && value.resource !== null && 'item' in value.resource && Array.isArray(value.resource.item);
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
  const text = 'text' in parsed && typeof parsed.text === 'string' ? parsed.text : '';
  const card = 'card' in parsed && isCard(parsed.card) ? parsed.card : null;
  if ('ref' in parsed && typeof parsed.ref === 'string') return { text, card, ref: parsed.ref };
  const file = 'file' in parsed ? fileOf(parsed.file) : null;
  return file ? { text, card, file } : { text, card };
}
