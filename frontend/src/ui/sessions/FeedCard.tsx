import { useState } from 'react';
import { Banner, Button, Card, TextField, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

/** The secret address of one's sessions, for a calendar program. */
export function FeedCard() {
  const { sessions } = useModel();
  const [address, setAddress] = useState('');
  const { isActing, trouble, act } = useAct();
  const copy = () =>
    act(async () => {
      await navigator.clipboard.writeText(address);
      toast('Copied.');
    });
  return (
    <Card as="section" label="Calendar program">
      <div className="stack-2">
        <h2>Your sessions in a calendar program</h2>
        <p className="small muted">
          A secret address that your calendar reads. Entries say “Consilium session” and the time, and nothing else. Whoever has the address sees when you have
          sessions.
        </p>
        {trouble ? (
          <Banner tone="stop" live>
            {trouble}
          </Banner>
        ) : null}
        {address ? (
          <div className="stack-2">
            <TextField label="Your address, shown once" value={address} isReadOnly mono />
            <div className="row">
              <Button onPress={() => void copy()}>Copy</Button>
            </div>
          </div>
        ) : (
          <div className="row">
            <Button isPending={isActing} onPress={() => void act(async () => setAddress(await sessions.newFeed()))}>
              Make a new address
            </Button>
            <span className="small muted">An earlier address stops working.</span>
          </div>
        )}
      </div>
    </Card>
  );
}
