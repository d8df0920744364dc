// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { deriveKeys, encodeSframeHeader, FrameOpener, FrameSealer, openSframe, parseSframeHeader, ReplayWindow, sealSframe } from './sframe';

const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const key = (fill: number) => new Uint8Array(32).fill(fill);
const frame = Uint8Array.from({ length: 200 }, (_, index) => index);

async function pair() {
  const sealer = await FrameSealer.make(7, 1, key(3));
  const opener = new FrameOpener();
  await opener.add(1, 7, 1, 'elena', key(3));
  await opener.add(1, 7, 0, 'maya', key(4));
  return { sealer, opener };
}

describe('sealed frames', () => {
  it('works', async () => {
    const { sealer, opener } = await pair();
    for (const kind of ['audio', 'video', 'screen'] as const) {
      const sealed = await sealer.seal(frame, kind, true);
      expect(await opener.open(sealed, 'elena', kind, true)).toEqual(frame);
    }
  });

  it('reads the headers of RFC 9605, appendix C.1', () => {
    const vectors: [number, number, string][] = [
      [0, 0, '00'],
      [0, 1, '01'],
      [0, 255, '08ff'],
      [0, 256, '090100'],
      [0, 4294967296, '0c0100000000'],
      [1, 65535, '19ffff'],
      [255, 0, '80ff'],
      [255, 65536, '8aff010000'],
      [256, 255, '980100ff'],
      [65536, 281474976710655, 'ad010000ffffffffffff'],
      [4294967296, 1, 'c10100000000'],
    ];
    for (const [kid, ctr, encoded] of vectors) {
      expect(encodeSframeHeader(kid, ctr)).toEqual(hex(encoded));
      expect(parseSframeHeader(hex(encoded))).toEqual({ kid, ctr, size: encoded.length / 2 });
    }
  });

  it('seals as RFC 9605, appendix C.3, with suite 5', async () => {
    const derived = await deriveKeys(hex('000102030405060708090a0b0c0d0e0f'), 0x123);
    expect(derived.salt).toEqual(hex('84991c167b8cd23c93708ec7'));
    const metadata = hex('4945544620534672616d65205747');
    const plain = hex('64726166742d696574662d736672616d652d656e63');
    const sealed = await sealSframe(derived, 0x123, 0x4567, plain, metadata);
    expect(sealed).toEqual(hex('990123456794f509d36e9beacb0e261d99c7d1e972f1fed787d4049f17ca21353c1cc24d56ceabced279'));
    expect(await openSframe(derived, parseSframeHeader(sealed), sealed, metadata)).toEqual(plain);
  });

  it('leaves in the clear what the forwarder reads, and no more', async () => {
    const { sealer } = await pair();
    expect((await sealer.seal(frame, 'video', true)).slice(0, 10)).toEqual(frame.slice(0, 10));
    const delta = await sealer.seal(frame, 'video', false);
    expect(delta.slice(0, 3)).toEqual(frame.slice(0, 3));
    expect(delta.slice(3, 12)).not.toEqual(frame.slice(3, 12));
  });

  it('refuses a frame that comes again, and one that is too old to tell', async () => {
    const { sealer, opener } = await pair();
    const sealed = await sealer.seal(frame, 'audio', false);
    await opener.open(sealed, 'elena', 'audio', false);
    await expect(opener.open(sealed, 'elena', 'audio', false)).rejects.toMatchObject({ why: 'replay' });
    const window = new ReplayWindow();
    window.take(5_000);
    expect(window.isFresh(4_999)).toBe(true);
    expect(window.isFresh(5_000)).toBe(false);
    expect(window.isFresh(3_976)).toBe(false);
  });

  it("refuses one person's frames on another's track, and one kind's as another's", async () => {
    const { sealer, opener } = await pair();
    const sealed = await sealer.seal(frame, 'video', true);
    await expect(opener.open(sealed, 'maya', 'video', true)).rejects.toMatchObject({ why: 'no_key' });
    await expect(opener.open(sealed, 'elena', 'screen', true)).rejects.toMatchObject({ why: 'forged' });
  });

  it('refuses what was changed anywhere, the clear bytes too', async () => {
    const { sealer, opener } = await pair();
    const sealed = await sealer.seal(frame, 'video', true);
    for (const at of [0, 9, 40, sealed.length - 1]) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(opener.open(changed, 'elena', 'video', true)).rejects.toMatchObject({ why: 'forged' });
    }
    await expect(opener.open(sealed.slice(0, 20), 'elena', 'video', true)).rejects.toMatchObject({ why: 'short' });
    await expect(opener.open(new Uint8Array(0), 'elena', 'audio', false)).rejects.toMatchObject({ why: 'short' });
  });

  it('opens nothing without the key, nor after it was retired', async () => {
    const { sealer, opener } = await pair();
    const sealed = await sealer.seal(frame, 'audio', false);
    await expect(new FrameOpener().open(sealed, 'elena', 'audio', false)).rejects.toMatchObject({ why: 'no_key' });
    opener.retire(2);
    await expect(opener.open(sealed, 'elena', 'audio', false)).rejects.toMatchObject({ why: 'no_key' });
  });

  it('opens frames under either of two keys that two leaders gave the same number', async () => {
    const { sealer, opener } = await pair();
    await opener.add(2, 7, 1, 'elena', key(9));
    const next = await FrameSealer.make(7, 1, key(9));
    for (const one of [sealer, next]) {
      expect(await opener.open(await one.seal(frame, 'audio', false), 'elena', 'audio', false)).toEqual(frame);
    }
    const late = await sealer.seal(frame, 'audio', false);
    opener.retire(2);
    await expect(opener.open(late, 'elena', 'audio', false)).rejects.toMatchObject({ why: 'forged' });
  });

  it('never counts twice, whatever the kind', async () => {
    const { sealer } = await pair();
    const sealed = await Promise.all((['audio', 'video', 'screen', 'audio'] as const).map((kind) => sealer.seal(frame, kind, true)));
    const counters = sealed.map((one, index) => parseSframeHeader(one, index === 0 || index === 3 ? 1 : 10).ctr);
    expect(new Set(counters).size).toBe(4);
  });
});
