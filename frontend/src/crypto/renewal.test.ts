// @vitest-environment node
/** New keys inside the vault: nothing counts before the server has stored it, and what was kept here stays open. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { MyKeys } from '../wire.gen';
import { b64 } from './encoding';
import { randomBytes } from './primitives';
import type { NewKeys } from './renewal';
import { PASSWORD_M, PASSWORD_T, Role, SlotKind } from './tables.gen';
import { House } from './vault.testing';
import type { Person } from './vault.testing';
import { vaultCore } from './vaultCore';

const NOW = 1_800_000_000_000;
const house = new House();
let elena: Person;

/** What the server has after these keys were handed in. */
function storedAfter(made: NewKeys): MyKeys {
  const wrapped = made.locks ? [made.locks.password, made.locks.recovery] : elena.mine.slots;
  return { ...elena.mine, bundles: [...elena.mine.bundles, made.ukr], keyring: made.keyring, slots: wrapped };
}

async function escaped(): Promise<{ made: NewKeys; stored: MyKeys; fresh: { salt: string; t: number; m: number } }> {
  const fresh = { salt: b64(randomBytes(16)), t: PASSWORD_T, m: PASSWORD_M };
  await elena.vault.derive('another horse', fresh);
  const made = await elena.vault.makeNewKeys(2, NOW, fresh);
  return { made, stored: storedAfter(made), fresh };
}

describe('new keys', () => {
  beforeEach(async () => {
    elena = await house.person(Role.THERAPIST, NOW);
  });

  it('are signed by the old ones and open with everything that opened before', async () => {
    const draft = await elena.vault.sealLocal('a draft');
    const made = await elena.vault.makeNewKeys(2, NOW, null);
    expect(made.locks).toBeNull();
    expect(made.recoveryCode).toBe('');
    await elena.vault.takeNewKeys(storedAfter(made));
    expect(await elena.vault.openLocal(draft)).toBe('a draft');
    const { salt, t, m } = elena.mine.slots[0] ?? { salt: '', t: 0, m: 0 };
    const other = vaultCore();
    await other.derive('correct horse', { salt, t, m });
    await other.unlock(storedAfter(made), house.organisations);
  });

  it('open by the new password and the new code alone where a device was stolen, and what was kept here stays open', async () => {
    const draft = await elena.vault.sealLocal('not sent yet');
    const { made, stored, fresh } = await escaped();
    await elena.vault.takeNewKeys(stored);
    expect(await elena.vault.openLocal(draft)).toBe('not sent yet');
    const other = vaultCore();
    await other.derive('correct horse', fresh);
    await expect(other.unlock(stored, house.organisations)).rejects.toMatchObject({ code: 'E_UNWRAP' });
    await other.derive('another horse', fresh);
    await other.unlock(stored, house.organisations);
    const recovery = stored.slots.find((slot) => slot.kind === SlotKind.RECOVERY);
    if (!recovery) throw new Error('no recovery slot');
    const found = { user: elena.user, slot: recovery, bundles: stored.bundles, keyring: stored.keyring };
    await other.derive('a third horse', fresh);
    await other.recover(made.recoveryCode, found, fresh);
    await other.derive('a third horse', fresh);
    await expect(other.recover(elena.recoveryCode, found, fresh)).rejects.toMatchObject({ code: 'E_UNWRAP' });
  });

  it('are not in use before the server has stored them', async () => {
    await escaped();
    const again = vaultCore();
    const { salt, t, m } = elena.mine.slots[0] ?? { salt: '', t: 0, m: 0 };
    await again.derive('correct horse', { salt, t, m });
    await again.unlock(elena.mine, house.organisations);
  });

  it('are refused as stored when the server shows others, or an older keyring', async () => {
    const { made, stored } = await escaped();
    const others = await elena.vault.makeNewKeys(2, NOW, null);
    await expect(elena.vault.takeNewKeys(stored)).rejects.toMatchObject({ code: 'E_UNWRAP' });
    const older = { ...storedAfter(others), keyring: elena.mine.keyring };
    await expect(elena.vault.takeNewKeys(older)).rejects.toMatchObject({ code: 'E_KEYRING_ROLLBACK' });
    expect(made.ukr.ukr).not.toBe(others.ukr.ukr);
    await expect(vaultCore().takeNewKeys(stored)).rejects.toMatchObject({ code: 'no_keys' });
  });

  it('leave a device that remembers the old ones with nothing, and it is forgotten', async () => {
    await elena.vault.remember(elena.user);
    const { stored } = await escaped();
    const away = vaultCore(elena.store, () => NOW);
    expect(await away.unlockRemembered(stored, house.organisations)).toBe(false);
    expect(await elena.store.remembered(elena.user)).toBeNull();
  });
});
