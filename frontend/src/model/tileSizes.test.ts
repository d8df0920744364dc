import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RoomTile } from '../wire.gen';
import { sizeOfTile, TileSizes } from './tileSizes';

const told: RoomTile[][] = [];
const make = () => new TileSizes((tiles) => told.push(tiles));

beforeEach(() => {
  told.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test('it works', () => {
  const sizes = make();
  sizes.show('elena', 'video', 'low');
  sizes.show('maya', 'video', 'high');
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([[{ user: 'elena', kind: 'video', size: 'low' }]]);
});

test('a window that is being dragged is told once, when it is still', () => {
  const sizes = make();
  for (let step = 0; step < 20; step++) {
    sizes.show('elena', 'video', step % 2 ? 'high' : 'low');
    vi.advanceTimersByTime(50);
  }
  sizes.show('elena', 'video', 'low');
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(1);
});

test('nothing is said twice, and all is said again to a fresh connection', () => {
  const sizes = make();
  sizes.show('elena', 'video', 'off');
  vi.advanceTimersByTime(1000);
  sizes.show('elena', 'video', 'off');
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(1);
  sizes.again();
  expect(told).toHaveLength(2);
});

test('a tile that went is forgotten', () => {
  const sizes = make();
  sizes.show('elena', 'video', 'low');
  vi.advanceTimersByTime(1000);
  sizes.show('elena', 'video', null);
  vi.advanceTimersByTime(1000);
  expect(told.at(-1)).toEqual([]);
});

test('after the end nothing is said', () => {
  const sizes = make();
  sizes.show('elena', 'video', 'low');
  sizes.stop();
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([]);
});

test.each([
  [320, 1, true, 'low'],
  [320, 2, true, 'high'],
  [900, 1, true, 'high'],
  [900, 1, false, 'off'],
  [0, 1, true, 'off'],
] as const)('a tile %i wide at ratio %i, visible %s, is %s', (width, ratio, isVisible, size) => {
  expect(sizeOfTile(width, ratio, isVisible)).toBe(size);
});
