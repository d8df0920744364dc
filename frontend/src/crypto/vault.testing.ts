/** A small house for tests: one organisation, and people with their own vaults, as the server would know them. */
import type { MyKeys, OrganisationOut, PatientOut, PersonKeys } from '../wire.gen';
import { b64, unb64 } from './encoding';
import { issueCertificate, rootFingerprint } from './keys';
import { randomBytes, signingPair } from './primitives';
import { CertKind, CertMethod, PASSWORD_M, PASSWORD_T } from './tables.gen';
import { vaultCore } from './vaultCore';
import { MemoryDeviceStore } from './deviceStore';
import type { Vault } from './vaultApi';

export const DAY = 86_400_000;

export type Person = {
  vault: Vault;
  store: MemoryDeviceStore;
  user: string;
  fp: string;
  device: string;
  keys: PersonKeys;
  mine: MyKeys;
  recoveryCode: string;
};

export class House {
  readonly rootSeed = randomBytes(32);
  readonly org = randomBytes(16);

  get organisations(): OrganisationOut[] {
    const root = signingPair(this.rootSeed).public;
    return [{ id: b64(this.org), name: 'House', kind: 'centre', zone: 'UTC', root_pk: b64(root), root_fp: b64(rootFingerprint(root)), compliance: null }];
  }

  /** Somebody with keys and a certificate for one role; the vault is open. */
  async person(role: number, now: number): Promise<Person> {
    const store = new MemoryDeviceStore();
    const vault = vaultCore(store, () => now);
    const user = b64(randomBytes(16));
    const parameters = { salt: b64(randomBytes(16)), t: PASSWORD_T, m: PASSWORD_M };
    await vault.derive('correct horse', parameters);
    const made = await vault.makeKeys(user, parameters, now);
    const kind = role === 0 ? CertKind.PATIENT : CertKind.STAFF;
    const certificate = issueCertificate(this.rootSeed, {
      certId: randomBytes(16),
      org: this.org,
      subject: unb64(user),
      subjectFp: unb64(made.fp),
      kind,
      roles: [role],
      nbf: now - DAY,
      exp: now + 365 * DAY,
      method: CertMethod.IN_PERSON,
    });
    const certificates = [{ body: b64(certificate.body), sig: b64(certificate.sig) }];
    const mine: MyKeys = { user, bundles: [made.ukr], certificates, slots: made.slots, keyring: made.keyring };
    await vault.unlock(mine, this.organisations);
    const keys: PersonKeys = { user, name: user, kind: role === 0 ? 'patient' : 'staff', bundles: [made.ukr], certificates };
    return { vault, store, user, fp: made.fp, device: b64(randomBytes(16)), keys, mine, recoveryCode: made.recoveryCode };
  }

  patientOf(patient: Person, role: number): PatientOut {
    const organisation = b64(this.org);
    return { id: b64(randomBytes(16)), name: '', birth_date: '', organisation, zone: 'UTC', account: patient.user, fp: patient.fp, role, since: 0 };
  }
}
