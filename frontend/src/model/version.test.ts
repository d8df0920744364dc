import { describe, expect, it, vi } from 'vitest';
import { Version } from './version';

/** A service worker's registration as the browser hands it out, moved by hand. */
class Registration extends EventTarget {
  waiting: { postMessage: (word: string) => void } | null = null;
  installing: (EventTarget & { state: string }) | null = null;
  told: string[] = [];
  looks = 0;
  isGone = false;
  update = () => Promise.resolve(void this.looks++);
  unregister = () => Promise.resolve((this.isGone = true));

  newVersion(): void {
    const coming = Object.assign(new EventTarget(), { state: 'installing' });
    this.installing = coming;
    this.dispatchEvent(new Event('updatefound'));
    coming.state = 'installed';
    this.waiting = { postMessage: (word) => this.told.push(word) };
    coming.dispatchEvent(new Event('statechange'));
  }
}

async function page(isControlled = true) {
  const registration = new Registration();
  const container = Object.assign(new EventTarget(), { controller: isControlled ? {} : null });
  const reload = vi.fn();
  const version = new Version({
    register: () => Promise.resolve(registration as unknown as ServiceWorkerRegistration),
    container: container as unknown as ServiceWorkerContainer,
    channel: (name) => new BroadcastChannel(name),
    reload,
  });
  await version.start();
  return { version, registration, container, reload };
}

describe('the version of the app', () => {
  it('works: a newer version waits, and takes over at the person’s word alone', async () => {
    const { version, registration, container, reload } = await page();
    registration.newVersion();
    expect(version.state.get()).toBe('ready');
    expect(registration.told).toEqual([]);
    await version.update();
    expect(registration.told).toEqual(['take-over']);
    container.dispatchEvent(new Event('controllerchange'));
    await vi.waitFor(() => expect(reload).toHaveBeenCalledOnce());
  });

  it('does not reload a page whose first worker takes over', async () => {
    const { container, reload } = await page(false);
    container.dispatchEvent(new Event('controllerchange'));
    await Promise.resolve();
    expect(reload).not.toHaveBeenCalled();
  });

  it('keeps what is written before it goes', async () => {
    const { version, container, reload } = await page();
    const order: string[] = [];
    version.beforeReload = () => Promise.resolve(void order.push('kept'));
    reload.mockImplementation(() => order.push('gone'));
    container.dispatchEvent(new Event('controllerchange'));
    await vi.waitFor(() => expect(order).toEqual(['kept', 'gone']));
  });

  it('tells every tab that the server refuses this version, and reloads them together', async () => {
    const [first, second] = [await page(), await page()];
    first.version.refused();
    await vi.waitFor(() => expect(second.version.state.get()).toBe('required'));
    await first.version.update();
    expect(first.registration.isGone).toBe(true);
    await vi.waitFor(() => expect(second.reload).toHaveBeenCalled());
  });

  it('stays refused when a newer version is ready as well', async () => {
    const { version, registration } = await page();
    version.refused();
    registration.newVersion();
    expect(version.state.get()).toBe('required');
  });

  it('runs without a service worker', async () => {
    const version = new Version({ register: () => Promise.reject(new Error('blocked')), container: null, channel: () => null, reload: () => undefined });
    await version.start();
    expect(version.state.get()).toBe('current');
  });
});
