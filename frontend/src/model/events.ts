/** The lines of a thread that nobody wrote: what the signed log says happened. */
import type { Sender } from './timeline';
import { CloseReason } from '../crypto/tables.gen';
import type { LogEvent } from '../crypto/vaultApi';

/** '' for what is not worth a line. */
export function eventText(event: LogEvent, who: (user: string) => Sender): string {
  const person = event.user === null ? '' : named(who(event.user));
  const author = named(who(event.author));
  switch (event.kind) {
    case 'started':
      return `${author} opened this conversation`;
    case 'permitted':
      return person ? `The patient gave ${who(event.user ?? '').isMe ? 'you' : person} permission` : 'The patient gave a permission';
    case 'denied':
      return 'The patient refused somebody access';
    case 'withdrawn':
      return person ? `The permission for ${person} was withdrawn` : 'The patient withdrew a permission';
    case 'joined':
      return `${person} can read this now`;
    case 'left':
      return `${person} can no longer read this`;
    case 'closed':
      return `${author} closed this conversation${closeWords(event.reason)}`;
    case 'key':
      return `${person} has a new key, signed by the old one`;
    case 'announced':
      return 'In three days or later, others are to consent for the patient: whoever consents now can say no';
    case 'handed-over':
      return 'Others consent for the patient from here on';
    case 'policy':
      return 'Whoever consents for the patient changed how this conversation is kept';
    case 'emergency':
      return `${person} opened this in an emergency, for a few hours`;
    case 'history':
      return '';
    default:
      return event.kind satisfies never;
  }
}

const CLOSED_FOR = new Map<number | undefined, string>([
  [CloseReason.CARE_ENDED, ': the care has ended'],
  [CloseReason.MOVED, ': it goes on elsewhere'],
  [CloseReason.MISTAKE, ': it was begun by mistake'],
]);

/** Why a conversation was closed, as the end of a sentence; '' where it was not said. */
export function closeWords(reason: number | undefined): string {
  return CLOSED_FOR.get(reason) ?? '';
}

function named(sender: Sender): string {
  return sender.isMe ? 'You' : sender.name;
}
