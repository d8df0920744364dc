import { failedWords, waitingWords } from '../../model/outboxWords';
import type { OutgoingLine } from '../../model/timeline';
import { Button, Icon } from '../kit';

export type OutgoingActs = { onRetry: (msgId: string) => void; onEdit: (msgId: string) => void; onDiscard: (msgId: string) => void };

/** The state of a message that is not on the server yet; a screen reader hears when it fails. */
export function Outgoing({ line, onRetry, onEdit, onDiscard }: { line: OutgoingLine } & OutgoingActs) {
  if (line.state === 'failed')
    return (
      <span className="mark mark-trouble mark-failed" role="alert">
        <Icon name="alert" size={15} />
        <span>
          Not sent. {failedWords(line.code)} <span className="tiny">({line.code})</span>
        </span>
        <Button size="sm" look="quiet" onPress={() => onRetry(line.key)}>
          Try again
        </Button>
        {line.mayEdit ? (
          <Button size="sm" look="quiet" onPress={() => onEdit(line.key)}>
            Edit
          </Button>
        ) : null}
        <Button size="sm" look="quiet" onPress={() => onDiscard(line.key)}>
          Delete
        </Button>
      </span>
    );
  return (
    <span className="mark">
      {line.state === 'sending' ? <span className="spinner spinner-tiny" aria-hidden="true" /> : <Icon name="clock" size={15} />}
      {line.state === 'sending' ? 'Sending' : waitingWords(line.code)}
    </span>
  );
}
