import { describe, expect, it } from 'vitest';
import { b64 } from '../crypto/encoding';
import { decodeBinary, encodePost, isPlainPost } from './binary';

const bytes = (size: number, value: number) => new Uint8Array(size).fill(value);
const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const id = b64(bytes(16, 0xa1));
const thread = b64(bytes(32, 0xb2));
const wire = b64(bytes(300, 0xc3));

/** The same three frames as in tests/wire/test_binary.py. */
const POST = `01${'a1'.repeat(16)}${'b2'.repeat(32)}${'c3'.repeat(300)}`;
const ACK = `02${'a1'.repeat(16)}${'b2'.repeat(32)}00000000000000070000018bcfe5680001`;
const NEW = `03${'b2'.repeat(32)}00000000000000070000018bcfe56800${'d4'.repeat(16)}00000009${'c3'.repeat(300)}`;

describe('binary frames', () => {
  it('writes a post as the server reads it', () => {
    expect(encodePost({ type: 'message.post', id, thread, wire })).toEqual(hex(POST));
  });

  it('reads an ack', () => {
    const frame = decodeBinary(hex(ACK).buffer);
    expect(frame).toEqual({ type: 'message.ack', re: id, msg_id: id, thread, seq: 7, at: 1_700_000_000_000, dup: true });
  });

  it('reads a message', () => {
    const sender = b64(bytes(16, 0xd4));
    const frame = decodeBinary(hex(NEW).buffer);
    expect(frame).toEqual({ type: 'message.new', thread, seq: 7, at: 1_700_000_000_000, sender, epoch: 9, wire });
  });

  it('leaves alone what it does not know, and what is cut short', () => {
    for (const text of ['', '00', '07aa', ACK.slice(0, -2), `${ACK}00`, NEW.slice(0, 138)]) {
      expect(decodeBinary(hex(text).buffer)).toBeNull();
    }
  });

  it('sends as text what carries more than a message', () => {
    const post = { type: 'message.post' as const, id, thread, wire };
    expect(isPlainPost(post)).toBe(true);
    expect(isPlainPost({ ...post, urgency: 'x' } as typeof post)).toBe(false);
    expect(isPlainPost({ type: 'ping' })).toBe(false);
  });
});
