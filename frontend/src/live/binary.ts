/** The three frames of the message path as bytes (docs/protocol.md 7.2): no base64 on the wire, a third less to send. */
import { b64, unb64 } from '../crypto/encoding';
import type { MessageAck, MessageNew, MessagePost } from '../wire.gen';

const POST = 1;
const ACK = 2;
const NEW = 3;
const ACK_BYTES = 1 + 16 + 32 + 8 + 8 + 1;
const NEW_HEAD = 1 + 32 + 8 + 8 + 16 + 4;
const POST_FIELDS = 4;

/** Whether a frame is a post that carries nothing beside its message; any other travels as text. */
export function isPlainPost(frame: { type: string }): frame is MessagePost {
  return frame.type === 'message.post' && 'wire' in frame && Object.keys(frame).length === POST_FIELDS;
}

export function encodePost(frame: MessagePost): Uint8Array<ArrayBuffer> {
  const parts = [Uint8Array.of(POST), unb64(frame.id), unb64(frame.thread), unb64(frame.wire)];
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The frame that these bytes are; null for what this client does not know. */
export function decodeBinary(buffer: ArrayBuffer): MessageAck | MessageNew | null {
  const raw = new Uint8Array(buffer);
  const view = new DataView(buffer);
  const text = (from: number, size: number) => b64(raw.subarray(from, from + size));
  // A seq and a time stay below 2^53 (docs/protocol.md 2).
  const number = (from: number) => Number(view.getBigUint64(from));
  if (raw[0] === ACK && raw.length === ACK_BYTES) {
    const id = text(1, 16);
    return {
      type: 'message.ack',
      re: id,
      thread: text(17, 32),
      msg_id: id,
      seq: number(49),
      at: number(57),
      dup: raw[65] === 1,
    };
  }
  if (raw[0] === NEW && raw.length > NEW_HEAD) {
    return {
      type: 'message.new',
      thread: text(1, 32),
      seq: number(33),
      at: number(41),
      sender: text(49, 16),
      epoch: view.getUint32(65),
      wire: b64(raw.subarray(NEW_HEAD)),
    };
  }
  return null;
}
