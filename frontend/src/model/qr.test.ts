import { describe, expect, it } from 'vitest';
import { qrCode } from './qr';

/** What two people compare is 91 letters; this is what another encoder draws for such a text, a row a number. */
const TEXT = 'Q1QxAQabcXYZ_-abcXYZ_-abcXYZ_-abcXYZ_-abcXYZ_-abcXYZ_-abcXYZ_-abcXYZ_-abcXYZ_-abcXYZ_-12345';
const ROWS = [
  '1fc438867f', '1048b6a241', '175203135d', '174901de5d', '17493c8a5d', '10473f3b41', '1fd555557f', '00129e8a00',
  '1df1ea11c4', '1813fb5508', '044bd5941f', '0badcecf30', '0a7eead3f1', '132afb140a', '01d00c0c2f', '1d8ea8e9e2',
  '0c5de992c0', '0587f99709', '01731d4983', '029decfc60', '1b7e61be41', '13163583c8', '177c84c0bb', '11060a9e20',
  '1f5911aacd', '013395bbcd', '13e354d575', '0bb9cfce10', '1142532bfd', '001a54791c', '1fd08c4d5f', '105229a911',
  '175d1229fc', '174b97793c', '175f495d13', '105dfcef92', '1fd67e232f',
];

describe('a code for a camera', () => {
  it('is drawn square by square as another encoder draws it', () => {
    const mine = qrCode(TEXT).map((row) => BigInt(`0b${row.map((dark) => (dark ? '1' : '0')).join('')}`).toString(16).padStart(10, '0'));
    expect(mine).toEqual(ROWS);
  });

  it('has the same size for a short text', () => {
    expect(qrCode('').length).toBe(37);
  });

  it('refuses what it cannot hold', () => {
    expect(() => qrCode('a'.repeat(107))).toThrow(RangeError);
  });
});
