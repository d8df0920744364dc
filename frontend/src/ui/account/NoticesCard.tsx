import { useQuery, useQueryClient } from '@tanstack/react-query';
import { pushState, switchPushOff, switchPushOn, type PushState } from '../../model/push';
import { Banner, Button, Card } from '../kit';
import { useAct } from '../useAct';

const SAYS: Record<PushState, string> = {
  none: 'This browser cannot tell you while the app is closed. On a phone, install the app first.',
  blocked: 'You told this browser not to show notices from here. Its own settings for this site undo that.',
  off: 'This device says nothing while the app is closed.',
  on: 'This device tells you that there is something new while the app is closed.',
};

/** Whether this device shows notices, and what they never say. */
export function NoticesCard() {
  const cache = useQueryClient();
  const state = useQuery({ queryKey: ['push'], queryFn: pushState });
  const { isActing, trouble, act } = useAct();
  const change = (to: () => Promise<PushState>) => act(async () => {
      cache.setQueryData(['push'], await to());
    });
  return (
    <Card as="section" label="Notices">
      <div className="stack-2">
        <h2>Notices on this device</h2>
        {trouble ? (
          <Banner tone="stop" live>
            {trouble}
          </Banner>
        ) : null}
        <p className="muted">{state.data ? SAYS[state.data] : 'Looking at what this browser can do.'} A notice says that there is something new, and never who wrote or about whom.</p>
        {state.data === 'off' ? (
          <Button icon="device" isPending={isActing} onPress={() => void change(switchPushOn)}>
            Tell me on this device
          </Button>
        ) : null}
        {state.data === 'on' ? (
          <Button look="quiet" isPending={isActing} onPress={() => void change(switchPushOff)}>
            Stop telling me on this device
          </Button>
        ) : null}
      </div>
    </Card>
  );
}
