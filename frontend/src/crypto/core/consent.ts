/** What a person signs about who may read: the patient's word, a witness's, an emergency's. */
import { directiveOf, handOverOf, revocationOf } from '../consentDrafts';
import { signDirective, signRevoke } from '../directives';
import { newestRecord } from '../directory';
import { cosign, declare } from '../emergencyDrafts';
import { b64, unb64 } from '../encoding';
import { Ct1Error } from '../errors';
import { Draft } from '../heldThread';
import * as open from '../openKeys';
import type { ConsentVault, DirectiveWish } from '../vaultApi';
import { signSaid, spokenFacts } from '../witnessing';
import { later } from './openVault';
import type { OpenVault } from './openVault';

export function consentOf(vault: OpenVault): ConsentVault {
  return {
    signDirective: async (wish) => {
      const { body, id } = await draftOf(vault, wish);
      const identity = open.identityOf(vault.keys);
      return { id: b64(id), body: b64(body), fp: b64(identity.fp), sig: b64(signDirective(identity.signSeed, body)) };
    },

    draftDirective: async (wish) => b64((await draftOf(vault, wish)).body),

    signRevocation: (patient, target, now) => later(() => {
      const identity = open.identityOf(vault.keys);
      const { body, id } = revocationOf(patient, target, identity.fp, now, 'patient');
      return { id: b64(id), body: b64(body), fp: b64(identity.fp), sig: b64(signRevoke(identity.signSeed, body)) };
    }),

    draftRevocation: (patient, target, now, voice = 'patient') => later(() => b64(revocationOf(patient, target, open.identityOf(vault.keys).fp, now, voice).body)),

    draftHandOver: async (patient, patientKeys) => {
      const user = unb64(patientKeys.user);
      const directory = vault.directoryOf([patientKeys]);
      await vault.requireKnown([patientKeys], directory);
      const { fp } = newestRecord(directory.of(user));
      return b64(handOverOf(patient, { user, fp }));
    },

    readSaid: (body) => later(() => spokenFacts(unb64(body))),

    signSaid: async (said, now) => {
      const directory = vault.directoryOf(said.keys ? [said.keys] : []);
      if (said.keys) await vault.requireKnown([said.keys], directory);
      return signSaid(said, directory, open.identityOf(vault.keys), now);
    },

    declareEmergency: (thread, wish, cosigned, now) => later(() => {
      const held = vault.thread(thread);
      const draft = new Draft(vault.keys, held.identity, held.directory, now, held.state);
      declare(draft, wish, thread, cosigned);
      return draft.batch();
    }),

    cosignEmergency: (wish, threads) => later(() => cosign(wish, threads, open.identityOf(vault.keys), vault.clock())),
  };
}

async function draftOf(vault: OpenVault, wish: DirectiveWish) {
  const identity = open.identityOf(vault.keys);
  const fp = unb64(wish.fp);
  // A no opens nothing: it is signed against a replaced key too, else nobody could be kept out after a reset.
  const directory = vault.directoryOf([wish.keys]);
  if (wish.effect === 'permit') await vault.requireKnown([wish.keys], directory);
  const isCertified = directory.certificatesOf(fp).some((one) => one.nbf <= vault.clock() && vault.clock() < one.exp);
  if (b64(directory.ukr(fp).user) !== wish.keys.user || (wish.effect === 'permit' && !isCertified)) {
    throw new Ct1Error('E_CERT', 'no pinned organisation vouches for this key');
  }
  return directiveOf(wish, identity.fp);
}