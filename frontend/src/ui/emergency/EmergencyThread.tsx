import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { keysInWords, type Reading } from '../../model/emergency';
import { momentOf } from '../../model/words';
import type { EmergencyOut, EmergencyThread } from '../../wire.gen';
import { Banner, Button, Icon, Spinner } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';

const AGAIN_MS = 10_000;

function Messages({ reading }: { reading: Reading }) {
  if (reading.messages.length === 0 && reading.unreadable === 0) return <p className="muted">Nothing was written in the days that an emergency opens.</p>;
  return (
    <div className="stack">
      {reading.unreadable ? <Banner tone="wait">{reading.unreadable} messages cannot be opened yet: their keys are still missing.</Banner> : null}
      <ol className="emergency-messages">
        {reading.messages.map((one) => (
          <li key={one.seq}>
            <p className="small muted">
              <span className="strong">{one.sender || 'Somebody'}</span> · {momentOf(one.at)}
            </p>
            <p className="emergency-text">{one.text}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** One conversation that the emergency reaches: how its keys are had, said as it is; and its words, read only. */
export function EmergencyThreadRow({ one, thread, number }: { one: EmergencyOut; thread: EmergencyThread; number: number }) {
  const { emergencies } = useModel();
  const version = useValue(emergencies.version);
  const [isShown, setShown] = useState(false);
  const { isActing, trouble, act } = useAct();
  const isGiven = thread.keys === 'given';
  const reading = useQuery({
    queryKey: ['emergency-reading', one.id, thread.thread, version],
    queryFn: () => emergencies.read(thread.thread),
    enabled: isShown && isGiven,
    refetchInterval: AGAIN_MS,
    gcTime: 0,
  });
  useEffect(() => {
    // The words and keys leave the memory with the row: an emergency leaves nothing on this device.
    return () => void emergencies.close(thread.thread).catch(() => undefined);
  }, [emergencies, thread.thread]);
  return (
    <li className="stack-2">
      <div className="row-between">
        <span className="row">
          <Icon name={isGiven ? 'key' : thread.keys === 'impossible' ? 'lock' : 'clock'} size={18} />
          <span className="strong">Conversation {number}</span>
        </span>
        {isGiven ? (
          <Button size="sm" look={isShown ? 'secondary' : 'primary'} onPress={() => setShown(!isShown)}>
            {isShown ? 'Close' : 'Read'}
          </Button>
        ) : thread.keys === 'declared' ? (
          <Button size="sm" isPending={isActing} onPress={() => void act(() => emergencies.askForKeys(one).then(() => emergencies.refresh()))}>
            Ask again
          </Button>
        ) : null}
      </div>
      <p className="small muted" role="status">
        {keysInWords(thread)}
      </p>
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      {isShown && isGiven ? (
        reading.isError ? <Banner tone="stop">{reading.error.message}</Banner> : reading.data ? <Messages reading={reading.data} /> : <Spinner label="Opening" />
      ) : null}
    </li>
  );
}
