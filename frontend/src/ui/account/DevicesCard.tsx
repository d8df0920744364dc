import { useQuery, useQueryClient } from '@tanstack/react-query';
import { momentOf } from '../../model/words';
import type { DeviceOut } from '../../wire.gen';
import { Badge, Banner, Button, Card, Spinner, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

function Device({ device, onSignOut, isActing }: { device: DeviceOut; onSignOut: () => void; isActing: boolean }) {
  return (
    <li className="row-between">
      <span className="stack-0">
        <span className="strong">
          {device.label} {device.current ? <Badge tone="good">This device</Badge> : null} {device.remembered ? <Badge tone="plain">Remembered</Badge> : null}
        </span>
        {device.opened ? null : <span className="small">Signed in, without opening your keys.</span>}
        <span className="small muted">
          First seen {momentOf(device.first_seen)}, last seen {momentOf(device.last_seen)}
        </span>
      </span>
      {device.current ? null : (
        <Button size="sm" isPending={isActing} onPress={onSignOut}>
          Sign out<span className="visually-hidden"> {device.label}</span>
        </Button>
      )}
    </li>
  );
}

/** Where one is signed in, and the way to end that from here. */
export function DevicesCard() {
  const { session } = useModel();
  const cache = useQueryClient();
  const devices = useQuery({ queryKey: ['devices'], queryFn: () => session.devices() });
  const { isActing, trouble, act } = useAct();
  const end = (work: () => Promise<void>, words: string) =>
    void act(work).then((done) => {
      if (done) toast(words, 'good');
      void cache.invalidateQueries({ queryKey: ['devices'] });
    });
  const found = devices.data ?? [];
  return (
    <Card as="section" label="Devices">
      <div className="stack">
        <h2>Devices you are signed in on</h2>
        <p className="muted">A device that you sign out here closes at once, and forgets your keys when it next has a connection. If it was stolen, replace your keys too.</p>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        {devices.isPending ? <Spinner /> : null}
        <ul className="device-list" aria-label="Your devices">
          {found.map((device) => (
            <Device key={device.number} device={device} isActing={isActing} onSignOut={() => end(() => session.signOutDevice(device.number), `${device.label} is signed out.`)} />
          ))}
        </ul>
        {found.length > 1 ? (
          <Button look="danger-quiet" isPending={isActing} onPress={() => end(() => session.signOutOthers(), 'All other devices are signed out.')}>
            Sign out all other devices
          </Button>
        ) : null}
      </div>
    </Card>
  );
}
