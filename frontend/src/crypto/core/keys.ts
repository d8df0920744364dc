/** The keys themselves: made, opened, wrapped for each way in, and what only they open on this device. */
import { b64, unb64 } from '../encoding';
import { VaultError } from '../errors';
import * as open from '../openKeys';
import { nextKeys, storedKeys } from '../renewal';
import { parseRecovery, passkeySalt, recoveryAuth } from '../slots';
import type { KeyVault } from '../vaultApi';
import { later } from './openVault';
import type { OpenVault } from './openVault';

export function keysOf(vault: OpenVault): KeyVault {
  return {
    derive: (password, parameters) => later(() => {
      vault.derived = open.deriveRoot(password, parameters);
      return { auth: b64(vault.derived.root.auth) };
    }),

    makeKeys: (user, password, now, lost) => later(() => open.makeKeys(unb64(user), vault.derived, password, now, lost ?? null)),

    unlock: (keys, organisations) => later(() => {
      vault.use(open.unlockWithPassword(keys, vault.derived, organisations));
    }),

    passwordSlot: (password) => later(() => {
      const { user, umk } = vault.keys;
      return { slot: open.passwordSlot(user, umk, vault.derived, password) };
    }),

    remember: async (user) => {
      if (b64(vault.keys.user) !== user) throw new VaultError('locked', 'Other keys are open.');
      await open.remember(vault.store, vault.keys, vault.clock());
    },

    unlockRemembered: async (keys, organisations) => {
      const found = await open.unlockRemembered(vault.store, keys, organisations, vault.clock());
      if (found) vault.use(found);
      return found !== null;
    },

    forget: async (user) => {
      await vault.store.forget(user);
    },

    forgetSeen: (user) => vault.store.dropPins(user),

    recoveryAuth: (code) => later(() => ({ rcAuth: b64(recoveryAuth(parseRecovery(code))) })),
    recover: (code, found, password) => later(() => open.recoverSlots(code, found, vault.derived, password)),
    recoverySlot: () => later(() => open.recoverySlot(vault.keys.user, vault.keys.umk)),
    makeNewKeys: (version, now, password) => later(() => {
      const { next, made } = nextKeys(vault.keys, version, now, password && { derived: vault.derived, asked: password });
      vault.next = next;
      return made;
    }),

    takeNewKeys: (stored) => later(() => vault.use(storedKeys(vault.next, stored))),
    passkeySalt: () => later(() => b64(passkeySalt())),
    passkeySlot: (credential, prf) => later(() => ({ slot: open.passkeySlot(vault.keys, credential, unb64(prf)) })),

    unlockWithPasskey: (keys, credential, prf, organisations) => later(() => {
      vault.use(open.unlockWithPasskey(keys, credential, unb64(prf), organisations));
    }),

    ownFingerprint: () => later(() => b64(open.identityOf(vault.keys).fp)),
    lock: () => later(() => vault.lock()),
    sealLocal: (plain) => later(() => open.sealLocal(vault.keys, plain)),
    openLocal: (sealed) => later(() => open.openLocal(vault.keys, sealed)),
  };
}
