/** Messages as everybody may check them: header, signature and place in the log, never the content. */
import type { Directory } from './directory';
import { b64, Reader, Writer } from './encoding';
import { Ct1Error } from './errors';
import type { Ukr } from './keys';
import { concat, digest, equal, NONCE_BYTES, verify } from './primitives';
import type { ThreadState } from './state';
import { ContentType, Label, MAX_CIPHERTEXT, PAD_LARGE, PAD_LARGE_FROM, PAD_SMALL, RecipientKind, Suite } from './tables.gen';

export const NO_SEEN = new Uint8Array(32);
const UNKNOWN_CRITICAL = 128;
const KNOWN_TYPES = new Set<number>(Object.values(ContentType));

/** What is signed and authenticated with a message, in the clear for the server. */
export type Header = {
  readonly thread: Uint8Array;
  readonly epoch: number;
  readonly sender: Uint8Array;
  readonly senderGen: number;
  readonly device: Uint8Array;
  readonly msgId: Uint8Array;
  readonly ctr: number;
  readonly logSeq: number;
  readonly logHead: Uint8Array;
  readonly seen: Uint8Array;
  readonly ts: number;
  readonly ctype: number;
};

/** A parsed wire: the header and its exact bytes, nonce, key commitment, ciphertext and signature. */
export type SealedMessage = {
  readonly header: Header;
  readonly headerBytes: Uint8Array;
  readonly nonce: Uint8Array;
  readonly kc: Uint8Array;
  readonly ct: Uint8Array;
  readonly sig: Uint8Array;
  readonly wire: Uint8Array;
};

export function encodeHeader(one: Header): Uint8Array {
  const writer = new Writer(Label.MSG).u8(Suite.X25519).fixed(one.thread, 32).u32(one.epoch).fixed(one.sender, 16);
  writer.u32(one.senderGen).fixed(one.device, 16).fixed(one.msgId, 16).u64(one.ctr).u64(one.logSeq);
  return writer.fixed(one.logHead, 32).fixed(one.seen, 32).u64(one.ts).u8(one.ctype).done();
}

/** What a later message's `seen` cites. */
export function messageHash(wire: Uint8Array): Uint8Array {
  return digest(Label.MSG_HASH, wire);
}

export function signedBytes(headerBytes: Uint8Array, kc: Uint8Array, nonce: Uint8Array, ct: Uint8Array): Uint8Array {
  return concat(headerBytes, kc, nonce, digest(Label.MSG_CT, ct));
}

export function parseHeader(raw: Uint8Array): Header {
  const reader = new Reader(raw, Label.MSG);
  const suite = reader.u8();
  if (suite !== Suite.X25519) throw new Ct1Error('E_SUITE', `suite ${suite} is unknown`);
  const header: Header = {
    thread: reader.fixed(32),
    epoch: reader.u32(),
    sender: reader.fixed(16),
    senderGen: reader.u32(),
    device: reader.fixed(16),
    msgId: reader.fixed(16),
    ctr: reader.u64(),
    logSeq: reader.u64(),
    logHead: reader.fixed(32),
    seen: reader.fixed(32),
    ts: reader.u64(),
    ctype: reader.u8(),
  };
  reader.done();
  if (header.ctype < UNKNOWN_CRITICAL && !KNOWN_TYPES.has(header.ctype)) {
    throw new Ct1Error('E_UNSUPPORTED', `content type ${header.ctype} needs a newer app`);
  }
  return header;
}

/** The parts of a message as sent; throws E_SIZE, E_ENC, E_LABEL, E_VERSION, E_SUITE, E_UNSUPPORTED. */
export function parseWire(wire: Uint8Array): SealedMessage {
  const reader = new Reader(wire);
  const headerBytes = reader.v16();
  const nonce = reader.fixed(NONCE_BYTES);
  const kc = reader.fixed(32);
  const ct = reader.v32();
  const sig = reader.fixed(64);
  reader.done();
  if (ct.length > MAX_CIPHERTEXT) throw new Ct1Error('E_SIZE', 'the ciphertext is too large');
  return { header: parseHeader(headerBytes), headerBytes, nonce, kc, ct, sig, wire };
}

/** Throws E_UNKNOWN_KEY when the key is not the header's sender's, E_SIG when the signature does not verify. */
export function verifyWire(sealed: SealedMessage, ukr: Ukr): void {
  if (!equal(ukr.user, sealed.header.sender) || ukr.gen !== sealed.header.senderGen) {
    throw new Ct1Error('E_UNKNOWN_KEY', "the key is not the sender's");
  }
  verify(ukr.signPk, Label.MSG_SIG, signedBytes(sealed.headerBytes, sealed.kc, sealed.nonce, sealed.ct), sealed.sig);
}

/** The sender's key record, when the message stands where it says in this log (rules R2 to R7, in that order). */
export function checkPlace(sealed: SealedMessage, state: ThreadState, directory: Directory): Ukr {
  const { header } = sealed;
  if (!equal(header.thread, state.threadId)) throw new Ct1Error('E_THREAD', 'a message of another thread');
  const hash = state.parts.hashes[header.logSeq];
  if (!hash) throw new Ct1Error('E_LOG_BEHIND', 'the message cites an entry not seen yet');
  if (!equal(hash, header.logHead)) throw new Ct1Error('E_LOG_FORK', 'the message cites another history');
  const epoch = state.epochNumbered(header.epoch);
  if (header.logSeq < epoch.seq) throw new Ct1Error('E_EPOCH_ORDER', 'the message cites a log before its epoch');
  const next = state.epochs[header.epoch];
  if (next && header.logSeq >= next.seq) throw new Ct1Error('E_STALE_EPOCH', 'a later epoch had begun');
  // The key is found through the fingerprint in the epoch's recipients, never by user and generation alone: a server
  // that swapped a key record would otherwise choose the verifying key.
  const sender = epoch.start.recipients.find((one) => one.kind === RecipientKind.MEMBER && equal(one.id, header.sender));
  if (!sender) throw new Ct1Error('E_NOT_MEMBER', 'the sender was not in that epoch');
  const until = state.parts.replaced.get(b64(sender.fp));
  // Else whoever stole an old key could write until the next epoch begins.
  if (until !== undefined && header.logSeq >= until) throw new Ct1Error('E_STALE_EPOCH', 'the sender had another key by then');
  const { closing } = state.parts;
  if (closing && header.logSeq >= closing.seq) throw new Ct1Error('E_SCOPE', 'the thread was closed by then');
  const ukr = directory.ukr(sender.fp);
  verifyWire(sealed, ukr);
  return ukr;
}

/** Padding hides the length of a message up to 256 bytes when short, 4 KiB when long. */
export function blockOf(size: number): number {
  return size < PAD_LARGE_FROM ? PAD_SMALL : PAD_LARGE;
}
