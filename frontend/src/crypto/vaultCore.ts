/** The vault itself, as it runs inside the Worker: one person's open keys, threads and calls, and what may be asked. */
import type { ComplianceKeyBlob, ConsentSigner, MyKeys, OrganisationOut, PersonKeys, RecoverySlot, RoomKeys, SignedWords, SlotIn, ThreadUrgencies } from '../wire.gen';
import { CallKeys } from './callKeys';
import type { MediaEnd, MediaKeys } from './callKeys';
import { authorityBytes, roleOfAuthority } from './authority';
import { inGenesis } from './compliance';
import { AUTH_KINDS, directiveOf, handOverOf, revocationOf } from './consentDrafts';
import { signDirective, signRevoke } from './directives';
import { newestRecord, trustworthy } from './directory';
import type { Directory } from './directory';
import { MemoryDeviceStore } from './deviceStore';
import type { DeviceStore } from './deviceStore';
import { b64, fromUtf8, unb64 } from './encoding';
import { cosign, declare } from './emergencyDrafts';
import { encodeClose, encodeGenesis, encodeMemberRemove } from './entries';
import { ackOf, urgencyOf, verified } from './heldUrgency';
import { Ct1Error, VaultError } from './errors';
import { addObjects, admit, carryKey, giveKeys, putOut, roleOf, sortedTexts } from './drafting';
import { HeldFiles } from './files';
import { Draft, HeldThread } from './heldThread';
import * as open from './openKeys';
import type { Derived, OpenKeys } from './openKeys';
import { KeptPins } from './keptPins';
import type { PinsCopy } from './keptPins';
import { checkQr, qrPayload, safetyNumber } from './safety';
import { compare, randomBytes } from './primitives';
import { parseRecovery, passkeySalt, recoveryAuth } from './slots';
import {
  CloseReason,
  EntryType,
  EPOCH_MAX_AGE_S,
  EPOCH_MAX_MSGS,
  GenesisFlag,
  MIN_WITNESSES,
  RemoveReason,
} from './tables.gen';
import type * as api from './vaultApi';
import { signSaid, spokenFacts } from './witnessing';

/** The answer of `act` as a promise; what it throws is a rejection, whoever calls. */
function later<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => resolve(act()));
}

export class VaultCore implements api.Vault {
  readonly #store: DeviceStore;
  readonly #clock: () => number;
  readonly #threads = new Map<string, HeldThread>();
  readonly #calls = new Map<string, CallKeys>();
  /** How far this device has counted as leader: outlives the call's keys, since the others remember it. */
  readonly #counted = new Map<string, { n: number }>();
  readonly #media = new Map<string, MessagePort>();
  readonly #files = new HeldFiles();
  #derived: Derived | null = null;
  #open: OpenKeys | null = null;
  #pins: KeptPins | null = null;

  constructor(store: DeviceStore = new MemoryDeviceStore(), clock: () => number = Date.now) {
    this.#store = store;
    this.#clock = clock;
  }

  get #keys(): OpenKeys {
    if (!this.#open) throw new VaultError('locked', 'The keys are locked.');
    return this.#open;
  }

  get #password(): Derived {
    if (!this.#derived) throw new VaultError('no_password', 'Enter the password first.');
    return this.#derived;
  }

  #use(keys: OpenKeys): void {
    this.#threads.clear();
    this.#open = keys;
    this.#pins = new KeptPins(this.#store, keys);
    this.#derived = null;
  }

  derive(password: string, parameters: api.KdfParameters): Promise<{ auth: string }> {
    return later(() => {
      this.#derived = open.deriveRoot(password, parameters);
      return { auth: b64(this.#derived.root.auth) };
    });
  }

  makeKeys(user: string, password: api.KdfParameters, now: number): Promise<api.MadeKeys> {
    return later(() => open.makeKeys(unb64(user), this.#password, password, now));
  }

  unlock(keys: MyKeys, organisations: OrganisationOut[]): Promise<void> {
    return later(() => {
      this.#use(open.unlockWithPassword(keys, this.#password, organisations));
    });
  }

  passwordSlot(password: api.KdfParameters): Promise<{ slot: SlotIn }> {
    return later(() => {
      const { user, umk } = this.#keys;
      return { slot: open.passwordSlot(user, umk, this.#password, password) };
    });
  }

  async remember(user: string): Promise<void> {
    if (b64(this.#keys.user) !== user) throw new VaultError('locked', 'Other keys are open.');
    await open.remember(this.#store, this.#keys, this.#clock());
  }

  async unlockRemembered(keys: MyKeys, organisations: OrganisationOut[]): Promise<boolean> {
    const found = await open.unlockRemembered(this.#store, keys, organisations, this.#clock());
    if (found) this.#use(found);
    return found !== null;
  }

  async forget(user: string): Promise<void> {
    await this.#store.forget(user);
  }

  recoveryAuth(code: string): Promise<{ rcAuth: string }> {
    return later(() => ({ rcAuth: b64(recoveryAuth(parseRecovery(code))) }));
  }

  recover(code: string, found: RecoverySlot, password: api.KdfParameters): Promise<api.RecoveredSlots> {
    return later(() => open.recoverSlots(code, found, this.#password, password));
  }

  recoverySlot(): Promise<{ slot: SlotIn; recoveryCode: string }> {
    return later(() => open.recoverySlot(this.#keys.user, this.#keys.umk));
  }

  passkeySalt(): Promise<string> {
    return later(() => b64(passkeySalt()));
  }

  passkeySlot(credential: string, prf: string): Promise<{ slot: SlotIn }> {
    return later(() => ({ slot: open.passkeySlot(this.#keys, credential, unb64(prf)) }));
  }

  unlockWithPasskey(keys: MyKeys, credential: string, prf: string, organisations: OrganisationOut[]): Promise<void> {
    return later(() => {
      this.#use(open.unlockWithPasskey(keys, credential, unb64(prf), organisations));
    });
  }

  lock(): Promise<void> {
    return later(() => {
      for (const conf of [...this.#calls.keys(), ...this.#media.keys()]) this.#leave(conf);
      this.#threads.clear();
      this.#files.clear();
      this.#open?.umk.fill(0);
      this.#open = null;
      this.#pins = null;
      this.#derived = null;
    });
  }

  sealLocal(plain: string): Promise<string> {
    return later(() => open.sealLocal(this.#keys, plain));
  }

  openLocal(sealed: string): Promise<string> {
    return later(() => open.openLocal(this.#keys, sealed));
  }

  get #kept(): KeptPins {
    if (!this.#pins) throw new VaultError('locked', 'The keys are locked.');
    return this.#pins;
  }

  /** What these people's records come to under the pinned roots. */
  #directoryOf(people: readonly PersonKeys[]): Directory {
    const roots = this.#keys.organisations.map((one) => one.rootPk);
    return trustworthy(
      people.map((one) => ({
        ukrs: one.bundles.map(({ ukr, pop, sig }) => ({ body: unb64(ukr), pop: unb64(pop), sig: unb64(sig) })),
        certificates: one.certificates.map(({ body, sig }) => ({ body: unb64(body), sig: unb64(sig) })),
      })),
      roots,
    );
  }

  /** E_KEY_CHANGED when the newest key of one of these people took a known one's place without its word. */
  async #requireKnown(people: readonly PersonKeys[], directory: Directory): Promise<void> {
    const newest = people.flatMap(({ user }) => directory.of(unb64(user)).slice(0, 1).map(() => newestRecord(directory.of(unb64(user)))));
    const replaced = await this.#kept.replacedAmong(newest, directory, this.#clock());
    if (replaced.length > 0) throw new Ct1Error('E_KEY_CHANGED', 'the key of this person was replaced');
  }

  #thread(id: string): HeldThread {
    const held = this.#threads.get(id);
    if (!held) throw new VaultError('no_thread', 'This thread is not open.');
    return held;
  }

  async createThread(wish: api.ThreadWish): Promise<api.Batch & { thread: string }> {
    const keys = this.#keys;
    const identity = open.identityOf(keys);
    const mine = { user: b64(keys.user), name: '', kind: 'staff', ...keys.published } as const;
    // The thread's authority is the patient's own account, whatever else a server may name.
    if (wish.voice === 'patient' && wish.authorities.map((one) => one.user).join() !== wish.patient.account) {
      throw new Ct1Error('E_GRANT_AUTHORITY', 'the patient alone decides here');
    }
    const amAuthority = wish.authorities.some((one) => one.user === mine.user);
    const directory = this.#directoryOf(amAuthority ? wish.authorities : [mine, ...wish.authorities]);
    await this.#requireKnown(wish.authorities, directory);
    const authorities = wish.authorities.map(({ user }) => ({ user: unb64(user), fp: newestRecord(directory.of(unb64(user))).fp }));
    const draft = new Draft(keys, identity, directory, wish.now, null);
    const roots = keys.organisations.map((one) => ({ org: one.id, fp: one.rootFp }));
    const { flag, ...compliance } = inGenesis(open.complianceKeyOf(keys, wish.patient.organisation, wish.recordsKey));
    const role = amAuthority ? roleOfAuthority(AUTH_KINDS[wish.voice]) : roleOf(wish.role);
    draft.add(
      EntryType.GENESIS,
      encodeGenesis({
        nonce: randomBytes(32),
        patientRef: unb64(wish.patient.id),
        authKind: AUTH_KINDS[wish.voice],
        authorities: authorities.sort((one, other) => compare(authorityBytes(one), authorityBytes(other))),
        quorum: wish.voice === 'witnessed' ? MIN_WITNESSES : 1,
        roots: roots.sort((one, other) => compare(one.org, other.org)),
        creator: keys.user,
        creatorFp: identity.fp,
        creatorRole: role,
        labels: sortedTexts(wish.labels),
        epochMaxAgeS: EPOCH_MAX_AGE_S,
        epochMaxMsgs: EPOCH_MAX_MSGS,
        flags: GenesisFlag.FOLLOW_ROTATION | (wish.forEmergencies ? GenesisFlag.BREAK_GLASS : 0) | flag,
        ...compliance,
      }),
    );
    addObjects(draft, wish.consent);
    if (draft.amEffective()) draft.rotate();
    return { ...draft.batch(), thread: b64(draft.state.threadId) };
  }

  recordsKey(organisation: string, offered: ComplianceKeyBlob): Promise<string> {
    return later(() => fromUtf8(open.complianceKeyOf(this.#keys, organisation, offered)?.label ?? new Uint8Array(0)));
  }

  async openThread(thread: string, input: api.LogInput): Promise<api.LogFacts> {
    const keys = this.#keys;
    const entries = input.entries.map(({ body, sig }) => ({ body: unb64(body), sig: unb64(sig) }));
    const before = this.#threads.get(thread) ?? null;
    const fresh = this.#directoryOf(input.people);
    const held = HeldThread.read(keys, entries, fresh, input.now, before);
    if (b64(held.state.threadId) !== thread) throw new Ct1Error('E_THREAD_ID', 'the log is of another thread');
    if (!held.outdated) await this.#kept.checkLog(held.state);
    const readers = [...held.state.effective(input.now), ...held.state.emergencyReaders(input.now)];
    held.replaced = await this.#kept.replacedAmong(readers, fresh, input.now);
    held.takeSeals(input.seals);
    this.#threads.set(thread, held);
    return { ...held.facts(input.now), verified: await this.#verified(held) };
  }

  closeThread(thread: string): Promise<void> {
    return later(() => {
      this.#threads.delete(thread);
    });
  }

  async settle(thread: string, owed: api.Owed, now: number): Promise<api.Batch> {
    const held = this.#thread(thread);
    const directory = held.directory.with(this.#directoryOf([...owed.people, ...owed.members.map((one) => one.keys)]));
    const joining = owed.members.map((one) => ({ user: unb64(one.keys.user), fp: unb64(one.fp) }));
    const replaced = await this.#kept.replacedAmong(joining, directory, now);
    const draft = new Draft(this.#keys, held.identity, directory, now, held.state);
    if (held.outdated) return draft.batch();
    carryKey(draft, open.identityOf(this.#keys));
    addObjects(draft, owed.objects);
    putOut(draft);
    // Nobody is let in, or given a key, while it is not certain whose keys these are.
    if (held.replaced.length > 0) return draft.batch();
    if (draft.amEffective()) for (const one of owed.members) if (!replaced.includes(one.keys.user)) admit(draft, one);
    const hasReason = draft.state.seq > held.state.seq || draft.state.emergencyReaders(draft.ts).length > 0;
    if (hasReason && draft.amEffective()) giveKeys(draft, held);
    return draft.batch();
  }

  rotate(thread: string, now: number): Promise<api.Batch> {
    return later(() => {
      const held = this.#thread(thread);
      held.requireKnownKeys();
      const draft = new Draft(this.#keys, held.identity, held.directory, now, held.state);
      draft.rotate();
      // Whoever reads in an emergency lacks the history that the log gives them.
      giveKeys(draft, held);
      return draft.batch();
    });
  }

  removeMember(thread: string, user: string, reason: number, now: number): Promise<api.Batch> {
    return later(() => {
      const held = this.#thread(thread);
      const draft = new Draft(this.#keys, held.identity, held.directory, now, held.state);
      const known = Object.values(RemoveReason).find((one) => one === reason) ?? RemoveReason.LEFT;
      draft.add(EntryType.MEMBER_REMOVE, encodeMemberRemove({ user: unb64(user), reason: known }));
      if (draft.amEffective() && draft.state.needsRotation(draft.ts)) draft.rotate();
      return draft.batch();
    });
  }

  endThread(thread: string, reason: number, now: number): Promise<api.Batch> {
    return later(() => {
      const held = this.#thread(thread);
      const draft = new Draft(this.#keys, held.identity, held.directory, now, held.state);
      const known = Object.values(CloseReason).find((one) => one === reason) ?? CloseReason.UNSAID;
      draft.add(EntryType.CLOSE, encodeClose({ reason: known }));
      return draft.batch();
    });
  }

  async #verified(held: HeldThread): Promise<string[]> {
    const members = [...held.state.parts.members.values()];
    const compared = await Promise.all(members.map((one) => this.#kept.isVerified(one.user, one.fp, held.directory)));
    return members.filter((_, at) => compared[at]).map((one) => b64(one.user));
  }

  async compareKeys(thread: string, user: string): Promise<api.KeyComparison> {
    const held = this.#thread(thread);
    const [mine, theirs] = [held.vouched(this.#keys.user), held.vouched(unb64(user))];
    const isVerified = await this.#kept.isVerified(unb64(user), theirs.fp, held.directory);
    return {
      number: safetyNumber(mine, theirs),
      qr: b64(qrPayload(mine.fp, theirs.fp)),
      state: isVerified ? 'verified' : 'certified',
      changed: held.replaced.includes(user),
    };
  }

  checkScanned(thread: string, user: string, payload: string): Promise<void> {
    return later(() => {
      const held = this.#thread(thread);
      checkQr(unb64(payload), held.vouched(this.#keys.user).fp, held.vouched(unb64(user)).fp);
    });
  }

  async acceptKey(thread: string, user: string, isVerified: boolean, now: number): Promise<void> {
    const held = this.#thread(thread);
    await this.#kept.accept(unb64(user), held.vouched(unb64(user)).fp, isVerified, now);
    held.replaced = held.replaced.filter((one) => one !== user);
  }

  takePins(copy: PinsCopy | null): Promise<void> {
    return this.#kept.take(copy);
  }

  duePins(): Promise<PinsCopy | null> {
    return this.#kept.due();
  }

  openMessage(thread: string, wire: string, seq: number): Promise<api.OpenedMessage> {
    return later(() => this.#thread(thread).open(wire, seq));
  }

  forgetArrivals(thread: string): Promise<void> {
    return later(() => this.#thread(thread).forgetArrivals());
  }

  openMessages(thread: string, messages: api.Placed[]): Promise<api.OpenResult[]> {
    return later(() => {
      const held = this.#thread(thread);
      return messages.map(({ wire, seq }): api.OpenResult => {
        try {
          return { ok: true, message: held.open(wire, seq) };
        } catch (error) {
          if (error instanceof Ct1Error) return { ok: false, code: error.code };
          throw error;
        }
      });
    });
  }

  sealMessage(thread: string, message: api.MessageWish): Promise<string> {
    return later(() => this.#thread(thread).seal(message));
  }

  signUrgency(thread: string, msgId: string, wish: api.UrgencyWish, now: number): Promise<SignedWords> {
    return later(() => urgencyOf(this.#thread(thread), msgId, wish, now));
  }

  signAck(thread: string, msgId: string, now: number): Promise<SignedWords> {
    return later(() => ackOf(this.#thread(thread), msgId, now));
  }

  readUrgencies(thread: string, page: ThreadUrgencies): Promise<api.VerifiedUrgencies> {
    return later(() => verified(this.#thread(thread), page));
  }

  async signDirective(wish: api.DirectiveWish): Promise<api.SignedConsent> {
    const { body, id } = await this.#directive(wish);
    const identity = open.identityOf(this.#keys);
    return { id: b64(id), body: b64(body), fp: b64(identity.fp), sig: b64(signDirective(identity.signSeed, body)) };
  }

  async draftDirective(wish: api.DirectiveWish): Promise<string> {
    return b64((await this.#directive(wish)).body);
  }

  async #directive(wish: api.DirectiveWish) {
    const identity = open.identityOf(this.#keys);
    const fp = unb64(wish.fp);
    // A no opens nothing: it is signed against a replaced key too, else nobody could be kept out after a reset.
    const directory = this.#directoryOf([wish.keys]);
    if (wish.effect === 'permit') await this.#requireKnown([wish.keys], directory);
    const isCertified = directory.certificatesOf(fp).some((one) => one.nbf <= this.#clock() && this.#clock() < one.exp);
    if (b64(directory.ukr(fp).user) !== wish.keys.user || (wish.effect === 'permit' && !isCertified)) {
      throw new Ct1Error('E_CERT', 'no pinned organisation vouches for this key');
    }
    return directiveOf(wish, identity.fp);
  }

  signRevocation(patient: string, target: api.RevocationTarget, now: number): Promise<api.SignedConsent> {
    return later(() => {
      const identity = open.identityOf(this.#keys);
      const { body, id } = revocationOf(patient, target, identity.fp, now, 'patient');
      return { id: b64(id), body: b64(body), fp: b64(identity.fp), sig: b64(signRevoke(identity.signSeed, body)) };
    });
  }

  draftRevocation(patient: string, target: api.RevocationTarget, now: number, voice: api.ConsentVoice = 'patient'): Promise<string> {
    return later(() => b64(revocationOf(patient, target, open.identityOf(this.#keys).fp, now, voice).body));
  }

  async draftHandOver(patient: string, patientKeys: PersonKeys): Promise<string> {
    const user = unb64(patientKeys.user);
    const directory = this.#directoryOf([patientKeys]);
    await this.#requireKnown([patientKeys], directory);
    const { fp } = newestRecord(directory.of(user));
    return b64(handOverOf(patient, { user, fp }));
  }

  readSaid(body: string): Promise<api.SpokenFacts> {
    return later(() => spokenFacts(unb64(body)));
  }

  async signSaid(said: api.Said, now: number): Promise<ConsentSigner> {
    const directory = this.#directoryOf(said.keys ? [said.keys] : []);
    if (said.keys) await this.#requireKnown([said.keys], directory);
    return signSaid(said, directory, open.identityOf(this.#keys), now);
  }

  sealFile(thread: string, attId: string, size: number): Promise<{ sealed: number }> {
    return later(() => this.#files.seal(thread, attId, size));
  }

  sealFilePart(attId: string, part: Uint8Array): Promise<Uint8Array> {
    return later(() => this.#files.sealPart(attId, part));
  }

  endSealingFile(attId: string): Promise<{ rest: Uint8Array; file: api.FileTerms }> {
    return later(() => this.#files.endSealing(attId));
  }

  openFile(handle: string, place: { thread: string; attId: string }, file: api.FileTerms): Promise<{ sealed: number }> {
    return later(() => this.#files.open(handle, place, file));
  }

  openFilePart(handle: string, part: Uint8Array): Promise<Uint8Array> {
    return later(() => this.#files.openPart(handle, part));
  }

  endOpeningFile(handle: string): Promise<void> {
    return later(() => this.#files.endOpening(handle));
  }

  dropFile(handle: string): Promise<void> {
    return later(() => this.#files.drop(handle));
  }

  declareEmergency(thread: string, wish: api.EmergencyWish, cosigned: api.CosignedEmergency | null, now: number): Promise<api.Batch> {
    return later(() => {
      const held = this.#thread(thread);
      const draft = new Draft(this.#keys, held.identity, held.directory, now, held.state);
      declare(draft, wish, thread, cosigned);
      return draft.batch();
    });
  }

  cosignEmergency(wish: api.EmergencyWish, threads: string[]): Promise<api.CosignedEmergency[]> {
    return later(() => cosign(wish, threads, open.identityOf(this.#keys), this.#clock()));
  }

  joinCall(call: { thread: string; conf: string; device: string; now: number }): Promise<{ join: string }> {
    return later(() => {
      this.#calls.get(call.conf)?.end();
      this.#calls.delete(call.conf);
      const give = (keys: MediaKeys): boolean => {
        this.#media.get(call.conf)?.postMessage(keys);
        return this.#media.has(call.conf);
      };
      const thread = () => this.#thread(call.thread);
      const counted = this.#counted.get(call.conf) ?? { n: 0 };
      this.#counted.set(call.conf, counted);
      const made = new CallKeys({ thread, conf: unb64(call.conf), device: unb64(call.device), counted, give }, call.now);
      this.#calls.set(call.conf, made);
      return { join: made.join };
    });
  }

  #call(conf: string): CallKeys {
    const call = this.#calls.get(conf);
    if (!call) throw new VaultError('no_call', 'This call was not joined.');
    return call;
  }

  callRoster(conf: string, people: (api.CallPerson & { join: string })[], now: number): Promise<api.CallRoster> {
    return later(() => this.#call(conf).roster(people, now));
  }

  rekeyCall(conf: string, now: number): Promise<api.CallKey> {
    return later(() => this.#call(conf).rekey(now));
  }

  takeCallKey(
    conf: string,
    keys: Pick<RoomKeys, 'n' | 'leader' | 'leader_device' | 'commitment' | 'sealed'>,
  ): Promise<{ isOpen: boolean; n: number }> {
    return later(() => this.#call(conf).take(keys));
  }

  connectMedia(conf: string, port: MessagePort): Promise<void> {
    return later(() => {
      this.#endMedia(conf);
      this.#media.set(conf, port);
      const keys = this.#calls.get(conf)?.current();
      if (keys) port.postMessage(keys);
    });
  }

  leaveCall(conf: string): Promise<void> {
    return later(() => this.#leave(conf));
  }

  #leave(conf: string): void {
    this.#calls.get(conf)?.end();
    this.#calls.delete(conf);
    this.#endMedia(conf);
  }

  #endMedia(conf: string): void {
    const port = this.#media.get(conf);
    const end: MediaEnd = { type: 'end' };
    port?.postMessage(end);
    port?.close();
    this.#media.delete(conf);
  }
}
