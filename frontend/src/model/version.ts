/** Which version of the app runs here, and what the server speaks: a page never runs beside another version unawares. */
import { Observable } from './observable';

/** `ready`: a newer version waits for the person's word. `required`: the server refuses this one. */
export type VersionState = 'current' | 'ready' | 'required';

const LOOK_MS = 60 * 60 * 1000;
const CHANNEL = 'consilium-version';

export type VersionParts = {
  /** The registered service worker; null where the browser has none. */
  register: () => Promise<ServiceWorkerRegistration | null>;
  container: Pick<ServiceWorkerContainer, 'controller' | 'addEventListener'> | null;
  channel: (name: string) => BroadcastChannel | null;
  reload: () => void;
};

export class Version {
  readonly state = new Observable<VersionState>('current');
  /** What must be on the disk before a page goes: drafts. */
  beforeReload: () => Promise<void> = () => Promise.resolve();
  readonly #parts: VersionParts;
  readonly #others: BroadcastChannel | null;
  #registration: ServiceWorkerRegistration | null = null;
  #isLeaving = false;

  constructor(parts: VersionParts) {
    this.#parts = parts;
    this.#others = parts.channel(CHANNEL);
    if (this.#others) this.#others.onmessage = ({ data }: MessageEvent<unknown>) => this.#heard(data);
  }

  async start(): Promise<void> {
    const { container, register } = this.#parts;
    // The first worker of all takes over a page that has its version already: only a second one brings another.
    const wasControlled = Boolean(container?.controller);
    container?.addEventListener('controllerchange', () => {
      if (wasControlled || this.#isLeaving) void this.#leave();
    });
    this.#registration = await register().catch(() => null);
    if (!this.#registration) return;
    this.#watch(this.#registration);
    setInterval(() => this.look(), LOOK_MS);
  }

  /** Asks the server whether there is a newer version. */
  look(): void {
    void this.#registration?.update().catch(() => undefined);
  }

  /** The server has refused this version: every tab of this browser is told. */
  refused(): void {
    if (this.state.get() === 'required') return;
    this.state.set('required');
    this.#others?.postMessage('required');
    this.look();
  }

  /** The person's word: the waiting version takes over, and every tab reloads with it. */
  async update(): Promise<void> {
    this.#isLeaving = true;
    const waiting = this.#registration?.waiting;
    if (waiting) {
      waiting.postMessage('take-over');
      return;
    }
    // Without a waiting version a reload would bring the kept one again: it is let go, and the server's is fetched.
    await this.#registration?.unregister();
    this.#others?.postMessage('reload');
    await this.#leave();
  }

  #heard(word: unknown): void {
    if (word === 'required') this.state.set('required');
    if (word === 'reload') void this.#leave();
  }

  #watch(registration: ServiceWorkerRegistration): void {
    if (registration.waiting) this.#ready();
    registration.addEventListener('updatefound', () => {
      const coming = registration.installing;
      coming?.addEventListener('statechange', () => {
        if (coming.state === 'installed' && this.#parts.container?.controller) this.#ready();
      });
    });
  }

  #ready(): void {
    this.state.update((state) => (state === 'required' ? state : 'ready'));
  }

  async #leave(): Promise<void> {
    await this.beforeReload().catch(() => undefined);
    this.#parts.reload();
  }
}
