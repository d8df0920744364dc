/** All threads of the person: the list, invitations, and each open thread. */
import * as api from '../api/threads';
import { fetchConfig } from '../api/account';
import { fetchPeopleKeys } from '../api/people';
import { ApiError, Offline } from '../api/errors';
import type { LiveSocket } from '../live/socket';
import type { DeviceStore } from '../store/db';
import type {
  ComplianceKeyBlob,
  DirectoryEntry,
  InvitationChanged,
  Invitations,
  MarksChanged,
  MessageNew,
  PatientOut,
  PersonKeys,
  ThreadChanged,
  ThreadLost,
  ThreadReaders,
  ThreadSummary, UrgencyChanged } from '../wire.gen';
import { Action, ContentType, HistoryKind } from '../crypto/tables.gen';
import type { CloseReason } from '../crypto/tables.gen';
import { newId } from './bytes';
import { allowsEmergencies } from './emergency';
import type { MessageBody } from './body';
import type { Comparing } from './comparing';
import { Drafts } from './drafts';
import { Kept } from './kept';
import { Observable } from './observable';
import { OpenThread } from './openThread';
import { Outbox } from './outbox';
import { fetchFile, type OpenedFile } from './downloads';
import type { FileBody } from './files';
import { waitsForPermission } from './threadView';
import { Uploads } from './uploads';
import type { PinsCopy } from './pinsCopy';
import { Search } from './search';
import { Urgencies } from './urgency';
import type { Vault } from '../crypto/vaultApi';

/** What an invited colleague is asked for: to read, to write, to attach and to join sessions. */
export const INVITED_ACTIONS = Action.READ | Action.POST | Action.ATTACH | Action.JOIN;

/** Who opens a thread also lets others in, whom the patient has permitted. */
const OPENER_ACTIONS = INVITED_ACTIONS | Action.ADMIT;

export type HistoryWish = 'all' | 'none';

/** How far a new key has come: threads that were looked at, of how many, and how many of those could not take it yet. */
export type Carried = { readonly done: number; readonly of: number; readonly waiting: number };

const CARRIED = 'carried-key';
const REFRESH_MS = 250;
const MOST_PAGES = 20;

export class Threads {
  readonly list = new Observable<readonly ThreadSummary[] | null>(null);
  readonly invitations = new Observable<Invitations | null>(null);
  /** Null while no new key is on its way. */
  readonly carried = new Observable<Carried | null>(null);
  readonly outbox: Outbox;
  readonly uploads: Uploads;
  readonly drafts: Drafts;
  readonly urgencies: Urgencies;
  readonly kept: Kept;
  readonly search: Search;
  readonly #open = new Map<string, OpenThread>();
  readonly #vault: Vault;
  readonly #store: DeviceStore;
  readonly #pins: PinsCopy;
  readonly #me: { id: string; device: string };
  readonly #newest: () => { gen: number; fp: string | null };
  #carrying = false;
  #refreshing: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: { vault: Vault; store: DeviceStore; live: LiveSocket; pins: PinsCopy; me: { id: string; device: string }; newest: () => { gen: number; fp: string | null } }) {
    this.#pins = parts.pins;
    this.#vault = parts.vault;
    this.#store = parts.store;
    this.#me = parts.me;
    this.#newest = parts.newest;
    this.drafts = new Drafts(parts);
    this.urgencies = new Urgencies(parts.vault);
    this.kept = new Kept(parts);
    this.search = new Search({ vault: parts.vault, me: parts.me.id, list: this.list, ready: (id) => this.#ready(id) });
    this.outbox = new Outbox({
      store: parts.store,
      vault: parts.vault,
      live: parts.live,
      posting: (thread) => {
        const open = this.open(thread);
        return { prepare: () => open.prepare(), seal: (draft) => open.seal(draft), posted: (ack, wire) => open.posted(ack, wire), isThere: (msgId) => open.isThere(msgId), raise: (msgId, wish) => this.urgencies.raise(thread, msgId, wish) };
      },
      changed: (thread) => this.#open.get(thread)?.emitOutbox(),
    });
    this.uploads = new Uploads({ store: parts.store, vault: parts.vault, outbox: this.outbox });
    this.#listen(parts.live);
  }

  /** The file that a message carries, opened and verified. */
  fetchFile(thread: string, attId: string, file: FileBody, told: (there: number, whole: number) => void, signal: AbortSignal): Promise<OpenedFile> {
    return fetchFile(this.#vault, { thread, attId }, file, told, signal);
  }

  #listen(live: LiveSocket): void {
    live.on<MessageNew>('message.new', (frame) => {
      void this.#open.get(frame.thread)?.receive(frame);
      this.refreshSoon();
    });
    live.on<ThreadChanged>('thread.changed', (frame) => {
      const open = this.#open.get(frame.thread);
      if (frame.what === 'emergency') void this.#answerEmergency(frame.thread);
      else if (open) void open.refresh();
      else void this.#settleUnwatched(frame);
      this.refreshSoon();
    });
    live.on<ThreadLost>('thread.lost', (frame) => {
      void this.open(frame.thread).lost();
      void this.search.forget(frame.thread);
      this.refreshSoon();
    });
    live.on<MarksChanged>('marks.changed', (frame) => {
      this.#open.get(frame.thread)?.receiveMarks(frame.marks);
      if (frame.marks.user === this.#me.id) this.refreshSoon();
    });
    live.on<UrgencyChanged>('urgency.changed', (frame) => void this.urgencies.refresh(frame.thread));
    live.on<InvitationChanged>('invitation.changed', () => void this.refreshInvitations());
  }

  /** A member who is online admits whom the patient has permitted, whether or not the thread is on the screen. */
  async #settleUnwatched(frame: ThreadChanged): Promise<void> {
    if (frame.what === 'consent' || frame.what === 'new') await this.open(frame.thread).refresh();
  }

  /** Somebody reads here in an emergency: a member who is online gives the keys that the log says they may have. */
  async #answerEmergency(thread: string): Promise<void> {
    const open = this.open(thread);
    await open.refresh();
    // A member who may not read now, or whose log has moved, leaves it to another.
    await open.prepare().catch(() => undefined);
  }

  heads(): Record<string, number> {
    const heads: Record<string, number> = {};
    for (const [id, thread] of this.#open) if (thread.contiguousHead !== null) heads[id] = thread.contiguousHead;
    return heads;
  }

  /** A `reset`: the threads that the hello named beyond what the server has are read anew. */
  async setBack(named: Record<string, number>, heads: Record<string, number>): Promise<void> {
    const beyond = [...this.#open].filter(([id]) => (heads[id] ?? Infinity) < (named[id] ?? 0));
    await Promise.all(beyond.map(async ([id, thread]) => {
      await this.search.forget(id);
      await thread.setBack();
    }));
  }

  /** The server's heads, from the resume or a heartbeat: whatever is behind is fetched. */
  async catchUp(heads: Record<string, number>): Promise<void> {
    const known = new Map((this.list.get() ?? []).map((thread) => [thread.id, thread.head]));
    const isListBehind = Object.entries(heads).some(([id, head]) => known.get(id) !== head);
    if (isListBehind) this.refreshSoon();
    const behind = [...this.#open].filter(([id, thread]) => (heads[id] ?? 0) > (thread.contiguousHead ?? 0));
    await Promise.all(behind.map(([, thread]) => thread.refresh()));
  }

  /** After a reconnect nothing is assumed: list, invitations, open threads, then what waits in the outbox. */
  async resume(): Promise<void> {
    await Promise.all([this.refresh(), this.refreshInvitations()]);
    const waiting = (this.list.get() ?? []).filter((thread) => thread.emergency);
    await Promise.all(waiting.map((thread) => this.#answerEmergency(thread.id)));
    await Promise.all([...this.#open.values()].map((thread) => thread.refresh()));
    await this.outbox.load();
    await this.outbox.hurry();
    await this.uploads.sendAll();
    await this.carryKey();
  }

  refreshSoon(): void {
    clearTimeout(this.#refreshing);
    this.#refreshing = setTimeout(() => void this.refresh(), REFRESH_MS);
  }

  /** False when the list could not be fetched whole. */
  async refresh(): Promise<boolean> {
    const found: ThreadSummary[] = [];
    // Before the question, so that a thread made meanwhile is not taken for one that was lost.
    const kept = [...(await this.kept.threads()), ...(await this.search.threads().catch(() => []))];
    let isWhole = false;
    try {
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES && !isWhole; page++) {
        const answer = await api.fetchThreads(cursor);
        found.push(...answer.threads);
        isWhole = answer.cursor === null;
        cursor = answer.cursor ?? undefined;
      }
    } catch {
      // The list on the screen stays; the next reconnect or heartbeat asks again.
      return false;
    }
    this.list.set(found);
    if (isWhole) await this.#keepOnly(found, kept).catch(() => undefined);
    return isWhole;
  }

  /** Keeps the list for a time without a network, and drops every thread that one may not read any more. */
  async #keepOnly(found: readonly ThreadSummary[], kept: readonly string[]): Promise<void> {
    const readable = new Set(found.filter((thread) => thread.standing !== 'ended').map((thread) => thread.id));
    for (const id of kept.filter((one) => !readable.has(one))) {
      await this.#store.forgetThread(id);
      await this.search.forget(id);
    }
    await this.kept.put('list', found);
  }

  /** Without a network: the conversations that this device can open, as they were. */
  async restore(): Promise<void> {
    if (this.list.get() !== null) return;
    const ids = new Set(await this.kept.threads());
    const kept = await this.kept.get<ThreadSummary[]>('list');
    if (this.list.get() === null) this.list.set((kept ?? []).filter((thread) => ids.has(thread.id)));
  }

  async refreshInvitations(): Promise<void> {
    try {
      this.invitations.set(await api.fetchInvitations());
    } catch {
      // As above: nothing is lost by waiting for the next reconnect.
      return;
    }
  }

  open(id: string): OpenThread {
    const known = this.#open.get(id);
    if (known) return known;
    const made = new OpenThread(id, {
      vault: this.#vault,
      store: this.#store,
      kept: this.kept,
      outbox: () => this.outbox,
      me: () => this.#me,
      summary: (thread, isFresh) => this.#summary(thread, isFresh),
      pins: this.#pins,
      heard: (thread, held, floor) => this.search.hear(thread, held, floor),
    });
    this.#open.set(id, made);
    return made;
  }

  /** Opens a thread that is not on the screen, for its messages to be opened; rejects when that cannot be. */
  async #ready(id: string): Promise<void> {
    const open = this.open(id);
    if (open.contiguousHead === null) await open.refresh();
    const { phase, code, trouble } = open.view.get();
    if (code === 'offline') throw new Offline();
    if (open.contiguousHead === null) throw new ApiError(code || 'not_found', trouble || phase, 0);
  }

  async #summary(id: string, isFresh: boolean): Promise<ThreadSummary> {
    const known = this.list.get()?.find((thread) => thread.id === id);
    if (known?.standing === 'member' && !isFresh) return known;
    const found = await api.fetchThread(id);
    this.list.update((list) => list?.map((thread) => (thread.id === id ? found : thread)) ?? list);
    return found;
  }

  async post(thread: string, body: MessageBody): Promise<void> {
    await this.outbox.add(thread, body.card ? ContentType.CARD : ContentType.TEXT, body, Date.now());
  }

  /** Other words for what I wrote; what it said before stays to be seen. */
  async edit(thread: string, msgId: string, change: { text: string; mentions: readonly string[] }): Promise<void> {
    await this.outbox.add(thread, ContentType.EDIT, { ref: msgId, card: null, ...change }, Date.now());
  }

  /** What I wrote is shown to nobody any more; that I wrote it, and when, stays. Its file is destroyed once this has its place (OpenThread). */
  async retract(thread: string, msgId: string): Promise<void> {
    await this.outbox.add(thread, ContentType.REDACT, { ref: msgId, text: '', card: null }, Date.now());
  }

  /** Something to come back to, for everybody in the conversation; `isPinned` false lets go of it. */
  async pin(thread: string, message: { msgId: string; seq: number }, isPinned: boolean): Promise<void> {
    await this.outbox.add(thread, ContentType.PIN, { text: '', card: null, ref: message.msgId, seq: message.seq, pinned: isPinned }, Date.now());
  }

  async retry(msgId: string): Promise<void> {
    await this.outbox.retry(msgId);
  }

  /** A text that could not be sent goes back into the composer, before what stands there. */
  async takeBack(msgId: string): Promise<void> {
    const found = this.outbox.failed(msgId);
    if (!found) return;
    this.drafts.of(found.thread).update((written) => (written ? `${found.body.text}\n${written}` : found.body.text));
    await this.drafts.flush();
    await this.outbox.discard(msgId);
  }

  async discard(msgId: string): Promise<void> {
    await this.outbox.discard(msgId);
  }

  readers(id: string): Promise<ThreadReaders> {
    return api.fetchReaders(id);
  }

  /**
   * My newest key into every thread, one after the other; one that cannot take it now takes it when it is opened. What a
   * reload cuts short is taken up at the next start: only when all have it is it noted as done.
   */
  async carryKey(): Promise<void> {
    const { gen, fp } = this.#newest();
    if (gen <= 1 || !fp || this.#carrying || (await this.#store.meta.get(CARRIED))?.value === fp) return;
    this.#carrying = true;
    try {
      if ((await this.refresh()) && (await this.#carryIntoAll())) await this.#store.meta.put({ name: CARRIED, value: fp });
    } finally {
      this.#carrying = false;
    }
  }

  async #carryIntoAll(): Promise<boolean> {
    const mine = (this.list.get() ?? []).filter((one) => one.standing === 'member' && !waitsForPermission(one, this.#me.id));
    let waiting = 0;
    for (const [done, { id }] of mine.entries()) {
      this.carried.set({ done, of: mine.length, waiting });
      if (!(await this.open(id).carryKey())) waiting += 1;
    }
    this.carried.set({ done: mine.length, of: mine.length, waiting });
    return waiting === 0;
  }

  comparingIn(id: string, user: string): Comparing {
    const open = this.open(id);
    return { about: id, compare: () => open.compareKeys(user), checkScanned: (payload) => open.checkScanned(user, payload), accept: (isVerified) => open.acceptKey(user, isVerified) };
  }

  /** Somebody who is in no conversation yet, or not any more, by the keys that the server shows for them. */
  comparingWith(person: PersonKeys): Comparing {
    const accept = async (isVerified: boolean) => {
      await this.#vault.acceptPerson(person, isVerified, Date.now());
      this.#pins.keepSoon();
    };
    return { about: '', compare: () => this.#vault.comparePerson(person), checkScanned: (payload) => this.#vault.checkScannedPerson(person, payload), accept };
  }

  async close(id: string, reason: CloseReason): Promise<void> {
    await this.open(id).end(reason);
    await this.refresh();
  }

  /** Opens a thread about a patient: the creator reads it only once the patient has permitted it. */
  async start(patient: PatientOut, consent: Parameters<Vault['createThread']>[0]['consent'] = []): Promise<string> {
    const { people } = await fetchPeopleKeys(patient.account ? [patient.account] : []);
    if (patient.account && people.length === 0) throw new ApiError('not_found', 'The patient has no keys yet.', 404);
    // Without an account it is witnesses who say what the patient has permitted, until the patient can.
    const voice = patient.account ? 'patient' : 'witnessed';
    const forEmergencies = await allowsEmergencies(patient.organisation);
    const recordsKey = await this.#offeredKey(patient.organisation);
    const wish = { patient, authorities: people, voice, forEmergencies, recordsKey, labels: [], role: patient.role, consent, now: Date.now() } as const;
    const made = await this.#vault.createThread({ ...wish, authorities: people, labels: [], consent });
    await api.createThread({ entries: made.entries, seals: made.seals });
    await this.refresh();
    const open = this.open(made.thread);
    await open.refresh();
    if (!open.view.get().canPost) await this.#askForMyself(made.thread, patient.role);
    return made.thread;
  }

  /** Who will be able to open the records of a new thread about the organisation's patients; '' where nobody will. */
  async recordsKey(organisation: string): Promise<string> {
    const offered = await this.#offeredKey(organisation);
    return offered ? this.#vault.recordsKey(organisation, offered) : '';
  }

  async #offeredKey(organisation: string): Promise<ComplianceKeyBlob | null> {
    const { organisations } = await fetchConfig();
    return organisations.find((one) => one.id === organisation)?.compliance ?? null;
  }

  /** Without a permission of old, the one who opened the thread is the first whom the patient is asked about. */
  async #askForMyself(thread: string, role: number): Promise<void> {
    await api.askInvitation(thread, { id: newId(), invitee: this.#me.id, role, actions: OPENER_ACTIONS, history: HistoryKind.ALL, history_from: 0, reason: '' });
    await this.refreshInvitations();
  }

  async name(thread: string, subject: string): Promise<void> {
    await this.outbox.add(thread, ContentType.SUBJECT, { text: subject, card: null }, Date.now());
  }

  async invite(thread: string, wish: { person: DirectoryEntry; history: HistoryWish; reason: string }): Promise<void> {
    await api.askInvitation(thread, {
      id: newId(),
      invitee: wish.person.user,
      role: wish.person.role,
      actions: INVITED_ACTIONS,
      history: wish.history === 'all' ? HistoryKind.ALL : HistoryKind.NONE,
      history_from: 0,
      reason: wish.reason,
    });
    await this.refreshInvitations();
  }
}
