/** The open keys of one person inside the Worker: made, wrapped, opened; nothing here leaves unwrapped. */
import type { CertificateBlob, ComplianceKeyBlob, KeyringBlob, MyKeys, OrganisationOut, RecoverySlot, SlotIn, SlotOut, UkrBlob } from '../wire.gen';
import { verifyComplianceKey } from './compliance';
import type { ComplianceKey } from './compliance';
import type { DeviceStore } from './deviceStore';
import { b64, fromUtf8, unb64, utf8 } from './encoding';
import { Ct1Error, VaultError } from './errors';
import { makeUkr, NO_FP, newIdentity, rootFingerprint, verifyUkr } from './keys';
import type { Identity, Ukr } from './keys';
import { aeadOpen, aeadSeal, concat, equal, kdf, NONCE_BYTES, randomBytes } from './primitives';
import {
  newest,
  openKeyring,
  parseRecovery,
  passkeyKek,
  passwordRoot,
  recoveryAuth,
  recoveryKek,
  RECOVERY_BYTES,
  recoveryText,
  sealKeyring,
  slotAssociated,
  unwrapUmk,
  wrapUmk,
} from './slots';
import type { Keyring, PasswordRoot, SlotTerms } from './slots';
import { Label, SlotKind, UkrReason } from './tables.gen';
import type { KdfParameters, LostKeys, MadeKeys, RecoveredSlots } from './vaultApi';

const REMEMBER_MS = 12 * 3600 * 1000;
const NO_SALT = new Uint8Array(16);
const NOTHING = new Uint8Array(0);

/** A person's keys in use, and the roots pinned for this session. */
export type OpenKeys = {
  readonly user: Uint8Array;
  readonly umk: Uint8Array;
  readonly keyring: Keyring;
  /** One's own records as everybody may have them. */
  readonly published: { bundles: UkrBlob[]; certificates: CertificateBlob[] };
  readonly organisations: readonly { readonly id: Uint8Array; readonly rootPk: Uint8Array; readonly rootFp: Uint8Array }[];
};

/** What `derive` left behind, until the keys open or the vault is locked. */
export type Derived = { readonly root: PasswordRoot; readonly parameters: KdfParameters };

export function deriveRoot(password: string, parameters: KdfParameters): Derived {
  return { root: passwordRoot(password, unb64(parameters.salt), parameters.t, parameters.m), parameters };
}

declare const CONSILIUM_ROOTS: string | undefined;

/** Fingerprints that were built into this client, which no server can add to; none: its word at sign-in is taken. */
const BUILT_IN: readonly string[] = (typeof CONSILIUM_ROOTS === 'string' ? CONSILIUM_ROOTS : '').split(/[\s,]+/).filter(Boolean);

/**
 * Roots as the configuration gives them, of the `built` ones alone where there are any; E_CERT when a fingerprint is not
 * its key's.
 */
export function pinned(organisations: readonly OrganisationOut[], built: readonly string[] = BUILT_IN): OpenKeys['organisations'] {
  const told = organisations.map((one) => {
    const rootPk = unb64(one.root_pk);
    const rootFp = rootFingerprint(rootPk);
    if (b64(rootFp) !== one.root_fp) throw new Ct1Error('E_CERT', "the root's fingerprint is not its key's");
    return { id: unb64(one.id), rootPk, rootFp };
  });
  return built.length ? told.filter(({ rootFp }) => built.includes(b64(rootFp))) : told;
}

/** The records key that a thread about an organisation's patient names; E_COMPLIANCE or E_SIG for another's word. */
export function complianceKeyOf(keys: OpenKeys, organisation: string, offered: ComplianceKeyBlob | null): ComplianceKey | null {
  if (!offered) return null;
  const pinnedOne = keys.organisations.find((one) => b64(one.id) === organisation);
  if (!pinnedOne) throw new Ct1Error('E_COMPLIANCE', 'the organisation was not here at sign-in');
  return verifyComplianceKey(offered, pinnedOne.id, pinnedOne.rootPk);
}

function slotIn(terms: SlotTerms, blob: Uint8Array, rcAuth: Uint8Array | null): SlotIn {
  return {
    kind: terms.kind,
    slot_id: b64(terms.slotId),
    salt: b64(terms.salt),
    t: terms.t,
    m: terms.m,
    blob: b64(blob),
    rc_auth: rcAuth ? b64(rcAuth) : null,
    credential: null,
  };
}

/** A recovery slot of a master key and its code, which nothing keeps. */
export function recoverySlot(user: Uint8Array, umk: Uint8Array): { slot: SlotIn; recoveryCode: string } {
  const code = randomBytes(RECOVERY_BYTES);
  const terms: SlotTerms = { user, kind: SlotKind.RECOVERY, slotId: randomBytes(16), t: 0, m: 0, salt: NO_SALT };
  const slot = slotIn(terms, wrapUmk(umk, recoveryKek(code, terms.slotId), terms), recoveryAuth(code));
  return { slot, recoveryCode: recoveryText(code) };
}

/** A slot of the open keys that this passkey's secret opens. */
export function passkeySlot(keys: OpenKeys, credential: string, prf: Uint8Array): SlotIn {
  const terms: SlotTerms = { user: keys.user, kind: SlotKind.PASSKEY, slotId: randomBytes(16), t: 0, m: 0, salt: NO_SALT };
  const blob = wrapUmk(keys.umk, passkeyKek(prf, unb64(credential)), terms);
  return { ...slotIn(terms, blob, null), credential };
}

/** A password slot of a master key under what was derived last; E_UNWRAP when that was for other parameters. */
export function passwordSlot(user: Uint8Array, umk: Uint8Array, derived: Derived, asked: KdfParameters): SlotIn {
  const { salt, t, m } = derived.parameters;
  if (asked.salt !== salt || asked.t !== t || asked.m !== m) {
    throw new VaultError('no_password', 'The password was derived with other parameters.');
  }
  const terms: SlotTerms = { user, kind: SlotKind.PASSWORD, slotId: randomBytes(16), t, m, salt: unb64(salt) };
  return slotIn(terms, wrapUmk(umk, derived.root.kek, terms), null);
}

/** The first keys of an account, or those that follow `lost` ones unsigned; answers the recovery code, which nothing keeps. */
export function makeKeys(user: Uint8Array, derived: Derived, asked: KdfParameters, nowMs: number, lost: LostKeys | null): MadeKeys {
  const identity = newIdentity(user, lost ? newestOf(lost.bundles).gen + 1 : 1, nowMs);
  const version = lost?.version ?? 1;
  const umk = randomBytes(32);
  const recovery = recoverySlot(user, umk);
  const ukr = makeUkr(identity, nowMs, null, lost ? UkrReason.RESET : UkrReason.FIRST);
  const keyring: KeyringBlob = {
    version,
    blob: b64(sealKeyring(umk, user, version, { identities: [identity], pinsKey: randomBytes(32) })),
  };
  return {
    ukr: { ukr: b64(ukr.body), pop: b64(ukr.pop), sig: b64(ukr.sig) },
    fp: b64(identity.fp),
    slots: [passwordSlot(user, umk, derived, asked), recovery.slot],
    keyring,
    recoveryCode: recovery.recoveryCode,
  };
}

/** Generation and fingerprint of the newest of a person's key records, each verified to continue the last. */
function newestOf(bundles: readonly UkrBlob[]): { gen: number; fp: Uint8Array } {
  let last: Ukr | null = null;
  for (const { ukr, pop, sig } of bundles) {
    last = verifyUkr({ body: unb64(ukr), pop: unb64(pop), sig: unb64(sig) }, last);
  }
  return last ? { gen: last.gen, fp: last.fp } : { gen: 0, fp: NO_FP };
}

type Stored = { readonly user: string; readonly bundles: readonly UkrBlob[]; readonly keyring: KeyringBlob };

/** E_KEYRING_ROLLBACK for an old keyring, E_KEY_CHANGED when the server shows other keys than the keyring holds. */
export function openRing(stored: Stored, umk: Uint8Array): Keyring {
  const known = newestOf(stored.bundles);
  const keyring = openKeyring(umk, unb64(stored.user), stored.keyring.version, unb64(stored.keyring.blob), known.gen);
  const mine = newest(keyring.identities);
  if (mine.gen === known.gen && !equal(mine.fp, known.fp)) {
    throw new Ct1Error('E_KEY_CHANGED', 'the server shows other keys for this account than the keyring holds');
  }
  return keyring;
}

function opened(keys: MyKeys, umk: Uint8Array, organisations: readonly OrganisationOut[]): OpenKeys {
  const published = { bundles: keys.bundles, certificates: keys.certificates };
  return { user: unb64(keys.user), umk, keyring: openRing(keys, umk), published, organisations: pinned(organisations) };
}

function unwrap(user: string, slot: SlotOut, kek: Uint8Array): Uint8Array {
  const terms = { user: unb64(user), kind: slot.kind as SlotKind, slotId: unb64(slot.slot_id), t: slot.t, m: slot.m, salt: unb64(slot.salt) };
  return unwrapUmk(unb64(slot.blob), kek, terms);
}

export function unlockWithPassword(keys: MyKeys, derived: Derived, organisations: readonly OrganisationOut[]): OpenKeys {
  const slot = keys.slots.find((one) => one.kind === SlotKind.PASSWORD);
  if (!slot) throw new Ct1Error('E_UNWRAP', 'there is no password slot');
  const umk = unwrap(keys.user, slot, derived.root.kek);
  return opened(keys, umk, organisations);
}

/** E_UNWRAP when this passkey has no slot: it signs in, and something else must open the keys. */
export function unlockWithPasskey(
  keys: MyKeys,
  credential: string,
  prf: Uint8Array,
  organisations: readonly OrganisationOut[],
): OpenKeys {
  const slot = keys.slots.find((one) => one.kind === SlotKind.PASSKEY && one.credential === credential);
  if (!slot) throw new Ct1Error('E_UNWRAP', 'this passkey has no slot');
  return opened(keys, unwrap(keys.user, slot, passkeyKek(prf, unb64(credential))), organisations);
}

/** Slots for a new password and a new recovery code, by the old code, which is spent. */
export function recoverSlots(code: string, found: RecoverySlot, derived: Derived, asked: KdfParameters): RecoveredSlots {
  const kek = recoveryKek(parseRecovery(code), unb64(found.slot.slot_id));
  const umk = unwrap(found.user, found.slot, kek);
  openRing(found, umk);
  const user = unb64(found.user);
  const { slot: recovery, recoveryCode } = recoverySlot(user, umk);
  return { slot: passwordSlot(user, umk, derived, asked), recovery, recoveryCode };
}

function rememberTerms(user: Uint8Array, slotId: Uint8Array): Uint8Array {
  return slotAssociated({ user, kind: SlotKind.REMEMBERED_DEVICE, slotId, t: 0, m: 0, salt: NO_SALT });
}

/** Keeps the master key for twelve hours; the wrapping key cannot be read out, only used in this browser profile. */
export async function remember(store: DeviceStore, keys: OpenKeys, nowMs: number): Promise<void> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const slotId = randomBytes(16);
  const additionalData = new Uint8Array(rememberTerms(keys.user, slotId));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, new Uint8Array(keys.umk));
  await store.remember({ user: b64(keys.user), key, nonce, blob: new Uint8Array(sealed), slotId, until: nowMs + REMEMBER_MS });
}

/** The keys that this device remembers, or null; what is too old or does not open is forgotten. */
export async function unlockRemembered(
  store: DeviceStore,
  keys: MyKeys,
  organisations: readonly OrganisationOut[],
  nowMs: number,
): Promise<OpenKeys | null> {
  const row = await store.remembered(keys.user);
  if (!row) return null;
  const isFresh = nowMs < row.until && row.until <= nowMs + REMEMBER_MS;
  const umk = isFresh ? await openRemembered(row.key, row.nonce, row.blob, rememberTerms(unb64(keys.user), row.slotId)) : null;
  const found = umk && openedBy(keys, umk, organisations);
  if (!found) await store.forget(keys.user);
  return found;
}

/** Null for a master key that another has taken the place of, on another device. */
function openedBy(keys: MyKeys, umk: Uint8Array, organisations: readonly OrganisationOut[]): OpenKeys | null {
  try {
    return opened(keys, umk, organisations);
  } catch (error) {
    if (error instanceof Ct1Error && error.code === 'E_UNWRAP') return null;
    throw error;
  }
}

async function openRemembered(key: CryptoKey, nonce: Uint8Array, blob: Uint8Array, terms: Uint8Array): Promise<Uint8Array | null> {
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(nonce), additionalData: new Uint8Array(terms) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, new Uint8Array(blob)));
  } catch {
    return null;
  }
}

/** What is kept on a device must open under the next master key too: the keyring's own key stays through all of them. */
function localKey({ keyring, user }: OpenKeys): Uint8Array {
  return kdf(keyring.pinsKey, Label.LOCAL, user);
}

/** `nonce ‖ AEAD` of a text for this person's own store, which every device with the keys opens. */
export function sealLocal(keys: OpenKeys, plain: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  return b64(concat(nonce, aeadSeal(localKey(keys), nonce, utf8(plain), NOTHING)));
}

export function openLocal(keys: OpenKeys, sealed: string): string {
  const raw = unb64(sealed);
  return fromUtf8(aeadOpen(localKey(keys), raw.slice(0, NONCE_BYTES), raw.slice(NONCE_BYTES), NOTHING));
}

/** The key of the index of words, and whose it is: under a renewed key nothing of it opens, and it is made anew. */
export function wordsKey(keys: OpenKeys): { key: Uint8Array; owner: Uint8Array } {
  return { key: kdf(keys.umk, Label.LOCAL, concat(keys.user, utf8('words'))), owner: concat(keys.user, identityOf(keys).fp) };
}

/** The generation in use. */
export function identityOf(keys: OpenKeys): Identity {
  return newest(keys.keyring.identities);
}
