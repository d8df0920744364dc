import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { DeviceStore } from '../store/db';
import { Drafts } from './drafts';

const vault = {
  sealLocal: (plain: string) => Promise.resolve(`sealed:${btoa(plain)}`),
  openLocal: (sealed: string) => Promise.resolve(atob(sealed.slice('sealed:'.length))),
};
let number = 0;

describe('a draft', () => {
  it('is there again after a reload, and was sealed meanwhile', async () => {
    const store = new DeviceStore(`drafts-${number++}`);
    const before = new Drafts({ store, vault });
    const draft = before.of('t');
    await before.ready('t');
    draft.set('A sentence that is not');
    await before.flush();
    expect(JSON.stringify(await store.drafts.toArray())).not.toContain('sentence');
    const after = new Drafts({ store, vault });
    const again = after.of('t');
    await after.ready('t');
    expect(again.get()).toBe('A sentence that is not');
  });

  it('is gone from the disk as soon as it was sent', async () => {
    const store = new DeviceStore(`drafts-${number++}`);
    const drafts = new Drafts({ store, vault });
    const draft = drafts.of('t');
    await drafts.ready('t');
    draft.set('one');
    await drafts.flush();
    draft.set('');
    await expect.poll(() => store.drafts.count()).toBe(0);
  });

  it('does not overwrite what was typed before the disk answered', async () => {
    const store = new DeviceStore(`drafts-${number++}`);
    await store.drafts.put({ thread: 't', sealed: await vault.sealLocal('old') });
    const drafts = new Drafts({ store, vault });
    drafts.of('t').set('new');
    await drafts.ready('t');
    expect(drafts.of('t').get()).toBe('new');
    await drafts.flush();
    expect((await store.drafts.get('t'))?.sealed).toBe(await vault.sealLocal('new'));
  });
});
