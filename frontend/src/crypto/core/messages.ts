/** Messages of an open thread, and the signed words beside them. */
import { b64, unb64 } from '../encoding';
import { Ct1Error } from '../errors';
import { ackOf, urgencyOf, verified } from '../heldUrgency';
import { messageHash } from '../messages';
import type { MessageVault, OpenResult } from '../vaultApi';
import { later } from './openVault';
import type { OpenVault } from './openVault';

export function messagesOf(vault: OpenVault): MessageVault {
  return {
    openMessage: (thread, wire, seq) => later(() => vault.thread(thread).open(wire, seq)),

    openMessages: (thread, messages) => later(() => {
      const held = vault.thread(thread);
      return messages.map(({ wire, seq }): OpenResult => {
        try {
          return { ok: true, message: held.open(wire, seq) };
        } catch (error) {
          if (error instanceof Ct1Error) return { ok: false, code: error.code, hash: b64(messageHash(unb64(wire))) };
          throw error;
        }
      });
    }),

    forgetArrivals: (thread) => later(() => vault.thread(thread).forgetArrivals()),
    sealMessage: (thread, message) => later(() => vault.thread(thread).seal(message)),
    signUrgency: (thread, msgId, wish, now) => later(() => urgencyOf(vault.thread(thread), msgId, wish, now)),
    signAck: (thread, msgId, now) => later(() => ackOf(vault.thread(thread), msgId, now)),
    readUrgencies: (thread, page) => later(() => verified(vault.thread(thread), page)),
  };
}
