// @vitest-environment node
import { beforeAll, describe, expect, it } from 'vitest';
import type { OwedObject, PatientOut, SealOut, SignedLogEntry } from '../wire.gen';
import { b64 } from './encoding';
import { randomBytes } from './primitives';
import { Role } from './tables.gen';
import { DAY, House } from './vault.testing';
import type { Person } from './vault.testing';
import { vaultCore } from './vaultCore';
import type { Batch, CallRoster, LogFacts, MessageWish } from './vaultApi';

const NOW = 1_760_000_000_000;
const NO_SEEN = b64(new Uint8Array(32));
const ALL = 1 | 2 | 8;

/** One thread as a blind server keeps it. */
class Relay {
  readonly entries: SignedLogEntry[] = [];
  readonly seals: (SealOut & { user: string })[] = [];

  take(batch: Batch): void {
    this.entries.push(...batch.entries);
    this.seals.push(...batch.seals);
  }

  sealsOf(user: string): SealOut[] {
    return this.seals.filter((one) => one.user === user).map(({ epoch, blob }) => ({ epoch, blob }));
  }
}

class Case {
  readonly relay = new Relay();
  people: Person[] = [];
  thread = '';
  now = NOW;

  open(person: Person, entries: SignedLogEntry[] = this.relay.entries): Promise<LogFacts> {
    const people = this.people.map((one) => one.keys);
    return person.vault.openThread(this.thread, { entries, people, seals: this.relay.sealsOf(person.user), now: this.now });
  }

  message(person: Person, ctr: number, text = 'hello'): MessageWish {
    return { msgId: b64(randomBytes(16)), device: person.device, ctr, ctype: 1, body: JSON.stringify({ text }), seen: NO_SEEN, now: this.now };
  }
}

async function permit(house: Person, patient: PatientOut, to: Person, wish: { history?: number; effect?: 'permit' | 'deny' } = {}): Promise<{ id: string; owed: OwedObject }> {
  const signed = await house.vault.signDirective({
    patient: patient.id,
    effect: wish.effect ?? 'permit',
    fp: to.fp,
    keys: to.keys,
    actions: ALL,
    threads: [],
    labels: [],
    purposes: ['TREAT'],
    history: wish.history ?? 0,
    historyFrom: 0,
    from: NOW,
    until: NOW + 90 * DAY,
    supersedes: [],
    text: 'I permit it.',
    server: '{}',
    voice: 'patient',
  });
  return { id: signed.id, owed: { kind: 'directive', body: signed.body, signatures: [{ fp: signed.fp, sig: signed.sig }] } };
}

describe('the vault', () => {
  const house = new House();
  let maya: Person;
  let elena: Person;
  let samuel: Person;
  let chidi: Person;

  beforeAll(async () => {
    maya = await house.person(Role.PATIENT, NOW);
    elena = await house.person(Role.THERAPIST, NOW);
    samuel = await house.person(Role.PSYCHIATRIST, NOW);
    chidi = await house.person(Role.PHYSICIAN, NOW);
  }, 30_000);

  async function started(): Promise<{ one: Case; patient: PatientOut; consent: { id: string; owed: OwedObject } }> {
    const one = new Case();
    one.people = [maya, elena];
    const patient = house.patientOf(maya, Role.THERAPIST);
    const consent = await permit(maya, patient, elena);
    const made = await elena.vault.createThread({ patient, authorities: [maya.keys], voice: 'patient', forEmergencies: true, recordsKey: null, labels: [], role: Role.THERAPIST, consent: [consent.owed], now: NOW });
    one.thread = made.thread;
    one.relay.take(made);
    return { one, patient, consent };
  }

  async function invited(one: Case, patient: PatientOut, history: number) {
    const { id, owed } = await permit(maya, patient, samuel, { history });
    one.people = [maya, elena, samuel];
    const member = { invitation: b64(randomBytes(16)), keys: samuel.keys, fp: samuel.fp, role: Role.PSYCHIATRIST, directive: id, history, history_from: 0 };
    one.relay.take(await elena.vault.settle(one.thread, { objects: [owed], members: [member], people: [] }, one.now));
    return id;
  }

  it('works', async () => {
    const { one } = await started();
    expect(await one.open(elena)).toMatchObject({ epoch: 1, amEffective: true, mayPost: true, mustRotate: false });
    const wire = await elena.vault.sealMessage(one.thread, one.message(elena, 1));
    expect(await one.open(maya)).toMatchObject({ epoch: 1, amEffective: true, effective: expect.arrayContaining([elena.user]) as unknown });
    const opened = await maya.vault.openMessage(one.thread, wire, 1);
    expect(JSON.parse(opened.body)).toEqual({ text: 'hello' });
    expect(opened.sender).toBe(elena.user);
  });

  it('gives a newcomer the history that consent gives, and the next messages', async () => {
    const { one, patient } = await started();
    await one.open(elena);
    const before = await elena.vault.sealMessage(one.thread, one.message(elena, 1, 'before'));
    await invited(one, patient, 2);
    expect(await one.open(samuel)).toMatchObject({ epoch: 2, amEffective: true });
    expect((await samuel.vault.openMessage(one.thread, before, 1)).body).toContain('before');
    await one.open(elena);
    const after = await elena.vault.sealMessage(one.thread, one.message(elena, 2, 'after'));
    expect((await samuel.vault.openMessage(one.thread, after, 2)).body).toContain('after');
  });

  it('withholds what was written before, without history', async () => {
    const { one, patient } = await started();
    await one.open(elena);
    const before = await elena.vault.sealMessage(one.thread, one.message(elena, 1));
    await invited(one, patient, 0);
    await one.open(samuel);
    await expect(samuel.vault.openMessage(one.thread, before, 1)).rejects.toMatchObject({ code: 'E_SEAL_MISSING' });
    expect(await samuel.vault.openMessages(one.thread, [{ seq: 1, wire: before }])).toMatchObject([{ ok: false, code: 'E_SEAL_MISSING' }]);
  });

  it('seals nothing to somebody whose permission has ended until it has rotated', async () => {
    const { one, patient } = await started();
    await one.open(elena);
    const directive = await invited(one, patient, 2);
    await one.open(elena);
    const signed = await maya.vault.signRevocation(patient.id, { directive }, NOW);
    const revoke: OwedObject = { kind: 'revoke', body: signed.body, signatures: [{ fp: signed.fp, sig: signed.sig }] };
    await one.open(samuel);
    one.relay.take(await samuel.vault.settle(one.thread, { objects: [revoke], members: [], people: [] }, NOW));
    expect(await one.open(elena)).toMatchObject({ mustRotate: true });
    await expect(elena.vault.sealMessage(one.thread, one.message(elena, 1))).rejects.toMatchObject({ code: 'E_ROTATE_REQUIRED' });
    one.relay.take(await elena.vault.rotate(one.thread, NOW));
    await one.open(elena);
    const wire = await elena.vault.sealMessage(one.thread, one.message(elena, 1));
    expect(await one.open(samuel)).toMatchObject({ amEffective: false, mayPost: false });
    await expect(samuel.vault.openMessage(one.thread, wire, 1)).rejects.toMatchObject({ code: 'E_SEAL_MISSING' });
    await expect(samuel.vault.sealMessage(one.thread, one.message(samuel, 1))).rejects.toMatchObject({ code: 'E_SCOPE' });
  });

  it('keeps out one who was never let in', async () => {
    const { one } = await started();
    await one.open(elena);
    const wire = await elena.vault.sealMessage(one.thread, one.message(elena, 1));
    one.people = [maya, elena, chidi];
    await one.open(chidi);
    await expect(chidi.vault.openMessage(one.thread, wire, 1)).rejects.toMatchObject({ code: 'E_SEAL_MISSING' });
    await expect(chidi.vault.sealMessage(one.thread, one.message(chidi, 1))).rejects.toMatchObject({ code: 'E_NOT_MEMBER' });
    await expect(chidi.vault.rotate(one.thread, NOW)).rejects.toMatchObject({ code: 'E_NOT_MEMBER' });
  });

  it('refuses a log that is shorter or other than it was, in this session and after a reload', async () => {
    const { one, patient } = await started();
    await one.open(elena);
    const short = [...one.relay.entries];
    await invited(one, patient, 0);
    await one.open(elena);
    await expect(one.open(elena, short)).rejects.toMatchObject({ code: 'E_LOG_ROLLBACK' });
    const again = vaultCore(elena.store, () => NOW);
    const { salt, t, m } = elena.mine.slots[0] ?? { salt: '', t: 0, m: 0 };
    await again.derive('correct horse', { salt, t, m });
    await again.unlock(elena.mine, house.organisations);
    await expect(one.open({ ...elena, vault: again }, short)).rejects.toMatchObject({ code: 'E_LOG_ROLLBACK' });
    expect(await one.open({ ...elena, vault: again })).toMatchObject({ epoch: 2 });
  });

  it('shows one message once', async () => {
    const { one } = await started();
    await one.open(elena);
    const wish = one.message(elena, 1);
    const first = await elena.vault.sealMessage(one.thread, wish);
    const twin = await elena.vault.sealMessage(one.thread, wish);
    const sameCounter = await elena.vault.sealMessage(one.thread, one.message(elena, 1));
    await one.open(maya);
    await maya.vault.openMessage(one.thread, first, 1);
    await maya.vault.openMessage(one.thread, first, 1);
    await expect(maya.vault.openMessage(one.thread, twin, 2)).rejects.toMatchObject({ code: 'E_DUP' });
    await expect(maya.vault.openMessage(one.thread, sameCounter, 3)).rejects.toMatchObject({ code: 'E_REPLAY' });
  });

  it('opens by password, by recovery code and by what the device remembers, and not otherwise', async () => {
    const { salt, t, m } = elena.mine.slots[0] ?? { salt: '', t: 0, m: 0 };
    const vault = vaultCore(elena.store, () => NOW);
    await vault.derive('wrong horse', { salt, t, m });
    await expect(vault.unlock(elena.mine, house.organisations)).rejects.toMatchObject({ code: 'E_UNWRAP' });
    await expect(vault.sealLocal('x')).rejects.toMatchObject({ code: 'locked' });
    expect(await vault.unlockRemembered(elena.mine, house.organisations)).toBe(false);
    await elena.vault.remember(elena.user);
    expect(await vault.unlockRemembered(elena.mine, house.organisations)).toBe(true);
    expect(await vault.openLocal(await elena.vault.sealLocal('a draft'))).toBe('a draft');
    const late = vaultCore(elena.store, () => NOW + DAY / 2);
    expect(await late.unlockRemembered(elena.mine, house.organisations)).toBe(false);
  });

  it('makes a new password slot from the recovery code alone', async () => {
    const vault = vaultCore();
    const recovery = elena.mine.slots.find((slot) => slot.kind === 3);
    if (!recovery) throw new Error('no recovery slot');
    const found = { user: elena.user, slot: recovery, bundles: elena.mine.bundles, keyring: elena.mine.keyring };
    const fresh = { salt: b64(randomBytes(16)), t: 3, m: 67108864 };
    await vault.derive('a new one', fresh);
    const { slot } = await vault.recover(elena.recoveryCode.toLowerCase(), found, fresh);
    await vault.derive('a new one', fresh);
    await vault.unlock({ ...elena.mine, slots: [slot] }, house.organisations);
    await expect(vault.recoveryAuth(elena.recoveryCode.slice(0, -1))).rejects.toMatchObject({ code: 'E_UNWRAP' });
  });

  it('stops when a known key was replaced', async () => {
    const patient = house.patientOf(maya, Role.THERAPIST);
    await permit(maya, patient, samuel);
    const other = await house.person(Role.PSYCHIATRIST, NOW);
    const swapped = { ...samuel, fp: other.fp, keys: { ...other.keys, user: samuel.user } };
    await expect(permit(maya, patient, swapped)).rejects.toMatchObject({ code: 'E_CERT' });
    const renewed = await house.person(Role.PSYCHIATRIST, NOW);
    await expect(permit(maya, patient, { ...renewed, keys: { ...renewed.keys, certificates: [] } })).rejects.toMatchObject({ code: 'E_CERT' });
  });

  describe('in a call', () => {
    const conf = b64(randomBytes(16));

    async function inCall(): Promise<{ one: Case; people: { user: string; device: string; join: string }[]; both: Person[] }> {
      const { one } = await started();
      const both = [elena, maya];
      const people: { user: string; device: string; join: string }[] = [];
      for (const { vault, user, device } of both) {
        await one.open(user === elena.user ? elena : maya);
        people.push({ user, device, ...(await vault.joinCall({ thread: one.thread, conf, device, now: NOW })) });
      }
      return { one, people, both };
    }

    async function rosters(both: Person[], people: Awaited<ReturnType<typeof inCall>>['people']): Promise<CallRoster[]> {
      return Promise.all(both.map((one) => one.vault.callRoster(conf, people, NOW)));
    }

    async function keyed(both: Person[], people: Awaited<ReturnType<typeof inCall>>['people']) {
      const found = await rosters(both, people);
      const at = found.findIndex((one) => one.iLead);
      const [leader, other] = at === 0 ? [both[0], both[1]] : [both[1], both[0]];
      if (!leader || !other) throw new Error('nobody leads');
      const key = await leader.vault.rekeyCall(conf, NOW);
      const frame = { n: key.n, leader: leader.user, leader_device: leader.device, commitment: key.commitment, sealed: key.seals[0]?.sealed ?? '' };
      return { leader, other, key, frame };
    }

    it('agrees on one key and one phrase, and gives the keys to the media worker alone', async () => {
      const { people, both } = await inCall();
      const { leader, other, frame } = await keyed(both, people);
      expect(await other.vault.takeCallKey(conf, frame)).toEqual({ isOpen: true, n: frame.n });
      const [one, two] = await rosters([leader, other], people);
      expect(one?.phrase).toMatch(/^\d{4} \d{4} \d{4}$/);
      expect(two).toMatchObject({ phrase: one?.phrase, mustRekey: false, n: frame.n });
      const given = await Promise.all(
        [leader, other].map(async ({ vault }) => {
          const channel = new MessageChannel();
          const arrived = new Promise<{ senders: { key: Uint8Array }[]; self: number }>((resolve) => (channel.port2.onmessage = ({ data }) => resolve(data as never)));
          await vault.connectMedia(conf, channel.port1);
          const keys = await arrived;
          channel.port2.close();
          return keys;
        }),
      );
      expect(given[0]?.senders).toEqual(given[1]?.senders);
      expect(given[0]?.self).not.toBe(given[1]?.self);
    });

    it('waits with a key that overtook its roster, and refuses one of the past', async () => {
      const { people, both } = await inCall();
      const { other, frame } = await keyed(both, people);
      await other.vault.callRoster(conf, [], NOW);
      expect(await other.vault.takeCallKey(conf, frame)).toEqual({ isOpen: false, n: 0 });
      expect(await other.vault.callRoster(conf, people, NOW)).toMatchObject({ n: frame.n });
      expect(await other.vault.takeCallKey(conf, frame)).toEqual({ isOpen: false, n: frame.n });
    });

    it('takes the key of whoever leads now, however far another leader has counted', async () => {
      const { people, both } = await inCall();
      const found = await rosters(both, people);
      const [leader, newcomer] = found[0]?.iLead ? both : [...both].reverse();
      if (!leader || !newcomer) throw new Error('nobody leads');
      // The newcomer saw nobody else at first, led alone, and its clock is a minute fast.
      await newcomer.vault.callRoster(conf, people.filter((one) => one.user === newcomer.user), NOW);
      const alone = await newcomer.vault.rekeyCall(conf, NOW + 60_000);
      const { frame } = await keyed(both, people);
      expect(frame.n).toBeLessThan(alone.n);
      expect(await newcomer.vault.takeCallKey(conf, frame)).toEqual({ isOpen: true, n: frame.n });
      expect((await rosters(both, people)).map((one) => one.mustRekey)).toEqual([false, false]);
    });

    it('refuses a key of the past that the server keeps for when the same people are there again', async () => {
      const { people, both } = await inCall();
      const { leader, other, frame } = await keyed(both, people);
      await other.vault.takeCallKey(conf, frame);
      const again = await keyed(both, people);
      await other.vault.takeCallKey(conf, again.frame);
      await other.vault.callRoster(conf, people.filter((one) => one.user === other.user), NOW);
      const alone = await other.vault.rekeyCall(conf, NOW);
      await other.vault.callRoster(conf, people, NOW);
      for (const stale of [frame, again.frame]) {
        expect(await other.vault.takeCallKey(conf, stale)).toEqual({ isOpen: false, n: alone.n });
      }
      expect((await leader.vault.callRoster(conf, people, NOW)).n).toBe(again.frame.n);
    });

    it('counts on when it joins the same call anew within the second, so that its key is not taken for an old one', async () => {
      const { one, people, both } = await inCall();
      const { leader, other, frame } = await keyed(both, people);
      await other.vault.takeCallKey(conf, frame);
      await leader.vault.leaveCall(conf);
      const { join } = await leader.vault.joinCall({ thread: one.thread, conf, device: leader.device, now: NOW });
      const changed = people.map((person) => (person.user === leader.user ? { ...person, join } : person));
      const { frame: next } = await keyed(both, changed);
      expect(await other.vault.takeCallKey(conf, next)).toEqual({ isOpen: true, n: next.n });
    });

    it('needs a new key when a device comes back with another', async () => {
      const { one, people, both } = await inCall();
      const { other, frame, leader } = await keyed(both, people);
      await other.vault.takeCallKey(conf, frame);
      const { join } = await other.vault.joinCall({ thread: one.thread, conf, device: other.device, now: NOW });
      const changed = people.map((person) => (person.user === other.user ? { ...person, join } : person));
      expect(await leader.vault.callRoster(conf, changed, NOW)).toMatchObject({ mustRekey: true });
    });

    it('refuses the join of one who is no member, and of one who claims another place', async () => {
      const { one, people } = await inCall();
      const swapped = people.map((person, at) => ({ ...person, join: people[1 - at]?.join ?? '' }));
      const roster = await elena.vault.callRoster(conf, swapped, NOW);
      expect(roster.verified).toEqual([]);
      expect(roster.refused.map((refusal) => refusal.code)).toEqual(['E_CONF', 'E_CONF']);
      one.people = [maya, elena, chidi];
      await one.open(chidi);
      await expect(chidi.vault.joinCall({ thread: one.thread, conf, device: chidi.device, now: NOW })).rejects.toMatchObject({ code: 'E_NOT_MEMBER' });
    });
  });
});

describe('what names one\'s own key', () => {
  it('is of the private key in the vault, and nothing when it is locked', async () => {
    const elena = await new House().person(Role.THERAPIST, NOW);
    expect(await elena.vault.ownFingerprint()).toBe(elena.fp);
    await elena.vault.lock();
    await expect(elena.vault.ownFingerprint()).rejects.toMatchObject({ code: 'locked' });
  });
});
