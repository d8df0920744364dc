import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeviceStore } from '../store/db';
import type { Config, MyKeys } from '../wire.gen';
import { isFresh, keepDoor, Kept, MOST_THREADS, readDoor, wipeDevice, type Door } from './kept';

const HOUR = 3_600_000;
const vault = {
  sealLocal: (plain: string) => Promise.resolve(`sealed:${btoa(plain)}`),
  openLocal: (sealed: string) => Promise.resolve(atob(sealed.slice('sealed:'.length))),
};
const config = { protocol: 1, oldest_build: 1, build: '', offline_hours: 24, demo: false, now: 0, organisations: [], identity_providers: [] } satisfies Config;
const door = (user: string): Door => ({ user, parameters: { salt: '', t: 3, m: 1 }, keys: {} as MyKeys, config, heard: 1000 * HOUR });

describe('what a device keeps', () => {
  beforeEach(() => localStorage.clear());

  it('is shown for as many hours as the server allows, and no longer', () => {
    const { heard } = door('u');
    expect(isFresh(door('u'), heard + 24 * HOUR - 1)).toBe(true);
    expect(isFresh(door('u'), heard + 24 * HOUR)).toBe(false);
  });

  it('is not kept open by a clock that was set back', () => {
    const { heard } = door('u');
    expect(isFresh(door('u'), heard - HOUR)).toBe(false);
    expect(isFresh(door('u'), heard - 60_000)).toBe(true);
  });

  it('has no door where the organisation allows none', () => {
    keepDoor(door('u'));
    keepDoor({ ...door('u'), config: { ...config, offline_hours: 0 } });
    expect(readDoor()).toBeNull();
  });

  it('is sealed, and of the conversations looked at last alone', async () => {
    const store = new DeviceStore('kept-1');
    const kept = new Kept({ store, vault });
    for (let number = 0; number < MOST_THREADS + 3; number++) {
      await kept.putThread(`t${number}`, { patient: 'Maya Lindqvist' });
      await store.kept.update(`thread:t${number}`, { at: number });
    }
    await kept.putThread('newest', {});
    const ids = await kept.threads();
    expect(ids.length).toBe(MOST_THREADS);
    expect(ids).toContain('newest');
    expect(ids).not.toContain('t0');
    expect(JSON.stringify(await store.kept.toArray())).not.toContain('Lindqvist');
  });

  it('goes when the session ends; what was not sent goes at a sign-out by hand alone, and counters never', async () => {
    const store = new DeviceStore('kept-2');
    keepDoor(door('kept-2'));
    await store.next('ctr-d');
    await store.messages.put({ thread: 't', seq: 1, wire: 'w', at: 0 });
    await store.drafts.put({ thread: 't', sealed: 's' });
    await new Kept({ store, vault }).put('me', { name: 'Elena' });
    await wipeDevice('kept-2', false);
    expect([await store.messages.count(), await store.kept.count(), await store.drafts.count()]).toEqual([0, 0, 1]);
    expect(readDoor()).toBeNull();
    await wipeDevice('kept-2', true);
    expect(await store.drafts.count()).toBe(0);
    expect(await store.next('ctr-d')).toBe(2);
  });

  it('of a thread goes with the permission', async () => {
    const store = new DeviceStore('kept-3');
    const kept = new Kept({ store, vault });
    await kept.putThread('t', {});
    await store.drafts.put({ thread: 't', sealed: 's' });
    await store.forgetThread('t');
    expect(await kept.getThread('t')).toBeNull();
    expect(await store.drafts.count()).toBe(0);
  });
});
