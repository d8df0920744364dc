import { useEffect, useRef } from 'react';
import type { TileSize } from '../../model/tileSizes';
import { Avatar, Icon } from '../kit';
import { useTileSize } from './useTileSize';

/** Plays a track in an element of its own; nothing is shown for longer than the track is there. */
export function Video({ track, label, mirrored }: { track: MediaStreamTrack; label: string; mirrored?: boolean }) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const node = element.current;
    if (!node) return;
    node.srcObject = new MediaStream([track]);
    void node.play().catch(() => undefined);
    return () => {
      node.srcObject = null;
    };
  }, [track]);
  return <video ref={element} className={`tile-video${mirrored ? ' tile-mirrored' : ''}`} autoPlay playsInline muted aria-label={label} />;
}

export function Sound({ track }: { track: MediaStreamTrack }) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const node = element.current;
    if (!node) return;
    node.srcObject = new MediaStream([track]);
    void node.play().catch(() => undefined);
    return () => {
      node.srcObject = null;
    };
  }, [track]);
  // Speech as it is said: there are no captions to offer.
  // eslint-disable-next-line jsx-a11y/media-has-caption
  return <audio ref={element} autoPlay />;
}

export type TileProps = {
  name: string;
  line: string;
  isPatient?: boolean;
  isMe?: boolean;
  isMuted: boolean;
  hasHand: boolean;
  video: MediaStreamTrack | null;
  isScreen?: boolean;
  warning?: string;
  /** Hears how large the tile is shown, so that nothing larger is fetched. */
  onSize?: (size: TileSize | null) => void;
};

export function Tile({ name, line, isPatient, isMe, isMuted, hasHand, video, isScreen, warning, onSize }: TileProps) {
  const element = useTileSize<HTMLLIElement>(onSize);
  return (
    <li ref={element} className={`tile${isScreen ? ' tile-screen' : ''}`}>
      {video ? <Video track={video} label={`${isScreen ? 'Screen' : 'Video'} of ${name}`} mirrored={isMe && !isScreen} /> : <Avatar name={name} size="xl" patient={isPatient} />}
      {warning ? <p className="tile-warning">{warning}</p> : null}
      <p className="tile-name">
        {isMuted ? <Icon name="micOff" size={16} /> : <Icon name="mic" size={16} />}
        <span className="visually-hidden">{isMuted ? 'Muted: ' : ''}</span>
        <span className="strong truncate">{isMe ? 'You' : name}</span>
        <span className="tile-role truncate">{line}</span>
        {hasHand ? (
          <span className="tile-hand">
            <Icon name="hand" size={16} /> <span className="visually-hidden">asks to speak</span>
          </span>
        ) : null}
      </p>
    </li>
  );
}
