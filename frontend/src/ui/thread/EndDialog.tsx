import { useState } from 'react';
import { CloseReason } from '../../crypto/tables.gen';
import { Banner, Button, Dialog, RadioGroup, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

type Choice = 'ended' | 'moved' | 'mistake' | 'unsaid';

const REASONS: Record<Choice, CloseReason> = { ended: CloseReason.CARE_ENDED, moved: CloseReason.MOVED, mistake: CloseReason.MISTAKE, unsaid: CloseReason.UNSAID };
const CHOICES: { id: Choice; name: string; detail: string }[] = [
  { id: 'ended', name: 'The care has ended', detail: '' },
  { id: 'moved', name: 'It goes on elsewhere', detail: '' },
  { id: 'mistake', name: 'It was begun by mistake', detail: '' },
  { id: 'unsaid', name: 'I would rather not say', detail: '' },
];

/** Nothing more is written in the conversation, by anybody, ever; it can still be read. */
export function EndDialog({ threadId, onClose }: { threadId: string; onClose: () => void }) {
  const { threads } = useModel();
  const [reason, setReason] = useState<Choice>('ended');
  const { isActing, trouble, act } = useAct();
  const close = () =>
    act(async () => {
      await threads.close(threadId, REASONS[reason]);
      toast('The conversation is closed.');
      onClose();
    });
  return (
    <Dialog
      title="Close this conversation"
      isOpen
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isPending={isActing} onPress={() => void close()}>
            Close it for everybody
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>Everybody who reads it now can go on reading. Nobody can write in it again; to go on, begin a new conversation.</p>
        <RadioGroup label="Why" value={reason} onChange={setReason} choices={CHOICES} />
        {trouble ? <Banner tone="stop">{trouble}</Banner> : null}
      </div>
    </Dialog>
  );
}
