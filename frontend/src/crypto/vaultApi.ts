/**
 * What may be asked of the vault. Everything secret happens behind this line, in a Worker, and stays there: what comes
 * out is public, sealed, or text that this person may read. Bytes are base64url without padding, times ms since 1970.
 * A refusal rejects with an error whose `code` is a CT1 code (docs/protocol.md 5) or `locked`, `no_keys`, `no_thread`, `no_call`, `no_file`.
 */
import type {
  ConsentSigner,
  KeySeal,
  KeyringBlob,
  MyKeys,
  ComplianceKeyBlob,
  OrganisationOut,
  OwedMember,
  OwedObject,
  PatientOut,
  PersonKeys,
  RecoverySlot,
  RoomKeys,
  SealIn,
  SealOut,
  SignedLogEntry,
  SignedWords,
  SlotIn,
  ThreadUrgencies,
  UkrBlob,
  UrgencyOut,
} from '../wire.gen';
import type { PinsCopy } from './keptPins';
import type { NewKeys } from './renewal';
import type { AddresseeKind, ErrorCode, Priority } from './tables.gen';
import type { WordCover, WordQuery, WordsFound } from './wordIndex';
import type { Heard } from './wordState';

export type KdfParameters = { salt: string; t: number; m: number };

export type MadeKeys = { ukr: UkrBlob; fp: string; slots: SlotIn[]; keyring: KeyringBlob; recoveryCode: string };

/** Of an account whose keys are lost: the records that the next one comes after, and the number of the next keyring. */
export type LostKeys = { bundles: UkrBlob[]; version: number };

/** What a recovery leaves: slots for the new password and for a new code, which is shown once. */
export type RecoveredSlots = { slot: SlotIn; recovery: SlotIn; recoveryCode: string };

/** One entry of the log as a page tells it; names are found by the model. `user` is null for a group's directive. */
export type LogEvent = {
  seq: number;
  at: number;
  kind: 'started' | 'permitted' | 'denied' | 'withdrawn' | 'joined' | 'left' | 'history' | 'closed' | 'key' | 'announced' | 'handed-over' | 'emergency' | 'policy';
  user: string | null;
  author: string;
  /** Of a CLOSE, a CloseReason. */
  reason?: number;
};

export type LogMember = { user: string; fp: string; role: number; org: string; isAuthority: boolean; isEffective: boolean };

/** What a verified log comes to at `now`. `effective`: the users who may read now, exactly who is sealed to. */
export type LogFacts = {
  seq: number;
  head: string;
  epoch: number;
  labels: string[];
  patient: string;
  effective: string[];
  members: LogMember[];
  amEffective: boolean;
  mayPost: boolean;
  mayAttach: boolean;
  mayJoin: boolean;
  mayAdmit: boolean;
  /** Whether somebody reads in an emergency to whom I, who may, have not given the key. */
  owesKeys: boolean;
  mustRotate: boolean;
  closed: boolean;
  mayClose: boolean;
  /** Whether I have a newer key than the log knows: `settle` carries it in. */
  mustCarryKey: boolean;
  /** Readers whose key was replaced without its word, or whose certificate ended: nothing is sent until they are put out. */
  unfit: string[];
  /** Readers whose key is another than this person knew: nothing is sent until it has been compared and taken. */
  keysChanged: string[];
  /** Members whose key this person has compared. */
  verified: string[];
  /** The code of why this app is too old for the thread; '' where it is not. */
  outdated: string;
  /** Six words that all who see the same thread read alike. */
  phrase: string;
  /** Who, by genesis, can open the thread's records with a key kept offline; '' where nobody can. */
  recordsKey: string;
  events: LogEvent[];
};

export type OpenedMessage = {
  msgId: string;
  sender: string;
  sentAt: number;
  ctype: number;
  body: string;
  hash: string;
  /** The hash of the newest message that its sender had seen; 43 times A for none. */
  seen: string;
  epoch: number;
  device: string;
};

/** What two people compare: digits for the ear, a code for the camera. */
export type KeyComparison = {
  number: string;
  qr: string;
  state: 'verified' | 'certified';
  /** Whether this is another key than the one that was known. */
  changed: boolean;
};

/** A sealed message and the place that the server gave it. */
export type Placed = { seq: number; wire: string };

/** The message, or the code of why it is not shown as that sender's. */
export type OpenResult = { ok: true; message: OpenedMessage } | { ok: false; code: ErrorCode; hash: string };

/** Entries that follow the head and the seals of their epochs: the body of `POST /api/threads/{id}/log`. */
export type Batch = { entries: SignedLogEntry[]; seals: SealIn[] };

export type ThreadWish = {
  patient: PatientOut;
  /** Whose keys consent: the patient's, or those of who acts for the patient; nobody's where witnesses do. */
  authorities: PersonKeys[];
  voice: 'patient' | 'representative' | 'witnessed';
  /** Whether an emergency may open it for hours; fixed for ever. */
  forEmergencies: boolean;
  /** The records key of the patient's organisation, as the server gives it: taken only on its pinned root's word. */
  recordsKey: ComplianceKeyBlob | null;
  labels: string[];
  /** The creator's CT1 role. */
  role: number;
  /** Live permits, denies and revocations of this patient, in the server's order. */
  consent: OwedObject[];
  now: number;
};

/** What a log lacks, and the keys that it is read with. */
export type Owed = { objects: OwedObject[]; members: OwedMember[]; people: PersonKeys[] };

/** How soon a message wants an answer, and from whom, one after the other. */
export type UrgencyWish = { priority: Priority; minutes: number; line: { kind: AddresseeKind; id: string }[] };

/** What a sender signed, and what the server says became of it. */
export type VerifiedUrgency = Pick<UrgencyWish, 'priority' | 'line'> & { msgId: string; sender: string; state: UrgencyOut['state']; dueAt: number | null; steps: UrgencyOut['steps'] };

/** `refused` counts the words that no key of the thread's had signed. */
export type VerifiedUrgencies = { urgencies: VerifiedUrgency[]; acks: { msgId: string; user: string; at: number }[]; refused: number };

export type LogInput = { entries: SignedLogEntry[]; people: PersonKeys[]; seals: SealOut[]; now: number };

export type MessageWish = {
  msgId: string;
  device: string;
  ctr: number;
  ctype: number;
  /** JSON text. */
  body: string;
  /** The hash of the newest message seen, or 32 zero bytes. */
  seen: string;
  now: number;
};

/** What a message says of the file that it carries: its key, the bytes of its content, the hash of what is sealed. */
export type FileTerms = { key: string; size: number; hash: string };

export type DirectiveWish = {
  patient: string;
  effect: 'permit' | 'deny';
  /** The grantee's key fingerprint, which must be certified in `keys` under a pinned root. */
  fp: string;
  keys: PersonKeys;
  actions: number;
  threads: string[];
  labels: string[];
  purposes: string[];
  history: number;
  historyFrom: number;
  from: number;
  until: number;
  supersedes: string[];
  /** The exact words that the patient agreed to; their hash is signed. */
  text: string;
  /** JSON for the server's rules alone. */
  server: string;
  /** Whose word it is: the patient's own, or that of somebody who acts for the patient. */
  voice: ConsentVoice;
};

/** In whose voice something is said: the patient's, somebody's who acts for the patient, or the patient's as witnessed. */
export type ConsentVoice = 'patient' | 'representative' | 'witnessed';

/** What a patient said on paper or by mouth, as a witness is shown it. */
export type Said = { kind: 'directive' | 'revoke' | 'authority'; patient: string; body: string; statement: string; keys: PersonKeys | null };

/** What the bytes of a witnessed permission say, beside whose key they name: the words that are shown are made of it again. */
export type SpokenFacts = { actions: number; history: number; from: number; until: number };

/** An emergency as it goes into logs: the id of its declaration, its clinician, and its end in ms. */
export type EmergencyWish = { id: string; user: string; fp: string; role: number; reason: string; exp: number };

/** A co-signer's signature over the declaration for one thread. */
export type CosignedEmergency = { thread: string; body: string; fp: string; sig: string };

/** What a withdrawal ends: one directive, or every permit to one grantee (a key's fingerprint, or as the directive has it). */
export type RevocationTarget = { directive: string } | { grantee: string };

export type SignedConsent = { id: string; body: string; fp: string; sig: string };

export type CallPerson = { user: string; device: string };

/** `n` is the key in use, 0 before the first. When `mustRekey` and `iLead`: `rekeyCall`, and send it as `room.key`. */
export type CallRoster = {
  verified: CallPerson[];
  refused: (CallPerson & { code: ErrorCode })[];
  leader: CallPerson | null;
  iLead: boolean;
  mustRekey: boolean;
  n: number;
  /** Twelve digits in groups of four that all participants can compare by voice; '' before the first key. */
  phrase: string;
};

export type CallKey = { n: number; commitment: string; seals: KeySeal[] };

/** The keys, every way to open them, and what only they open on this device. */
export interface KeyVault {
  /** Derives what the server sees as the password, and keeps the rest until `unlock`, `makeKeys` or `passwordSlot`. */
  derive(password: string, parameters: KdfParameters): Promise<{ auth: string }>;
  /** Fresh keys for a new account, or for one whose keys are lost, wrapped by the derived password and a recovery code that is shown once. */
  makeKeys(user: string, password: KdfParameters, now: number, lost?: LostKeys): Promise<MadeKeys>;
  /** Opens the keys with the derived password; `organisations` are the roots pinned for this session. */
  unlock(keys: MyKeys, organisations: OrganisationOut[]): Promise<void>;
  /** A slot for a new password, of open keys and what was derived last. */
  passwordSlot(password: KdfParameters): Promise<{ slot: SlotIn }>;
  /** Keeps the open keys on this device for at most twelve hours, under a key that cannot be exported. */
  remember(user: string): Promise<void>;
  /** False when this device does not remember this person, or no longer. */
  unlockRemembered(keys: MyKeys, organisations: OrganisationOut[]): Promise<boolean>;
  forget(user: string): Promise<void>;
  /** Forgets what this device has seen under keys that are lost: nothing opens it any more. */
  forgetSeen(user: string): Promise<void>;
  /** What fetches the recovery slot; a slip of the pen is found here (E_UNWRAP). */
  recoveryAuth(code: string): Promise<{ rcAuth: string }>;
  /** A password slot for what was derived last and a slot for a new recovery code, by the old code. */
  recover(code: string, found: RecoverySlot, password: KdfParameters): Promise<RecoveredSlots>;
  /** A slot of the open keys for a new recovery code, which is shown once. */
  recoverySlot(): Promise<{ slot: SlotIn; recoveryCode: string }>;
  /**
   * Makes the next keys, for the keyring's next `version`, and holds them back until `takeNewKeys`. With a `password`,
   * as derived last, master key, password and recovery code are new too.
   */
  makeNewKeys(version: number, now: number, password: KdfParameters | null): Promise<NewKeys>;
  /** The server has stored what was made last: it is in use. E_KEY_CHANGED when it has stored something else. */
  takeNewKeys(stored: MyKeys): Promise<void>;
  /** What a passkey's PRF is asked for. */
  passkeySalt(): Promise<string>;
  /** A slot of the open keys for a passkey, of the secret that it answered. */
  passkeySlot(credential: string, prf: string): Promise<{ slot: SlotIn }>;
  /** Opens the keys with a passkey's secret; E_UNWRAP when it has no slot. */
  unlockWithPasskey(keys: MyKeys, credential: string, prf: string, organisations: OrganisationOut[]): Promise<void>;
  /** What names the key in use, of the private key itself: what whoever certifies it compares with what a server says. */
  ownFingerprint(): Promise<string>;
  /** Drops every key and thread from memory. */
  lock(): Promise<void>;
  /** Seals a value for the local store or the outbox, under a key of the person. */
  sealLocal(plain: string): Promise<string>;
  openLocal(sealed: string): Promise<string>;
}

/** Whose key is whose: what was seen, and what two people compare. */
export interface PinVault {
  /** As `compareKeys`, with somebody who is in no thread here: by their newest certified key. */
  comparePerson(person: PersonKeys): Promise<KeyComparison>;
  checkScannedPerson(person: PersonKeys, payload: string): Promise<void>;
  acceptPerson(person: PersonKeys, isVerified: boolean, now: number): Promise<void>;
  /** The pins that the server keeps for this person's other devices, or null; E_LOG_ROLLBACK, E_LOG_FORK. */
  takePins(copy: PinsCopy | null): Promise<void>;
  /** The copy that the server lacks, one version up; null when it has everything. */
  duePins(): Promise<PinsCopy | null>;
  /** What to compare with a member of an open thread; E_NOT_MEMBER. */
  compareKeys(thread: string, user: string): Promise<KeyComparison>;
  /** Whether the code that the other's screen shows says the same of both keys; E_LABEL, E_KEY_CHANGED. */
  checkScanned(thread: string, user: string, payload: string): Promise<void>;
  /** This key is the member's: compared in person, or taken after a stop. */
  acceptKey(thread: string, user: string, isVerified: boolean, now: number): Promise<void>;
}

/** The log of a thread. */
export interface ThreadVault {
  /** Who shares the records key that the server offers for an organisation; E_COMPLIANCE or E_SIG where its pinned root did not sign. */
  recordsKey(organisation: string, offered: ComplianceKeyBlob): Promise<string>;
  /** GENESIS, the consent given before, and EPOCH 1 where the creator may already read. */
  createThread(wish: ThreadWish): Promise<Batch & { thread: string }>;
  /**
   * Verifies the whole log from genesis, against what this device has seen before (E_LOG_ROLLBACK, E_LOG_FORK), and
   * keeps the state for the calls below. What was verified already is not verified again.
   */
  openThread(thread: string, input: LogInput): Promise<LogFacts>;
  closeThread(thread: string): Promise<void>;
  /** Entries for the consent that is owed, then MEMBER_ADD, EPOCH and HISTORY_SHARE with their seals. */
  settle(thread: string, owed: Owed, now: number): Promise<Batch>;
  /** A new EPOCH for exactly those who may read now, and to each the history that they may have and lack. */
  rotate(thread: string, now: number): Promise<Batch>;
  /** MEMBER_REMOVE of oneself or, as one who leads, of another; the EPOCH follows when one still reads. */
  removeMember(thread: string, user: string, reason: number, now: number): Promise<Batch>;
  /** CLOSE, by one who leads: nothing more is written, and everything stays readable. */
  endThread(thread: string, reason: number, now: number): Promise<Batch>;
}

/** Messages of an open thread, and the signed words beside them. */
export interface MessageVault {
  openMessage(thread: string, wire: string, seq: number): Promise<OpenedMessage>;
  /** Many at once, for a page of history. */
  openMessages(thread: string, messages: Placed[]): Promise<OpenResult[]>;
  /** After a reset of the server, which gives places anew: what had arrived of the thread is not compared with any more. */
  forgetArrivals(thread: string): Promise<void>;
  /** Refuses what docs/protocol.md 4.3 refuses: E_NOT_MEMBER, E_SCOPE, E_NO_EPOCH, E_ROTATE_REQUIRED, E_SIZE. */
  sealMessage(thread: string, message: MessageWish): Promise<string>;
  signUrgency(thread: string, msgId: string, wish: UrgencyWish, now: number): Promise<SignedWords>;
  signAck(thread: string, msgId: string, now: number): Promise<SignedWords>;
  /** Those of a page that were signed by somebody whom an epoch of the open thread was sealed to. */
  readUrgencies(thread: string, page: ThreadUrgencies): Promise<VerifiedUrgencies>;
}

/** Files, part by part. */
export interface FileVault {
  /** Begins to seal a file under a fresh key, named by the msg_id of the message that will carry it. */
  sealFile(thread: string, attId: string, size: number): Promise<{ sealed: number }>;
  /** What this part of the content completes, sealed, in order (docs/protocol.md 3.9). */
  sealFilePart(attId: string, part: Uint8Array): Promise<Uint8Array>;
  endSealingFile(attId: string): Promise<{ rest: Uint8Array; file: FileTerms }>;
  /** Begins to open one; the parts of its content are the file only once `endOpeningFile` has not thrown. */
  openFile(handle: string, place: { thread: string; attId: string }, file: FileTerms): Promise<{ sealed: number }>;
  openFilePart(handle: string, part: Uint8Array): Promise<Uint8Array>;
  endOpeningFile(handle: string): Promise<void>;
  dropFile(handle: string): Promise<void>;
}

/** The words of what this person has read, sealed on this device, to be searched. */
export interface WordVault {
  /** Takes messages of a thread, each once; `floor` is the first seq that this person may read. */
  hearWords(thread: string, heard: Heard[], floor: number): Promise<void>;
  findWords(query: WordQuery): Promise<WordsFound>;
  /** How far back each of these threads was taken; one that never was is left out. */
  coverOfWords(threads: string[]): Promise<WordCover[]>;
  /** Drops a thread's words from memory and from this device. */
  forgetWords(thread: string): Promise<void>;
  /** Those of which there are words on this device. */
  threadsOfWords(): Promise<string[]>;
}

/** What a person signs about who may read. */
export interface ConsentVault {
  /** A permit or deny, signed by the patient; the grantee's key is checked first (E_CERT, E_KEY_CHANGED). */
  signDirective(wish: DirectiveWish): Promise<SignedConsent>;
  /** The bytes that would be signed, after the same checks and without a signature: for a rehearsal. */
  draftDirective(wish: DirectiveWish): Promise<string>;
  signRevocation(patient: string, target: RevocationTarget, now: number): Promise<SignedConsent>;
  draftRevocation(patient: string, target: RevocationTarget, now: number, voice?: ConsentVoice): Promise<string>;
  /** The hand-over from witnesses to the own key of a patient who has an account by now. */
  draftHandOver(patient: string, patientKeys: PersonKeys): Promise<string>;
  /** What a witnessed permission's bytes say; E_GRANT_AUTHORITY for anything that the words could not show. */
  readSaid(body: string): Promise<SpokenFacts>;
  /** A witness's signature, after reading that the bytes say what is shown and favour somebody else (E_GRANT_…). */
  signSaid(said: Said, now: number): Promise<ConsentSigner>;
  /** BREAK_GLASS for a thread that is open; what the log's rules refuse is thrown (E_SCOPE, E_QUORUM, E_DUP, …). */
  declareEmergency(thread: string, wish: EmergencyWish, cosigned: CosignedEmergency | null, now: number): Promise<Batch>;
  /** A colleague's signature for each thread. */
  cosignEmergency(wish: EmergencyWish, threads: string[]): Promise<CosignedEmergency[]>;
}

/** The keys of a call. */
export interface CallVault {
  /** An ephemeral key for a call of a thread that is open, and this device's signed conf-join (`room.connect`). */
  joinCall(call: { thread: string; conf: string; device: string; now: number }): Promise<{ join: string }>;
  /** Who is connected now, from every `room.state`; verifies each join against the thread's log. */
  callRoster(conf: string, people: (CallPerson & { join: string })[], now: number): Promise<CallRoster>;
  /** As the leader: a fresh key for exactly those verified. */
  rekeyCall(conf: string, now: number): Promise<CallKey>;
  /** A `room.keys` frame. False while the roster that it was made for has not arrived: it is tried again then. */
  takeCallKey(conf: string, keys: Pick<RoomKeys, 'n' | 'leader' | 'leader_device' | 'commitment' | 'sealed'>): Promise<{ isOpen: boolean; n: number }>;
  /** Gives the frame keys of a call, after this and every later `joinCall`, to the media worker; the page never sees them. */
  connectMedia(conf: string, port: MessagePort): Promise<void>;
  /** Forgets the keys of a call here and in the media worker. */
  leaveCall(conf: string): Promise<void>;
}

export type Vault = KeyVault & PinVault & ThreadVault & MessageVault & WordVault & FileVault & ConsentVault & CallVault;
