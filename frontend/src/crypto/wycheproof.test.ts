// @vitest-environment node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sodium from 'libsodium-wrappers-sumo';
import { expect, it } from 'vitest';
import { aeadOpen, aeadSeal, concat } from './primitives';

type Test = Record<'msg' | 'sig' | 'key' | 'iv' | 'aad' | 'ct' | 'tag' | 'private' | 'public' | 'shared' | 'result', string> & { flags: string[] };
type Group = { publicKey?: { pk: string }; tests: Test[] };

const HERE = fileURLToPath(new URL('../../../tests/vectors/wycheproof/', import.meta.url));
const ZERO = new Uint8Array(32);

function asked(name: string): { pk: string; test: Test }[] {
  const { testGroups } = JSON.parse(readFileSync(`${HERE}${name}_test.json`, 'utf8')) as { testGroups: Group[] };
  return testGroups.flatMap(({ publicKey, tests }) => tests.map((test) => ({ pk: publicKey?.pk ?? '', test })));
}

const raw = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

/** What a library that throws for lengths and for verdicts alike answers, or null. */
function answered<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch {
    return null;
  }
}

it('verifies Ed25519 as Wycheproof says', () => {
  const wrong = asked('ed25519').filter(({ pk, test }) => {
    const found = answered(() => sodium.crypto_sign_verify_detached(raw(test.sig), raw(test.msg), raw(pk))) ?? false;
    const isLeftOpen = test.result === 'acceptable' && test.flags.includes('MixedOrderPublicKey');
    return found !== (test.result === 'valid' || isLeftOpen);
  });
  expect(wrong).toEqual([]);
});

it('opens XChaCha20-Poly1305 as Wycheproof says', () => {
  const wrong = asked('xchacha20_poly1305').filter(({ test }) => {
    const [key, nonce, aad, sealed] = [raw(test.key), raw(test.iv), raw(test.aad), concat(raw(test.ct), raw(test.tag))];
    const plain = answered(() => aeadOpen(key, nonce, sealed, aad));
    if (test.result !== 'valid') return plain !== null;
    return plain === null || Buffer.from(plain).toString('hex') !== test.msg || Buffer.compare(aeadSeal(key, nonce, plain, aad), sealed) !== 0;
  });
  expect(wrong).toEqual([]);
});

it('agrees on X25519 as Wycheproof says, and refuses a secret of zeros', () => {
  const wrong = asked('x25519').filter(({ test }) => {
    const shared = answered(() => sodium.crypto_scalarmult(raw(test.private), raw(test.public))) ?? ZERO;
    return Buffer.from(shared).toString('hex') !== test.shared;
  });
  expect(wrong).toEqual([]);
});
