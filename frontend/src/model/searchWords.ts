/** What a search covers, as a sentence: nobody should take "nothing found" for "never written". */
import type { Coverage } from './search';
import { dayOf } from './words';

const conversations = (count: number) => (count === 1 ? 'conversation' : 'conversations');

export function coverageWords({ taken, of, isWhole, backTo, unopened }: Coverage): string {
  if (of === 0) return 'You have no conversations to search yet.';
  if (taken === 0) return 'Nothing is searched on this device yet. A conversation is, once it was opened here.';
  const locked = unopened ? ` ${unopened} ${unopened === 1 ? 'message' : 'messages'} could not be opened and ${unopened === 1 ? 'is' : 'are'} not searched.` : '';
  if (isWhole) return `Searches ${of === 1 ? 'your conversation' : `all ${of} conversations`}, from the first message that you may read.${locked}`;
  const back = backTo === null ? '' : `, back to ${dayOf(backTo)}`;
  return `Searches ${taken} of ${of} ${conversations(of)}${back}.${locked}`;
}
