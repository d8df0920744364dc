import { describe, expect, it } from 'vitest';
import { Comeback, pauseBefore } from './comeback';

class Refusal extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

type Outcome = 'stay' | 'knock' | Error;

/** A call whose server answers as listed; when a list is at its end, its last answer stands. */
function play(places: Outcome[], knocks: (Error | null)[] = [null]) {
  const done: string[] = [];
  const waits: number[] = [];
  const next = <T>(list: T[]): T => (list.length > 1 ? (list.shift() as T) : (list[0] as T));
  const comeback = new Comeback({
    where: () => {
      const answer = next(places);
      done.push('where');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    knock: () => {
      const answer = next(knocks);
      done.push('knock');
      return answer ? Promise.reject(answer) : Promise.resolve();
    },
    onTrying: (what) => done.push(`trying ${what}`),
    onGiveUp: (error) => done.push(`gave up: ${(error as Error).message}`),
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    random: () => 0.5,
  });
  return { comeback, done, waits, asked: () => done.filter((one) => !one.startsWith('trying')) };
}

describe('Comeback', () => {
  it('goes on with its media when it may stay', async () => {
    const { comeback, done, asked } = play(['stay']);
    comeback.socketLost();
    expect(done).toEqual(['trying server']);
    await comeback.socketBack();
    expect(asked()).toEqual(['where']);
    expect(done.at(-1)).toBe('trying null');
  });

  it('knocks when its place is gone, and says that it makes new media', async () => {
    const { comeback, done, asked } = play(['knock']);
    await comeback.socketBack();
    expect(asked()).toEqual(['where', 'knock']);
    expect(done).toContain('trying media');
  });

  it('does not ask for its place when the media is what was lost', async () => {
    const { comeback, asked } = play(['stay']);
    await comeback.mediaLost();
    expect(asked()).toEqual(['knock']);
  });

  it('waits longer each time, with jitter from the third, and then gives up', async () => {
    const { comeback, waits, asked } = play([new Refusal('media_unavailable')]);
    await comeback.socketBack();
    expect(waits).toEqual([0, 300, 1700, 3200, 5300, 7500, 7500, 7500, 7500, 7500]);
    expect(asked().at(-1)).toMatch(/^gave up/);
  });

  it('counts on over new beginnings until media flows', async () => {
    const { comeback, waits } = play(['stay']);
    await comeback.mediaLost();
    await comeback.mediaLost();
    comeback.arrived();
    await comeback.mediaLost();
    expect(waits).toEqual([0, 300, 0]);
  });

  it.each(['not_found', 'refused', 'shut_out', 'room_closed', 'room_locked', 'elsewhere'])('takes %s for an answer', async (code) => {
    const { comeback, asked } = play([new Refusal(code)]);
    await comeback.socketBack();
    expect(asked()).toEqual(['where', `gave up: ${code}`]);
  });

  it('is overtaken by what happens meanwhile', async () => {
    const { comeback, asked } = play(['stay']);
    const first = comeback.socketBack();
    comeback.socketLost();
    await first;
    expect(asked()).toEqual([]);
  });

  it('tries nothing after the call has ended', async () => {
    const { comeback, asked } = play(['stay']);
    const trying = comeback.mediaLost();
    comeback.stop();
    await trying;
    expect(asked()).toEqual([]);
  });
});

describe('pauseBefore', () => {
  it('begins at once and never asks more often than every seven seconds in the end', () => {
    expect(pauseBefore(0, () => 1)).toBe(0);
    expect(pauseBefore(50, () => 0)).toBe(7_000);
    expect(pauseBefore(50, () => 1)).toBe(8_000);
  });
});
