/** The calls that this device is in: their keys, and the way of those to the media worker, which the page never sees. */
import type { MediaEnd, MediaKeys } from '../callKeys';
import { CallKeys } from '../callKeys';
import { unb64 } from '../encoding';
import { VaultError } from '../errors';
import type { HeldThread } from '../heldThread';

export class HeldCalls {
  readonly #thread: (id: string) => HeldThread;
  readonly #calls = new Map<string, CallKeys>();
  /** How far this device has counted as leader: outlives the call's keys, since the others remember it. */
  readonly #counted = new Map<string, { n: number }>();
  readonly #media = new Map<string, MessagePort>();

  constructor(thread: (id: string) => HeldThread) {
    this.#thread = thread;
  }

  /** Fresh keys for a call; what was left of an earlier one of the same name is gone. Answers the signed join. */
  join(call: { thread: string; conf: string; device: string; now: number }): string {
    this.#calls.get(call.conf)?.end();
    this.#calls.delete(call.conf);
    const give = (keys: MediaKeys): boolean => {
      this.#media.get(call.conf)?.postMessage(keys);
      return this.#media.has(call.conf);
    };
    const thread = () => this.#thread(call.thread);
    const counted = this.#counted.get(call.conf) ?? { n: 0 };
    this.#counted.set(call.conf, counted);
    const made = new CallKeys({ thread, conf: unb64(call.conf), device: unb64(call.device), counted, give }, call.now);
    this.#calls.set(call.conf, made);
    return made.join;
  }

  of(conf: string): CallKeys {
    const call = this.#calls.get(conf);
    if (!call) throw new VaultError('no_call', 'This call was not joined.');
    return call;
  }

  connectMedia(conf: string, port: MessagePort): void {
    this.#endMedia(conf);
    this.#media.set(conf, port);
    const keys = this.#calls.get(conf)?.current();
    if (keys) port.postMessage(keys);
  }

  leave(conf: string): void {
    this.#calls.get(conf)?.end();
    this.#calls.delete(conf);
    this.#endMedia(conf);
  }

  clear(): void {
    for (const conf of [...this.#calls.keys(), ...this.#media.keys()]) this.leave(conf);
  }

  #endMedia(conf: string): void {
    const port = this.#media.get(conf);
    const end: MediaEnd = { type: 'end' };
    port?.postMessage(end);
    port?.close();
    this.#media.delete(conf);
  }
}
