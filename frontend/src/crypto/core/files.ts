/** Files that are sealed or opened part by part. */
import type { FileVault } from '../vaultApi';
import { later } from './openVault';
import type { OpenVault } from './openVault';

export function filesOf(vault: OpenVault): FileVault {
  return {
    sealFile: (thread, attId, size) => later(() => vault.files.seal(thread, attId, size)),
    sealFilePart: (attId, part) => later(() => vault.files.sealPart(attId, part)),
    endSealingFile: (attId) => later(() => vault.files.endSealing(attId)),
    openFile: (handle, place, file) => later(() => vault.files.open(handle, place, file)),
    openFilePart: (handle, part) => later(() => vault.files.openPart(handle, part)),
    endOpeningFile: (handle) => later(() => vault.files.endOpening(handle)),
    dropFile: (handle) => later(() => vault.files.drop(handle)),
  };
}
