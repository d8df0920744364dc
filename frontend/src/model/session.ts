/** Who is signed in at this device, and whether their keys are open. */
import * as api from '../api/account';
import { ApiError, codeOf } from '../api/errors';
import { nameDevice } from '../api/http';
import * as passkeys from '../api/passkeys';
import { PASSWORD_M, PASSWORD_T, SlotKind } from '../crypto/tables.gen';
import type { Config, DemoCast, DemoCode, DeviceOut, EnrolKeys, EnrolmentOffer, Me, PasskeyOut, SecondFactor } from '../wire.gen';
import { newId } from './bytes';
import { heardNow, isFresh, keepDoor, keepMe, readDoor, readMe, wipeDevice, type Door } from './kept';
import { Observable } from './observable';
import type { Vault } from '../crypto/vaultApi';

export type SessionPhase = 'starting' | 'unreachable' | 'signed-out' | 'locked' | 'enrolling' | 'open';

const DEVICE_KEY = 'consilium.device';
/** Whose master key this browser keeps: a session that was ended from elsewhere says no name. */
const REMEMBERED = 'consilium.remembered';

/** The name of this browser: random, made once, and kept with its storage. */
export function deviceOfThisBrowser(): string {
  const known = localStorage.getItem(DEVICE_KEY);
  if (known) return known;
  const made = newId();
  localStorage.setItem(DEVICE_KEY, made);
  return made;
}

function deviceLabel(agent: string): string {
  const browser = /Firefox/.test(agent) ? 'Firefox' : /Edg/.test(agent) ? 'Edge' : /Chrome/.test(agent) ? 'Chrome' : /Safari/.test(agent) ? 'Safari' : 'Browser';
  const system = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS' : /Windows/.test(agent) ? 'Windows' : /Mac/.test(agent) ? 'Mac' : 'Linux';
  return `${browser} on ${system}`;
}

function inFours(text: string): string {
  return text.replace(/(.{4})(?=.)/g, '$1 ');
}

export class Session {
  readonly phase = new Observable<SessionPhase>('starting');
  readonly me = new Observable<Me | null>(null);
  /** What signed in and opens no keys, a passkey without a secret or a provider: the page says what opens them. */
  readonly signedInOnly = new Observable<'' | 'passkey' | 'provider'>('');
  /** Set while this page runs on what the device has: when the server was last heard, in ms. */
  readonly offlineSince = new Observable<number | null>(null);
  /** Whether the device had something, and it was dropped because it was too long without the server. */
  readonly ranOut = new Observable(false);
  readonly device: string;
  readonly #vault: Vault;
  #config: Config | null = null;
  /** Whether the last change of the password gave this browser a new session; null once its old socket is gone. */
  #renewal: Promise<boolean> | null = null;
  /** Keys whose recovery code nobody has confirmed yet. */
  #unconfirmed: EnrolKeys | null = null;

  constructor(vault: Vault) {
    this.#vault = vault;
    this.device = deviceOfThisBrowser();
    nameDevice(this.device);
  }

  readonly knowsPasskeys = passkeys.knowsPasskeys();

  get config(): Config {
    if (!this.#config) throw new Error('The configuration is not here yet.');
    return this.#config;
  }

  /** After a (re)load: signed out, locked, or open at once when this device is remembered. */
  async start(): Promise<void> {
    try {
      this.#config = await api.fetchConfig();
      const me = await api.fetchMe();
      this.me.set(me);
      if (!me.enrolled) {
        await api.signOut();
        this.phase.set('signed-out');
        return;
      }
      const isOpen = await this.#vault.unlockRemembered(await api.fetchMyKeys(), this.config.organisations);
      if (isOpen) await this.#opened();
      else this.phase.set('locked');
    } catch (error) {
      const isRefusal = error instanceof ApiError && (error.status === 401 || error.status === 403);
      if (isRefusal) await this.#forgetAll();
      if (isRefusal) this.phase.set('signed-out');
      else await this.#startFromDevice();
    }
  }

  /** Without a network: open by a remembered device, or locked until the password, or nothing to show. */
  async #startFromDevice(): Promise<void> {
    const door = await this.#freshDoor();
    if (!door) {
      this.phase.set('unreachable');
      return;
    }
    this.#config = door.config;
    this.offlineSince.set(door.heard);
    const isOpen = await this.#vault.unlockRemembered(door.keys, door.config.organisations).catch(() => false);
    if (isOpen) await this.#openFromDevice(door);
    else this.phase.set('locked');
  }

  async #freshDoor(): Promise<Door | null> {
    const door = readDoor();
    if (!door || isFresh(door, Date.now())) return door;
    this.ranOut.set(true);
    await wipeDevice(door.user, false);
    return null;
  }

  async #openFromDevice(door: Door): Promise<void> {
    const me = await readMe(door.user, this.#vault);
    if (!me) {
      await this.#vault.lock();
      this.phase.set('unreachable');
      return;
    }
    this.me.set(me);
    this.phase.set('open');
  }

  /** The server answers: the hours of the device begin anew, and a page that ran without it is one like any other. */
  async heard(): Promise<void> {
    heardNow(Date.now());
    if (this.offlineSince.get() === null) return;
    this.offlineSince.set(null);
    await this.#register();
  }

  /** Called while there is no connection: what was shown too long without the server goes from screen and device. */
  async expire(): Promise<void> {
    const door = readDoor();
    if (!door || this.phase.get() !== 'open' || isFresh(door, Date.now())) return;
    this.ranOut.set(true);
    await this.#vault.lock();
    await wipeDevice(door.user, false);
    this.me.set(null);
    this.phase.set('unreachable');
  }

  async demoCast(): Promise<DemoCast | null> {
    return this.#config?.demo ? api.fetchCast() : null;
  }

  async signIn(email: string, password: string, remember: boolean): Promise<void> {
    const parameters = await api.fetchLoginParameters(email);
    const { auth } = await this.#vault.derive(password, parameters);
    await api.signIn(email, auth);
    await this.#openKeys(remember);
  }

  /** The second step of a sign-in that was refused with `second_factor`; the password is still in the vault. */
  async answerSecondFactor(code: string, remember: boolean): Promise<void> {
    await api.answerSecondFactor(code);
    await this.#openKeys(remember);
  }

  /** Signs in and opens the keys with a passkey alone; one that keeps no secret signs in, and the page asks on. */
  async signInWithPasskey(remember: boolean): Promise<void> {
    const shown = await passkeys.signInWithPasskey(await this.#vault.passkeySalt());
    await this.#openWithPasskey(shown, remember);
  }

  /** After a reload: the passkey opens what the password would. */
  async unlockWithPasskey(remember: boolean): Promise<void> {
    const shown = await passkeys.proveWithPasskey(await this.#vault.passkeySalt());
    await this.#openWithPasskey(shown, remember);
  }

  /** The second step of a sign-in by password; the password is still in the vault. */
  async answerWithPasskey(remember: boolean): Promise<void> {
    await passkeys.answerWithPasskey(await this.#vault.passkeySalt());
    await this.#openKeys(remember);
  }

  async #openWithPasskey(shown: passkeys.Ceremony, remember: boolean): Promise<void> {
    const me = await this.#enrolled();
    const keys = await api.fetchMyKeys();
    if (!shown.prf || !keys.slots.some((slot) => slot.kind === SlotKind.PASSKEY && slot.credential === shown.id)) {
      this.#signedInOnly(me, 'passkey');
      return;
    }
    await this.#vault.unlockWithPasskey(keys, shown.id, shown.prf, this.config.organisations);
    await this.#nowOpen(me, remember);
  }

  #signedInOnly(me: Me, by: 'passkey' | 'provider'): void {
    this.me.set(me);
    this.signedInOnly.set(by);
    this.phase.set('locked');
  }

  /** An identity provider has proved the person: a remembered device opens the keys, else their person does. */
  async signedInByProvider(): Promise<void> {
    const me = await this.#enrolled();
    const isOpen = await this.#vault.unlockRemembered(await api.fetchMyKeys(), this.config.organisations);
    if (isOpen) await this.#nowOpen(me, false);
    else this.#signedInOnly(me, 'provider');
  }

  /** The account's second factor after its provider: a code of the app. */
  async answerAfterProvider(code: string): Promise<void> {
    await api.answerSecondFactor(code);
    await this.signedInByProvider();
  }

  /** The account's second factor after its provider: a passkey, which opens the keys where it can. */
  async answerAfterProviderWithPasskey(): Promise<void> {
    await this.#openWithPasskey(await passkeys.answerWithPasskey(await this.#vault.passkeySalt()), false);
  }

  /** What names one's key in use, in groups of four. */
  async ownFingerprint(): Promise<string> {
    return inFours(await this.#vault.ownFingerprint());
  }

  passkeys(): Promise<PasskeyOut[]> {
    return passkeys.fetchPasskeys().then((found) => found.passkeys);
  }

  /** Registers a passkey and, when it keeps a secret, its slot; answers whether it opens the keys, and new codes. */
  async addPasskey(password: string, name: string): Promise<{ opensKeys: boolean; codes: string[] }> {
    await this.provePassword(password);
    const { made, recoveryCodes } = await passkeys.registerPasskey(name, await this.#vault.passkeySalt());
    if (made.prf) await passkeys.keepPasskeySlot(await this.#vault.passkeySlot(made.id, made.prf));
    return { opensKeys: made.prf !== null, codes: recoveryCodes ? await api.makeRecoveryCodes() : [] };
  }

  async removePasskey(password: string, id: number): Promise<void> {
    await this.provePassword(password);
    await passkeys.removePasskey(id);
  }

  /** A new password for the open keys; every other session of this person ends. */
  async changePassword(current: string, password: string): Promise<void> {
    const { auth: current_auth } = await this.deriveOwn(current);
    const fresh = { salt: newId(), t: PASSWORD_T, m: PASSWORD_M };
    const { auth } = await this.#vault.derive(password, fresh);
    const { slot } = await this.#vault.passwordSlot(fresh);
    await this.replacing(() => api.changePassword({ current_auth, auth, slot }));
    await this.#keepDoorAnew();
  }

  /** Asks for what ends every session but this one, which the server gives another: its old socket is no end of it. */
  async replacing<T>(ask: () => Promise<T>): Promise<T> {
    const asked = ask();
    this.#renewal = asked.then(
      () => true,
      () => false,
    );
    return asked;
  }

  /** The open keys are others now: what this device opens by follows them. */
  async keysReplaced(): Promise<void> {
    const me = await api.fetchMe();
    await this.#forget(me.id);
    this.me.set(me);
    await this.#keepDoorAnew();
  }

  /** What this device would open by without a network must not go on opening by what was replaced. */
  async #keepDoorAnew(): Promise<void> {
    await this.#keepDoor().catch(() => this.#dropDoor(false));
  }

  /** A new recovery code for the open keys; the old one opens nothing from then on. */
  async changeRecoveryCode(password: string): Promise<string> {
    const { auth } = await this.deriveOwn(password);
    const { slot, recoveryCode } = await this.#vault.recoverySlot();
    await api.changeRecoveryCode({ current_auth: auth, slot });
    return recoveryCode;
  }

  secondFactor(): Promise<SecondFactor> {
    return api.fetchSecondFactor();
  }

  async proveSecondFactor(code: string): Promise<void> {
    await api.proveSecondFactor(code);
  }

  /** Proves the person by the password and answers the secret for their app; `confirmSecondFactor` finishes. */
  async offerSecondFactor(password: string): Promise<string> {
    await this.provePassword(password);
    return api.offerSecondFactor();
  }

  /** Switches it on; the recovery codes that it answers are shown once. */
  async confirmSecondFactor(code: string): Promise<string[]> {
    await api.confirmSecondFactor(code);
    return api.makeRecoveryCodes();
  }

  async removeSecondFactor(password: string): Promise<void> {
    await this.provePassword(password);
    await api.removeSecondFactor();
  }

  /** Shows the password again in this session: what asks for a recent proof goes on. */
  async provePassword(password: string): Promise<void> {
    await api.provePassword((await this.deriveOwn(password)).auth);
  }

  /** What the server knows the password of this account by. */
  async deriveOwn(password: string): Promise<{ auth: string }> {
    const me = this.me.get();
    if (!me) throw new ApiError('signed_out', 'Your session has ended.', 401);
    return this.#vault.derive(password, await api.fetchLoginParameters(me.email));
  }

  /** What the app of one of the demonstration's people shows now; null outside of it, and without an app. */
  async demoCode(email: string): Promise<DemoCode | null> {
    if (!this.#config?.demo) return null;
    return api.fetchDemoCode(email).catch(() => null);
  }

  async unlock(password: string, remember: boolean): Promise<void> {
    const door = this.offlineSince.get() === null ? null : await this.#freshDoor();
    if (door) {
      await this.#vault.derive(password, door.parameters);
      await this.#vault.unlock(door.keys, door.config.organisations);
      await this.#openFromDevice(door);
      return;
    }
    await this.deriveOwn(password);
    await this.#openKeys(remember);
  }

  async #enrolled(): Promise<Me> {
    const me = await api.fetchMe();
    if (me.enrolled) return me;
    await api.signOut();
    throw new ApiError('unfinished', 'Your enrolment was not finished. Enter your enrolment code again.', 400);
  }

  async #openKeys(remember: boolean): Promise<void> {
    const me = await this.#enrolled();
    await this.#vault.unlock(await api.fetchMyKeys(), this.config.organisations);
    await this.#nowOpen(me, remember);
  }

  async #nowOpen(me: Me, remember: boolean): Promise<void> {
    if (remember) await this.#remember(me.id);
    this.signedInOnly.set('');
    this.me.set(me);
    await this.#opened();
  }

  async #opened(): Promise<void> {
    await this.#register();
    this.offlineSince.set(null);
    this.ranOut.set(false);
    this.phase.set('open');
    await this.#keepDoor().catch(() => undefined);
  }

  async #register(): Promise<void> {
    const remembered = localStorage.getItem(REMEMBERED) === this.me.get()?.id;
    await api.registerDevice({ id: this.device, label: deviceLabel(navigator.userAgent), remembered });
  }

  /** What opens this device without a network later: wrapped keys, and who one is, sealed. */
  async #keepDoor(): Promise<void> {
    const me = this.me.get();
    if (!me || this.config.offline_hours === 0) return;
    const [keys, parameters] = await Promise.all([api.fetchMyKeys(), api.fetchLoginParameters(me.email)]);
    const before = readDoor();
    if (before && before.user !== me.id) await wipeDevice(before.user, false);
    await keepMe(me, this.#vault);
    keepDoor({ user: me.id, parameters, keys, config: this.config, heard: Date.now() });
  }

  async #remember(user: string): Promise<void> {
    await this.#vault.remember(user);
    localStorage.setItem(REMEMBERED, user);
  }

  async #forget(user: string): Promise<void> {
    localStorage.removeItem(REMEMBERED);
    await this.#vault.forget(user);
  }

  /** The session is gone, perhaps by its person's word on another device: what opens here without one goes too. */
  async #forgetAll(): Promise<void> {
    const user = localStorage.getItem(REMEMBERED) ?? readDoor()?.user;
    if (user) await this.#forget(user);
    await this.#dropDoor(false);
  }

  async #dropDoor(everything: boolean): Promise<void> {
    const user = this.me.get()?.id ?? readDoor()?.user;
    if (user) await wipeDevice(user, everything).catch(() => undefined);
  }

  lookAtEnrolment(code: string): Promise<EnrolmentOffer> {
    return api.lookAtEnrolment(code);
  }

  /**
   * Makes the account and its keys; answers the recovery code, which is shown once and never kept. Nobody has these keys
   * before `confirmEnrolment`: an account that loses its code unconfirmed is enrolled with its code again.
   */
  async enrol(wish: { code: string; name: string; email: string; password: string }): Promise<string> {
    this.phase.set('enrolling');
    try {
      const parameters = await api.fetchLoginParameters(wish.email);
      const { auth } = await this.#vault.derive(wish.password, parameters);
      await this.#signUpOrIn(wish.email, auth, wish.code);
      const me = await api.fetchMe();
      const made = await this.#vault.makeKeys(me.id, parameters, Date.now());
      this.#unconfirmed = { enrolment_code: wish.code, name: wish.name, ukr: made.ukr, slots: made.slots, keyring: made.keyring };
      return made.recoveryCode;
    } catch (error) {
      this.phase.set('signed-out');
      throw error;
    }
  }

  /** A sign-up that broke off before its keys were made is resumed by signing in. */
  async #signUpOrIn(email: string, auth: string, code: string): Promise<void> {
    try {
      await api.signUp(email, auth, code);
    } catch (error) {
      if (!['email_taken', 'unknown', 'already_enrolled'].includes(codeOf(error))) throw error;
      await api.signIn(email, auth);
    }
  }

  /** The recovery code was confirmed: the keys are handed in, and the app opens. */
  async confirmEnrolment(): Promise<void> {
    if (!this.#unconfirmed) throw new Error('Nothing was made. Please begin again.');
    await this.#vault.unlock(await api.enrolKeys(this.#unconfirmed), this.config.organisations);
    this.#unconfirmed = null;
    await this.#nowOpen(await api.fetchMe(), false);
  }

  /** Signed in anew with keys that the derived password opens, and with nothing else that this device had. */
  async beginAnew(user: string): Promise<void> {
    await Promise.all([this.#vault.forget(user), this.#vault.forgetSeen(user), wipeDevice(user, true)]);
    await this.#openKeys(false);
  }

  /** The new recovery code was confirmed: the app opens. */
  finishRecovery(): Promise<void> {
    return this.#opened();
  }

  /** The recovery code alone: a new password, open keys, and a new code, which is shown once. */
  async recover(email: string, code: string, password: string): Promise<string> {
    const { rcAuth } = await this.#vault.recoveryAuth(code);
    const found = await api.openRecovery(email, rcAuth);
    const parameters = await api.fetchLoginParameters(email);
    const fresh = { ...parameters, salt: newId() };
    const { auth } = await this.#vault.derive(password, fresh);
    const { slot, recovery, recoveryCode } = await this.#vault.recover(code, found, fresh);
    await api.finishRecovery({ email, rc_auth: rcAuth, auth, slot, recovery });
    await this.#vault.unlock(await api.fetchMyKeys(), this.config.organisations);
    this.me.set(await api.fetchMe());
    return recoveryCode;
  }

  async devices(): Promise<DeviceOut[]> {
    return (await api.fetchDevices()).devices;
  }

  /** Ends the session on another device: its socket closes, and it wipes what it remembers when it hears. */
  async signOutDevice(number: number): Promise<void> {
    await api.signOutDevice(number);
  }

  async signOutOthers(): Promise<void> {
    await api.signOutOthers();
  }

  async signOut(): Promise<void> {
    await this.#close(() => api.signOut(), true);
  }

  async signOutEverywhere(): Promise<void> {
    await this.#close(() => api.signOutEverywhere().then(() => undefined), true);
  }

  /**
   * The server says that the session has ended: the keys go with it. False when it stands all the same: a new password
   * gives this browser another session, and the socket of the old one is closed before the answer is here.
   */
  async ended(): Promise<boolean> {
    const renewal = this.#renewal;
    this.#renewal = null;
    if (renewal && (await renewal)) return false;
    await this.#close(() => Promise.resolve(), false);
    return true;
  }

  /** The keys go first, so that nothing that is still under way can seal anything anew. */
  async #close(leave: () => Promise<void>, everything: boolean): Promise<void> {
    const me = this.me.get();
    if (me) await this.#forget(me.id);
    await this.#vault.lock();
    await this.#dropDoor(everything);
    try {
      await leave();
    } finally {
      this.me.set(null);
      this.offlineSince.set(null);
      this.signedInOnly.set('');
      this.phase.set('signed-out');
    }
  }
}
