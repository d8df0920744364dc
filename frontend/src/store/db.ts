/** What this device keeps: only what is sealed, signed, or says nothing (ids, numbers, times). */
import Dexie, { type Table } from 'dexie';

export type StoredEntry = { thread: string; seq: number; body: string; sig: string };
/** `aside` is 1 for what says something about other messages, and not there for the rest, which no index of asides has. */
export type StoredMessage = { thread: string; seq: number; wire: string; at: number; aside?: 1 };
export type StoredSeal = { thread: string; epoch: number; blob: string };
/** Every aside of the thread up to the seq `asides` is among its messages here. */
export type StoredThread = { thread: string; asides: number };

/** One message that is not yet known to be on the server; `sealed` is its body, sealed for this device's owner. */
export type StoredDraft = {
  msgId: string;
  thread: string;
  order: number;
  created: number;
  sealed: string;
  /** As sent and perhaps received: a retry must be the same bytes until a refusal proves it was not. '' before. */
  wire: string;
  ctype: number;
  attempts: number;
  failure: string;
};

/** A file on its way. `sealed` is what is said of it, sealed; `size` counts sealed bytes, 0 while they are being made. */
export type StoredUpload = { id: string; thread: string; created: number; size: number; sealed: string; failure: string };

/** Sealed bytes of an upload, from `at` on: a reload goes on with them, and without the file itself. */
export type StoredPiece = { upload: string; at: number; bytes: Uint8Array<ArrayBuffer> };

export class DeviceStore extends Dexie {
  entries!: Table<StoredEntry, [string, number]>;
  messages!: Table<StoredMessage, [string, number]>;
  seals!: Table<StoredSeal, [string, number]>;
  threads!: Table<StoredThread, string>;
  /** What one wrote oneself in a thread that has ended, sealed: kept for the legal record. */
  own!: Table<{ thread: string; sealed: string }, string>;
  outbox!: Table<StoredDraft, string>;
  uploads!: Table<StoredUpload, string>;
  pieces!: Table<StoredPiece, [string, number]>;
  /** What is being written, sealed. */
  drafts!: Table<{ thread: string; sealed: string }, string>;
  /** What opens without a network, sealed: see model/kept.ts. */
  kept!: Table<{ name: string; at: number; sealed: string }, string>;
  meta!: Table<{ name: string; value: number | string }, string>;

  constructor(user: string) {
    super(`consilium-${user}`);
    this.version(1).stores({
      entries: '[thread+seq], thread',
      messages: '[thread+seq], thread',
      seals: '[thread+epoch], thread',
      threads: 'thread',
      outbox: 'msgId, [thread+order], order',
      meta: 'name',
    });
    this.version(2).stores({ own: 'thread' });
    this.version(3).stores({ uploads: 'id, thread', pieces: '[upload+at]' });
    this.version(4).stores({ drafts: 'thread' });
    this.version(5).stores({ kept: 'name, at' });
    // What was kept before had no mark of asides: it is fetched again.
    this.version(6).stores({ messages: '[thread+seq], thread, [thread+aside+seq]' }).upgrade((kept) => kept.table('messages').clear());
  }

  /** The next number of a counter that never repeats, even over two tabs: one transaction reads and writes it. */
  async next(name: string): Promise<number> {
    return this.transaction('rw', this.meta, async () => {
      const row = await this.meta.get(name);
      const value = (typeof row?.value === 'number' ? row.value : 0) + 1;
      await this.meta.put({ name, value });
      return value;
    });
  }

  /** Keeps a message to be sent, in place of the upload of the same id: at no moment are there both, or neither. */
  async keepDraft(draft: StoredDraft): Promise<void> {
    await this.transaction('rw', [this.outbox, this.uploads, this.pieces], async () => {
      await this.outbox.put(draft);
      await this.forgetUpload(draft.msgId);
    });
  }

  async forgetUpload(id: string): Promise<void> {
    await this.transaction('rw', [this.uploads, this.pieces], async () => {
      await this.uploads.delete(id);
      await this.pieces.where('[upload+at]').between([id, Dexie.minKey], [id, Dexie.maxKey]).delete();
    });
  }

  /** Forgets what was read here, of every thread. */
  async forgetContent(): Promise<void> {
    await Promise.all([this.entries, this.messages, this.seals, this.threads, this.own, this.kept].map((table) => table.clear()));
  }

  /** Forgets what was written here and was not sent. */
  async forgetWritten(): Promise<void> {
    await Promise.all([this.outbox, this.drafts, this.uploads, this.pieces].map((table) => table.clear()));
  }

  /** Forgets all that was held of a thread: its permission has ended. */
  async forgetThread(thread: string): Promise<void> {
    for (const id of await this.uploads.where('thread').equals(thread).primaryKeys()) await this.forgetUpload(id);
    await this.transaction('rw', [this.entries, this.messages, this.seals, this.threads, this.outbox, this.drafts, this.kept], async () => {
      await this.kept.delete(`thread:${thread}`);
      await this.drafts.delete(thread);
      await this.entries.where('thread').equals(thread).delete();
      await this.messages.where('thread').equals(thread).delete();
      await this.seals.where('thread').equals(thread).delete();
      await this.threads.delete(thread);
      await this.outbox.where('[thread+order]').between([thread, Dexie.minKey], [thread, Dexie.maxKey]).delete();
    });
  }
}
