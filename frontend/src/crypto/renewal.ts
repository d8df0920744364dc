/** The next keys of a person: by routine, or because somebody else may hold the ones in use (docs/protocol.md 4.7). */
import type { KeyringBlob, MyKeys, SlotIn, UkrBlob } from '../wire.gen';
import { b64 } from './encoding';
import { Ct1Error } from './errors';
import { makeUkr, newIdentity } from './keys';
import { identityOf, openRing, passwordSlot, recoverySlot } from './openKeys';
import type { Derived, OpenKeys } from './openKeys';
import { equal, randomBytes } from './primitives';
import { newest, sealKeyring } from './slots';
import { UkrReason } from './tables.gen';
import type { KdfParameters } from './vaultApi';

export type NewKeys = {
  ukr: UkrBlob;
  keyring: KeyringBlob;
  /** What replaces every way to the keys; null where each stays as it is. */
  locks: { password: SlotIn; recovery: SlotIn } | null;
  /** The text of the new recovery code, which nothing keeps; '' where the old one stays. */
  recoveryCode: string;
};

/**
 * The next generation, signed by the one in use, beside what the server is to store. With `locks` the master key is new
 * too: whoever holds a slot of the old one has nothing of what follows.
 */
export function nextKeys(
  keys: OpenKeys,
  version: number,
  nowMs: number,
  locks: { derived: Derived; asked: KdfParameters } | null,
): { next: OpenKeys; made: NewKeys } {
  const { user, keyring } = keys;
  const old = identityOf(keys);
  const identity = newIdentity(user, old.gen + 1, nowMs);
  const ukr = makeUkr(identity, nowMs, old, locks ? UkrReason.COMPROMISE : UkrReason.ROTATE);
  const ring = { identities: [...keyring.identities, identity], pinsKey: keyring.pinsKey };
  const umk = locks ? randomBytes(32) : keys.umk;
  const recovery = locks ? recoverySlot(user, umk) : null;
  const made: NewKeys = {
    ukr: { ukr: b64(ukr.body), pop: b64(ukr.pop), sig: b64(ukr.sig) },
    keyring: { version, blob: b64(sealKeyring(umk, user, version, ring)) },
    locks: locks && recovery ? { password: passwordSlot(user, umk, locks.derived, locks.asked), recovery: recovery.slot } : null,
    recoveryCode: recovery?.recoveryCode ?? '',
  };
  return { next: { ...keys, umk, keyring: ring }, made };
}

/** The new keys as the server has stored them; E_UNWRAP, E_KEYRING_ROLLBACK or E_KEY_CHANGED when that is not these. */
export function storedKeys(next: OpenKeys, stored: MyKeys): OpenKeys {
  const keyring = openRing(stored, next.umk);
  if (!equal(newest(keyring.identities).fp, identityOf(next).fp)) {
    throw new Ct1Error('E_KEY_CHANGED', 'the server shows other keys than were handed in');
  }
  return { ...next, keyring, published: { bundles: stored.bundles, certificates: stored.certificates } };
}
