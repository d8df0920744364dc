/** What the model asks of the vault: everything secret happens behind this line, in a Worker, and stays there. */
import type {
  KeyringBlob,
  MyKeys,
  OrganisationOut,
  OwedMember,
  OwedObject,
  PatientOut,
  PersonKeys,
  RecoverySlot,
  SealIn,
  SealOut,
  SignedLogEntry,
  SlotIn,
  UkrBlob,
} from '../wire.gen';

export type KdfParameters = { salt: string; t: number; m: number };

export type MadeKeys = { ukr: UkrBlob; slots: SlotIn[]; keyring: KeyringBlob; recoveryCode: string };

/** One entry of the log as the page tells it; names are found by the model. */
export type LogEvent = {
  seq: number;
  at: number;
  kind: 'started' | 'permitted' | 'denied' | 'withdrawn' | 'joined' | 'left' | 'history' | 'closed' | 'key';
  user: string | null;
  author: string;
};

/** What a verified log comes to at `now`. */
export type LogFacts = {
  seq: number;
  head: string;
  epoch: number;
  labels: string[];
  patient: string;
  effective: string[];
  amEffective: boolean;
  mayPost: boolean;
  mayAdmit: boolean;
  mustRotate: boolean;
  closed: boolean;
  events: LogEvent[];
};

export type OpenedMessage = {
  msgId: string;
  sender: string;
  sentAt: number;
  ctype: number;
  body: string;
  hash: string;
};

export type Batch = { entries: SignedLogEntry[]; seals: SealIn[] };

export type DirectiveWish = {
  patient: string;
  effect: 'permit' | 'deny';
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
  text: string;
  server: string;
};

export type SignedConsent = { id: string; body: string; fp: string; sig: string };

export interface Vault {
  /** Derives what the server sees as the password, and keeps the rest until `unlock` or `makeKeys`. */
  derive(password: string, parameters: KdfParameters): Promise<{ auth: string }>;
  makeKeys(user: string, password: KdfParameters, now: number): Promise<MadeKeys>;
  unlock(keys: MyKeys, organisations: OrganisationOut[]): Promise<void>;
  remember(user: string): Promise<void>;
  unlockRemembered(keys: MyKeys, organisations: OrganisationOut[]): Promise<boolean>;
  forget(user: string): Promise<void>;
  recoveryAuth(code: string): Promise<{ rcAuth: string }>;
  recover(code: string, found: RecoverySlot, password: KdfParameters): Promise<{ slot: SlotIn }>;
  lock(): Promise<void>;

  sealLocal(plain: string): Promise<string>;
  openLocal(sealed: string): Promise<string>;

  createThread(wish: { patient: PatientOut; patientKeys: PersonKeys; labels: string[]; role: number; consent: OwedObject[]; now: number }): Promise<Batch & { thread: string }>;
  openThread(thread: string, input: { entries: SignedLogEntry[]; people: PersonKeys[]; seals: SealOut[]; now: number }): Promise<LogFacts>;
  closeThread(thread: string): Promise<void>;
  /** DIRECTIVE and REVOKE entries for what is owed, then MEMBER_ADD, EPOCH and HISTORY_SHARE with their seals. */
  settle(thread: string, owed: { objects: OwedObject[]; members: OwedMember[] }, now: number): Promise<Batch>;
  rotate(thread: string, now: number): Promise<Batch>;
  openMessage(thread: string, wire: string): Promise<OpenedMessage>;
  sealMessage(thread: string, message: { msgId: string; device: string; ctr: number; ctype: number; body: string; seen: string; now: number }): Promise<string>;

  signDirective(wish: DirectiveWish): Promise<SignedConsent>;
  signRevocation(patient: string, directive: string, now: number): Promise<SignedConsent>;
}
