/** The files that are being sealed or opened inside the vault: keys and streams stay here, part by part. */
import { FileSealer, sealedSize } from './attachments';
import { b64, unb64 } from './encoding';
import { VaultError } from './errors';
import { FileOpener } from './opening';
import type { FileTerms } from './vaultApi';

export class HeldFiles {
  readonly #sealing = new Map<string, FileSealer>();
  readonly #opening = new Map<string, FileOpener>();

  /** Begins to seal under a fresh key; answers how many bytes it will have. */
  seal(thread: string, attId: string, size: number): { sealed: number } {
    this.#sealing.set(attId, new FileSealer({ attId: unb64(attId), thread: unb64(thread) }, size));
    return { sealed: sealedSize(size) };
  }

  sealPart(attId: string, part: Uint8Array): Uint8Array {
    return this.#of(this.#sealing, attId).take(part);
  }

  endSealing(attId: string): { rest: Uint8Array; file: FileTerms } {
    const { rest, file } = this.#of(this.#sealing, attId).done();
    this.#sealing.delete(attId);
    return { rest, file: { key: b64(file.key), size: file.size, hash: b64(file.hash) } };
  }

  open(handle: string, place: { thread: string; attId: string }, file: FileTerms): { sealed: number } {
    const terms = { key: unb64(file.key), size: file.size, hash: unb64(file.hash) };
    this.#opening.set(handle, new FileOpener(terms, { attId: unb64(place.attId), thread: unb64(place.thread) }));
    return { sealed: sealedSize(file.size) };
  }

  openPart(handle: string, part: Uint8Array): Uint8Array {
    return this.#of(this.#opening, handle).take(part);
  }

  endOpening(handle: string): void {
    this.#of(this.#opening, handle).done();
    this.#opening.delete(handle);
  }

  drop(handle: string): void {
    this.#sealing.delete(handle);
    this.#opening.delete(handle);
  }

  clear(): void {
    this.#sealing.clear();
    this.#opening.clear();
  }

  #of<T>(held: ReadonlyMap<string, T>, handle: string): T {
    const found = held.get(handle);
    if (!found) throw new VaultError('no_file', 'This file is not being worked on.');
    return found;
  }
}
