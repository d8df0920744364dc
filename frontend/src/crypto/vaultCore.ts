/** The vault itself, as it runs inside the Worker: what may be asked of one person's open keys, subject by subject. */
import { callsOf } from './core/calls';
import { consentOf } from './core/consent';
import { filesOf } from './core/files';
import { keysOf } from './core/keys';
import { messagesOf } from './core/messages';
import { OpenVault } from './core/openVault';
import { pinsOf } from './core/pins';
import { threadsOf } from './core/threads';
import { wordsOf } from './core/words';
import { MemoryDeviceStore } from './deviceStore';
import type { DeviceStore } from './deviceStore';
import type { Vault } from './vaultApi';
import { MemoryWordStore } from './wordStore';
import type { WordStore } from './wordStore';

export function vaultCore(
  store: DeviceStore = new MemoryDeviceStore(),
  clock: () => number = Date.now,
  wordStore: (user: string) => WordStore = () => new MemoryWordStore(),
): Vault {
  const vault = new OpenVault(store, clock, wordStore);
  return {
    ...keysOf(vault),
    ...pinsOf(vault),
    ...threadsOf(vault),
    ...messagesOf(vault),
    ...wordsOf(vault),
    ...consentOf(vault),
    ...filesOf(vault),
    ...callsOf(vault),
  };
}
