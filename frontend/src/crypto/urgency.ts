/** How soon a message wants an answer, and that somebody gave one: signed words that the server may read (3.12). */
import { Reader, Writer } from './encoding';
import { Ct1Error } from './errors';
import type { Ukr } from './keys';
import { equal, sign, verify } from './primitives';
import { ACK_MAX_MS, ACK_MIN_MS, AddresseeKind, ADDRESSEES_MAX, Label, Priority } from './tables.gen';

/** Whom an escalation reaches: a person by account, or whoever holds a role by the role's id. */
export type Addressee = { readonly kind: AddresseeKind; readonly id: Uint8Array };

/** What the sender of a message says of its priority; `ts` and `ackBy` in ms, `ackBy` 0 where none is asked. */
export type Urgency = {
  readonly thread: Uint8Array;
  readonly msgId: Uint8Array;
  readonly sender: Uint8Array;
  readonly fp: Uint8Array;
  readonly priority: Priority;
  readonly ts: number;
  readonly ackBy: number;
  readonly addressees: readonly Addressee[];
};

/** A person has taken note of one message and sees to it; `ts` in ms. */
export type Ack = { readonly thread: Uint8Array; readonly msgId: Uint8Array; readonly user: Uint8Array; readonly fp: Uint8Array; readonly ts: number };

export function encodeUrgency(one: Urgency): Uint8Array {
  const writer = new Writer(Label.URGENCY).fixed(one.thread, 32).fixed(one.msgId, 16).fixed(one.sender, 16);
  writer.fixed(one.fp, 32).u8(one.priority).u64(one.ts).u64(one.ackBy).u16(one.addressees.length);
  for (const { kind, id } of one.addressees) writer.u8(kind).fixed(id, 16);
  return writer.done();
}

export function encodeAck(one: Ack): Uint8Array {
  return new Writer(Label.ACK).fixed(one.thread, 32).fixed(one.msgId, 16).fixed(one.user, 16).fixed(one.fp, 32).u64(one.ts).done();
}

/** The urgency of signed bytes; throws E_ENC, E_ENUM, E_SIZE, E_RECIPIENTS, E_TS, in docs/protocol.md's order. */
export function parseUrgency(body: Uint8Array): Urgency {
  const reader = new Reader(body, Label.URGENCY);
  const said: Urgency = {
    thread: reader.fixed(32),
    msgId: reader.fixed(16),
    sender: reader.fixed(16),
    fp: reader.fixed(32),
    priority: reader.enum<Priority>(Priority),
    ts: reader.u64(),
    ackBy: reader.u64(),
    addressees: Array.from({ length: reader.u16() }, () => ({ kind: reader.enum<AddresseeKind>(AddresseeKind), id: reader.fixed(16) })),
  };
  reader.done();
  const { priority, ts, ackBy, addressees } = said;
  if (addressees.length > ADDRESSEES_MAX) throw new Ct1Error('E_SIZE', 'an escalation has at most eight addressees');
  const isTwice = addressees.some((one, at) => addressees.slice(0, at).some((other) => other.kind === one.kind && equal(other.id, one.id)));
  if (isTwice) throw new Ct1Error('E_RECIPIENTS', 'an addressee stands twice');
  if ((ackBy === 0) !== (addressees.length === 0)) throw new Ct1Error('E_RECIPIENTS', "a deadline is somebody's, and an addressee has one");
  if ((priority === Priority.ROUTINE && ackBy) || (priority === Priority.URGENT && !ackBy)) {
    throw new Ct1Error('E_TS', 'an urgent message has a deadline, a routine one none');
  }
  if (ackBy && (ackBy - ts < ACK_MIN_MS || ackBy - ts > ACK_MAX_MS)) throw new Ct1Error('E_TS', 'a deadline is between a minute and a day away');
  return said;
}

/** The acknowledgement of signed bytes; throws E_ENC, E_LABEL, E_VERSION. */
export function parseAck(body: Uint8Array): Ack {
  const reader = new Reader(body, Label.ACK);
  const said = { thread: reader.fixed(32), msgId: reader.fixed(16), user: reader.fixed(16), fp: reader.fixed(32), ts: reader.u64() };
  reader.done();
  return said;
}

/** The sender's signature. */
export function signUrgency(signSeed: Uint8Array, body: Uint8Array): Uint8Array {
  return sign(signSeed, Label.URGENCY_SIG, body);
}

/** The signature of the one who acknowledges. */
export function signAck(signSeed: Uint8Array, body: Uint8Array): Uint8Array {
  return sign(signSeed, Label.ACK_SIG, body);
}

/** The urgency, if it is of this thread and this key signed it; throws E_THREAD, E_UNKNOWN_KEY, E_SIG besides. */
export function verifyUrgency(body: Uint8Array, sig: Uint8Array, thread: Uint8Array, ukr: Ukr): Urgency {
  const said = parseUrgency(body);
  require(said.thread, thread, said.sender, said.fp, ukr);
  verify(ukr.signPk, Label.URGENCY_SIG, body, sig);
  return said;
}

/** The acknowledgement, if it is of this thread and this key signed it; throws as `verifyUrgency`. */
export function verifyAck(body: Uint8Array, sig: Uint8Array, thread: Uint8Array, ukr: Ukr): Ack {
  const said = parseAck(body);
  require(said.thread, thread, said.user, said.fp, ukr);
  verify(ukr.signPk, Label.ACK_SIG, body, sig);
  return said;
}

function require(named: Uint8Array, thread: Uint8Array, user: Uint8Array, fp: Uint8Array, ukr: Ukr): void {
  if (!equal(named, thread)) throw new Ct1Error('E_THREAD', 'a word about another thread');
  if (!equal(ukr.fp, fp) || !equal(ukr.user, user)) throw new Ct1Error('E_UNKNOWN_KEY', "the key is not the signer's");
}
