import { visibleName } from '../../model/fileNames';
import type { MessageLine } from '../../model/timeline';
import { Button, Dialog } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

/** Asks before a message is taken back, and says what that does and what it cannot do. */
export function RetractDialog({ threadId, line, onClose }: { threadId: string; line: MessageLine; onClose: () => void }) {
  const { threads } = useModel();
  const { isActing, trouble, act } = useAct();
  const retract = () =>
    act(async () => {
      await threads.retract(threadId, line.msgId);
      onClose();
    });
  return (
    <Dialog
      title="Take this message back?"
      role="alertdialog"
      isOpen
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="danger" isPending={isActing} onPress={() => void retract()}>
            Take it back
          </Button>
        </>
      }
    >
      <p>
        The app shows it to nobody any more
        {line.file ? (
          <>
            , and <bdi className="strong">{visibleName(line.file.name)}</bdi> is destroyed on the server: nobody can open it again
          </>
        ) : null}
        . That you wrote a message here, and when, stays to be seen. What somebody has already read or copied cannot be taken from them.
      </p>
      <p className="file-trouble" role="status">
        {trouble}
      </p>
    </Dialog>
  );
}
