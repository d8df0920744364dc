/** The keys of a call. */
import type { CallVault } from '../vaultApi';
import { later } from './openVault';
import type { OpenVault } from './openVault';

export function callsOf(vault: OpenVault): CallVault {
  return {
    joinCall: (call) => later(() => ({ join: vault.calls.join(call) })),
    callRoster: (conf, people, now) => later(() => vault.calls.of(conf).roster(people, now)),
    rekeyCall: (conf, now) => later(() => vault.calls.of(conf).rekey(now)),
    takeCallKey: (conf, keys) => later(() => vault.calls.of(conf).take(keys)),
    connectMedia: (conf, port) => later(() => vault.calls.connectMedia(conf, port)),
    leaveCall: (conf) => later(() => vault.calls.leave(conf)),
  };
}
