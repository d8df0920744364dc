/** Whose key is whose: what was seen and compared, and what two people compare. */
import { b64, unb64 } from '../encoding';
import { checkQr, qrPayload, safetyNumber } from '../safety';
import type { PinVault } from '../vaultApi';
import { later } from './openVault';
import type { OpenVault } from './openVault';

export function pinsOf(vault: OpenVault): PinVault {
  return {
    takePins: async (copy) => vault.kept.take(copy),
    duePins: async () => vault.kept.due(),

    compareKeys: async (thread, user) => {
      const held = vault.thread(thread);
      const [mine, theirs] = [held.vouched(vault.keys.user), held.vouched(unb64(user))];
      const isVerified = await vault.kept.isVerified(unb64(user), theirs.fp, held.directory);
      return {
        number: safetyNumber(mine, theirs),
        qr: b64(qrPayload(mine.fp, theirs.fp)),
        state: isVerified ? 'verified' : 'certified',
        changed: held.replaced.includes(user),
      };
    },

    checkScanned: (thread, user, payload) => later(() => {
      const held = vault.thread(thread);
      checkQr(unb64(payload), held.vouched(vault.keys.user).fp, held.vouched(unb64(user)).fp);
    }),

    acceptKey: async (thread, user, isVerified, now) => {
      const held = vault.thread(thread);
      await vault.kept.accept(unb64(user), held.vouched(unb64(user)).fp, isVerified, now);
      held.replaced = held.replaced.filter((one) => one !== user);
    },
  };
}
