import { describe, expect, it } from 'vitest';
import type { DirectiveWish, Said } from './vaultApi';
import { encodeChange } from './authority';
import { encodeDirective, encodeRevoke, statementHash, type Directive } from './directives';
import { b64, unb64, utf8 } from './encoding';
import { issueCertificate, makeUkr, newIdentity } from './keys';
import { compare, randomBytes } from './primitives';
import { Action, AuthKind, CertKind, CertMethod, ChangeReason, Effect, GranteeKind, HistoryKind, PURPOSE_TREATMENT, RevokeKind, RevokeReason, Role, UkrReason } from './tables.gen';
import { DAY, House } from './vault.testing';

const NOW = Date.now();
const PATIENT = randomBytes(16);
const NOBODY = new Uint8Array(32);
const TEXT = 'Anna said on paper: Dr Good may read.';

type Person = Awaited<ReturnType<House['person']>>;

function permission(grantee: Uint8Array, changes: Partial<Directive> = {}): Uint8Array {
  return encodeDirective({
    directiveId: randomBytes(16), patientRef: PATIENT, effect: Effect.PERMIT, authKind: AuthKind.WITNESSED, authFp: NOBODY,
    granteeKind: GranteeKind.KEY, grantee, actions: Action.READ | Action.POST, threads: [], labels: [], purposes: [utf8(PURPOSE_TREATMENT)],
    history: HistoryKind.NONE, historyFrom: 0, nbf: NOW, exp: NOW + 30 * DAY, supersedes: [], textHash: statementHash(TEXT), server: utf8('{}'),
    ...changes,
  });
}

const handOver = (people: { user: Uint8Array; fp: Uint8Array }[], notBefore = 0) =>
  encodeChange({ changeId: randomBytes(16), patientRef: PATIENT, authorities: { kind: AuthKind.PATIENT, people: [...people].sort((a, b) => compare(a.user, b.user)), quorum: 1 }, notBefore, reason: ChangeReason.OWN_KEY });

const keyOf = (one: Person) => ({ user: unb64(one.user), fp: unb64(one.fp) });

async function ward() {
  const house = new House();
  const [witness, good, mallory] = [await house.person(Role.THERAPIST, NOW), await house.person(Role.PHYSICIAN, NOW), await house.person(Role.PHYSICIAN, NOW)];
  const [anna, other] = [await house.person(Role.PATIENT, NOW), await house.person(Role.PATIENT, NOW)];
  const sign = (kind: Said['kind'], body: Uint8Array, about: Person | null) =>
    witness.vault.signSaid({ kind, patient: b64(PATIENT), body: b64(body), statement: kind === 'directive' ? TEXT : '', keys: about?.keys ?? null }, NOW);
  return { house, witness, good, mallory, anna, other, sign };
}

describe('a witness', () => {
  it('signs what the words say, to the person who is shown', async () => {
    const { good, sign, witness } = await ward();
    expect((await sign('directive', permission(unb64(good.fp)), good)).fp).toBe(witness.fp);
  });

  it.each<[string, Partial<Directive>]>([
    ['more acts than the words name', { actions: Action.READ | Action.EXPORT }],
    ['something that it replaces', { supersedes: [randomBytes(16)] }],
    ['one conversation', { threads: [randomBytes(32)] }],
    ['the past from a day', { history: HistoryKind.FROM_DATE, historyFrom: NOW - DAY }],
    ['a whole care team', { granteeKind: GranteeKind.CARE_TEAM, grantee: new Uint8Array(0) }],
    ['a role', { granteeKind: GranteeKind.ROLE, grantee: Uint8Array.of(Role.PHYSICIAN) }],
    ['another effect', { effect: Effect.DENY }],
    ['rules for the server', { server: utf8('{"part2":"tpo"}') }],
  ])('does not sign %s under plain words', async (_, changes) => {
    const { good, sign } = await ward();
    await expect(sign('directive', permission(unb64(good.fp), changes), good)).rejects.toMatchObject({ code: 'E_GRANT_AUTHORITY' });
  });

  it('does not sign for a key of somebody else than is shown, or of nobody', async () => {
    const { good, mallory, sign } = await ward();
    await expect(sign('directive', permission(unb64(mallory.fp)), good)).rejects.toMatchObject({ code: 'E_UNKNOWN_KEY' });
    await expect(sign('directive', permission(unb64(good.fp)), null)).rejects.toThrow();
  });

  it('hands over to the account that is shown, alone, at once', async () => {
    const { anna, other, sign } = await ward();
    expect((await sign('authority', handOver([keyOf(anna)]), anna)).sig).toBeTruthy();
    await expect(sign('authority', handOver([keyOf(anna), keyOf(other)]), anna)).rejects.toMatchObject({ code: 'E_GRANT_AUTHORITY' });
    await expect(sign('authority', handOver([keyOf(anna)], NOW + 4 * DAY), anna)).rejects.toMatchObject({ code: 'E_GRANT_AUTHORITY' });
    await expect(sign('authority', handOver([keyOf(other)]), anna)).rejects.toMatchObject({ code: 'E_GRANT_SUBJECT' });
    await expect(sign('authority', handOver([{ user: unb64(anna.user), fp: randomBytes(32) }]), anna)).rejects.toMatchObject({ code: 'E_GRANT_SUBJECT' });
  });

  it('does not hand over to somebody who is certified, but as no patient', async () => {
    const { mallory, sign } = await ward();
    await expect(sign('authority', handOver([keyOf(mallory)]), mallory)).rejects.toMatchObject({ code: 'E_CERT' });
  });

  it('signs a withdrawal when it is said, and not one that has waited', async () => {
    const { sign } = await ward();
    const ended = (ts: number) => encodeRevoke({ revokeId: randomBytes(16), patientRef: PATIENT, kind: RevokeKind.EVERYONE, target: new Uint8Array(0), authFp: NOBODY, ts, reason: RevokeReason.UNSAID });
    expect((await sign('revoke', ended(NOW), null)).sig).toBeTruthy();
    for (const ts of [NOW - 10 * 60_000, NOW + 10 * 60_000, 0]) await expect(sign('revoke', ended(ts), null)).rejects.toMatchObject({ code: 'E_GRANT_TIME' });
  });
});

describe('a key that was seen before', () => {
  const wish = (doctor: Person, keys = doctor.keys, fp = doctor.fp, effect: DirectiveWish['effect'] = 'permit'): DirectiveWish => ({
    patient: b64(PATIENT), effect, fp, keys, actions: Action.READ, threads: [], labels: [], purposes: [PURPOSE_TREATMENT], history: HistoryKind.NONE,
    historyFrom: 0, from: NOW, until: NOW + DAY, supersedes: [], text: TEXT, server: '{}', voice: 'patient',
  });

  async function replaced(gen: number, reason: UkrReason) {
    const { house, anna, good } = await ward();
    await anna.vault.signDirective(wish(good));
    const planted = newIdentity(unb64(good.user), gen, NOW);
    const { body, pop, sig } = makeUkr(planted, NOW, null, reason);
    const cert = issueCertificate(house.rootSeed, { certId: randomBytes(16), org: house.org, subject: planted.user, subjectFp: planted.fp, kind: CertKind.STAFF, roles: [Role.PHYSICIAN], nbf: NOW - DAY, exp: NOW + DAY, method: CertMethod.IN_PERSON });
    const keys = {
      ...good.keys,
      bundles: [{ ukr: b64(body), pop: b64(pop), sig: b64(sig) }, ...good.keys.bundles],
      certificates: [{ body: b64(cert.body), sig: b64(cert.sig) }, ...good.keys.certificates],
    };
    return { anna, good, keys, fp: b64(planted.fp) };
  }

  it('is not joined by another of the same generation', async () => {
    const { anna, good, keys, fp } = await replaced(1, UkrReason.FIRST);
    await expect(anna.vault.signDirective(wish(good, keys, fp))).rejects.toMatchObject({ code: 'E_KEY_CHANGED' });
    expect((await anna.vault.signDirective(wish(good))).id).toBeTruthy();
  });

  it('stops a permit after a reset, and never a refusal', async () => {
    const { anna, good, keys, fp } = await replaced(2, UkrReason.RESET);
    await expect(anna.vault.signDirective(wish(good, keys, fp))).rejects.toMatchObject({ code: 'E_KEY_CHANGED' });
    expect((await anna.vault.signDirective(wish(good, keys, fp, 'deny'))).id).toBeTruthy();
  });
});

describe('a thread', () => {
  it('is opened for the account of the patient and no other', async () => {
    const { house, witness, anna, other } = await ward();
    const make = (authorities: Person[]) =>
      witness.vault.createThread({ patient: house.patientOf(anna, Role.THERAPIST), authorities: authorities.map((one) => one.keys), voice: 'patient', forEmergencies: false, recordsKey: null, labels: [], role: Role.THERAPIST, consent: [], now: NOW });
    expect((await make([anna])).thread).toBeTruthy();
    await expect(make([other])).rejects.toMatchObject({ code: 'E_GRANT_AUTHORITY' });
    await expect(make([anna, other])).rejects.toMatchObject({ code: 'E_GRANT_AUTHORITY' });
  });

  it('is begun although one object that is owed to it cannot be read', async () => {
    const { house, witness, anna } = await ward();
    const bad = { kind: 'directive' as const, body: b64(new Uint8Array(3)), signatures: [{ fp: b64(NOBODY), sig: b64(new Uint8Array(63)) }] };
    const made = await witness.vault.createThread({ patient: house.patientOf(anna, Role.THERAPIST), authorities: [anna.keys], voice: 'patient', forEmergencies: false, recordsKey: null, labels: [], role: Role.THERAPIST, consent: [bad], now: NOW });
    expect(made.entries).toHaveLength(1);
  });
});

describe('a colleague who co-signs an emergency', () => {
  it('is another, and for hours', async () => {
    const { good, mallory } = await ward();
    const wished = { id: b64(randomBytes(16)), user: mallory.user, fp: mallory.fp, role: Role.PHYSICIAN, reason: 'unconscious', exp: NOW + 3_600_000 };
    expect(await good.vault.cosignEmergency(wished, [b64(randomBytes(32))])).toHaveLength(1);
    await expect(mallory.vault.cosignEmergency(wished, [])).rejects.toMatchObject({ code: 'E_GRANT_AUTHORITY' });
    await expect(good.vault.cosignEmergency({ ...wished, exp: NOW + DAY }, [])).rejects.toMatchObject({ code: 'E_GRANT_TIME' });
  });
});
