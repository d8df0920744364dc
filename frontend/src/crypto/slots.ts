/**
 * The user master key and the slots that wrap it: password, passkey and recovery code (docs/protocol.md 3.3).
 * Wrapping is symmetric only: a server that could seal to a public slot key could plant a keyring of its own.
 */
import { Reader, utf8, Writer } from './encoding';
import { Ct1Error } from './errors';
import { makeIdentity } from './keys';
import type { Identity } from './keys';
import { aeadOpen, aeadSeal, argon2id, blake2b, concat, domain, equal, kdf, NONCE_BYTES, randomBytes } from './primitives';
import type { Random } from './primitives';
import { Label, PASSWORD_M, PASSWORD_MAX_M, PASSWORD_MAX_T, PASSWORD_T } from './tables.gen';
import type { SlotKind } from './tables.gen';

const NO_PEPPER = new Uint8Array(32);
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const READ_AS: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0' };
export const RECOVERY_BYTES = 20;
const PRF_BYTES = 32;

/** What a password comes to: `auth` is shown to the server, `kek` wraps the master key and never leaves. */
export type PasswordRoot = { readonly auth: Uint8Array; readonly kek: Uint8Array };

/** What a slot's associated data binds; `t` passes and `m` bytes of Argon2id, zero where no password is used. */
export type SlotTerms = {
  readonly user: Uint8Array;
  readonly kind: SlotKind;
  readonly slotId: Uint8Array;
  readonly t: number;
  readonly m: number;
  readonly salt: Uint8Array;
};

/** A person's private keys of every generation, and the key of their pins. */
export type Keyring = { readonly identities: readonly Identity[]; readonly pinsKey: Uint8Array };

export function slotAssociated(terms: SlotTerms): Uint8Array {
  const writer = new Writer(Label.SLOT).fixed(terms.user, 16).u8(terms.kind).fixed(terms.slotId, 16);
  return writer.u32(terms.t).u64(terms.m).fixed(terms.salt, 16).done();
}

/** Argon2id, split in halves that cannot be computed from each other; E_KDF_WEAK and E_KDF_DOS bound the server. */
export function passwordRoot(
  password: string,
  salt: Uint8Array,
  t: number = PASSWORD_T,
  m: number = PASSWORD_M,
  pepper: Uint8Array = NO_PEPPER,
): PasswordRoot {
  if (t < PASSWORD_T || m < PASSWORD_M) {
    throw new Ct1Error('E_KDF_WEAK', 'the server asks for weaker password hashing than is allowed');
  }
  if (t > PASSWORD_MAX_T || m > PASSWORD_MAX_M) {
    throw new Ct1Error('E_KDF_DOS', 'the server asks for more password hashing than is reasonable');
  }
  const root = argon2id(utf8(password), salt, t, m, 64);
  return { auth: kdf(root.slice(0, 32), Label.AUTH), kek: kdf(root.slice(32), Label.SLOT_KEK, pepper) };
}

/** `commitment ‖ nonce ‖ AEAD(master key)`; the commitment makes one blob open under one key only. */
export function wrapUmk(umk: Uint8Array, kek: Uint8Array, terms: SlotTerms, rng: Random = randomBytes): Uint8Array {
  const nonce = rng(NONCE_BYTES);
  return concat(kdf(kek, Label.SLOT_COMMIT), nonce, aeadSeal(kek, nonce, umk, slotAssociated(terms)));
}

/** The master key; throws E_UNWRAP for a wrong password or code, or a slot of somebody else. */
export function unwrapUmk(blob: Uint8Array, kek: Uint8Array, terms: SlotTerms): Uint8Array {
  if (!equal(blob.slice(0, 32), kdf(kek, Label.SLOT_COMMIT))) {
    throw new Ct1Error('E_UNWRAP', 'the slot does not open with this key');
  }
  const nonce = blob.slice(32, 32 + NONCE_BYTES);
  if (nonce.length !== NONCE_BYTES) throw new Ct1Error('E_UNWRAP', 'the slot is cut short');
  return aeadOpen(kek, nonce, blob.slice(32 + NONCE_BYTES), slotAssociated(terms), 'E_UNWRAP');
}

function checkCharacter(data: Uint8Array): string {
  return ALPHABET.charAt((blake2b(data, null, 16)[0] ?? 0) & 31);
}

/** 20 bytes as 32 characters of Crockford's base32 and a check character, in groups of four. */
export function recoveryText(code: Uint8Array): string {
  let number = code.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let letters = '';
  for (let index = 0; index < 32; index++) {
    letters = ALPHABET.charAt(Number(number & 31n)) + letters;
    number >>= 5n;
  }
  return (letters + checkCharacter(code)).match(/.{1,4}/g)?.join('-') ?? '';
}

/** The 20 bytes of a typed code; throws E_UNWRAP for a slip of the pen, before anything is asked of the server. */
export function parseRecovery(text: string): Uint8Array {
  const typed = text.toUpperCase().replace(/[\s-]/gu, '');
  const letters = [...typed].map((letter) => READ_AS[letter] ?? letter);
  if (letters.length !== 33 || letters.some((letter) => !ALPHABET.includes(letter))) {
    throw new Ct1Error('E_UNWRAP', 'a recovery code has 33 letters and digits');
  }
  let number = letters.slice(0, 32).reduce((sum, letter) => (sum << 5n) | BigInt(ALPHABET.indexOf(letter)), 0n);
  const code = new Uint8Array(RECOVERY_BYTES);
  for (let at = RECOVERY_BYTES - 1; at >= 0; at--) {
    code[at] = Number(number & 255n);
    number >>= 8n;
  }
  if (letters[32] !== checkCharacter(code)) throw new Ct1Error('E_UNWRAP', 'the recovery code has a typing mistake');
  return code;
}

/** What a passkey's PRF is asked for: one for everybody, since an empty browser asks before it knows for whom. */
export function passkeySalt(): Uint8Array {
  return domain(Label.PRF, new Uint8Array(0));
}

/** The key of a passkey's slot, of the 32 bytes that its PRF answered; E_UNWRAP when it answered nothing. */
export function passkeyKek(prf: Uint8Array, credential: Uint8Array): Uint8Array {
  if (prf.length !== PRF_BYTES) throw new Ct1Error('E_UNWRAP', 'the passkey keeps no secret that could open the keys');
  return kdf(prf, Label.SLOT_KEK_PRF, credential);
}

export function recoveryKek(code: Uint8Array, slotId: Uint8Array): Uint8Array {
  return kdf(blake2b(code), Label.SLOT_KEK_RC, slotId);
}

/** What fetches the recovery slot from the server; the key of the slot cannot be computed from it. */
export function recoveryAuth(code: Uint8Array): Uint8Array {
  return kdf(blake2b(code), Label.RC_AUTH);
}

/** `nonce ‖ AEAD(keyring)` under the master key. */
export function sealKeyring(
  umk: Uint8Array,
  user: Uint8Array,
  version: number,
  keyring: Keyring,
  rng: Random = randomBytes,
): Uint8Array {
  const nonce = rng(NONCE_BYTES);
  const body = new Writer().each(keyring.identities, writeIdentity).fixed(keyring.pinsKey, 32).done();
  return concat(nonce, aeadSeal(kdf(umk, Label.KEYRING, user), nonce, body, keyringTerms(user, version)));
}

/** The keyring; E_UNWRAP when it is not this version's, E_KEYRING_ROLLBACK when it lacks a generation known. */
export function openKeyring(
  umk: Uint8Array,
  user: Uint8Array,
  version: number,
  blob: Uint8Array,
  newestGen = 0,
): Keyring {
  const key = kdf(umk, Label.KEYRING, user);
  const body = aeadOpen(key, blob.slice(0, NONCE_BYTES), blob.slice(NONCE_BYTES), keyringTerms(user, version), 'E_UNWRAP');
  const reader = new Reader(body);
  const identities = reader.each((inner) => readIdentity(inner, user));
  const pinsKey = reader.fixed(32);
  reader.done();
  if (newestGen > Math.max(0, ...identities.map((identity) => identity.gen))) {
    throw new Ct1Error('E_KEYRING_ROLLBACK', 'the server gave an older keyring');
  }
  return { identities, pinsKey };
}

function keyringTerms(user: Uint8Array, version: number): Uint8Array {
  return domain(Label.KEYRING, new Writer().fixed(user, 16).u64(version).done());
}

function writeIdentity(writer: Writer, identity: Identity): void {
  writer.u32(identity.gen).fixed(identity.signSeed, 32).fixed(identity.boxSeed, 32).u64(identity.created);
}

function readIdentity(reader: Reader, user: Uint8Array): Identity {
  const gen = reader.u32();
  const signSeed = reader.fixed(32);
  const boxSeed = reader.fixed(32);
  return makeIdentity(user, gen, signSeed, boxSeed, reader.u64());
}

/** The generation in use. */
export function newest(identities: readonly Identity[]): Identity {
  const [first, ...rest] = identities;
  if (!first) throw new Ct1Error('E_UNWRAP', 'an empty keyring');
  return rest.reduce((best, one) => (one.gen > best.gen ? one : best), first);
}
