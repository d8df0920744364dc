import { Button, Dialog } from '../kit';
import { useAct } from '../useAct';

/** Asks before a file is destroyed: it cannot be brought back. */
export function TakeBackDialog({ name, onClose, onTakeBack }: { name: string; onClose: () => void; onTakeBack: () => Promise<void> }) {
  const { isActing, trouble, act } = useAct();
  const takeBack = async () => {
    if (await act(onTakeBack)) onClose();
  };
  return (
    <Dialog
      title="Take this file back?"
      role="alertdialog"
      isOpen
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button look="danger" isPending={isActing} onPress={() => void takeBack()}>
            Take back
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          <bdi className="strong">{name}</bdi> is destroyed on the server, and nobody can open it again.
        </p>
        <p className="muted">Who has saved it already keeps their copy. The conversation shows that you took it back.</p>
        <p className="file-trouble" role="status">
          {trouble}
        </p>
      </div>
    </Dialog>
  );
}
