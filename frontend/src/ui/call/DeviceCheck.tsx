import { useEffect, useState } from 'react';
import { deviceTrouble, listDevices, takeCamera, takeMicrophone, TROUBLE_WORDS, type DeviceTrouble } from '../../model/camera';
import type { Call } from '../../model/call';
import { Avatar, Banner, Button, Icon, Select, Switch } from '../kit';
import { useModel, useValue } from '../useModel';
import { Level } from './Level';
import { Video } from './Tile';

type Chosen = { camera: string | null; microphone: string | null };
type Lists = { cameras: { id: string; name: string }[]; microphones: { id: string; name: string }[] };

/** Sees and hears oneself before anybody else does; both may be left off. */
export function DeviceCheck({ call, joinLabel, onJoin, isJoining }: { call: Call; joinLabel: string; onJoin: () => void; isJoining: boolean }) {
  const { session } = useModel();
  const me = useValue(session.me);
  const view = useValue(call.view);
  const [trouble, setTrouble] = useState<{ video?: DeviceTrouble; audio?: DeviceTrouble }>({});
  const [lists, setLists] = useState<Lists>({ cameras: [], microphones: [] });
  const [chosen, setChosen] = useState<Chosen>({ camera: null, microphone: null });

  const refreshLists = async () => {
    setLists({ cameras: await listDevices('videoinput'), microphones: await listDevices('audioinput') });
  };
  const put = async (kind: 'audio' | 'video', on: boolean, id?: string) => {
    try {
      await call.send(kind, on ? await (kind === 'video' ? takeCamera(id) : takeMicrophone(id)) : null);
      setTrouble((known) => ({ ...known, [kind]: undefined }));
      await refreshLists();
    } catch (error) {
      setTrouble((known) => ({ ...known, [kind]: deviceTrouble(error) }));
    }
  };
  useEffect(() => {
    void (async () => {
      await put('audio', true);
      await put('video', true);
    })();
    // Once, when the lobby opens: the browser asks for both in turn.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [call]);

  const video = view.sending.video ? call.localTrack('video') : null;
  const audio = view.sending.audio ? call.localTrack('audio') : null;
  return (
    <div className="check">
      <div className="check-view tile">
        {video ? <Video track={video} label="Your camera" mirrored /> : <Avatar name={me?.name ?? ''} size="xl" patient={me?.kind === 'patient'} />}
        {video ? null : <p className="tile-name">Your camera is off</p>}
      </div>
      <div className="check-side stack">
        <div className="stack-2">
          <Switch isSelected={view.sending.video} onChange={(on) => void put('video', on, chosen.camera ?? undefined)}>
            Camera
          </Switch>
          {trouble.video ? <Banner tone="wait">{TROUBLE_WORDS[trouble.video]}</Banner> : null}
          {lists.cameras.length > 1 ? (
            <Select
              label="Which camera"
              hideLabel
              choices={lists.cameras}
              value={chosen.camera ?? lists.cameras[0]?.id ?? null}
              onChange={(camera) => {
                setChosen({ ...chosen, camera });
                void put('video', true, camera);
              }}
            />
          ) : null}
        </div>
        <div className="stack-2">
          <Switch isSelected={view.sending.audio} onChange={(on) => void put('audio', on, chosen.microphone ?? undefined)}>
            Microphone
          </Switch>
          {trouble.audio ? <Banner tone="wait">{TROUBLE_WORDS[trouble.audio]}</Banner> : null}
          {audio ? <Level track={audio} /> : null}
          {lists.microphones.length > 1 ? (
            <Select
              label="Which microphone"
              hideLabel
              choices={lists.microphones}
              value={chosen.microphone ?? lists.microphones[0]?.id ?? null}
              onChange={(microphone) => {
                setChosen({ ...chosen, microphone });
                void put('audio', true, microphone);
              }}
            />
          ) : null}
        </div>
        <Button look="primary" size="lg" wide icon="camera" isPending={isJoining} onPress={onJoin}>
          {joinLabel}
        </Button>
        <p className="small muted check-note">
          <Icon name="lock" size={15} /> Sound and picture are sealed on your device, for those on the list alone.
        </p>
      </div>
    </div>
  );
}
