/**
 * Files on their way to the server. A file is sealed first and its sealed bytes are kept on this device until they are
 * there: a cut connection, a reload or a crash goes on where it was, with the same bytes and without the file itself. Only
 * an upload that was still being sealed is lost by a reload, and says so.
 */
import * as api from '../api/attachments';
import { ApiError, codeOf } from '../api/errors';
import { ContentType } from '../crypto/tables.gen';
import type { FileTerms, Vault } from '../crypto/vaultApi';
import type { DeviceStore, StoredUpload } from '../store/db';
import { newId } from './bytes';
import { kindOf, TELLING_BYTES } from './fileKinds';
import type { FileBody } from './files';
import { Observable } from './observable';
import type { Outbox } from './outbox';
import { previewOf } from './preview';

/** Of the content at a time; sealed it stays well below a piece that the server takes. */
const PART = 524_288;
const AGAIN_MS = 3000;
/** A larger file is not sealed before the server has said that it takes it: it would fill the device to be refused. */
const MOST_UNASKED = 64 * 1024 * 1024;
const LATER = new Set(['offline', 'busy', 'unavailable', 'PDP_UNAVAILABLE', 'disk_full', 'too_many', 'internal']);
const LOST_BY_RELOAD = 'interrupted';

export type Upload = {
  id: string;
  thread: string;
  name: string;
  /** Of the content, in bytes. */
  size: number;
  state: 'sealing' | 'waiting' | 'sending' | 'failed';
  /** Bytes there, and bytes in all, of what is sealed. */
  there: number;
  whole: number;
  code: string;
};

type Said = { text: string; name: string; size: number; type: string; preview: FileBody['preview']; terms: FileTerms | null };

type FileVault = Pick<Vault, 'sealLocal' | 'openLocal' | 'sealFile' | 'sealFilePart' | 'endSealingFile' | 'dropFile'>;

export class Uploads {
  readonly list = new Observable<readonly Upload[]>([]);
  readonly #store: DeviceStore;
  readonly #vault: FileVault;
  readonly #outbox: Outbox;
  readonly #running = new Map<string, AbortController>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isStopped = false;

  constructor(parts: { store: DeviceStore; vault: FileVault; outbox: Outbox }) {
    this.#store = parts.store;
    this.#vault = parts.vault;
    this.#outbox = parts.outbox;
  }

  /** Reads what an earlier page left behind. */
  async load(): Promise<void> {
    for (const row of await this.#store.uploads.toArray()) {
      const said = await this.#said(row);
      const failure = row.size === 0 ? LOST_BY_RELOAD : row.failure;
      this.#put({ id: row.id, thread: row.thread, name: said.name, size: said.size, state: failure ? 'failed' : 'waiting', there: 0, whole: row.size, code: failure });
    }
  }

  /** Seals a file and sends it with the message that carries it; what becomes of it is seen in `list`. */
  async add(thread: string, file: File, text: string): Promise<void> {
    const id = newId();
    this.#put({ id, thread, name: file.name, size: file.size, state: 'sealing', there: 0, whole: 0, code: '' });
    const first = new Uint8Array(await file.slice(0, TELLING_BYTES).arrayBuffer());
    const said: Said = { text, name: file.name, size: file.size, type: kindOf(first).type, preview: await previewOf(file), terms: null };
    const row: StoredUpload = { id, thread, created: Date.now(), size: 0, sealed: await this.#vault.sealLocal(JSON.stringify(said)), failure: '' };
    const stop = this.#begin(id);
    try {
      const { sealed } = await this.#vault.sealFile(thread, id, file.size);
      await this.#beginAtServer(thread, id, sealed);
      stop.signal.throwIfAborted();
      await this.#store.uploads.put(row);
      const terms = await this.#seal(id, file, sealed, stop.signal);
      await this.#store.uploads.update(id, { size: sealed, sealed: await this.#vault.sealLocal(JSON.stringify({ ...said, terms })) });
    } catch (error) {
      await this.#vault.dropFile(id);
      if (!stop.signal.aborted) await this.#fail(id, isFull(error) ? 'device_full' : codeOf(error));
      // Cancelled while a piece was being kept: that piece goes too.
      else if (!this.#isStopped) await this.#store.forgetUpload(id);
      return;
    } finally {
      this.#running.delete(id);
    }
    await this.send(id);
  }

  /** A file that is too large is refused before it is sealed; without a network that waits, unless it is a large one. */
  async #beginAtServer(thread: string, id: string, size: number): Promise<void> {
    try {
      await api.beginFile(thread, { id, size });
    } catch (error) {
      if (!LATER.has(codeOf(error)) || size > MOST_UNASKED) throw error;
    }
  }

  async #seal(id: string, file: Blob, whole: number, signal: AbortSignal): Promise<FileTerms> {
    let at = 0;
    const keep = async (bytes: Uint8Array) => {
      for (let from = 0; from < bytes.length; from += PART) {
        const piece = bytes.slice(from, from + PART);
        await this.#store.pieces.put({ upload: id, at, bytes: piece });
        at += piece.length;
      }
      this.#change(id, { there: at, whole });
    };
    for (let from = 0; from < file.size; from += PART) {
      signal.throwIfAborted();
      await keep(await this.#vault.sealFilePart(id, new Uint8Array(await file.slice(from, from + PART).arrayBuffer())));
    }
    const { rest, file: terms } = await this.#vault.endSealingFile(id);
    signal.throwIfAborted();
    await keep(rest);
    return terms;
  }

  async sendAll(): Promise<void> {
    await Promise.all(this.list.get().filter((one) => one.state === 'waiting').map((one) => this.send(one.id)));
  }

  async retry(id: string): Promise<void> {
    await this.#store.uploads.update(id, { failure: '' });
    await this.send(id);
  }

  /** Forgets it here at once, and there as soon as may be; what the server never hears of is swept. */
  async cancel(id: string): Promise<void> {
    this.#running.get(id)?.abort();
    const known = this.list.get().find((one) => one.id === id);
    // It leaves the screen when it has left the device: a page that closes in between must not send it later.
    await this.#store.forgetUpload(id);
    this.list.update((all) => all.filter((one) => one.id !== id));
    if (known) await api.destroyFile(known.thread, id).catch(() => undefined);
  }

  stop(): void {
    this.#isStopped = true;
    for (const one of this.#running.values()) one.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Brings what is missing, then posts the message; one run at a time over all tabs of this browser. */
  async send(id: string): Promise<void> {
    if (this.#isStopped || this.#running.has(id)) return;
    const stop = this.#begin(id);
    try {
      await navigator.locks.request(`consilium-upload-${id}`, () => this.#bring(id, stop.signal));
    } catch (error) {
      if (!stop.signal.aborted) await this.#refused(id, error);
    } finally {
      this.#running.delete(id);
    }
  }

  async #bring(id: string, signal: AbortSignal): Promise<void> {
    const row = await this.#store.uploads.get(id);
    if (!row) {
      // Another tab has sent it.
      this.list.update((all) => all.filter((one) => one.id !== id));
      return;
    }
    const { terms, text, name, type, preview } = await this.#said(row);
    if (!terms) throw new ApiError(LOST_BY_RELOAD, '', 0);
    const { thread, size } = row;
    let { received, state } = await api.beginFile(thread, { id, size });
    this.#change(id, { state: 'sending', there: received, whole: size, code: '' });
    while (state !== 'whole' && received < size) {
      signal.throwIfAborted();
      ({ received, state } = await api.putPiece(thread, id, received, await this.#pieceAt(id, received), signal));
      this.#change(id, { there: received });
    }
    signal.throwIfAborted();
    if (state !== 'whole') await api.finishFile(thread, id, { hash: terms.hash });
    await this.#outbox.add(thread, ContentType.ATTACHMENT, { text, card: null, file: { ...terms, name, type, preview } }, Date.now(), id);
    this.list.update((all) => all.filter((one) => one.id !== id));
  }

  async #pieceAt(id: string, received: number): Promise<Uint8Array<ArrayBuffer>> {
    const piece = await this.#store.pieces.where('[upload+at]').between([id, 0], [id, received], true, true).last();
    const bytes = piece?.bytes.slice(received - piece.at);
    if (!bytes?.length) throw new ApiError(LOST_BY_RELOAD, '', 0);
    return bytes;
  }

  async #refused(id: string, error: unknown): Promise<void> {
    const code = codeOf(error);
    if (!LATER.has(code) && code !== 'out_of_order') {
      await this.#fail(id, code);
      return;
    }
    this.#change(id, { state: 'waiting', code: '' });
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.send(id);
    }, AGAIN_MS);
    this.#timers.add(timer);
  }

  async #fail(id: string, code: string): Promise<void> {
    await this.#store.uploads.update(id, { failure: code });
    this.#change(id, { state: 'failed', code });
  }

  async #said(row: StoredUpload): Promise<Said> {
    return JSON.parse(await this.#vault.openLocal(row.sealed)) as Said;
  }

  #begin(id: string): AbortController {
    const stop = new AbortController();
    this.#running.set(id, stop);
    return stop;
  }

  #put(upload: Upload): void {
    this.list.update((all) => [...all.filter((one) => one.id !== upload.id), upload]);
  }

  #change(id: string, changes: Partial<Upload>): void {
    this.list.update((all) => all.map((one) => (one.id === id ? { ...one, ...changes } : one)));
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}
