import type { MessageLine } from '../../model/timeline';
import { clockOf } from '../../model/words';
import { Menu, type MenuChoice } from '../kit';

export type MessageActs = { onReply: (line: MessageLine) => void; onEdit: (line: MessageLine) => void; onRetract: (line: MessageLine) => void; onPin: (line: MessageLine, isPinned: boolean) => void; pinned: ReadonlySet<string> };

/** What can be done with one message: answered by all who may write, changed and taken back by who wrote it. */
export function MessageMenu({ line, acts }: { line: MessageLine; acts: MessageActs }) {
  const choices: MenuChoice[] = [{ id: 'reply', name: 'Answer', icon: 'message', onAction: () => acts.onReply(line) }];
  const isPinned = acts.pinned.has(line.key);
  choices.push({ id: 'pin', name: isPinned ? 'Unpin' : 'Pin', icon: 'pin', onAction: () => acts.onPin(line, !isPinned) });
  if (line.sender.isMe && !line.card) choices.push({ id: 'edit', name: 'Change', icon: 'clipboard', onAction: () => acts.onEdit(line) });
  if (line.sender.isMe) choices.push({ id: 'retract', name: 'Take back', icon: 'close', danger: true, onAction: () => acts.onRetract(line) });
  const whose = line.sender.isMe ? 'your message' : `the message of ${line.sender.name}`;
  return <Menu label={`What to do with ${whose}, ${clockOf(line.at)}`} choices={choices} className="icon-button button-quiet icon-button-md message-menu" />;
}
