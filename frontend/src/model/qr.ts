/** A QR code of one size, enough for what two people compare: version 5, level L, bytes, mask 0 (ISO/IEC 18004). */

const SIZE = 37;
const DATA = 108;
const CHECK = 26;
/** Level L with mask 0, after its BCH code and mask. */
const FORMAT = 0x77c4;

type Square = { dark: boolean[][]; fixed: boolean[][] };

function multiply(one: number, other: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((other >>> bit) & 1) * one;
  }
  return product;
}

/** The coefficients of the generator polynomial, the leading 1 left out. */
function generator(): number[] {
  const made: number[] = Array.from({ length: CHECK }, (_, at) => (at === CHECK - 1 ? 1 : 0));
  let root = 1;
  for (let step = 0; step < CHECK; step++) {
    for (let at = 0; at < CHECK; at++) made[at] = multiply(made[at] ?? 0, root) ^ (made[at + 1] ?? 0);
    root = multiply(root, 2);
  }
  return made;
}

function checkBytes(data: readonly number[]): number[] {
  const by = generator();
  let rest: number[] = by.map(() => 0);
  for (const byte of data) {
    const factor = byte ^ (rest[0] ?? 0);
    rest = [...rest.slice(1), 0].map((one, at) => one ^ multiply(by[at] ?? 0, factor));
  }
  return rest;
}

/** Mode and count in half bytes, the text, an end, and padding to the full length. */
function dataBytes(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  if (bytes.length > DATA - 2) throw new RangeError('too long for this code');
  const halves = [4, bytes.length >> 4, bytes.length & 15, ...bytes.flatMap((byte) => [byte >> 4, byte & 15]), 0];
  const packed = Array.from({ length: halves.length / 2 }, (_, at) => ((halves[2 * at] ?? 0) << 4) | (halves[2 * at + 1] ?? 0));
  while (packed.length < DATA) packed.push(((packed.length - halves.length / 2) & 1) === 0 ? 0xec : 0x11);
  return packed;
}

function put(square: Square, row: number, column: number, isDark: boolean): void {
  const [darks, fixed] = [square.dark[row], square.fixed[row]];
  if (!darks || !fixed || column < 0 || column >= SIZE) return;
  darks[column] = isDark;
  fixed[column] = true;
}

function drawRings(square: Square, row: number, column: number, reach: number, isDark: (ring: number) => boolean): void {
  for (let down = -reach; down <= reach; down++) {
    for (let right = -reach; right <= reach; right++) put(square, row + down, column + right, isDark(Math.max(Math.abs(down), Math.abs(right))));
  }
}

function drawFormat(square: Square): void {
  const bit = (at: number) => ((FORMAT >>> at) & 1) === 1;
  for (let at = 0; at < 15; at++) {
    if (at < 8) put(square, at < 6 ? at : at + 1, 8, bit(at));
    else put(square, 8, at === 8 ? 7 : 14 - at, bit(at));
    if (at < 8) put(square, 8, SIZE - 1 - at, bit(at));
    else put(square, SIZE - 15 + at, 8, bit(at));
  }
  put(square, SIZE - 8, 8, true);
}

function frame(): Square {
  const empty = () => Array.from({ length: SIZE }, () => Array.from({ length: SIZE }, () => false));
  const square = { dark: empty(), fixed: empty() };
  for (let at = 0; at < SIZE; at++) {
    put(square, 6, at, at % 2 === 0);
    put(square, at, 6, at % 2 === 0);
  }
  for (const [row, column] of [[3, 3], [3, SIZE - 4], [SIZE - 4, 3]] as const) drawRings(square, row, column, 4, (ring) => ring !== 2 && ring !== 4);
  drawRings(square, 30, 30, 2, (ring) => ring !== 1);
  drawFormat(square);
  return square;
}

/** The dark squares by row and column, without the quiet margin of four; RangeError above 106 bytes of UTF-8. */
export function qrCode(text: string): boolean[][] {
  const data = dataBytes(text);
  const bits = [...data, ...checkBytes(data)].flatMap((byte) => Array.from({ length: 8 }, (_, at) => ((byte >>> (7 - at)) & 1) === 1));
  const square = frame();
  let next = 0;
  for (let right = SIZE - 1; right >= 1; right -= right === 8 ? 3 : 2) {
    const isUp = ((right < 6 ? right + 1 : right) & 2) === 0;
    for (let step = 0; step < SIZE; step++) {
      const row = isUp ? SIZE - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (square.fixed[row]?.[column]) continue;
        put(square, row, column, (bits[next] ?? false) !== ((row + column) % 2 === 0));
        next += 1;
      }
    }
  }
  return square.dark;
}
