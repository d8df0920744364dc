/** One call: knocking, admission, keys for exactly who is on the roster, and what is shown of whom. */
import { codeOf, inWords } from '../api/errors';
import { fetchRoom } from '../api/rooms';
import type { Vault } from '../crypto/vaultApi';
import type { Frame, LiveSocket } from '../live/socket';
import { MediaTransport, type MediaKind, type TransportHooks } from '../media/transport';
import type { RoomAdmitted, RoomBye, RoomEvicted, RoomKeys, RoomOffer, RoomPerson, RoomState, RoomView, Sending } from '../wire.gen';
import { newId } from './bytes';
import { Observable } from './observable';

export type CallPhase = 'looking' | 'ready' | 'knocking' | 'connecting' | 'in' | 'on_hold' | 'ended' | 'failed';

export type CallView = {
  phase: CallPhase;
  room: RoomView | null;
  people: readonly RoomPerson[];
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
const RETRY_MS = 2_000;
/** The leader seals a key within a second of a change; five without one, and something was lost on the way. */
const KEYLESS_MS = 5_000;
const MOST_RETRIES = 8;

export const mediaKey = (user: string, kind: MediaKind): string => `${user}:${kind}`;

export class Call {
  readonly view = new Observable<CallView>({
    phase: 'looking',
    room: null,
    people: [],
    sending: SILENT,
    media: new Map(),
    phrase: '',
    refused: new Map(),
    ending: '',
    trouble: '',
    code: '',
  });
  readonly #parts: CallParts;
  readonly #local = new Map<MediaKind, MediaStreamTrack>();
  readonly #unlisten: (() => void)[] = [];
  #transport: MediaTransport | null = null;
  #sealing: MediaSealing | null = null;
  #seq = -1;
  #early: RoomKeys[] = [];
  #keyWork: Promise<void> = Promise.resolve();
  #retries = 0;
  #keyless: ReturnType<typeof setTimeout> | undefined;
  #keylessTimes = 0;

  constructor(parts: CallParts) {
    this.#parts = parts;
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
      this.#set({ room, phase: 'ready', people: room.state.people, trouble: '' });
      this.#seq = Math.max(this.#seq, room.state.seq);
    } catch (error) {
      this.#set({ phase: 'failed', trouble: inWords(error), code: codeOf(error) });
    }
  }

  #ask(frame: Frame & Record<string, unknown>): Promise<Frame> {
    return this.#parts.live.ask({ ...frame, id: newId(), room: this.#parts.room } as Frame & { id: string });
  }

  async join(): Promise<void> {
    const room = this.view.get().room;
    if (!room) return;
    this.#set({ phase: 'knocking', trouble: '', code: '', ending: '' });
    try {
      await this.#parts.openThread(room.thread);
      await this.#knock();
    } catch (error) {
      this.#set({ phase: 'ready', trouble: inWords(error), code: codeOf(error) });
    }
  }

  async #knock(): Promise<void> {
    await this.#ask({ type: 'room.knock', device: this.#parts.device });
  }

  /** The socket came back: the server may have given up on this device, so it knocks again; once admitted, always. */
  resumed(): void {
    const { phase } = this.view.get();
    if (['knocking', 'connecting', 'in', 'on_hold'].includes(phase)) void this.#knock().catch(() => this.#again());
  }

  #again(): void {
    if (this.#retries++ >= MOST_RETRIES) {
      this.#set({ phase: 'ready', trouble: 'The call could not be reached. Please try again.' });
      return;
    }
    setTimeout(() => this.resumed(), RETRY_MS);
  }

  async #admitted(admitted: RoomAdmitted): Promise<void> {
    const { device, room, vault } = this.#parts;
    const view = this.view.get();
    if (admitted.device !== device || !view.room || view.phase === 'ready' || view.phase === 'ended') return;
    this.#set({ phase: view.phase === 'in' || view.phase === 'on_hold' ? view.phase : 'connecting' });
    try {
      this.#sealing ??= await this.#parts.seal(room);
      const { join } = await vault.joinCall({ thread: view.room.thread, conf: room, device, now: Date.now() });
      this.#transport?.close();
      this.#transport = this.#makeTransport(this.#sealing);
      for (const [kind, track] of this.#local) await this.#transport.publish(kind, track);
      await this.#transport.connect(admitted, join);
      this.#retries = 0;
      await this.#show();
    } catch (error) {
      if (codeOf(error) === 'ticket' || codeOf(error) === 'offline') this.#again();
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
        onLost: () => this.resumed(),
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
    this.#set({ people: state.people, phase: phaseAfter(before.phase, mine, this.#parts.device) });
    for (const key of before.media.keys()) {
      const user = key.split(':')[0] ?? '';
      if (!state.people.some((person) => person.user === user && person.state === 'connected')) this.#forget(user);
    }
    this.#inTurn(() => this.#keysFor(state));
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
      await this.#ask({ type: 'room.key', epoch: state.epoch, ...key });
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
      this.resumed();
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

  async #end(ending: RoomBye['reason'], trouble: string): Promise<void> {
    this.#hasKey();
    this.#transport?.close();
    this.#transport = null;
    this.#sealing?.close();
    this.#sealing = null;
    for (const track of this.#local.values()) track.stop();
    this.#local.clear();
    this.#early = [];
    this.#set({ phase: 'ended', ending: ending ?? '', trouble, media: new Map(), phrase: '', sending: SILENT });
    await this.#parts.vault.leaveCall(this.#parts.room);
  }

  /** The page is left: hang up, and let go of camera and microphone. */
  dispose(): void {
    const { phase } = this.view.get();
    for (const stop of this.#unlisten) stop();
    if (['knocking', 'connecting', 'in', 'on_hold'].includes(phase)) void this.leave();
    for (const track of this.#local.values()) track.stop();
  }
}

function phaseAfter(before: CallPhase, mine: RoomPerson | undefined, device: string): CallPhase {
  if (['looking', 'ready', 'ended', 'failed'].includes(before) || !mine) return before;
  if (mine.state === 'on_hold') return 'on_hold';
  if (mine.state === 'connected' && mine.device === device) return 'in';
  return before === 'on_hold' && mine.state === 'admitted' ? 'connecting' : before;
}
