/**
 * Sealed media for one call: the only maker of peer connections, and the watch that nothing leaves unsealed.
 *
 * `encodedInsertableStreams` is always set. Without it a transform that is set after negotiation is ignored, without an
 * error, and video leaves in the clear; with it, a sender that has no transform sends nothing at all.
 */
import { startWorker } from '../crypto/trustedWorker';
import type { Vault } from '../crypto/vaultApi';
import type { MediaKind } from './sframe';
import type { MediaAnswer, MediaRequest, SealCounters, TransformOptions } from './sframeWorker';
import type { TransportHooks } from './transport';

export type SealedMedia = {
  hooks: TransportHooks;
  counters: () => Promise<SealCounters>;
  close: () => void;
};

const WATCH_MS = 2_000;
/** Frames that were handed to the packetiser between the two readings. */
const SLACK = 60;

/** A connection whose senders emit nothing until they are sealed. */
export function sealedPeerConnection(configuration: RTCConfiguration): RTCPeerConnection {
  if (!('RTCRtpScriptTransform' in globalThis)) throw new Error('This browser cannot seal calls end to end.');
  const sealed: RTCConfiguration & { encodedInsertableStreams: true } = { ...configuration, encodedInsertableStreams: true };
  return new RTCPeerConnection(sealed);
}

/** What has left a sender, in frames: of audio a packet is a frame. */
async function sentBy(sender: RTCRtpSender, kind: MediaKind): Promise<number> {
  let sent = 0;
  (await sender.getStats()).forEach((entry: RTCStats) => {
    if (entry.type !== 'outbound-rtp') return;
    const { framesSent = 0, packetsSent = 0, retransmittedPacketsSent = 0 } = entry as RTCOutboundRtpStreamStats;
    sent += kind === 'audio' ? packetsSent - retransmittedPacketsSent : framesSent;
  });
  return sent;
}

class MediaWorker {
  readonly worker = startWorker('sframe');
  readonly #waiting = new Map<number, (counters: SealCounters) => void>();
  #next = 0;
  readonly ready: Promise<void>;

  constructor() {
    let isReady: () => void = () => undefined;
    this.ready = new Promise((resolve) => (isReady = resolve));
    this.worker.onmessage = ({ data }: MessageEvent<MediaAnswer>) => {
      if (data.type === 'ready') isReady();
      else {
        this.#waiting.get(data.id)?.(data.counters);
        this.#waiting.delete(data.id);
      }
    };
  }

  counters(): Promise<SealCounters> {
    return new Promise((resolve) => {
      const id = this.#next++;
      this.#waiting.set(id, resolve);
      this.send({ type: 'counters', id });
    });
  }

  send(request: MediaRequest, transfer: Transferable[] = []): void {
    this.worker.postMessage(request, transfer);
  }

  transform(options: TransformOptions): RTCRtpScriptTransform {
    return new RTCRtpScriptTransform(this.worker, options);
  }
}

/**
 * Starts the media worker of a call and lets the vault give it keys, now and after every `joinCall` of this `conf`.
 * `onLeak` hears of a sender from which more left than was sealed; its track is stopped already.
 */
export async function sealMedia(conf: string, vault: Pick<Vault, 'connectMedia'>, onLeak: (kind: MediaKind) => void = () => undefined): Promise<SealedMedia> {
  const media = new MediaWorker();
  await media.ready;
  const { port1, port2 } = new MessageChannel();
  media.send({ type: 'port', port: port1 }, [port1]);
  await vault.connectMedia(conf, port2);
  const senders = new Map<RTCRtpSender, MediaKind>();

  async function watch(): Promise<void> {
    // Read what was sent first: what is sealed meanwhile can only make it look better than it is by a few frames.
    const sent = await Promise.all([...senders].map(async ([sender, kind]) => ({ sender, kind, count: await sentBy(sender, kind) })));
    const { sealed } = await media.counters();
    for (const kind of new Set(sent.map((each) => each.kind))) {
      // The worker counts by kind, and a camera may be sent twice: as the full picture and as the small one.
      const ofKind = sent.filter((each) => each.kind === kind);
      if (ofKind.reduce((sum, each) => sum + each.count, 0) <= sealed[kind] + SLACK) continue;
      for (const { sender } of ofKind) sender.track?.stop();
      onLeak(kind);
    }
  }
  const timer = setInterval(() => void watch(), WATCH_MS);

  return {
    hooks: {
      makePeerConnection: sealedPeerConnection,
      sealSender: (sender, kind) => {
        sender.transform = media.transform({ role: 'seal', kind });
        senders.set(sender, kind);
      },
      openReceiver: (receiver, user, kind) => {
        receiver.transform = media.transform({ role: 'open', kind, user });
      },
    },
    counters: () => media.counters(),
    close: () => {
      clearInterval(timer);
      senders.clear();
      media.worker.terminate();
    },
  };
}
