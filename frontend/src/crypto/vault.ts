/** The vault as the page holds it: typed calls to the Worker that has the keys. */
import { startWorker } from './trustedWorker';
import type { Vault } from './vaultApi';

export type * from './vaultApi';

export type VaultMethod = keyof Vault;
export type VaultCall = { id: number; method: VaultMethod; args: unknown[] };
export type VaultAnswer = { id: number; ok: true; value: unknown } | { id: number; ok: false; code: string; message: string };
export type VaultReady = { ready: true };

/** A refusal from the vault; `code` is a CT1 code (docs/protocol.md 5) or one of the vault's own. */
export class VaultRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'VaultRefusal';
    this.code = code;
  }
}

type Answer<K extends VaultMethod> = Awaited<ReturnType<Vault[K]>>;
type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void };

class Line {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready: Promise<void>;
  #next = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    let isReady: () => void = () => undefined;
    // What is posted before the Worker has loaded libsodium would be lost: its module awaits at the top level.
    this.#ready = new Promise((resolve) => (isReady = resolve));
    worker.onmessage = ({ data }: MessageEvent<VaultAnswer | VaultReady>) => {
      if ('ready' in data) isReady();
      else this.#settle(data);
    };
    worker.onerror = () => {
      const error = new VaultRefusal('internal', 'The key worker has stopped. Please reload the page.');
      for (const one of this.#waiting.values()) one.reject(error);
      this.#waiting.clear();
    };
  }

  async ask<K extends VaultMethod>(method: K, ...args: Parameters<Vault[K]>): Promise<Answer<K>> {
    await this.#ready;
    const id = this.#next++;
    const transfer = args.filter((one) => one instanceof MessagePort);
    return new Promise<Answer<K>>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const call: VaultCall = { id, method, args };
      this.#worker.postMessage(call, transfer);
    });
  }

  #settle(answer: VaultAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.ok) waiting?.resolve(answer.value as never);
    else waiting?.reject(new VaultRefusal(answer.code, answer.message));
  }
}

/** Starts the Worker; one a page. */
export function createVault(): Vault {
  const line = new Line(startWorker('vault'));
  return {
    derive: (...args) => line.ask('derive', ...args),
    makeKeys: (...args) => line.ask('makeKeys', ...args),
    unlock: (...args) => line.ask('unlock', ...args),
    passwordSlot: (...args) => line.ask('passwordSlot', ...args),
    remember: (...args) => line.ask('remember', ...args),
    unlockRemembered: (...args) => line.ask('unlockRemembered', ...args),
    forget: (...args) => line.ask('forget', ...args),
    forgetSeen: (...args) => line.ask('forgetSeen', ...args),
    recoveryAuth: (...args) => line.ask('recoveryAuth', ...args),
    recover: (...args) => line.ask('recover', ...args),
    recoverySlot: () => line.ask('recoverySlot'),
    makeNewKeys: (...args) => line.ask('makeNewKeys', ...args),
    takeNewKeys: (...args) => line.ask('takeNewKeys', ...args),
    passkeySalt: () => line.ask('passkeySalt'),
    passkeySlot: (...args) => line.ask('passkeySlot', ...args),
    unlockWithPasskey: (...args) => line.ask('unlockWithPasskey', ...args),
    ownFingerprint: () => line.ask('ownFingerprint'),
    lock: () => line.ask('lock'),
    sealLocal: (...args) => line.ask('sealLocal', ...args),
    openLocal: (...args) => line.ask('openLocal', ...args),
    hearWords: (...args) => line.ask('hearWords', ...args),
    findWords: (...args) => line.ask('findWords', ...args),
    coverOfWords: (...args) => line.ask('coverOfWords', ...args),
    forgetWords: (...args) => line.ask('forgetWords', ...args),
    threadsOfWords: () => line.ask('threadsOfWords'),
    recordsKey: (...args) => line.ask('recordsKey', ...args),
    createThread: (...args) => line.ask('createThread', ...args),
    openThread: (...args) => line.ask('openThread', ...args),
    closeThread: (...args) => line.ask('closeThread', ...args),
    settle: (...args) => line.ask('settle', ...args),
    rotate: (...args) => line.ask('rotate', ...args),
    endThread: (...args) => line.ask('endThread', ...args),
    compareKeys: (...args) => line.ask('compareKeys', ...args),
    checkScanned: (...args) => line.ask('checkScanned', ...args),
    acceptKey: (...args) => line.ask('acceptKey', ...args),
    comparePerson: (...args) => line.ask('comparePerson', ...args),
    checkScannedPerson: (...args) => line.ask('checkScannedPerson', ...args),
    acceptPerson: (...args) => line.ask('acceptPerson', ...args),
    takePins: (...args) => line.ask('takePins', ...args),
    duePins: () => line.ask('duePins'),
    removeMember: (...args) => line.ask('removeMember', ...args),
    openMessage: (...args) => line.ask('openMessage', ...args),
    openMessages: (...args) => line.ask('openMessages', ...args),
    forgetArrivals: (...args) => line.ask('forgetArrivals', ...args),
    sealMessage: (...args) => line.ask('sealMessage', ...args),
    signUrgency: (...args) => line.ask('signUrgency', ...args),
    signAck: (...args) => line.ask('signAck', ...args),
    readUrgencies: (...args) => line.ask('readUrgencies', ...args),
    sealFile: (...args) => line.ask('sealFile', ...args),
    sealFilePart: (...args) => line.ask('sealFilePart', ...args),
    endSealingFile: (...args) => line.ask('endSealingFile', ...args),
    openFile: (...args) => line.ask('openFile', ...args),
    openFilePart: (...args) => line.ask('openFilePart', ...args),
    endOpeningFile: (...args) => line.ask('endOpeningFile', ...args),
    dropFile: (...args) => line.ask('dropFile', ...args),
    signDirective: (...args) => line.ask('signDirective', ...args),
    signRevocation: (...args) => line.ask('signRevocation', ...args),
    draftDirective: (...args) => line.ask('draftDirective', ...args),
    draftRevocation: (...args) => line.ask('draftRevocation', ...args),
    draftHandOver: (...args) => line.ask('draftHandOver', ...args),
    readSaid: (...args) => line.ask('readSaid', ...args),
    signSaid: (...args) => line.ask('signSaid', ...args),
    declareEmergency: (...args) => line.ask('declareEmergency', ...args),
    cosignEmergency: (...args) => line.ask('cosignEmergency', ...args),
    joinCall: (...args) => line.ask('joinCall', ...args),
    callRoster: (...args) => line.ask('callRoster', ...args),
    rekeyCall: (...args) => line.ask('rekeyCall', ...args),
    takeCallKey: (...args) => line.ask('takeCallKey', ...args),
    connectMedia: (...args) => line.ask('connectMedia', ...args),
    leaveCall: (...args) => line.ask('leaveCall', ...args),
  };
}
