/** A file of a message, fetched, opened and verified to its last byte: before that nothing of it is given out. */
import * as api from '../api/attachments';
import { ApiError, Offline } from '../api/errors';
import type { Vault } from '../crypto/vaultApi';
import { newId } from './bytes';
import { isLying, kindOf, TELLING_BYTES, type FileKind } from './fileKinds';
import { savedName } from './fileNames';
import type { FileBody } from './files';

const MOST_FAILURES = 6;
const AGAIN_MS = 2000;

/** `content` has the MIME of what its bytes are; `lies` when its name or its sender said another. */
export type OpenedFile = { content: Blob; kind: FileKind; lies: boolean; saveAs: string };

type FileVault = Pick<Vault, 'openFile' | 'openFilePart' | 'endOpeningFile' | 'dropFile'>;

/** Throws what the server refuses (`gone`, `not_found`) and what the bytes break (E_ATT…); goes on after a cut. */
export async function fetchFile(
  vault: FileVault,
  place: { thread: string; attId: string },
  file: FileBody,
  told: (there: number, whole: number) => void,
  signal: AbortSignal,
): Promise<OpenedFile> {
  const handle = newId();
  const { sealed } = await vault.openFile(handle, place, file);
  try {
    const parts: Blob[] = [];
    let failures = 0;
    for (let there = 0; there < sealed; ) {
      const before = there;
      try {
        for await (const part of api.fetchContent(place.thread, place.attId, there, signal)) {
          parts.push(new Blob([(await vault.openFilePart(handle, part)) as Uint8Array<ArrayBuffer>]));
          there += part.length;
          told(there, sealed);
        }
        // The server has no more, and the message says that there is.
        if (there === before) throw new ApiError('E_ATT', 'The file is not as long as its message says.', 0);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Offline)) throw error;
      }
      failures = there > before ? 0 : failures + 1;
      if (failures === MOST_FAILURES) throw new Offline();
      if (there < sealed) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    await vault.endOpeningFile(handle);
    return await known(new Blob(parts), file);
  } finally {
    await vault.dropFile(handle);
  }
}

async function known(content: Blob, file: FileBody): Promise<OpenedFile> {
  if (content.size !== file.size) throw new ApiError('E_ATT', 'The file is not as long as its message says.', 0);
  const kind = kindOf(new Uint8Array(await content.slice(0, TELLING_BYTES).arrayBuffer()));
  return { content: content.slice(0, content.size, kind.type), kind, lies: isLying(file.name, kind), saveAs: savedName(file.name, kind) };
}
