import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HeldFiles } from '../crypto/files';
import { DeviceStore } from '../store/db';
import type { AttachmentBegin, AttachmentOut } from '../wire.gen';
import { newId, toBase64Url } from './bytes';
import type { MessageBody } from './body';
import { Observable } from './observable';
import type { Outbox } from './outbox';
import { Uploads } from './uploads';

// jsdom has no Web Locks; one page alone needs no more than to run.
Object.defineProperty(navigator, 'locks', { value: { request: (_name: string, work: () => Promise<void>) => work() } });

const THREAD = toBase64Url(new Uint8Array(32));
const CONTENT = crypto.getRandomValues(new Uint8Array(60_000));

/** The server's doors of files, by their addresses; `deaf` answers nothing, `code` refuses. */
class Server {
  sizes = new Map<string, number>();
  pieces: { offset: number; length: number }[] = [];
  whole: Uint8Array[] = [];
  destroyed = 0;
  deaf = false;
  code = '';

  get received(): number {
    return this.whole.reduce((sum, piece) => sum + piece.length, 0);
  }

  readonly answer = async (path: string, init: RequestInit): Promise<Response> => {
    if (this.deaf) throw new TypeError('Failed to fetch');
    if (this.code) return json({ code: this.code, message: '', re: '' }, 409);
    const id = path.split('/')[5] ?? '';
    if (init.method === 'DELETE') this.destroyed += 1;
    if (init.method === 'POST' && !path.endsWith('/finish')) {
      const body = JSON.parse(init.body as string) as AttachmentBegin;
      this.sizes.set(body.id, body.size);
      return this.#out(body.id);
    }
    if (init.method === 'PUT') {
      const piece = init.body as Uint8Array;
      this.pieces.push({ offset: Number(new URL(path, 'http://x').searchParams.get('offset')), length: piece.length });
      this.whole.push(piece);
    }
    return Promise.resolve(this.#out(id));
  };

  #out(id: string): Response {
    const out: AttachmentOut = { id, size: this.sizes.get(id) ?? 0, received: this.received, state: 'open', uploader: '', begun_at: 0, gone_at: null, gone_by: null };
    return json(out, 200);
  }
}

const json = (body: unknown, status: number) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

/** The vault's part, with real sealing; what is kept on the device is only encoded. */
function vaultOf(files = new HeldFiles()) {
  return {
    sealLocal: (plain: string) => Promise.resolve(`sealed:${plain}`),
    openLocal: (sealed: string) => Promise.resolve(sealed.slice('sealed:'.length)),
    sealFile: (thread: string, id: string, size: number) => Promise.resolve(files.seal(thread, id, size)),
    sealFilePart: (id: string, part: Uint8Array) => Promise.resolve(files.sealPart(id, part)),
    endSealingFile: (id: string) => Promise.resolve(files.endSealing(id)),
    dropFile: (id: string) => Promise.resolve(files.drop(id)),
  };
}

let number = 0;
function play(store = new DeviceStore(`uploads-${number++}`), server = new Server()) {
  vi.stubGlobal('fetch', server.answer);
  const posted = new Observable<{ id: string; body: MessageBody }[]>([]);
  const outbox = {
    add: async (thread: string, ctype: number, body: MessageBody, now: number, id: string) => {
      await store.keepDraft({ msgId: id, thread, order: 1, created: now, sealed: '', wire: '', ctype, attempts: 0, failure: '' });
      posted.update((all) => [...all, { id, body }]);
    },
  };
  const uploads = new Uploads({ store, vault: vaultOf(), outbox: outbox as unknown as Outbox });
  return { uploads, server, store, posted };
}

const file = () => new File([CONTENT], 'holter.bin');
const kept = async (store: DeviceStore) => [await store.uploads.count(), await store.pieces.count()];

afterEach(() => vi.unstubAllGlobals());

describe('a file on its way', () => {
  it('works: it is sealed, brought and posted, and nothing of it is left on the device', async () => {
    const { uploads, server, store, posted } = play();
    await uploads.add(THREAD, file(), 'The recording.');
    expect(server.received).toBe([...server.sizes.values()][0]);
    const [one] = posted.get();
    expect(one?.body).toMatchObject({ text: 'The recording.', file: { name: 'holter.bin', size: CONTENT.length, preview: null } });
    expect(server.sizes.has(one?.id ?? '')).toBe(true);
    expect(uploads.list.get()).toEqual([]);
    expect(await kept(store)).toEqual([0, 0]);
  });

  it('waits without a network, and a later page goes on with the same bytes', async () => {
    const { uploads, server, store } = play();
    server.deaf = true;
    await uploads.add(THREAD, file(), '');
    expect(uploads.list.get()).toMatchObject([{ state: 'waiting', whole: 61_481 }]);
    uploads.stop();
    server.deaf = false;
    const later = play(store, server);
    await later.uploads.load();
    await later.uploads.sendAll();
    expect(server.received).toBe(61_481);
    expect(later.posted.get()).toHaveLength(1);
    expect(await kept(store)).toEqual([0, 0]);
  });

  it('goes on where the server says it is', async () => {
    const { uploads, server, store } = play();
    server.deaf = true;
    await uploads.add(THREAD, file(), '');
    uploads.stop();
    server.deaf = false;
    server.whole.push(new Uint8Array(1000));
    const later = play(store, server);
    await later.uploads.load();
    await later.uploads.sendAll();
    expect(server.pieces).toEqual([{ offset: 1000, length: 60_481 }]);
  });

  it('is lost by a reload while it is being sealed, and says so', async () => {
    const { uploads, store } = play();
    await store.uploads.put({ id: newId(), thread: THREAD, created: 0, size: 0, sealed: 'sealed:{"name":"a.pdf","size":9}', failure: '' });
    await uploads.load();
    expect(uploads.list.get()).toMatchObject([{ name: 'a.pdf', state: 'failed', code: 'interrupted' }]);
  });

  it('fails for good when it is refused for good, and is tried again when asked to', async () => {
    const { uploads, server, posted } = play();
    server.code = 'too_large';
    await uploads.add(THREAD, file(), '');
    const [one] = uploads.list.get();
    expect(one).toMatchObject({ state: 'failed', code: 'too_large', whole: 0 });
    expect(posted.get()).toEqual([]);
  });

  it('of ten gigabytes is refused before more than its beginning is read, online or not, and the next one goes on', async () => {
    for (const [set, code] of [[{ code: 'too_large' }, 'too_large'], [{ deaf: true }, 'offline']] as const) {
      const { uploads, server, store, posted } = play();
      Object.assign(server, set);
      let read = 0;
      const slice = (from = 0, to = 0) => new Blob([new Uint8Array(Math.min(to - from, (read += to - from)))]);
      await uploads.add(THREAD, { name: 'ct.raw', size: 10 * 2 ** 30, type: '', slice } as unknown as File, '');
      expect(uploads.list.get()).toMatchObject([{ name: 'ct.raw', state: 'failed', code, whole: 0 }]);
      expect(read).toBeLessThan(100_000);
      expect(await kept(store)).toEqual([0, 0]);
      Object.assign(server, { code: '', deaf: false });
      await uploads.add(THREAD, file(), 'The recording.');
      expect(posted.get().map(({ body }) => body.text)).toEqual(['The recording.']);
    }
  });

  it('is forgotten when it is cancelled, here and there', async () => {
    const { uploads, server, store } = play();
    server.deaf = true;
    await uploads.add(THREAD, file(), '');
    server.deaf = false;
    await uploads.cancel(uploads.list.get()[0]?.id ?? '');
    expect(uploads.list.get()).toEqual([]);
    expect(await kept(store)).toEqual([0, 0]);
    expect(server.destroyed).toBe(1);
  });

  it('goes with the thread whose permission has ended', async () => {
    const { uploads, server, store } = play();
    server.deaf = true;
    await uploads.add(THREAD, file(), '');
    uploads.stop();
    await store.forgetThread(THREAD);
    expect(await kept(store)).toEqual([0, 0]);
  });
});
