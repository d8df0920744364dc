/** Messages that were taken back: by a message of content type REDACT, of the same sender, that names them. */
import { ContentType } from '../crypto/tables.gen';
import type { OpenedMessage } from '../crypto/vaultApi';
import { parseBody } from './body';

type Opened = Pick<OpenedMessage, 'sender' | 'msgId' | 'ctype' | 'body'>;

/** By the msg_id of what was taken back, the msg_id of the retraction: nobody takes back what another wrote. */
export function takenBack(messages: Iterable<Opened>): ReadonlyMap<string, string> {
  const all = [...messages];
  const senders = new Map(all.map(({ msgId, sender }) => [msgId, sender]));
  const found = new Map<string, string>();
  for (const { ctype, sender, msgId, body } of all) {
    const ref = ctype === ContentType.REDACT ? parseBody(body).ref : undefined;
    if (ref && senders.get(ref) === sender && !found.has(ref)) found.set(ref, msgId);
  }
  return found;
}
