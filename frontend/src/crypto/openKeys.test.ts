import { describe, expect, it } from 'vitest';
import { b64 } from './encoding';
import { pinned } from './openKeys';
import { randomBytes } from './primitives';
import { House } from './vault.testing';

describe('roots that are pinned', () => {
  const riverside = new House();
  const elsewhere = new House();
  const told = [...riverside.organisations, ...elsewhere.organisations];
  const [root] = riverside.organisations.map((one) => one.root_fp);

  it('are those that the server tells at sign-in, where none are built in', () => {
    expect(pinned(told).map((one) => b64(one.rootFp))).toEqual(told.map((one) => one.root_fp));
  });

  it('are the built-in ones alone, whatever else the server tells', () => {
    expect(pinned(told, [root ?? '']).map((one) => b64(one.rootFp))).toEqual([root]);
    expect(pinned(told, [b64(randomBytes(32))])).toEqual([]);
  });

  it('are refused under a fingerprint that is another key’s', () => {
    const lied = told.map((one) => ({ ...one, root_fp: root ?? '' }));
    expect(() => pinned(lied, [root ?? ''])).toThrow(expect.objectContaining({ code: 'E_CERT' }));
  });
});
