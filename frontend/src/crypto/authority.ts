/** Who consents for a patient in a thread, and the signed object that puts others in their place (protocol.md 3.4). */
import { b64, Reader, sortedOnce, Writer } from './encoding';
import { Ct1Error } from './errors';
import { compare, concat, equal, sign } from './primitives';
import { AuthKind, ChangeReason, Label, Role } from './tables.gen';

export const NO_ACCOUNT = new Uint8Array(16);

/** Who may sign directives: the account (zero where there is none) and the key. */
export type Authority = { readonly user: Uint8Array; readonly fp: Uint8Array };

/** Who may consent, and how many of them must; for witnessed consent nobody by name and at least two witnesses. */
export type Authorities = { readonly kind: AuthKind; readonly people: readonly Authority[]; readonly quorum: number };

/** Other authorities for a patient; `notBefore` in ms, zero where those who are in office hand over at once. */
export type Change = {
  readonly changeId: Uint8Array;
  readonly patientRef: Uint8Array;
  readonly authorities: Authorities;
  readonly notBefore: number;
  readonly reason: ChangeReason;
};

/** In which role authorities of a kind are members. */
export function roleOfAuthority(kind: AuthKind): Role {
  return kind === AuthKind.PATIENT ? Role.PATIENT : Role.REPRESENTATIVE;
}

/** The authorities who have an account. */
export function withAccounts(authorities: Authorities): readonly Authority[] {
  return authorities.people.filter((one) => !equal(one.user, NO_ACCOUNT));
}

/** The same people, one of them with a new key. */
export function renewed(authorities: Authorities, user: Uint8Array, fp: Uint8Array): Authorities {
  const people = authorities.people.map((one) => (equal(one.user, user) ? { user, fp } : one));
  return { ...authorities, people: people.sort((one, other) => compare(authorityBytes(one), authorityBytes(other))) };
}

export function readAuthorities(reader: Reader): Authority[] {
  const rows = sortedOnce(reader.each((r) => r.fixed(48)), 'authorities');
  return rows.map((raw) => ({ user: raw.slice(0, 16), fp: raw.slice(16) }));
}

export function writeAuthority(writer: Writer, one: Authority): void {
  writer.fixed(one.user, 16).fixed(one.fp, 32);
}

export function encodeChange(change: Change): Uint8Array {
  const { kind, people, quorum } = change.authorities;
  const writer = new Writer(Label.AUTHORITY).fixed(change.changeId, 16).fixed(change.patientRef, 16).u8(kind);
  return writer.each(people, writeAuthority).u8(quorum).u64(change.notBefore).u8(change.reason).done();
}

/** The change of signed bytes; throws E_ENC, E_ENUM, E_GRANT_AUTHORITY, E_UNKNOWN_KEY or E_QUORUM. */
export function parseChange(body: Uint8Array): Change {
  const reader = new Reader(body, Label.AUTHORITY);
  const changeId = reader.fixed(16);
  const patientRef = reader.fixed(16);
  const kind = reader.enum<AuthKind>(AuthKind);
  const people = readAuthorities(reader);
  const quorum = reader.u8();
  const notBefore = reader.u64();
  const reason = reader.enum<ChangeReason>(ChangeReason);
  reader.done();
  if (kind === AuthKind.WITNESSED || people.length === 0) {
    // Two witnesses who could name witnesses as the authority would own the thread without any patient's key.
    throw new Ct1Error('E_GRANT_AUTHORITY', 'a thread is handed over to people, never to witnesses');
  }
  const authorities: Authorities = { kind, people, quorum };
  if (withAccounts(authorities).length !== people.length) {
    throw new Ct1Error('E_UNKNOWN_KEY', 'an authority that comes later has an account');
  }
  checkQuorum(authorities);
  return { changeId, patientRef, authorities, notBefore, reason };
}

/** E_QUORUM unless the quorum can be met by different people. */
export function checkQuorum(authorities: Authorities): void {
  const least = authorities.kind === AuthKind.QUORUM ? 2 : 1;
  if (authorities.quorum < least || authorities.quorum > authorities.people.length) {
    throw new Ct1Error('E_QUORUM', 'the quorum cannot be met, or is none');
  }
  const accounts = withAccounts(authorities).map((one) => b64(one.user));
  if (new Set(accounts).size !== accounts.length) throw new Ct1Error('E_QUORUM', 'one person counts once');
}

export function sameChange(one: Change, other: Change): boolean {
  return equal(encodeChange(one), encodeChange(other));
}

export function signChange(signSeed: Uint8Array, body: Uint8Array): Uint8Array {
  return sign(signSeed, Label.AUTHORITY_SIG, body);
}

/** The bytes by which authorities are ordered. */
export function authorityBytes(one: Authority): Uint8Array {
  return concat(one.user, one.fp);
}
