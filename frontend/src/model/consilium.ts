/** The whole model of one window, put together once; what needs open keys is made when they open. */
import type { LinkState } from '../live/socket';
import { LiveSocket } from '../live/socket';
import { DeviceStore } from '../store/db';
import { whenRefused } from '../api/http';
import { BUILD, PROTOCOL, type ConsentChanged, type RequestNew } from '../wire.gen';
import { Call, type MediaSealing } from './call';
import { Consent } from './consent';
import { Directory } from './directory';
import { Emergencies } from './emergency';
import { Ledger } from './ledger';
import { NewKeys } from './newKeys';
import { Observable } from './observable';
import { Office } from './office';
import { Patients } from './patients';
import { PinsCopy } from './pinsCopy';
import { Represented } from './represented';
import { Reset } from './reset';
import { Session } from './session';
import { Sessions } from './sessions';
import { Sso } from './sso';
import { Threads } from './threads';
import type { Version } from './version';
import { Witnessing } from './witnessing';
import type { Vault } from '../crypto/vaultApi';

const EXPIRY_MS = 60_000;

export class Consilium {
  readonly session: Session;
  readonly sso: Sso;
  readonly directory = new Directory();
  readonly patients = new Patients();
  readonly ledger = new Ledger();
  readonly sessions = new Sessions();
  readonly office = new Office();
  readonly emergencies: Emergencies;
  readonly link = new Observable<LinkState>('offline');
  readonly version: Version;
  readonly vault: Vault;
  readonly witnessing: Witnessing;
  readonly newKeys: NewKeys;
  readonly reset: Reset;
  /** A person signs out of a browser, not of a tab. */
  readonly #tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('consilium-session') : null;
  readonly #seal: (vault: Vault, conf: string) => Promise<MediaSealing>;
  #open: { live: LiveSocket; store: DeviceStore; threads: Threads; consent: Consent; represented: Represented } | null = null;

  constructor(vault: Vault, version: Version, seal: (vault: Vault, conf: string) => Promise<MediaSealing>) {
    this.vault = vault;
    this.version = version;
    this.witnessing = new Witnessing(vault);
    this.#seal = seal;
    this.session = new Session(vault);
    this.sso = new Sso(this.session);
    this.emergencies = new Emergencies(vault);
    this.reset = new Reset(vault, this.session);
    this.newKeys = new NewKeys({ vault, session: this.session, carry: () => void this.#open?.threads.carryKey().catch(() => undefined) });
    version.beforeReload = () => this.#open?.threads.drafts.flush() ?? Promise.resolve();
    if (this.#tabs) this.#tabs.onmessage = () => void (this.session.phase.get() === 'open' && this.session.ended());
    setInterval(() => void (this.link.get() !== 'online' && this.session.expire()), EXPIRY_MS);
    whenRefused(() => version.refused());
    this.session.phase.subscribe(() => this.#phaseChanged());
  }

  get threads(): Threads {
    return this.#opened().threads;
  }

  get consent(): Consent {
    return this.#opened().consent;
  }

  get represented(): Represented {
    return this.#opened().represented;
  }

  get live(): LiveSocket {
    return this.#opened().live;
  }

  #opened() {
    if (!this.#open) throw new Error('The keys are not open.');
    return this.#open;
  }

  /** The call of one session; the page that shows it disposes of it. */
  makeCall(room: string): Call {
    const { live, threads } = this.#opened();
    return new Call({
      room,
      live,
      me: this.session.me.get()?.id ?? '',
      device: this.session.device,
      vault: this.vault,
      openThread: (thread) => threads.open(thread).refresh(),
      seal: (conf) => this.#seal(this.vault, conf),
    });
  }

  get isOpen(): boolean {
    return this.#open !== null;
  }

  #phaseChanged(): void {
    const phase = this.session.phase.get();
    if (phase === 'open') this.#start();
    else if (phase === 'signed-out' || phase === 'locked' || phase === 'unreachable') this.#stop();
    if (phase === 'signed-out') this.#tabs?.postMessage('signed-out');
  }

  #start(): void {
    const me = this.session.me.get();
    if (!me || this.#open) return;
    const store = new DeviceStore(me.id);
    const live = this.#socket();
    const pins = new PinsCopy(this.vault);
    const threads = new Threads({ vault: this.vault, store, live, pins, me: { id: me.id, device: this.session.device }, newest: () => this.session.me.get() ?? me });
    const consent = new Consent({ vault: this.vault, threads, of: me.patient === null ? null : { patient: me.patient, voice: 'patient' } });
    const represented = new Represented({ vault: this.vault, threads });
    this.sessions.attach(live);
    this.emergencies.attach(live);
    const ask = () => {
      void consent.refresh();
      for (const one of represented.list.get() ?? []) void one.consent.refresh();
    };
    live.on<RequestNew>('request.new', ask);
    live.on<ConsentChanged>('consent.changed', ask);
    this.#open = { live, store, threads, consent, represented };
    live.start();
    void threads.outbox.load().then(() => threads.outbox.sendAll());
    void threads.uploads.load().then(() => threads.uploads.sendAll());
    if (this.session.offlineSince.get() !== null) void threads.restore();
    void threads.refresh();
    void threads.refreshInvitations();
    void consent.refresh();
    // Most people act for nobody; without an answer the menu has no such place.
    void represented.refresh().catch(() => undefined);
    // Without an answer there is no office in the menu; every door asks again anyway.
    if (me.kind === 'staff') void this.office.refresh(me).catch(() => undefined);
    if (me.kind === 'staff') void this.emergencies.refresh().catch(() => undefined);
  }

  #socket(): LiveSocket {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    let named: Record<string, number> = {};
    return new LiveSocket({
      url: `${scheme}://${location.host}/ws`,
      hello: () => {
        named = this.#open?.threads.heads() ?? {};
        return { type: 'hello', protocol: PROTOCOL, build: BUILD, device: this.session.device, heads: named, binary: true };
      },
      onState: (state) => {
        this.link.set(state);
        if (state === 'outdated') this.version.refused();
        if (state === 'signed-out') void this.session.ended().then((ended) => (ended ? undefined : this.#open?.live.start()));
      },
      onWelcome: (welcome) => {
        if (welcome.resume === 'reset') void this.#open?.threads.setBack(named, welcome.heads);
        void this.session.heard().catch(() => undefined);
        void this.#open?.threads.catchUp(welcome.heads);
        void this.#open?.threads.resume().catch(() => undefined);
        void this.#open?.consent.refresh();
      },
      onHeads: (heads) => {
        void this.session.heard().catch(() => undefined);
        void this.#open?.threads.catchUp(heads);
      },
    });
  }

  #stop(): void {
    this.#open?.live.stop();
    this.#open?.threads.outbox.stop();
    this.#open?.threads.uploads.stop();
    this.#open?.threads.search.stop();
    this.#open?.store.close();
    this.#open = null;
  }

  /** The browser says that the network is back, or somebody looks at the tab again. */
  nudge(): void {
    this.#open?.live.nudge();
    void this.#open?.threads.outbox.hurry();
  }
}
