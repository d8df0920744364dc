/** An organisation's compliance key: its root's statement about it, and what a genesis says of it (docs/protocol.md 3.14). */
import type { ComplianceKeyBlob } from '../wire.gen';
import { fromUtf8, Reader, unb64 } from './encoding';
import type { Genesis } from './entries';
import { Ct1Error } from './errors';
import { rootFingerprint } from './keys';
import { digest, equal, verify } from './primitives';
import { GenesisFlag, Label } from './tables.gen';

const NO_KEY = new Uint8Array(32);
const LABEL_MAX = 200;

/** The key as its organisation's root vouches for it: `shares` custodians, any `threshold` of them needed. */
export type ComplianceKey = {
  readonly org: Uint8Array;
  readonly issuerFp: Uint8Array;
  readonly boxPk: Uint8Array;
  readonly threshold: number;
  readonly shares: number;
  readonly label: Uint8Array;
  readonly ts: number;
};

/** What names the key in an epoch's recipients; empty where there is none. */
export function complianceFingerprint(boxPk: Uint8Array): Uint8Array {
  return equal(boxPk, NO_KEY) ? new Uint8Array(0) : digest(Label.COMP_FP, boxPk);
}

/** The statement's content, unverified; E_ENC, E_COMPLIANCE for a key or numbers that make no sense. */
export function parseComplianceKey(body: Uint8Array): ComplianceKey {
  const reader = new Reader(body, Label.COMPLIANCE_KEY);
  const key = {
    org: reader.fixed(16),
    issuerFp: reader.fixed(32),
    boxPk: reader.fixed(32),
    threshold: reader.u8(),
    shares: reader.u8(),
    label: reader.utf8(),
    ts: reader.u64(),
  };
  reader.done();
  const isLabelled = key.label.length >= 1 && key.label.length <= LABEL_MAX;
  if (equal(key.boxPk, NO_KEY) || key.threshold < 2 || key.threshold > key.shares || !isLabelled) {
    throw new Ct1Error('E_COMPLIANCE', 'a compliance key has a label, and two custodians at least');
  }
  return key;
}

/** The key; E_COMPLIANCE for another organisation's or root's, E_SIG when the signature does not verify. */
export function verifyComplianceKey(signed: ComplianceKeyBlob, org: Uint8Array, rootPk: Uint8Array): ComplianceKey {
  return verifyStatement(unb64(signed.body), unb64(signed.sig), org, rootPk);
}

/** As `verifyComplianceKey`, of bytes. */
export function verifyStatement(body: Uint8Array, sig: Uint8Array, org: Uint8Array, rootPk: Uint8Array): ComplianceKey {
  const key = parseComplianceKey(body);
  if (!equal(key.org, org) || !equal(key.issuerFp, rootFingerprint(rootPk))) {
    throw new Ct1Error('E_COMPLIANCE', 'the compliance key is of another organisation');
  }
  verify(rootPk, Label.COMPLIANCE_KEY_SIG, body, sig);
  return key;
}

/** What a genesis holds of the key, or of none. */
export function inGenesis(key: ComplianceKey | null): Pick<Genesis, 'compliancePk' | 'complianceLabel'> & { flag: number } {
  if (!key) return { compliancePk: NO_KEY, complianceLabel: new Uint8Array(0), flag: 0 };
  return { compliancePk: key.boxPk, complianceLabel: key.label, flag: GenesisFlag.COMPLIANCE };
}

/** Who holds the key that a thread names now; '' where it names none. */
export function recordsLabel(terms: Pick<Genesis, 'compliancePk' | 'complianceLabel'>): string {
  return equal(terms.compliancePk, NO_KEY) ? '' : fromUtf8(terms.complianceLabel);
}
