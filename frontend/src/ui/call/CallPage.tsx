import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { inWords } from '../../api/errors';
import { mediaKey, type Call, type CallView } from '../../model/call';
import type { Trying } from '../../model/comeback';
import { deviceTrouble, takeCamera, takeMicrophone, takeScreen, TROUBLE_WORDS } from '../../model/camera';
import { clockOf, roleName } from '../../model/words';
import { Banner, Button, Dialog, EmptyState, Icon, IconButton, Page, Spinner, toast, usePageTitle } from '../kit';
import { useModel, useValue } from '../useModel';
import { DeviceCheck } from './DeviceCheck';
import { DoorLock, Roster, Waiting } from './Roster';
import { Sound, Tile } from './Tile';

const ENDINGS: Record<string, { title: string; text: string }> = {
  consent_withdrawn: { title: 'The patient’s permission has ended', text: 'You were taken out of the call at that moment. What is said there now is not for you to hear.' },
  expired: { title: 'The permission has ended', text: 'It was given until now. The patient can give it again.' },
  by_host: { title: 'The host has put you out', text: 'Only the host can open the door again.' },
  conflict_of_interest: { title: 'The host has put you out', text: 'A conflict of interest was named.' },
  disturbance: { title: 'The host has put you out', text: 'Only the host can open the door again.' },
  closed: { title: 'The call has ended', text: 'The host ended it for everybody.' },
  media_lost: { title: 'The connection was lost', text: 'You can join again.' },
  left: { title: 'You left the call', text: 'You can come back while it lasts.' },
  moved: { title: 'The call has moved', text: 'You took it to another device of yours. You can bring it back.' },
  '': { title: 'The call has ended for this device', text: '' },
};

function Ended({ call, view }: { call: Call; view: CallView }) {
  const ending = ENDINGS[view.ending ?? ''] ?? { title: 'The call has ended', text: '' };
  const canReturn = view.ending === 'left' || view.ending === 'moved' || view.ending === 'media_lost' || view.ending === '';
  return (
    <EmptyState
      icon={view.ending === 'consent_withdrawn' ? 'lock' : 'leave'}
      title={ending.title}
      action={
        <div className="row">
          {canReturn ? (
            <Button look="primary" onPress={() => void call.look()}>
              Join again
            </Button>
          ) : null}
          <Link to="/" className="button button-secondary button-md">
            Back to the start
          </Link>
        </div>
      }
    >
      <p role="alert">{view.trouble || ending.text}</p>
    </EmptyState>
  );
}

function Lobby({ call, view }: { call: Call; view: CallView }) {
  const here = view.people.filter((person) => person.state === 'connected' || person.state === 'on_hold');
  const time = view.room ? `${clockOf(view.room.starts_at)} to ${clockOf(view.room.ends_at)}` : '';
  const opens = view.room && view.room.opens_at > Date.now() ? `The lobby opens at ${clockOf(view.room.opens_at)}. ` : '';
  return (
    <Page title="Ready to join?" lead={`Planned from ${time}. ${opens}${here.length ? `In the call: ${here.map((person) => person.name).join(', ')}.` : 'Nobody is in the call yet.'}`}>
      {view.trouble ? (
        <Banner tone="stop" live>
          {view.trouble}
        </Banner>
      ) : null}
      <DeviceCheck call={call} joinLabel={view.isHost ? 'Open the call' : 'Ask to join'} onJoin={() => void call.join()} isJoining={false} />
    </Page>
  );
}

const TRYING: Record<Trying, string> = {
  server: 'The connection to the server is interrupted and is being opened again. Sound and picture go on where they can.',
  place: 'The server is there again. Your place in the call is being found.',
  media: 'Sound and picture are being connected again. You need not do anything.',
};

/** What is being tried to get back into the call. */
function Reconnecting({ view }: { view: CallView }) {
  return (
    <div role="status" className={view.trying ? 'call-trying' : 'visually-hidden'}>
      {view.trying ? (
        <>
          <Icon name="clock" size={18} /> {TRYING[view.trying]}
        </>
      ) : null}
    </div>
  );
}

function Elsewhere({ call }: { call: Call }) {
  return (
    <EmptyState
      icon="device"
      title="You are in this call on another device"
      action={
        <div className="row">
          <Button look="primary" onPress={() => void call.join({ move: true })}>
            Move the call here
          </Button>
          <Button onPress={() => call.stayAway()}>Stay on the other device</Button>
        </div>
      }
    >
      <p role="alert">If you move it, sound and picture end there and begin here. The others see you once, either way.</p>
    </EmptyState>
  );
}

function WaitingRoom({ call, view, title, children }: { call: Call; view: CallView; title: string; children: ReactNode }) {
  return (
    <div className="call-wait" role="status">
      <span className="call-pulse" aria-hidden="true">
        <Icon name="clock" size={32} />
      </span>
      <h1>{title}</h1>
      <div className="muted measure">{children}</div>
      {view.trying ? <p className="measure">{TRYING[view.trying]}</p> : null}
      <Button icon="leave" look="danger-quiet" onPress={() => void call.leave()}>
        Leave
      </Button>
    </div>
  );
}

function Controls({ call, view, onPeople }: { call: Call; view: CallView; onPeople: () => void }) {
  const toggle = async (kind: 'audio' | 'video' | 'screen') => {
    try {
      const take = { audio: takeMicrophone, video: takeCamera, screen: takeScreen }[kind];
      await call.send(kind, view.sending[kind] ? null : await take());
    } catch (error) {
      toast(TROUBLE_WORDS[deviceTrouble(error)], 'stop');
    }
  };
  const waiting = view.people.filter((person) => person.state === 'knocking').length;
  return (
    <div className="controls" role="toolbar" aria-label="Call controls">
      <IconButton size="lg" look={view.sending.audio ? 'call' : 'call-off'} icon={view.sending.audio ? 'mic' : 'micOff'} label={view.sending.audio ? 'Mute' : 'Unmute'} onPress={() => void toggle('audio')} />
      <IconButton size="lg" look={view.sending.video ? 'call' : 'call-off'} icon={view.sending.video ? 'camera' : 'cameraOff'} label={view.sending.video ? 'Turn the camera off' : 'Turn the camera on'} onPress={() => void toggle('video')} />
      <span className="only-wide">
        <IconButton size="lg" look={view.sending.screen ? 'primary' : 'call'} icon="screen" label={view.sending.screen ? 'Stop sharing the screen' : 'Share the screen'} onPress={() => void toggle('screen')} />
      </span>
      <IconButton size="lg" look={view.sending.hand ? 'primary' : 'call'} icon="hand" label={view.sending.hand ? 'Lower your hand' : 'Raise your hand'} onPress={() => void call.raiseHand(!view.sending.hand)} />
      <span className="only-narrow call-people">
        <IconButton size="lg" look="call" icon="people" label={waiting ? `Who is here; ${waiting} waiting` : 'Who is here'} onPress={onPeople} />
      </span>
      <IconButton size="lg" look="danger" icon="leave" label="Leave the call" onPress={() => void call.leave()} />
      {view.isHost ? (
        <span className="only-wide">
          <Button look="danger-quiet" onPress={() => void call.close().catch((error: unknown) => toast(inWords(error), 'stop'))}>
            End for all
          </Button>
        </span>
      ) : null}
    </div>
  );
}

function Stage({ call, view, me }: { call: Call; view: CallView; me: string }) {
  const [isListing, setListing] = useState(false);
  const connected = view.people.filter((person) => person.state === 'connected');
  const screens = connected.filter((person) => view.media.has(mediaKey(person.user, 'screen')) && person.sending.screen);
  const mine = view.people.find((person) => person.user === me);
  const side = (
    <>
      <Waiting call={call} view={view} />
      {view.isHost ? <DoorLock call={call} view={view} /> : null}
      <Roster call={call} view={view} me={me} />
    </>
  );
  return (
    <div className="call">
      <h1 className="visually-hidden">Call</h1>
      <div className="stage">
        <Reconnecting view={view} />
        <ul className={`tiles tiles-${Math.min(connected.length + screens.length, 9)}`} aria-label="People in the call">
          {screens.map((person) => (
            <Tile key={`${person.user}-screen`} name={person.name} line="shares a screen" isMuted={!person.sending.audio} hasHand={false} video={view.media.get(mediaKey(person.user, 'screen')) ?? null} isScreen onSize={(size) => call.tileSizes.show(person.user, 'screen', size)} />
          ))}
          {connected
            .filter((person) => person.user !== me)
            .map((person) => (
              <Tile
                key={person.user}
                name={person.name}
                line={`${roleName(person.role)}${person.organisation ? ` · ${person.organisation}` : ''}`}
                isPatient={person.is_patient}
                isMuted={!person.sending.audio}
                hasHand={person.sending.hand}
                video={person.sending.video ? (view.media.get(mediaKey(person.user, 'video')) ?? null) : null}
                warning={view.refused.has(person.user) ? `Not verified (${view.refused.get(person.user)}): you neither see nor hear them` : undefined}
                onSize={(size) => call.tileSizes.show(person.user, 'video', size)}
              />
            ))}
          <Tile name={mine?.name ?? ''} line={mine ? roleName(mine.role) : ''} isPatient={mine?.is_patient} isMe isMuted={!view.sending.audio} hasHand={view.sending.hand} video={view.sending.video ? call.localTrack('video') : null} />
        </ul>
        {connected
          .filter((person) => person.user !== me)
          .map((person) => {
            const sound = view.media.get(mediaKey(person.user, 'audio'));
            return sound ? <Sound key={person.user} track={sound} /> : null;
          })}
        <Controls call={call} view={view} onPeople={() => setListing(true)} />
      </div>
      <aside className="call-side" aria-label="People">
        {side}
      </aside>
      <Dialog title="Who is here" isOpen={isListing} onClose={() => setListing(false)} size="sm">
        {side}
      </Dialog>
    </div>
  );
}

function Face({ call, view, me }: { call: Call; view: CallView; me: string }) {
  switch (view.phase) {
    case 'looking':
      return <Spinner label="Opening the lobby" />;
    case 'failed':
      return (
        <EmptyState icon="camera" title="This call cannot be opened">
          {view.trouble}
        </EmptyState>
      );
    case 'ready':
      return <Lobby call={call} view={view} />;
    case 'elsewhere':
      return <Elsewhere call={call} />;
    case 'knocking':
      return (
        <WaitingRoom call={call} view={view} title="The host has been told that you are here">
          You will be let in by name. Nobody sees or hears you until then.
        </WaitingRoom>
      );
    case 'connecting':
      return (
        <WaitingRoom call={call} view={view} title="You are being connected">
          Keys are being exchanged with those who are here.
        </WaitingRoom>
      );
    case 'on_hold':
      return (
        <WaitingRoom call={call} view={view} title="You are on hold">
          The others are speaking first. You neither see nor hear them, and they neither see nor hear you. They will bring you in.
        </WaitingRoom>
      );
    case 'in':
      return <Stage call={call} view={view} me={me} />;
    case 'ended':
      return <Ended call={call} view={view} />;
    default:
      return view.phase satisfies never;
  }
}

function Room({ call }: { call: Call }) {
  const { session, link } = useModel();
  const me = useValue(session.me);
  const view = useValue(call.view);
  const state = useValue(link);
  usePageTitle('Call');
  useEffect(() => {
    call.linkChanged(state);
  }, [call, state]);
  return <Face call={call} view={view} me={me?.id ?? ''} />;
}

/** The call of one session: device check, lobby, the room itself, and how it ended. */
export function CallPage() {
  const { roomId }: { roomId?: string } = useParams({ strict: false });
  const model = useModel();
  const call = useMemo(() => (roomId ? model.makeCall(roomId) : null), [model, roomId]);
  useEffect(() => {
    void call?.look();
    return () => call?.dispose();
  }, [call]);
  return call ? <Room key={roomId} call={call} /> : null;
}
