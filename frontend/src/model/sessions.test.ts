import { describe, expect, it } from 'vitest';
import type { SessionOut } from '../wire.gen';
import { clockText, countdown, mayJoin, minutesOf, rowsOf } from './sessions';

const HOUR = 3_600_000;
const session = (changes: Partial<SessionOut>): SessionOut => ({
  id: 's',
  patient: 'p',
  patient_name: 'Maya',
  thread: 't',
  kind: 'joint',
  status: 'booked',
  starts_at: 10 * HOUR,
  ends_at: 11 * HOUR,
  zone: 'UTC',
  organiser: 'u',
  expires_at: null,
  reason: '',
  agenda: null,
  participants: [],
  room: true,
  opens_at: 9.75 * HOUR,
  you_organise: true,
  ...changes,
});

describe('sessions', () => {
  it('can be joined from a quarter of an hour before until two hours after', () => {
    expect(mayJoin(session({}), 9.75 * HOUR)).toBe(true);
    expect(mayJoin(session({}), 13 * HOUR)).toBe(true);
    expect(mayJoin(session({}), 9.74 * HOUR)).toBe(false);
    expect(mayJoin(session({}), 13.01 * HOUR)).toBe(false);
  });

  it('cannot be joined when held or cancelled', () => {
    expect(mayJoin(session({ status: 'held' }), 10 * HOUR)).toBe(false);
    expect(mayJoin(session({ status: 'cancelled' }), 10 * HOUR)).toBe(false);
  });

  it('reads clocks, and midnight as the end of a day', () => {
    expect(minutesOf('09:30')).toBe(570);
    expect(minutesOf('00:00', true)).toBe(1440);
    expect(minutesOf('24:00')).toBeNull();
    expect(minutesOf('')).toBeNull();
    expect(clockText(1440)).toBe('00:00');
    expect(clockText(570)).toBe('09:30');
  });

  it('counts down to zero and no further', () => {
    expect(countdown(545_000)).toBe('9:05');
    expect(countdown(-5)).toBe('0:00');
  });

  it('puts the hours of a day in order', () => {
    const rows = [
      { weekday: 1, start: 800, until: 900 },
      { weekday: 1, start: 500, until: 600 },
      { weekday: 2, start: 0, until: 1 },
    ];
    expect(rowsOf({ zone: 'UTC', rows, buffer: 0, notice: 0 }, 1).map((row) => row.start)).toEqual([500, 800]);
  });
});
