/** Emergency access as it stands in a log: who declared it, why, until when (docs/protocol.md 3.5). */
import { Reader, Writer } from './encoding';
import { Ct1Error } from './errors';
import { sign } from './primitives';
import { EMERGENCY_REASON_MAX, Label, Role } from './tables.gen';

/** A declaration; `exp` in ms, `reason` UTF-8 in the clear: the patient, the members and the server read it. */
export type Emergency = {
  readonly declarationId: Uint8Array;
  readonly threadId: Uint8Array;
  readonly user: Uint8Array;
  readonly fp: Uint8Array;
  readonly role: Role;
  readonly exp: number;
  readonly reason: Uint8Array;
};

/** Somebody who reads in an emergency and does nothing else; `historyFrom` is the first epoch they may have. */
export type EmergencyReader = {
  readonly declaration: Emergency;
  readonly user: Uint8Array;
  readonly fp: Uint8Array;
  readonly role: Role;
  readonly org: Uint8Array;
  readonly seq: number;
  readonly ts: number;
  readonly historyFrom: number;
};

export function encodeEmergency(one: Emergency): Uint8Array {
  const writer = new Writer(Label.BREAK_GLASS).fixed(one.declarationId, 16).fixed(one.threadId, 32);
  return writer.fixed(one.user, 16).fixed(one.fp, 32).u8(one.role).u64(one.exp).v16(one.reason).done();
}

/** The declaration of signed bytes; throws E_ENC, E_ENUM, or E_SIZE for a reason that is missing or too long. */
export function parseEmergency(body: Uint8Array): Emergency {
  const reader = new Reader(body, Label.BREAK_GLASS);
  const emergency: Emergency = {
    declarationId: reader.fixed(16),
    threadId: reader.fixed(32),
    user: reader.fixed(16),
    fp: reader.fixed(32),
    role: reader.enum<Role>(Role),
    exp: reader.u64(),
    reason: reader.utf8(),
  };
  reader.done();
  if (emergency.reason.length < 1 || emergency.reason.length > EMERGENCY_REASON_MAX) {
    throw new Ct1Error('E_SIZE', 'an emergency has a reason, of at most 500 bytes');
  }
  return emergency;
}

/** A co-signer's signature; who declares signs the entry. */
export function signEmergency(signSeed: Uint8Array, body: Uint8Array): Uint8Array {
  return sign(signSeed, Label.BREAK_GLASS_SIG, body);
}
