/** The entries of a thread's log: their bytes, payloads, signatures and hashes (docs/protocol.md 3.5). */
import { readAuthorities, writeAuthority } from './authority';
import type { Authorities, Authority } from './authority';
import type { Signer } from './directives';
import { Reader, sortedOnce, Writer } from './encoding';
import { Ct1Error } from './errors';
import { concat, digest, sign } from './primitives';
import { AuthKind, CloseReason, ENTRY_NONCRITICAL, EntryType, EpochReason, Label, MAX_ENTRY, RecipientKind, RemoveReason, Role, Suite } from './tables.gen';

export const NO_HASH = new Uint8Array(32);
export const NON_CRITICAL = ENTRY_NONCRITICAL;

/** An entry as it travels and is stored: the exact bytes and the author's signature over them. */
export type SignedEntry = { readonly body: Uint8Array; readonly sig: Uint8Array };

/** The parsed frame of an entry; `payload` is parsed by its type, after the signature is verified. */
export type Entry = {
  readonly threadId: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly author: Uint8Array;
  readonly authorGen: number;
  readonly ts: number;
  readonly type: number;
  readonly payload: Uint8Array;
};

export type Root = { readonly org: Uint8Array; readonly fp: Uint8Array };

/** What a thread is, fixed for ever; `roots` ties each organisation to its root key's fingerprint. */
export type Genesis = {
  readonly nonce: Uint8Array;
  readonly patientRef: Uint8Array;
  readonly authKind: AuthKind;
  readonly authorities: readonly Authority[];
  readonly quorum: number;
  readonly roots: readonly Root[];
  readonly creator: Uint8Array;
  readonly creatorFp: Uint8Array;
  readonly creatorRole: Role;
  readonly labels: readonly Uint8Array[];
  readonly epochMaxAgeS: number;
  readonly epochMaxMsgs: number;
  readonly flags: number;
  readonly compliancePk: Uint8Array;
  readonly complianceLabel: Uint8Array;
};

/** The payload of the entries that carry a signed object (DIRECTIVE, REVOKE, …): its bytes and who signed them. */
export type Signed = { readonly body: Uint8Array; readonly signers: readonly Signer[] };

/** Admits a person under a directive; `historyFrom` is the first epoch they may be given. */
export type MemberAdd = {
  readonly user: Uint8Array;
  readonly fp: Uint8Array;
  readonly role: Role;
  readonly directiveId: Uint8Array;
  readonly historyFrom: number;
};

export type MemberRemove = { readonly user: Uint8Array; readonly reason: RemoveReason };

/** Ordered as its bytes are: kind, id, fp. */
export type Recipient = { readonly kind: RecipientKind; readonly id: Uint8Array; readonly fp: Uint8Array };

/** A new epoch: the commitment to its key, and exactly who is given it. */
export type EpochStart = {
  readonly epoch: number;
  readonly suite: Suite;
  readonly reason: EpochReason;
  readonly keyCommit: Uint8Array;
  readonly recipients: readonly Recipient[];
};

/** Epochs `first` to `last`, both included, are sealed to a member who was not their recipient. */
export type HistoryShare = { readonly user: Uint8Array; readonly fp: Uint8Array; readonly first: number; readonly last: number };

/** A member's new key in place of the old one, which signed for it; `ukrHash` names the new key's record. */
export type KeyUpdate = { readonly user: Uint8Array; readonly oldFp: Uint8Array; readonly newFp: Uint8Array; readonly ukrHash: Uint8Array };

/** Nothing more is written in the thread, and why. */
export type Close = { readonly reason: CloseReason };

export type Payload =
  | { readonly type: 'genesis'; readonly genesis: Genesis }
  | { readonly type: 'directive'; readonly signed: Signed }
  | { readonly type: 'revoke'; readonly signed: Signed }
  | { readonly type: 'authorityChange'; readonly signed: Signed }
  | { readonly type: 'policyChange'; readonly signed: Signed }
  | { readonly type: 'breakGlass'; readonly signed: Signed }
  | { readonly type: 'memberAdd'; readonly add: MemberAdd }
  | { readonly type: 'memberRemove'; readonly remove: MemberRemove }
  | { readonly type: 'epoch'; readonly start: EpochStart }
  | { readonly type: 'historyShare'; readonly share: HistoryShare }
  | { readonly type: 'keyUpdate'; readonly update: KeyUpdate }
  | { readonly type: 'close'; readonly close: Close };

/** The authority of a thread as genesis has it. */
export function authorityOf(genesis: Genesis): Authorities {
  return { kind: genesis.authKind, people: genesis.authorities, quorum: genesis.quorum };
}

export function entryHash(signed: SignedEntry): Uint8Array {
  return digest(Label.LOG_HASH, concat(new Writer().v32(signed.body).done(), signed.sig));
}

export function encodeEntry(entry: Entry): Uint8Array {
  const writer = new Writer(Label.LOG).fixed(entry.threadId, 32).u64(entry.seq).fixed(entry.prev, 32);
  writer.fixed(entry.author, 16).u32(entry.authorGen).u64(entry.ts).u8(entry.type);
  return writer.v32(entry.payload).done();
}

export function signEntry(entry: Entry, signSeed: Uint8Array): SignedEntry {
  const body = encodeEntry(entry);
  return { body, sig: sign(signSeed, Label.LOG_SIG, body) };
}

export function encodeGenesis(one: Genesis): Uint8Array {
  const writer = new Writer().fixed(one.nonce, 32).fixed(one.patientRef, 16).u8(one.authKind);
  writer.each(one.authorities, writeAuthority).u8(one.quorum);
  writer.each(one.roots, (w, root) => w.fixed(root.org, 16).fixed(root.fp, 32));
  writer.fixed(one.creator, 16).fixed(one.creatorFp, 32).u8(one.creatorRole);
  writer.u32(one.epochMaxAgeS).u32(one.epochMaxMsgs).u16(one.flags);
  writer.fixed(one.compliancePk, 32).v16(one.complianceLabel);
  return writer.each(one.labels, (w, label) => w.v16(label)).u8(Suite.X25519).done();
}

export function encodeSigned(one: Signed): Uint8Array {
  return new Writer().v32(one.body).each(one.signers, (w, signer) => w.fixed(signer.fp, 32).fixed(signer.sig, 64)).done();
}

export function encodeMemberAdd(one: MemberAdd): Uint8Array {
  const writer = new Writer().fixed(one.user, 16).fixed(one.fp, 32).u8(one.role);
  return writer.fixed(one.directiveId, 16).u32(one.historyFrom).done();
}

export function encodeMemberRemove(one: MemberRemove): Uint8Array {
  return new Writer().fixed(one.user, 16).u8(one.reason).done();
}

export function recipientBytes(one: Recipient): Uint8Array {
  return concat(Uint8Array.of(one.kind), one.id, one.fp);
}

export function encodeEpochStart(one: EpochStart): Uint8Array {
  const writer = new Writer().u32(one.epoch).u8(one.suite).u8(one.reason).fixed(one.keyCommit, 32);
  return writer.each(one.recipients, (w, recipient) => w.fixed(recipientBytes(recipient), 49)).done();
}

export function encodeHistoryShare(one: HistoryShare): Uint8Array {
  return new Writer().fixed(one.user, 16).fixed(one.fp, 32).u32(one.first).u32(one.last).done();
}

export function encodeKeyUpdate(one: KeyUpdate): Uint8Array {
  return new Writer().fixed(one.user, 16).fixed(one.oldFp, 32).fixed(one.newFp, 32).fixed(one.ukrHash, 32).done();
}

export function encodeClose(one: Close): Uint8Array {
  return new Writer().u8(one.reason).done();
}

/** The frame of an entry; throws E_SIZE, E_LABEL, E_VERSION, E_ENC, E_UNSUPPORTED for an unknown critical type. */
export function parseEntry(body: Uint8Array): Entry {
  if (body.length > MAX_ENTRY) throw new Ct1Error('E_SIZE', 'the entry is too large');
  const reader = new Reader(body, Label.LOG);
  const entry: Entry = {
    threadId: reader.fixed(32),
    seq: reader.u64(),
    prev: reader.fixed(32),
    author: reader.fixed(16),
    authorGen: reader.u32(),
    ts: reader.u64(),
    type: reader.u8(),
    payload: reader.v32(),
  };
  reader.done();
  if (entry.type < NON_CRITICAL && !(entry.type in PARSERS)) {
    throw new Ct1Error('E_UNSUPPORTED', `entry type ${entry.type} needs a newer app`);
  }
  return entry;
}

function suite(reader: Reader): Suite {
  const read = reader.u8();
  if (read !== Suite.X25519) throw new Ct1Error('E_SUITE', `suite ${read} is unknown`);
  return Suite.X25519;
}

function readGenesis(reader: Reader): Genesis {
  const nonce = reader.fixed(32);
  const patientRef = reader.fixed(16);
  const authKind = reader.enum<AuthKind>(AuthKind);
  const authorities = readAuthorities(reader);
  const quorum = reader.u8();
  const roots = sortedOnce(reader.each((r) => r.fixed(48)), 'roots');
  const creator = reader.fixed(16);
  const creatorFp = reader.fixed(32);
  const creatorRole = reader.enum<Role>(Role);
  const epochMaxAgeS = reader.u32();
  const epochMaxMsgs = reader.u32();
  const flags = reader.u16();
  const compliancePk = reader.fixed(32);
  const complianceLabel = reader.utf8();
  const labels = sortedOnce(reader.each((r) => r.utf8()), 'labels');
  suite(reader);
  return {
    nonce,
    patientRef,
    authKind,
    authorities,
    quorum,
    roots: roots.map((raw) => ({ org: raw.slice(0, 16), fp: raw.slice(16) })),
    creator,
    creatorFp,
    creatorRole,
    labels,
    epochMaxAgeS,
    epochMaxMsgs,
    flags,
    compliancePk,
    complianceLabel,
  };
}

function readSigned(reader: Reader): Signed {
  const body = reader.v32();
  const signers = reader.each((r) => {
    const fp = r.fixed(32);
    return { fp, sig: r.fixed(64) };
  });
  return { body, signers };
}

function readMemberAdd(reader: Reader): MemberAdd {
  const user = reader.fixed(16);
  const fp = reader.fixed(32);
  const role = reader.enum<Role>(Role);
  const directiveId = reader.fixed(16);
  return { user, fp, role, directiveId, historyFrom: reader.u32() };
}

function readMemberRemove(reader: Reader): MemberRemove {
  const user = reader.fixed(16);
  return { user, reason: reader.enum<RemoveReason>(RemoveReason) };
}

function readRecipient(reader: Reader): Uint8Array {
  const kind = reader.enum<RecipientKind>(RecipientKind);
  return concat(Uint8Array.of(kind), reader.fixed(48));
}

function readEpoch(reader: Reader): EpochStart {
  const epoch = reader.u32();
  const known = suite(reader);
  const reason = reader.enum<EpochReason>(EpochReason);
  const keyCommit = reader.fixed(32);
  const recipients = sortedOnce(reader.each(readRecipient), 'recipients').map((raw) => ({
    kind: raw[0] as RecipientKind,
    id: raw.slice(1, 17),
    fp: raw.slice(17),
  }));
  return { epoch, suite: known, reason, keyCommit, recipients };
}

function readHistoryShare(reader: Reader): HistoryShare {
  const user = reader.fixed(16);
  const fp = reader.fixed(32);
  const first = reader.u32();
  return { user, fp, first, last: reader.u32() };
}

function readKeyUpdate(reader: Reader): KeyUpdate {
  const user = reader.fixed(16);
  const oldFp = reader.fixed(32);
  const newFp = reader.fixed(32);
  return { user, oldFp, newFp, ukrHash: reader.fixed(32) };
}

const PARSERS: Readonly<Record<number, (reader: Reader) => Payload>> = {
  [EntryType.GENESIS]: (reader) => ({ type: 'genesis', genesis: readGenesis(reader) }),
  [EntryType.DIRECTIVE]: (reader) => ({ type: 'directive', signed: readSigned(reader) }),
  [EntryType.REVOKE]: (reader) => ({ type: 'revoke', signed: readSigned(reader) }),
  [EntryType.AUTHORITY_CHANGE]: (reader) => ({ type: 'authorityChange', signed: readSigned(reader) }),
  [EntryType.POLICY_CHANGE]: (reader) => ({ type: 'policyChange', signed: readSigned(reader) }),
  [EntryType.BREAK_GLASS]: (reader) => ({ type: 'breakGlass', signed: readSigned(reader) }),
  [EntryType.MEMBER_ADD]: (reader) => ({ type: 'memberAdd', add: readMemberAdd(reader) }),
  [EntryType.MEMBER_REMOVE]: (reader) => ({ type: 'memberRemove', remove: readMemberRemove(reader) }),
  [EntryType.EPOCH]: (reader) => ({ type: 'epoch', start: readEpoch(reader) }),
  [EntryType.HISTORY_SHARE]: (reader) => ({ type: 'historyShare', share: readHistoryShare(reader) }),
  [EntryType.KEY_UPDATE]: (reader) => ({ type: 'keyUpdate', update: readKeyUpdate(reader) }),
  [EntryType.CLOSE]: (reader) => ({ type: 'close', close: { reason: reader.enum<CloseReason>(CloseReason) } }),
};

/** The payload by its type; null for a non-critical entry, which is hashed and otherwise ignored. */
export function parsePayload(entry: Entry): Payload | null {
  const parse = PARSERS[entry.type];
  if (!parse) return null;
  const reader = new Reader(entry.payload);
  const payload = parse(reader);
  reader.done();
  return payload;
}
