/** One call: knocking, admission, keys for exactly who is on the roster, and what is shown of whom. */
import { codeOf, inWords } from '../api/errors';
import { fetchRoom } from '../api/rooms';
import type { Vault } from '../crypto/vaultApi';
import type { Frame, LinkState, LiveSocket } from '../live/socket';
import { MediaTransport, type MediaKind, type TransportHooks } from '../media/transport';
import type { RoomAdmitted, RoomBye, RoomEvicted, RoomKeys, RoomOffer, RoomPerson, RoomResumed, RoomState, RoomView, Sending } from '../wire.gen';
import { newId } from './bytes';
import { Comeback, type Trying } from './comeback';
import { Observable } from './observable';
import { TileSizes } from './tileSizes';

/** `elsewhere`: another device of this person is in the call, and they are asked whether it should come to this one. */
export type CallPhase = 'looking' | 'ready' | 'elsewhere' | 'knocking' | 'connecting' | 'in' | 'on_hold' | 'ended' | 'failed';

export type CallView = {
  phase: CallPhase;
  room: RoomView | null;
  people: readonly RoomPerson[];
  isHost: boolean;
  /** Nobody new may knock. */
  isLocked: boolean;
  /** What is being tried to get back into the call; null while nothing is amiss. */
  trying: Trying | null;
  sending: Sending;
  media: ReadonlyMap<string, MediaStreamTrack>;
  phrase: string;
  /** Those whose call key could not be verified: they are on the roster and receive nothing from this device. */
  refused: ReadonlyMap<string, string>;
  ending: RoomBye['reason'] | '';
  trouble: string;
  code: string;
};

/** The sealing of media for one call: hooks for the transport, and giving it up. */
export type MediaSealing = { hooks: TransportHooks; close: () => void };

export type CallParts = {
  room: string;
  me: string;
  device: string;
  live: LiveSocket;
  vault: Vault;
  /** Fetches and verifies the thread, whose members alone may be in its call. */
  openThread: (thread: string) => Promise<void>;
  seal: (conf: string) => Promise<MediaSealing>;
};

const SILENT: Sending = { audio: false, video: false, screen: false, hand: false };
/** How often one says where one is: a frame that was lost costs no more than that. */
const BEAT_MS = 15_000;
const UNDER_WAY: readonly CallPhase[] = ['knocking', 'connecting', 'in', 'on_hold'];
/** How a call ended that refuses whoever comes back. */
const ENDED_BY: Record<string, RoomBye['reason'] | ''> = { shut_out: 'by_host', room_closed: 'closed', not_found: '', refused: '' };
/** The leader seals a key within a second of a change; five without one, and something was lost on the way. */
const KEYLESS_MS = 5_000;
const MOST_RETRIES = 8;

export const mediaKey = (user: string, kind: MediaKind): string => `${user}:${kind}`;

export class Call {
  readonly view = new Observable<CallView>({
    phase: 'looking',
    room: null,
    people: [],
    isHost: false,
    isLocked: false,
    trying: null,
    sending: SILENT,
    media: new Map(),
    phrase: '',
    refused: new Map(),
    ending: '',
    trouble: '',
    code: '',
  });
  readonly tileSizes = new TileSizes((tiles) => void this.#transport?.want(tiles).catch(() => undefined));
  readonly #parts: CallParts;
  readonly #local = new Map<MediaKind, MediaStreamTrack>();
  readonly #unlisten: (() => void)[] = [];
  #transport: MediaTransport | null = null;
  #sealing: MediaSealing | null = null;
  #seq = -1;
  #early: RoomKeys[] = [];
  #keyWork: Promise<void> = Promise.resolve();
  readonly #comeback: Comeback;
  #beat: ReturnType<typeof setInterval> | undefined;
  #keyless: ReturnType<typeof setTimeout> | undefined;
  #keylessTimes = 0;

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.#comeback = new Comeback({
      where: () => this.#sayWhere(),
      knock: () => this.#knock(),
      onTrying: (trying) => this.#set({ trying }),
      onGiveUp: (error) => this.#refusedBack(error),
    });
    const { live, room } = parts;
    const mine = <F extends Frame & { room: string }>(type: F['type'], take: (frame: F) => void) =>
      this.#unlisten.push(live.on<F>(type, (frame) => (frame.room === room ? take(frame) : undefined)));
    mine<RoomState>('room.state', (frame) => this.#takeState(frame));
    mine<RoomAdmitted>('room.admitted', (frame) => void this.#admitted(frame));
    mine<RoomOffer>('room.offer', (frame) => void this.#transport?.take(frame));
    mine<RoomBye>('room.bye', (frame) => this.#bye(frame));
    mine<RoomKeys>('room.keys', (frame) => this.#inTurn(() => this.#takeKey(frame)));
    mine<RoomEvicted>('room.evicted', (frame) => this.#forget(frame.user));
  }

  #set(change: Partial<CallView>): void {
    this.view.update((view) => ({ ...view, ...change }));
  }

  /** Keys are taken and made one after the other, in the order of the frames. */
  #inTurn(work: () => Promise<void>): void {
    this.#keyWork = this.#keyWork.then(work).catch((error: unknown) => this.#set({ code: codeOf(error) }));
  }

  async look(): Promise<void> {
    try {
      const room = await fetchRoom(this.#parts.room);
      this.#set({ room, phase: 'ready', trouble: '', ...this.#seen(room.state) });
      this.#seq = Math.max(this.#seq, room.state.seq);
    } catch (error) {
      this.#set({ phase: 'failed', trouble: inWords(error), code: codeOf(error) });
    }
  }

  #ask(frame: Frame & Record<string, unknown>): Promise<Frame> {
    return this.#parts.live.ask({ ...frame, id: newId(), room: this.#parts.room } as Frame & { id: string });
  }

  /** `move`: this person wants the call here, and off their other device. */
  async join({ move }: { move: boolean } = { move: false }): Promise<void> {
    const room = this.view.get().room;
    if (!room) return;
    this.#set({ phase: 'knocking', trouble: '', code: '', ending: '' });
    clearInterval(this.#beat);
    this.#beat = setInterval(() => this.#beatNow(), BEAT_MS);
    try {
      await this.#parts.openThread(room.thread);
      await this.#knock(move);
    } catch (error) {
      if (codeOf(error) === 'elsewhere') this.#set({ phase: 'elsewhere' });
      else this.#set({ phase: 'ready', trouble: inWords(error), code: codeOf(error) });
    }
  }

  /** The call stays on the other device. */
  stayAway(): void {
    this.#set({ phase: 'ready' });
  }

  async #knock(move = false): Promise<void> {
    await this.#ask({ type: 'room.knock', device: this.#parts.device, move });
    if (this.view.get().phase === 'knocking') this.#comeback.arrived();
  }

  async #sayWhere(): Promise<'stay' | 'knock'> {
    const call = this.#transport?.call ?? 0;
    const answer = (await this.#ask({ type: 'room.resume', device: this.#parts.device, seq: this.#seq, call })) as RoomResumed;
    if (answer.state) this.#takeState(answer.state);
    // Media that began meanwhile is not what was asked about.
    return (this.#transport?.call ?? 0) === call ? answer.action : 'stay';
  }

  /** The socket went or came back. Media does not need it and goes on; what the server knows must be asked. */
  linkChanged(state: LinkState): void {
    const { phase } = this.view.get();
    if (!UNDER_WAY.includes(phase)) return;
    if (state !== 'online') this.#comeback.socketLost();
    else if (this.view.get().trying !== null) void (phase === 'connecting' ? this.#comeback.mediaLost() : this.#comeback.socketBack());
  }

  #beatNow(): void {
    const { phase, trying } = this.view.get();
    const isWaiting = phase === 'knocking' || (phase === 'on_hold' && !this.#transport);
    if (trying !== null || !(isWaiting || (UNDER_WAY.includes(phase) && this.#transport?.call))) return;
    const comeBack = () => void this.#comeback.socketBack();
    this.#sayWhere().then((answer) => (answer === 'knock' ? comeBack() : undefined), comeBack);
  }

  #refusedBack(error: unknown): void {
    const code = codeOf(error);
    if (code === 'elsewhere') {
      this.#dropMedia();
      this.#set({ phase: 'elsewhere' });
    } else void this.#end(ENDED_BY[code] ?? 'media_lost', inWords(error));
  }

  async #admitted(admitted: RoomAdmitted): Promise<void> {
    const { device, room, vault } = this.#parts;
    const view = this.view.get();
    if (admitted.device !== device || !view.room || !UNDER_WAY.includes(view.phase)) return;
    this.#set({ phase: view.phase === 'in' || view.phase === 'on_hold' ? view.phase : 'connecting' });
    try {
      this.#sealing ??= await this.#parts.seal(room);
      const { join } = await vault.joinCall({ thread: view.room.thread, conf: room, device, now: Date.now() });
      this.#transport?.close();
      this.#transport = this.#makeTransport(this.#sealing);
      for (const [kind, track] of this.#local) await this.#transport.publish(kind, track);
      await this.#transport.connect(admitted, join);
      this.tileSizes.again();
      this.#sizePictures();
      await this.#show();
    } catch (error) {
      if (['ticket', 'offline', 'media_unavailable', 'elsewhere'].includes(codeOf(error))) void this.#comeback.mediaLost();
      else this.#set({ phase: 'ready', trouble: inWords(error), code: codeOf(error) });
    }
  }

  #makeTransport(sealing: MediaSealing): MediaTransport {
    return new MediaTransport({
      room: this.#parts.room,
      device: this.#parts.device,
      hooks: sealing.hooks,
      ask: (frame) => this.#parts.live.ask(frame),
      newId,
      events: {
        onRemoteTrack: (user, kind, track) => this.#setMedia(user, kind, track),
        onRemoteGone: (user, kind) => this.#setMedia(user, kind, null),
        onConnected: () => this.#comeback.arrived(),
        onLost: () => void this.#comeback.mediaLost(),
      },
    });
  }

  #setMedia(user: string, kind: MediaKind, track: MediaStreamTrack | null): void {
    const media = new Map(this.view.get().media);
    if (track) media.set(mediaKey(user, kind), track);
    else media.delete(mediaKey(user, kind));
    this.#set({ media });
  }

  #takeState(state: RoomState): void {
    if (state.seq <= this.#seq) return;
    this.#seq = state.seq;
    const before = this.view.get();
    const mine = state.people.find((person) => person.user === this.#parts.me);
    const phase = phaseAfter(before.phase, mine, this.#parts.device);
    this.#set({ ...this.#seen(state), phase });
    // Nothing more can be tried: it is the host's to let this person in.
    if (phase === 'knocking' || (phase === 'on_hold' && !mine?.device)) this.#comeback.arrived();
    for (const key of before.media.keys()) {
      const user = key.split(':')[0] ?? '';
      if (!state.people.some((person) => person.user === user && person.state === 'connected')) this.#forget(user);
    }
    this.#sizePictures();
    this.#inTurn(() => this.#keysFor(state));
  }

  #seen({ people, locked }: RoomState): Pick<CallView, 'people' | 'isHost' | 'isLocked'> {
    return { people, isLocked: locked, isHost: people.some((person) => person.user === this.#parts.me && person.is_host) };
  }

  /** For a single viewer one picture is enough, and it follows their line; several have lines of their own. */
  #sizePictures(): void {
    const connected = this.view.get().people.filter((person) => person.state === 'connected');
    void this.#transport?.sendSmall(connected.length > 2).catch(() => undefined);
  }

  /** Who is no longer connected is neither shown nor heard, whatever still arrives. */
  #forget(user: string): void {
    const media = new Map([...this.view.get().media].filter(([key]) => !key.startsWith(`${user}:`)));
    this.#set({ media });
  }

  async #keysFor(state: RoomState): Promise<void> {
    const { room, vault } = this.#parts;
    if (!this.#transport) return;
    const people = state.people.flatMap(({ user, device, join, state: now }) => (now === 'connected' && device && join ? [{ user, device, join }] : []));
    const roster = await vault.callRoster(room, people, Date.now());
    this.#set({ phrase: roster.phrase, refused: new Map(roster.refused.map((one) => [one.user, one.code])) });
    if (roster.iLead && roster.mustRekey) {
      const key = await vault.rekeyCall(room, Date.now());
      await this.#ask({ type: 'room.key', epoch: state.epoch, ...key }).catch((error: unknown) => {
        // The people have changed again: the roster that says so is on its way, and leads to another key.
        if (codeOf(error) !== 'stale_epoch') throw error;
      });
      const after = await vault.callRoster(room, people, Date.now());
      this.#set({ phrase: after.phrase });
    }
    if (roster.mustRekey && !roster.iLead) this.#expectKey();
    else this.#hasKey();
    const early = this.#early;
    this.#early = [];
    for (const frame of early) await this.#takeKey(frame);
  }

  /**
   * A key that never comes would leave a person before black tiles for good: they join anew, and the leader must seal to
   * them. No order of frames and no clock leads here (docs/protocol.md 3.8); what does is a frame that was lost: the leader's
   * socket broke after it had made the key, or its tab was frozen, or its server died between the roster and the key.
   */
  #expectKey(): void {
    clearTimeout(this.#keyless);
    if (this.#keylessTimes >= MOST_RETRIES) return;
    this.#keyless = setTimeout(() => {
      this.#keylessTimes++;
      void this.#comeback.mediaLost();
    }, KEYLESS_MS);
  }

  #hasKey(): void {
    clearTimeout(this.#keyless);
    this.#keylessTimes = 0;
  }

  async #takeKey(frame: RoomKeys): Promise<void> {
    if (frame.device !== this.#parts.device || !this.#transport) return;
    const { isOpen } = await this.#parts.vault.takeCallKey(this.#parts.room, frame);
    // The key may overtake the roster it was made for: it is tried again when that has come.
    if (isOpen) this.#hasKey();
    else this.#early = [...this.#early.slice(-3), frame];
  }

  #bye(frame: RoomBye): void {
    if (frame.device !== this.#parts.device) return;
    this.#transport?.take(frame);
    if (frame.action === 'stop') void this.#end(frame.reason, '');
    else if (frame.action === 'resume') void this.#comeback.socketBack();
  }

  /** Sends a track, or stops sending that kind; the tiles of the others are told. */
  async send(kind: MediaKind, track: MediaStreamTrack | null): Promise<void> {
    const before = this.#local.get(kind);
    if (before && before !== track) before.stop();
    if (track) this.#local.set(kind, track);
    else this.#local.delete(kind);
    this.#set({ sending: { ...this.view.get().sending, [kind]: track !== null } });
    await this.#transport?.publish(kind, track);
    await this.#show();
  }

  localTrack(kind: MediaKind): MediaStreamTrack | null {
    return this.#local.get(kind) ?? null;
  }

  async raiseHand(hand: boolean): Promise<void> {
    this.#set({ sending: { ...this.view.get().sending, hand } });
    await this.#show();
  }

  async #show(): Promise<void> {
    if (!this.#transport) return;
    await this.#ask({ type: 'room.show', sending: this.view.get().sending }).catch(() => undefined);
  }

  async admit(person: RoomPerson): Promise<void> {
    const waits = person.is_patient && Boolean(this.view.get().room?.patient_waits);
    await this.#ask({ type: 'room.admit', user: person.user, hold: waits });
  }

  async admitAll(): Promise<void> {
    await this.#ask({ type: 'room.admit_all' });
  }

  async lock(on: boolean): Promise<void> {
    await this.#ask({ type: 'room.lock', on });
  }

  async handOver(user: string): Promise<void> {
    await this.#ask({ type: 'room.host', user });
  }

  async hold(user: string, on: boolean): Promise<void> {
    await this.#ask({ type: 'room.hold', user, on });
  }

  async remove(user: string): Promise<void> {
    await this.#ask({ type: 'room.remove', user, reason: 'by_host' });
  }

  async close(): Promise<void> {
    await this.#ask({ type: 'room.close' });
  }

  async leave(): Promise<void> {
    await this.#ask({ type: 'room.leave' }).catch(() => undefined);
    await this.#end('left', '');
  }

  #dropMedia(): void {
    this.#hasKey();
    this.#transport?.close();
    this.#transport = null;
    this.#early = [];
  }

  async #end(ending: RoomBye['reason'] | '', trouble: string): Promise<void> {
    clearInterval(this.#beat);
    this.#comeback.stop();
    this.#dropMedia();
    this.#sealing?.close();
    this.#sealing = null;
    for (const track of this.#local.values()) track.stop();
    this.#local.clear();
    this.#set({ phase: 'ended', ending, trouble, trying: null, media: new Map(), phrase: '', sending: SILENT });
    await this.#parts.vault.leaveCall(this.#parts.room);
  }

  /** The page is left: hang up, and let go of camera and microphone. */
  dispose(): void {
    const { phase } = this.view.get();
    this.tileSizes.stop();
    for (const stop of this.#unlisten) stop();
    clearInterval(this.#beat);
    this.#comeback.stop();
    if (UNDER_WAY.includes(phase)) void this.leave();
    for (const track of this.#local.values()) track.stop();
  }
}

function phaseAfter(before: CallPhase, mine: RoomPerson | undefined, device: string): CallPhase {
  if (!UNDER_WAY.includes(before) || !mine) return before;
  if (mine.state === 'on_hold' || mine.state === 'knocking') return mine.state;
  if (mine.state === 'connected' && mine.device === device) return 'in';
  return before === 'on_hold' && mine.state === 'admitted' ? 'connecting' : before;
}
