import { createContext, useContext } from 'react';
import { Priority } from '../../crypto/tables.gen';
import type { MessageLine } from '../../model/timeline';
import { PRIORITY_WORDS, urgencyWords, type ThreadUrgency } from '../../model/urgency';
import { Badge, Banner, Button } from '../kit';
import { useAct } from '../useAct';

export type UrgencyView = { held: ThreadUrgency; nameOf: (user: string) => string; me: string; acknowledge: (msgId: string) => Promise<void> };

export const UrgencyContext = createContext<UrgencyView | null>(null);

/** How urgent one message is, how far that has got, and the button that ends the waiting. */
export function UrgencyMark({ line }: { line: MessageLine }) {
  const view = useContext(UrgencyContext);
  const { isActing, trouble, act } = useAct();
  const urgent = view?.held.byMessage.get(line.msgId);
  if (!view || !urgent) return null;
  // Whoever else signed it, it is the sender's word that counts.
  const said = urgent.said?.sender === line.sender.user ? urgent.said : null;
  const acks = urgent.acks.filter((ack) => ack.user !== line.sender.user);
  if (!said && acks.length === 0) return null;
  const isWaiting = said !== null && (said.state === 'waiting' || said.state === 'unanswered');
  const mayAcknowledge = isWaiting && !line.sender.isMe && !acks.some((ack) => ack.user === view.me);
  return (
    <div className="urgency" role="group" aria-label="Urgency of this message">
      {said && said.priority !== Priority.ROUTINE ? <Badge tone={said.priority === Priority.URGENT && isWaiting ? 'stop' : 'wait'}>{PRIORITY_WORDS[said.priority]}</Badge> : null}
      <span className="small">{urgencyWords({ said, acks }, view.nameOf)}</span>
      {mayAcknowledge ? (
        <Button size="sm" look="primary" icon="check" isPending={isActing} onPress={() => void act(() => view.acknowledge(line.msgId))}>
          Acknowledge
        </Button>
      ) : null}
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
    </div>
  );
}
