/** Urgency and acknowledgements of one thread inside the vault: signed with open keys, believed by the log. */
import type { SignedWords, ThreadUrgencies } from '../wire.gen';
import { b64, unb64 } from './encoding';
import { Ct1Error } from './errors';
import type { HeldThread } from './heldThread';
import type { Ukr } from './keys';
import { equal } from './primitives';
import { RecipientKind } from './tables.gen';
import { encodeAck, encodeUrgency, parseAck, parseUrgency, signAck, signUrgency, verifyAck, verifyUrgency } from './urgency';
import type { UrgencyWish, VerifiedUrgencies } from './vaultApi';

const MINUTE_MS = 60_000;

/** What the sender of a message asks for, signed. */
export function urgencyOf(held: HeldThread, msgId: string, wish: UrgencyWish, now: number): SignedWords {
  const { identity } = held;
  const body = encodeUrgency({
    thread: held.state.threadId,
    msgId: unb64(msgId),
    sender: held.keys.user,
    fp: identity.fp,
    priority: wish.priority,
    ts: now,
    ackBy: wish.line.length ? now + wish.minutes * MINUTE_MS : 0,
    addressees: wish.line.map(({ kind, id }) => ({ kind, id: unb64(id) })),
  });
  return { body: b64(body), sig: b64(signUrgency(identity.signSeed, body)) };
}

/** That this person has taken note of a message. */
export function ackOf(held: HeldThread, msgId: string, now: number): SignedWords {
  const { identity } = held;
  const body = encodeAck({ thread: held.state.threadId, msgId: unb64(msgId), user: held.keys.user, fp: identity.fp, ts: now });
  return { body: b64(body), sig: b64(signAck(identity.signSeed, body)) };
}

/** What of a page holds; the rest is left out and counted, since a server that makes words up is to be seen. */
export function verified(held: HeldThread, page: ThreadUrgencies): VerifiedUrgencies {
  const found: VerifiedUrgencies = { urgencies: [], acks: [], refused: 0 };
  for (const one of page.urgencies) {
    const said = believed(found, () => {
      const body = unb64(one.body);
      const { sender, fp } = parseUrgency(body);
      return verifyUrgency(body, unb64(one.sig), held.state.threadId, keyOf(held, sender, fp));
    });
    if (!said || b64(said.msgId) !== one.msg_id) continue;
    const line = said.addressees.map(({ kind, id }) => ({ kind, id: b64(id) }));
    found.urgencies.push({ msgId: one.msg_id, sender: b64(said.sender), priority: said.priority, line, state: one.state, dueAt: one.due_at, steps: one.steps });
  }
  for (const one of page.acks) {
    const said = believed(found, () => {
      const body = unb64(one.body);
      const { user, fp } = parseAck(body);
      return verifyAck(body, unb64(one.sig), held.state.threadId, keyOf(held, user, fp));
    });
    if (said && b64(said.msgId) === one.msg_id) found.acks.push({ msgId: one.msg_id, user: b64(said.user), at: said.ts });
  }
  return found;
}

function believed<T>(found: VerifiedUrgencies, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Ct1Error)) throw error;
    found.refused += 1;
    return null;
  }
}

/** By the recipients of an epoch, never by account alone: a server could show a key record of its own making. */
function keyOf(held: HeldThread, user: Uint8Array, fp: Uint8Array): Ukr {
  const isKnown = held.state.epochs.some(({ start }) => start.recipients.some((one) => one.kind === RecipientKind.MEMBER && equal(one.id, user) && equal(one.fp, fp)));
  if (!isKnown) throw new Ct1Error('E_NOT_MEMBER', 'the signer was never given a key of this thread');
  return held.directory.ukr(fp);
}
