import { useState } from 'react';
import { Button, Dialog, TextField } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

/** Gives the conversation a name; it travels sealed, like a message, so the server does not know it. */
export function NameDialog({ threadId, subject, isOpen, onClose }: { threadId: string; subject: string; isOpen: boolean; onClose: () => void }) {
  const { threads } = useModel();
  const [text, setText] = useState(subject);
  const { isActing, act } = useAct();
  const save = () =>
    act(async () => {
      await threads.name(threadId, text.trim());
      onClose();
    });
  return (
    <Dialog
      title="Name this conversation"
      isOpen={isOpen}
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isPending={isActing} isDisabled={!text.trim()} onPress={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <TextField label="Name" hint="Sealed for those who can read the conversation." value={text} onChange={setText} maxLength={120} />
    </Dialog>
  );
}
