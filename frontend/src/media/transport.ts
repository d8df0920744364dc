/**
 * A call's two peer connections: answers the server's offers, sends camera, microphone and screen, hands out what
 * arrives. It never offers and never sends media that was not sealed first: the sealing comes in by `TransportHooks`.
 */
import type { Frame } from '../live/socket';
import type { RoomAdmitted, RoomAnswer, RoomBye, RoomConnect, RoomOffer, RoomWant } from '../wire.gen';

export type MediaKind = RoomOffer['tracks'][number]['kind'];
type Pc = RoomOffer['pc'];

/** How frames are sealed and opened (frontend/src/media/sframe.ts). */
export type TransportHooks = {
  /** Makes a connection whose senders emit nothing until they are sealed (fails closed). */
  makePeerConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
  /** Attaches the sealing transform; called once a sender, in the same task and just before its first track is set. */
  sealSender: (sender: RTCRtpSender, kind: MediaKind) => void;
  /** Attaches the opening transform for this person's frames; called again when the receiver changes hands. */
  openReceiver: (receiver: RTCRtpReceiver, user: string, kind: MediaKind) => void;
};

export type TransportEvents = {
  /** A person's track arrives; nothing plays until the caller attaches it to an element. */
  onRemoteTrack: (user: string, kind: MediaKind, track: MediaStreamTrack, receiver: RTCRtpReceiver) => void;
  onRemoteGone: (user: string, kind: MediaKind) => void;
  /** What this device sends has reached the server. */
  onConnected: () => void;
  /** A connection failed or the server gave it up: knock again for a new ticket and `connect` with it. */
  onLost: () => void;
};

export type TransportOptions = {
  room: string;
  device: string;
  hooks: TransportHooks;
  events: TransportEvents;
  /** Sends a command and resolves with its answer (LiveSocket.ask). */
  ask: (frame: Frame & { id: string }) => Promise<Frame>;
  newId: () => string;
};

/** Counters of one remote track since it began; `framesDecoded` stays 0 for audio. */
export type RemoteStats = {
  user: string;
  kind: MediaKind;
  packetsReceived: number;
  packetsLost: number;
  framesDecoded: number;
  bytesReceived: number;
};
/** Counters of what this device sends; `roundTripMs` is null until the server reported. */
export type LocalStats = { kind: MediaKind; packetsSent: number; framesSent: number; bytesSent: number };
export type TransportStats = { remote: RemoteStats[]; local: LocalStats[]; roundTripMs: number | null };

const MAX_BITRATE: Record<MediaKind, number> = { audio: 40_000, video: 800_000, screen: 1_200_000 };
/** The small picture beside the full one: what a tile of a grid needs. */
const SMALL = { bitrate: 130_000, height: 180, framesPerSecond: 15 };

type Remote = { user: string; kind: MediaKind; transceiver: RTCRtpTransceiver };

export class MediaTransport {
  readonly #options: TransportOptions;
  readonly #local = new Map<MediaKind, MediaStreamTrack>();
  readonly #senders = new Map<MediaKind, RTCRtpSender>();
  readonly #sealed = new Set<RTCRtpSender>();
  readonly #remote = new Map<string, Remote>();
  #small: RTCRtpSender | null = null;
  #sendsSmall = false;
  #connections: Partial<Record<Pc, RTCPeerConnection>> = {};
  #iceServers: RTCIceServer[] = [];
  #call = 0;
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** The number of the media that runs, 0 before the first offer. */
  get call(): number {
    return this.#call;
  }

  /** Asks the server for fresh connections; `join` is this device's signed conf-join. Rejects with the refusal. */
  async connect(admitted: RoomAdmitted, join: string): Promise<void> {
    this.#iceServers = admitted.ice_servers.map((server) => ({
      urls: server.urls,
      username: server.username,
      credential: server.credential,
    }));
    const { room, device, newId } = this.#options;
    const frame: RoomConnect = { type: 'room.connect', id: newId(), room, device, ticket: admitted.ticket, join };
    await this.#options.ask(frame);
  }

  /** Takes a frame from the socket; returns whether it was for this transport. */
  take(frame: RoomOffer | RoomBye): boolean {
    if (this.#closed || frame.room !== this.#options.room || frame.device !== this.#options.device) return false;
    switch (frame.type) {
      case 'room.offer':
        // One after the other: an answer belongs to the description it was made from.
        this.#queue = this.#queue.then(() => this.#answer(frame)).catch(() => this.#lose());
        return true;
      case 'room.bye':
        if (frame.action === 'resume') return true;
        this.#dropConnections();
        if (frame.action === 'rejoin') this.#options.events.onLost();
        return true;
      default:
        return frame satisfies never;
    }
  }

  /** Sends a track, replaces the one of its kind, or stops sending that kind with null. The caller stops tracks. */
  async publish(kind: MediaKind, track: MediaStreamTrack | null): Promise<void> {
    if (track) this.#local.set(kind, track);
    else this.#local.delete(kind);
    const sender = this.#senders.get(kind);
    if (sender) await this.#put(kind, sender, track);
    if (kind === 'video') await this.#putSmall();
  }

  /** Whether the camera is sent as a small picture too; of use where more than one person looks at it. */
  async sendSmall(isWanted: boolean): Promise<void> {
    if (this.#sendsSmall === isWanted) return;
    this.#sendsSmall = isWanted;
    await this.#putSmall();
  }

  async #putSmall(): Promise<void> {
    const track = this.#sendsSmall ? (this.#local.get('video') ?? null) : null;
    if (!this.#small || this.#small.track === track) return;
    await this.#put('video', this.#small, track);
    await limit(this.#small, (encoding) => {
      encoding.maxBitrate = SMALL.bitrate;
      encoding.maxFramerate = SMALL.framesPerSecond;
      encoding.scaleResolutionDownBy = Math.max(1, (track?.getSettings().height ?? SMALL.height) / SMALL.height);
    });
  }

  /** Says how large each tile is shown, so that nothing larger is sent here. */
  async want(tiles: RoomWant['tiles']): Promise<void> {
    const { room, newId, ask } = this.#options;
    const frame: RoomWant = { type: 'room.want', id: newId(), room, tiles };
    await ask(frame);
  }

  async stats(): Promise<TransportStats> {
    const remote: RemoteStats[] = [];
    for (const { user, kind, transceiver } of this.#remote.values()) {
      const report = await transceiver.receiver.getStats();
      report.forEach((entry: RTCStats) => {
        if (entry.type !== 'inbound-rtp') return;
        const seen = entry as RTCInboundRtpStreamStats;
        remote.push({
          user,
          kind,
          packetsReceived: seen.packetsReceived ?? 0,
          packetsLost: seen.packetsLost ?? 0,
          framesDecoded: seen.framesDecoded ?? 0,
          bytesReceived: seen.bytesReceived ?? 0,
        });
      });
    }
    const local: LocalStats[] = [];
    let roundTripMs: number | null = null;
    for (const [kind, sender] of this.#senders) {
      const report = await sender.getStats();
      report.forEach((entry: RTCStats) => {
        if (entry.type === 'outbound-rtp') {
          const sent = entry as RTCOutboundRtpStreamStats;
          const { packetsSent = 0, framesSent = 0, bytesSent = 0 } = sent;
          local.push({ kind, packetsSent, framesSent, bytesSent });
        }
        if (entry.type === 'candidate-pair' && (entry as RTCIceCandidatePairStats).nominated) {
          const seconds = (entry as RTCIceCandidatePairStats).currentRoundTripTime;
          if (seconds !== undefined) roundTripMs = seconds * 1000;
        }
      });
    }
    return { remote, local, roundTripMs };
  }

  /** Closes both connections for good; no event follows. Local tracks are the caller's to stop. */
  close(): void {
    this.#closed = true;
    this.#dropConnections();
    this.#local.clear();
  }

  async #answer(offer: RoomOffer): Promise<void> {
    if (this.#closed || offer.call < this.#call) return;
    if (offer.call > this.#call) {
      this.#dropConnections();
      this.#call = offer.call;
    }
    const connection = this.#connections[offer.pc] ?? this.#open(offer.pc);
    await connection.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
    if (offer.pc === 'pub') await this.#prepareSending(connection, offer);
    else this.#bindReceiving(connection, offer);
    await connection.setLocalDescription(await connection.createAnswer());
    if (this.#connections[offer.pc] !== connection) return;
    await this.#options.ask(this.#answerFrame(offer, connection));
    if (offer.pc === 'pub') await this.#limitBitrates();
  }

  #answerFrame(offer: RoomOffer, connection: RTCPeerConnection): RoomAnswer {
    const { room, newId } = this.#options;
    // No candidates are awaited: the server is ICE-lite and learns our address from the checks.
    const sdp = connection.localDescription?.sdp ?? '';
    return { type: 'room.answer', id: newId(), room, pc: offer.pc, offer: offer.offer, sdp };
  }

  #open(pc: Pc): RTCPeerConnection {
    const connection = this.#options.hooks.makePeerConnection({
      iceServers: this.#iceServers,
      bundlePolicy: 'max-bundle',
    });
    this.#connections[pc] = connection;
    connection.onconnectionstatechange = () => {
      if (this.#connections[pc] !== connection) return;
      if (connection.connectionState === 'failed') this.#lose();
      if (connection.connectionState === 'connected' && pc === 'pub') this.#options.events.onConnected();
    };
    return connection;
  }

  async #prepareSending(connection: RTCPeerConnection, offer: RoomOffer): Promise<void> {
    for (const { mid, kind, low } of offer.tracks) {
      const transceiver = connection.getTransceivers().find((each) => each.mid === mid);
      if (!transceiver) continue;
      // Sending from the first answer on, with or without a track: nothing is negotiated again when one starts.
      transceiver.direction = 'sendonly';
      if (low) {
        this.#small = transceiver.sender;
        await this.#putSmall();
        continue;
      }
      this.#senders.set(kind, transceiver.sender);
      const track = this.#local.get(kind);
      if (track) await this.#put(kind, transceiver.sender, track);
    }
  }

  async #put(kind: MediaKind, sender: RTCRtpSender, track: MediaStreamTrack | null): Promise<void> {
    if (track && !this.#sealed.has(sender)) {
      // Same task as replaceTrack: set much earlier it would have no effect, set later the first frames would wait.
      this.#options.hooks.sealSender(sender, kind);
      this.#sealed.add(sender);
    }
    await sender.replaceTrack(track);
  }

  #bindReceiving(connection: RTCPeerConnection, offer: RoomOffer): void {
    for (const transceiver of connection.getTransceivers()) {
      const { mid } = transceiver;
      if (mid === null) continue;
      const now = offer.tracks.find((track) => track.mid === mid);
      const before = this.#remote.get(mid);
      if (before && (before.user !== now?.user || before.kind !== now.kind)) {
        this.#remote.delete(mid);
        this.#options.events.onRemoteGone(before.user, before.kind);
      }
      if (!now || this.#remote.has(mid)) continue;
      const { user, kind } = now;
      this.#remote.set(mid, { user, kind, transceiver });
      // Before the local description, so before the first packet: a receiver without a transform plays noise.
      this.#options.hooks.openReceiver(transceiver.receiver, user, kind);
      this.#options.events.onRemoteTrack(user, kind, transceiver.receiver.track, transceiver.receiver);
    }
  }

  async #limitBitrates(): Promise<void> {
    for (const [kind, sender] of this.#senders) {
      await limit(sender, (encoding, parameters) => {
        encoding.maxBitrate = MAX_BITRATE[kind];
        if (kind !== 'audio') parameters.degradationPreference = kind === 'screen' ? 'maintain-resolution' : 'balanced';
      });
    }
  }

  #lose(): void {
    if (this.#closed) return;
    this.#dropConnections();
    this.#options.events.onLost();
  }

  #dropConnections(): void {
    for (const connection of Object.values(this.#connections)) {
      connection.onconnectionstatechange = null;
      connection.close();
    }
    this.#connections = {};
    this.#senders.clear();
    this.#small = null;
    this.#sealed.clear();
    for (const { user, kind } of this.#remote.values()) this.#options.events.onRemoteGone(user, kind);
    this.#remote.clear();
  }
}

async function limit(sender: RTCRtpSender, change: (encoding: RTCRtpEncodingParameters, parameters: RTCRtpSendParameters) => void): Promise<void> {
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return;
  for (const encoding of parameters.encodings) change(encoding, parameters);
  await sender.setParameters(parameters).catch(() => {
    // A connection that closed meanwhile refuses; there is nothing left to limit.
  });
}
