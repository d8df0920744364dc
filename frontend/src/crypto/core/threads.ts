/** A thread's log: begun, verified, carried on. */
import { authorityBytes, roleOfAuthority } from '../authority';
import { inGenesis } from '../compliance';
import { AUTH_KINDS } from '../consentDrafts';
import { newestRecord } from '../directory';
import { addObjects, admit, carryKey, giveKeys, putOut, roleOf, sortedTexts } from '../drafting';
import { b64, fromUtf8, unb64 } from '../encoding';
import { encodeClose, encodeGenesis, encodeMemberRemove } from '../entries';
import { Ct1Error } from '../errors';
import { Draft, HeldThread } from '../heldThread';
import * as open from '../openKeys';
import { compare, randomBytes } from '../primitives';
import { CloseReason, EntryType, EPOCH_MAX_AGE_S, EPOCH_MAX_MSGS, GenesisFlag, MIN_WITNESSES, RemoveReason } from '../tables.gen';
import type * as api from '../vaultApi';
import { later } from './openVault';
import type { OpenVault } from './openVault';

export function threadsOf(vault: OpenVault): api.ThreadVault {
  return {
    recordsKey: (organisation, offered) => later(() => fromUtf8(open.complianceKeyOf(vault.keys, organisation, offered)?.label ?? new Uint8Array(0))),
    createThread: (wish) => begin(vault, wish),

    openThread: async (thread, input) => {
      const keys = vault.keys;
      const entries = input.entries.map(({ body, sig }) => ({ body: unb64(body), sig: unb64(sig) }));
      const before = vault.threads.get(thread) ?? null;
      const fresh = vault.directoryOf(input.people);
      const held = HeldThread.read(keys, entries, fresh, input.now, before);
      if (b64(held.state.threadId) !== thread) throw new Ct1Error('E_THREAD_ID', 'the log is of another thread');
      if (!held.outdated) await vault.kept.checkLog(held.state);
      const readers = [...held.state.effective(input.now), ...held.state.emergencyReaders(input.now)];
      held.replaced = await vault.kept.replacedAmong(readers, fresh, input.now);
      held.takeSeals(input.seals);
      vault.threads.set(thread, held);
      return { ...held.facts(input.now), verified: await verifiedOf(vault, held) };
    },

    closeThread: (thread) => later(() => {
      vault.threads.delete(thread);
    }),

    settle: async (thread, owed, now) => {
      const held = vault.thread(thread);
      const directory = held.directory.with(vault.directoryOf([...owed.people, ...owed.members.map((one) => one.keys)]));
      const joining = owed.members.map((one) => ({ user: unb64(one.keys.user), fp: unb64(one.fp) }));
      const replaced = await vault.kept.replacedAmong(joining, directory, now);
      const draft = new Draft(vault.keys, held.identity, directory, now, held.state);
      if (held.outdated) return draft.batch();
      carryKey(draft, open.identityOf(vault.keys));
      addObjects(draft, owed.objects);
      putOut(draft);
      // Nobody is let in, or given a key, while it is not certain whose keys these are.
      if (held.replaced.length > 0) return draft.batch();
      if (draft.amEffective()) for (const one of owed.members) if (!replaced.includes(one.keys.user)) admit(draft, one);
      const hasReason = draft.state.seq > held.state.seq || draft.state.emergencyReaders(draft.ts).length > 0;
      if (hasReason && draft.amEffective()) giveKeys(draft, held);
      return draft.batch();
    },

    rotate: (thread, now) => later(() => {
      const held = vault.thread(thread);
      held.requireKnownKeys();
      const draft = new Draft(vault.keys, held.identity, held.directory, now, held.state);
      draft.rotate();
      // Whoever reads in an emergency lacks the history that the log gives them.
      giveKeys(draft, held);
      return draft.batch();
    }),

    removeMember: (thread, user, reason, now) => later(() => {
      const held = vault.thread(thread);
      const draft = new Draft(vault.keys, held.identity, held.directory, now, held.state);
      const known = Object.values(RemoveReason).find((one) => one === reason) ?? RemoveReason.LEFT;
      draft.add(EntryType.MEMBER_REMOVE, encodeMemberRemove({ user: unb64(user), reason: known }));
      if (draft.amEffective() && draft.state.needsRotation(draft.ts)) draft.rotate();
      return draft.batch();
    }),

    endThread: (thread, reason, now) => later(() => {
      const held = vault.thread(thread);
      const draft = new Draft(vault.keys, held.identity, held.directory, now, held.state);
      const known = Object.values(CloseReason).find((one) => one === reason) ?? CloseReason.UNSAID;
      draft.add(EntryType.CLOSE, encodeClose({ reason: known }));
      return draft.batch();
    }),
  };
}

async function verifiedOf(vault: OpenVault, held: HeldThread): Promise<string[]> {
  const members = [...held.state.parts.members.values()];
  const compared = await Promise.all(members.map((one) => vault.kept.isVerified(one.user, one.fp, held.directory)));
  return members.filter((_, at) => compared[at]).map((one) => b64(one.user));
}

async function begin(vault: OpenVault, wish: api.ThreadWish): Promise<api.Batch & { thread: string }> {
  const keys = vault.keys;
  const identity = open.identityOf(keys);
  const mine = { user: b64(keys.user), name: '', kind: 'staff', ...keys.published } as const;
  // The thread's authority is the patient's own account, whatever else a server may name.
  if (wish.voice === 'patient' && wish.authorities.map((one) => one.user).join() !== wish.patient.account) {
    throw new Ct1Error('E_GRANT_AUTHORITY', 'the patient alone decides here');
  }
  const amAuthority = wish.authorities.some((one) => one.user === mine.user);
  const directory = vault.directoryOf(amAuthority ? wish.authorities : [mine, ...wish.authorities]);
  await vault.requireKnown(wish.authorities, directory);
  const authorities = wish.authorities.map(({ user }) => ({ user: unb64(user), fp: newestRecord(directory.of(unb64(user))).fp }));
  const draft = new Draft(keys, identity, directory, wish.now, null);
  const roots = keys.organisations.map((one) => ({ org: one.id, fp: one.rootFp }));
  const { flag, ...compliance } = inGenesis(open.complianceKeyOf(keys, wish.patient.organisation, wish.recordsKey));
  const role = amAuthority ? roleOfAuthority(AUTH_KINDS[wish.voice]) : roleOf(wish.role);
  draft.add(
    EntryType.GENESIS,
    encodeGenesis({
      nonce: randomBytes(32),
      patientRef: unb64(wish.patient.id),
      authKind: AUTH_KINDS[wish.voice],
      authorities: authorities.sort((one, other) => compare(authorityBytes(one), authorityBytes(other))),
      quorum: wish.voice === 'witnessed' ? MIN_WITNESSES : 1,
      roots: roots.sort((one, other) => compare(one.org, other.org)),
      creator: keys.user,
      creatorFp: identity.fp,
      creatorRole: role,
      labels: sortedTexts(wish.labels),
      epochMaxAgeS: EPOCH_MAX_AGE_S,
      epochMaxMsgs: EPOCH_MAX_MSGS,
      flags: GenesisFlag.FOLLOW_ROTATION | (wish.forEmergencies ? GenesisFlag.BREAK_GLASS : 0) | flag,
      ...compliance,
    }),
  );
  addObjects(draft, wish.consent);
  if (draft.amEffective()) draft.rotate();
  return { ...draft.batch(), thread: b64(draft.state.threadId) };
}