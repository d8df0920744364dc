import { beforeAll, describe, expect, it } from 'vitest';
import type { ComplianceKeyBlob } from '../wire.gen';
import { b64, unb64, utf8, Writer } from './encoding';
import { rootFingerprint } from './keys';
import { boxPair, randomBytes, sign, signingPair } from './primitives';
import { Label, Role } from './tables.gen';
import { House } from './vault.testing';
import type { Person } from './vault.testing';

const NOW = 1_800_000_000_000;
const LABEL = 'Records office, any 2 of 3 custodians together';

/** The statement that a ceremony writes, signed by a root. */
function statement(house: House, boxPk: Uint8Array, { seed = house.rootSeed, org = house.org, threshold = 2 } = {}): ComplianceKeyBlob {
  const writer = new Writer(Label.COMPLIANCE_KEY).fixed(org, 16).fixed(rootFingerprint(signingPair(house.rootSeed).public), 32).fixed(boxPk, 32);
  const body = writer.u8(threshold).u8(3).v16(utf8(LABEL)).u64(NOW).done();
  return { body: b64(body), sig: b64(sign(seed, Label.COMPLIANCE_KEY_SIG, body)) };
}

describe('a records key', () => {
  const house = new House();
  const key = boxPair(randomBytes(32)).public;
  let maya: Person;

  beforeAll(async () => {
    maya = await house.person(Role.PATIENT, NOW);
  }, 30_000);

  const begin = (recordsKey: ComplianceKeyBlob | null) =>
    maya.vault.createThread({ patient: house.patientOf(maya, Role.PATIENT), authorities: [maya.keys], voice: 'patient', forEmergencies: false, recordsKey, labels: [], role: Role.PATIENT, consent: [], now: NOW });

  it('works: it is named in genesis, every epoch is sealed to it, and the thread says so', async () => {
    const made = await begin(statement(house, key));
    expect(made.seals.map((one) => one.user).sort()).toEqual([b64(new Uint8Array(16)), maya.user].sort());
    const facts = await maya.vault.openThread(made.thread, { entries: made.entries, people: [maya.keys], seals: [], now: NOW });
    expect(facts.recordsKey).toBe(LABEL);
  });

  it('is not there where the organisation has none', async () => {
    const made = await begin(null);
    expect(made.seals.map((one) => one.user)).toEqual([maya.user]);
    const facts = await maya.vault.openThread(made.thread, { entries: made.entries, people: [maya.keys], seals: [], now: NOW });
    expect(facts.recordsKey).toBe('');
  });

  it('is taken on the word of the pinned root alone', async () => {
    await expect(begin(statement(house, key, { seed: randomBytes(32) }))).rejects.toMatchObject({ code: 'E_SIG' });
    await expect(begin(statement(house, key, { org: randomBytes(16) }))).rejects.toMatchObject({ code: 'E_COMPLIANCE' });
    await expect(begin(statement(house, new Uint8Array(32)))).rejects.toMatchObject({ code: 'E_COMPLIANCE' });
    await expect(begin(statement(house, key, { threshold: 1 }))).rejects.toMatchObject({ code: 'E_COMPLIANCE' });
  });

  it('is told of before a conversation begins', async () => {
    const organisation = b64(house.org);
    expect(await maya.vault.recordsKey(organisation, statement(house, key))).toBe(LABEL);
    await expect(maya.vault.recordsKey(b64(unb64(maya.user)), statement(house, key))).rejects.toMatchObject({ code: 'E_COMPLIANCE' });
  });
});
