/** What stands under a message that is not on the server yet: why it waits or failed, and what can be done. */
import { inWords } from '../api/errors';
import { BEHIND } from './outbox';

const WAITS: Record<string, string> = {
  '': 'Waiting to be sent',
  offline: 'Waiting for a connection',
  busy: 'The server is busy; it is tried again by itself',
  too_many: 'Sent a little later, since much was sent at once',
  protocol_version: 'Waits for the update of this page',
  signed_out: 'Waits until you sign in again',
  [BEHIND]: 'Waits behind a message that could not be sent',
};

const FAILED: Record<string, string> = {
  not_found: 'You may not write here any more.',
  E_SCOPE: 'The permission does not cover this.',
  E_NOT_MEMBER: 'You may not write here any more.',
  E_SIZE: 'It is too long. Edit it, and send it in parts.',
  E_KEY_CHANGED: 'Somebody’s key was replaced. Check it in person, then try again.',
};

export function waitingWords(code: string): string {
  return WAITS[code] ?? 'The server does not answer as it should; it is tried again by itself';
}

export function failedWords(code: string): string {
  return FAILED[code] ?? inWords({ code });
}
