/** The Worker's end of the vault: calls in, answers out, one at a time so that none sees another's half-done work. */
import { IndexedDeviceStore, MemoryDeviceStore } from './deviceStore';
import { Ct1Error, VaultError } from './errors';
import type { VaultAnswer, VaultCall, VaultReady } from './vault';
import { vaultCore } from './vaultCore';
import { IndexedWordStore } from './wordStore';

const core = 'indexedDB' in globalThis ? vaultCore(new IndexedDeviceStore(), Date.now, (user) => new IndexedWordStore(user)) : vaultCore(new MemoryDeviceStore());
let queue: Promise<void> = Promise.resolve();

async function answer({ id, method, args }: VaultCall): Promise<VaultAnswer> {
  try {
    const asked = core as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const value = await asked[method]?.(...args);
    return { id, ok: true, value };
  } catch (error) {
    const isNamed = error instanceof Ct1Error || error instanceof VaultError;
    // The text of any other error could hold what was being opened: only its kind leaves the Worker.
    const message = isNamed ? error.message : error instanceof Error ? error.name : 'unknown';
    return { id, ok: false, code: isNamed ? error.code : 'internal', message };
  }
}

globalThis.onmessage = ({ data }: MessageEvent<VaultCall>) => {
  queue = queue.then(async () => {
    postMessage(await answer(data));
  });
};

const ready: VaultReady = { ready: true };
postMessage(ready);
