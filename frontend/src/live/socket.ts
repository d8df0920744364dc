/** The one socket of this device: hello and resume, heartbeat, back-off with jitter, answers matched to commands. */
import { decodeBinary, encodePost, isPlainPost } from './binary';
import type { ErrorFrame, Hello, Pong, Welcome } from '../wire.gen';

export type Frame = { type: string };
type Listener = (frame: Frame) => void;
export type LinkState = 'connecting' | 'online' | 'offline' | 'signed-out' | 'outdated';

const PING_MS = 20_000;
const PONG_MS = 10_000;
const HELLO_MS = 10_000;
const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 20_000;
const CLOSE_SIGNED_OUT = 4401;

/** A command that the server refused: `code` as everywhere else. */
export class FrameRefused extends Error {
  readonly code: string;
  constructor(frame: ErrorFrame) {
    super(frame.message);
    this.code = frame.code;
  }
}

/** No answer came: the command may or may not have had its effect, so it is sent again with the same id. */
export class NoAnswer extends Error {
  readonly code = 'offline';
}

export type LiveOptions = {
  url: string;
  hello: () => Hello;
  onState: (state: LinkState) => void;
  onWelcome: (welcome: Welcome) => void;
  /** The heads of a heartbeat, so that a push that was lost costs one heartbeat. */
  onHeads: (heads: Record<string, number>) => void;
  random?: () => number;
  open?: (url: string) => WebSocket;
};

type Waiting = { answer: (frame: Frame) => void; fail: (reason: Error) => void; timer: ReturnType<typeof setTimeout> };

export class LiveSocket {
  readonly #options: LiveOptions;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #waiting = new Map<string, Waiting>();
  #socket: WebSocket | null = null;
  #state: LinkState = 'offline';
  #attempt = 0;
  #stopped = true;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setInterval> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #pingId = 0;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Listens to every frame of one type until the returned function is called. */
  on<F extends Frame>(type: F['type'], listener: (frame: F) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set<Listener>();
    this.#listeners.set(type, listeners);
    listeners.add(listener as Listener);
    return () => listeners.delete(listener as Listener);
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#drop(new NoAnswer('The connection was closed.'));
    this.#socket?.close();
    this.#socket = null;
    this.#setState('offline');
  }

  /** The network is said to be back, or the tab is looked at again: do not wait for the back-off. */
  nudge(): void {
    if (this.#stopped) return;
    if (this.#state === 'online') this.#sendPing();
    else if (this.#socket === null) {
      clearTimeout(this.#retry);
      this.#attempt = 0;
      this.#connect();
    }
  }

  /** Sends a frame that has no answer; false when there is no connection. */
  send(frame: Frame): boolean {
    if (this.#state !== 'online' || this.#socket === null) return false;
    this.#socket.send(isPlainPost(frame) ? encodePost(frame) : JSON.stringify(frame));
    return true;
  }

  /** Sends a command and waits for the frame whose `re` is its id; raises FrameRefused or NoAnswer. */
  ask<Answer extends Frame>(frame: Frame & { id: string }, timeoutMs = 15_000): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (!this.send(frame)) {
        reject(new NoAnswer('There is no connection.'));
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(frame.id);
        reject(new NoAnswer('The server did not answer in time.'));
      }, timeoutMs);
      this.#waiting.set(frame.id, { answer: (answer) => resolve(answer as Answer), fail: reject, timer });
    });
  }

  #setState(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState(state);
  }

  #connect(): void {
    this.#setState('connecting');
    const open = this.#options.open ?? ((url: string) => new WebSocket(url));
    const socket = open(this.#options.url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#deadline = setTimeout(() => socket.close(), HELLO_MS);
    socket.onopen = () => socket.send(JSON.stringify(this.#options.hello()));
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.#socket === socket) this.#receive(event.data);
    };
    socket.onclose = (event) => {
      if (this.#socket === socket) this.#closed(event.code);
    };
  }

  #receive(data: unknown): void {
    const frame = read(data);
    if (frame === null) return;
    if (frame.type === 'welcome') {
      clearTimeout(this.#deadline);
      this.#attempt = 0;
      this.#setState('online');
      this.#ping = setInterval(() => this.#sendPing(), PING_MS);
      this.#options.onWelcome(frame as Welcome);
      return;
    }
    if (frame.type === 'pong') {
      clearTimeout(this.#deadline);
      this.#options.onHeads((frame as Pong).heads);
      return;
    }
    if (frame.type === 'error' && (frame as ErrorFrame).code === 'protocol_version') {
      // A proxy may swallow the close code that follows.
      const refused = this.#socket;
      this.#closed(0, true);
      refused?.close();
      return;
    }
    if (frame.re) this.#settle(frame.re, frame);
    this.#listeners.get(frame.type)?.forEach((listener) => listener(frame));
  }

  #settle(re: string, frame: Frame): void {
    const waiting = this.#waiting.get(re);
    if (!waiting) return;
    this.#waiting.delete(re);
    clearTimeout(waiting.timer);
    if (frame.type === 'error') waiting.fail(new FrameRefused(frame as ErrorFrame));
    else waiting.answer(frame);
  }

  #sendPing(): void {
    const socket = this.#socket;
    if (!this.send({ type: 'ping', id: ++this.#pingId } as Frame)) return;
    clearTimeout(this.#deadline);
    // A half-dead connection swallows frames in silence: no pong in time means it is gone.
    this.#deadline = setTimeout(() => {
      socket?.close();
      if (this.#socket === socket) this.#closed(1006);
    }, PONG_MS);
  }

  #drop(reason: Error): void {
    clearInterval(this.#ping);
    clearTimeout(this.#deadline);
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.fail(reason);
    }
    this.#waiting.clear();
  }

  /** 4400 alone is a connection that was silent for too long, a sleeping laptop's for instance: it comes back. */
  #closed(code: number, isOutdated = false): void {
    this.#socket = null;
    this.#drop(new NoAnswer('The connection was lost.'));
    if (code === CLOSE_SIGNED_OUT || isOutdated) {
      this.#stopped = true;
      this.#setState(isOutdated ? 'outdated' : 'signed-out');
      return;
    }
    if (this.#stopped) return;
    this.#setState('offline');
    this.#retry = setTimeout(() => this.#connect(), this.#delay());
  }

  /** Full jitter: after a restart of the server, its clients must not all come back in the same moment. */
  #delay(): number {
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt++);
    return (this.#options.random ?? Math.random)() * ceiling + 100;
  }
}

function read(data: unknown): (Frame & { re?: string }) | null {
  if (typeof data === 'string') return JSON.parse(data) as Frame & { re?: string };
  return data instanceof ArrayBuffer ? decodeBinary(data) : null;
}
