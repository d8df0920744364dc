import { useState } from 'react';
import type { OpenThread } from '../../model/openThread';
import { Button, Dialog, TextField } from '../kit';
import { useAct } from '../useAct';

/** Goes to the first message of a day, wherever in the conversation it stands. */
export function DateDialog({ thread, onClose }: { thread: OpenThread; onClose: () => void }) {
  const [day, setDay] = useState('');
  const [trouble, setTrouble] = useState('');
  const { isActing, act } = useAct();
  const start = new Date(`${day}T00:00:00`).getTime();
  const go = () =>
    act(async () => {
      if (await thread.jumpToDate(start)) onClose();
      else setTrouble('Nothing can be shown of that day now.');
    });
  return (
    <Dialog
      title="Go to a date"
      isOpen
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isPending={isActing} isDisabled={Number.isNaN(start)} onPress={() => void go()}>
            Go there
          </Button>
        </>
      }
    >
      <TextField label="Day" hint="You come to the first message of that day, or of the next day on which something was written." type="date" value={day} onChange={setDay} error={trouble} />
    </Dialog>
  );
}
