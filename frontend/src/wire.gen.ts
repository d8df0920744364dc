// Generated from wire/*.py by `make wire`. Do not edit.

export interface Wire {}
/**
 * What a refused HTTP request answers: `code` for programs, `message` for people, `re` the field or id meant.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ErrorBody".
 */
export interface ErrorBody {
  code: string;
  message: string;
  re: string;
}
/**
 * Server → client: the frame named by `re` was refused; nothing was written.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ErrorFrame".
 */
export interface ErrorFrame {
  type: "error";
  code: string;
  message: string;
  re: string;
}
/**
 * Client → server, first on every socket at `/ws`: which protocol, which device, and how far each thread is held.
 *
 * `heads` maps a thread id to the highest `seq` that the device holds without a gap.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Hello".
 */
export interface Hello {
  type: "hello";
  protocol: number;
  device: string;
  heads: {
    [k: string]: number;
  };
}
/**
 * Client → server every 20 seconds; a socket that is silent for 60 is closed.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Ping".
 */
export interface Ping {
  type: "ping";
  id: number;
}
/**
 * Server → client: the heartbeat with the heads the device may see, so a lost push costs one heartbeat at most.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Pong".
 */
export interface Pong {
  type: "pong";
  id: number;
  heads: {
    [k: string]: number;
  };
}
/**
 * Server → client, the answer to `hello`: what the resume came to, so that the client never guesses.
 *
 * `resumed`: nothing was missed. `partial`: threads in `heads` are ahead of the device, fetch them.
 * `reset`: a head the device named does not exist here (a restore from backup, say): start over.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Welcome".
 */
export interface Welcome {
  type: "welcome";
  resume: "resumed" | "partial" | "reset";
  heads: {
    [k: string]: number;
  };
  now: number;
  build: string;
}
