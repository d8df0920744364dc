/** Whose key is whose: what was seen and compared, and what two people compare. */
import type { PersonKeys } from '../../wire.gen';
import { newestRecord } from '../directory';
import type { Directory } from '../directory';
import { b64, unb64 } from '../encoding';
import { Ct1Error } from '../errors';
import { equal } from '../primitives';
import { checkQr, qrPayload, safetyNumber } from '../safety';
import type { Vouched } from '../safety';
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

    comparePerson: async (person) => {
      const { mine, theirs, directory } = facing(vault, person);
      const isVerified = await vault.kept.isVerified(unb64(person.user), theirs.fp, directory);
      const [changed] = await vault.kept.replacedAmong([{ user: unb64(person.user), fp: theirs.fp }], directory, vault.clock());
      return { number: safetyNumber(mine, theirs), qr: b64(qrPayload(mine.fp, theirs.fp)), state: isVerified ? 'verified' : 'certified', changed: Boolean(changed) };
    },

    checkScannedPerson: (person, payload) => later(() => {
      const { mine, theirs } = facing(vault, person);
      checkQr(unb64(payload), mine.fp, theirs.fp);
    }),

    acceptPerson: (person, isVerified, now) => vault.kept.accept(unb64(person.user), facing(vault, person).theirs.fp, isVerified, now),

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

/** Two people outside of any thread, each by the newest key and the root that certifies it; E_CERT without one. */
function facing(vault: OpenVault, person: PersonKeys): { mine: Vouched; theirs: Vouched; directory: Directory } {
  const { user, published } = vault.keys;
  const directory = vault.directoryOf([person, { user: b64(user), name: '', kind: 'staff', ...published }]);
  return { mine: vouchedFor(vault, directory, user), theirs: vouchedFor(vault, directory, unb64(person.user)), directory };
}

function vouchedFor(vault: OpenVault, directory: Directory, user: Uint8Array): Vouched {
  const { fp } = newestRecord(directory.of(user));
  const [certificate] = directory.certificatesOf(fp);
  const house = certificate && vault.keys.organisations.find((one) => equal(one.id, certificate.org));
  if (!house) throw new Ct1Error('E_CERT', 'no pinned organisation vouches for this key');
  return { fp, root: house.rootFp };
}
