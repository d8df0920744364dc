/** What a thread is held to, as its authority has it now: limits of an epoch, flags, and who keeps its records (docs/protocol.md 3.15). */
import { parseComplianceKey, verifyStatement } from './compliance';
import { b64, Reader, Writer } from './encoding';
import type { Genesis } from './entries';
import { Ct1Error } from './errors';
import { equal, SIGNATURE_BYTES } from './primitives';
import { EPOCH_MAX_AGE_S, EPOCH_MAX_MSGS, GenesisFlag, Label } from './tables.gen';

const NO_KEY = new Uint8Array(32);
const ALL_FLAGS = Object.values(GenesisFlag).reduce((sum, bit) => sum + bit, 0);

/** The next policy of one thread; `statement` is a root's word for another compliance key, or empty. */
export type Policy = {
  readonly threadId: Uint8Array;
  readonly number: number;
  readonly epochMaxAgeS: number;
  readonly epochMaxMsgs: number;
  readonly flags: number;
  readonly statement: Uint8Array;
  readonly statementSig: Uint8Array;
};

/** The policy in force; `keys` are all compliance keys that the thread ever had, the newest last. */
export type Terms = Pick<Policy, 'number' | 'epochMaxAgeS' | 'epochMaxMsgs' | 'flags'> &
  Pick<Genesis, 'compliancePk' | 'complianceLabel'> & { readonly keys: readonly Uint8Array[] };

type RecordsKey = Pick<Genesis, 'compliancePk' | 'complianceLabel'>;
type Roots = ReadonlyMap<string, Uint8Array>;

export function firstTerms(genesis: Genesis): Terms {
  const { epochMaxAgeS, epochMaxMsgs, flags, compliancePk, complianceLabel } = genesis;
  return { number: 0, epochMaxAgeS, epochMaxMsgs, flags, compliancePk, complianceLabel, keys: equal(compliancePk, NO_KEY) ? [] : [compliancePk] };
}

/**
 * The terms changed; E_DUP, E_COMPLIANCE, E_UNKNOWN_KEY, E_SIG, E_KEY_REUSE. `roots`: organisation to the fingerprint that
 * the thread pins; `rootPks`: fingerprint to key.
 */
export function termsAfter(terms: Terms, policy: Policy, roots: Roots, rootPks: Roots): Terms {
  if (policy.number !== terms.number + 1) throw new Ct1Error('E_DUP', `expected policy ${terms.number + 1}`);
  const { number, epochMaxAgeS, epochMaxMsgs, flags } = policy;
  const key = recordsKey(terms, policy, roots, rootPks);
  const keys = policy.statement.length > 0 ? [...terms.keys, key.compliancePk] : terms.keys;
  return { number, epochMaxAgeS, epochMaxMsgs, flags, ...key, keys };
}

function recordsKey(terms: Terms, policy: Policy, roots: Roots, rootPks: Roots): RecordsKey {
  if ((policy.flags & GenesisFlag.COMPLIANCE) === 0) return { compliancePk: NO_KEY, complianceLabel: new Uint8Array(0) };
  if (equal(terms.compliancePk, NO_KEY)) throw new Ct1Error('E_COMPLIANCE', 'a thread without a compliance key never gains one');
  if (policy.statement.length === 0) return { compliancePk: terms.compliancePk, complianceLabel: terms.complianceLabel };
  const named = parseComplianceKey(policy.statement);
  const pinned = roots.get(b64(named.org));
  if (!pinned || !equal(pinned, named.issuerFp)) throw new Ct1Error('E_COMPLIANCE', 'the statement is of no organisation of this thread');
  const rootPk = rootPks.get(b64(named.issuerFp));
  if (!rootPk) throw new Ct1Error('E_UNKNOWN_KEY', 'the root that states the key is not known');
  const key = verifyStatement(policy.statement, policy.statementSig, named.org, rootPk);
  if (terms.keys.some((one) => equal(one, key.boxPk))) throw new Ct1Error('E_KEY_REUSE', 'the thread had this key before');
  return { compliancePk: key.boxPk, complianceLabel: key.label };
}

export function encodePolicy(one: Policy): Uint8Array {
  const writer = new Writer(Label.POLICY).fixed(one.threadId, 32).u32(one.number);
  writer.u32(one.epochMaxAgeS).u32(one.epochMaxMsgs).u16(one.flags);
  return writer.v16(one.statement).v16(one.statementSig).done();
}

/** The policy of signed bytes; throws E_ENC, E_ENUM, E_SIZE, E_COMPLIANCE. */
export function parsePolicy(body: Uint8Array): Policy {
  const reader = new Reader(body, Label.POLICY);
  const policy: Policy = {
    threadId: reader.fixed(32),
    number: reader.u32(),
    epochMaxAgeS: reader.u32(),
    epochMaxMsgs: reader.u32(),
    flags: reader.u16(),
    statement: reader.v16(),
    statementSig: reader.v16(),
  };
  reader.done();
  const { epochMaxAgeS, epochMaxMsgs, flags, statement, statementSig } = policy;
  if ((flags & ~ALL_FLAGS) !== 0) throw new Ct1Error('E_ENUM', 'a flag that has no meaning');
  // Nobody's signature makes keys live longer than the protocol lets them.
  if (epochMaxAgeS < 1 || epochMaxAgeS > EPOCH_MAX_AGE_S || epochMaxMsgs < 1 || epochMaxMsgs > EPOCH_MAX_MSGS) {
    throw new Ct1Error('E_SIZE', 'an epoch lives a week and carries ten thousand messages at most');
  }
  if (statementSig.length !== (statement.length > 0 ? SIGNATURE_BYTES : 0)) throw new Ct1Error('E_ENC', 'a statement and its signature go together');
  if (statement.length > 0 && (flags & GenesisFlag.COMPLIANCE) === 0) throw new Ct1Error('E_COMPLIANCE', 'a key is stated that the flags say is none');
  return policy;
}
