// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HeldFiles } from '../crypto/files';
import { newId, toBase64Url } from './bytes';
import { fetchFile } from './downloads';
import type { FileBody } from './files';

const THREAD = toBase64Url(new Uint8Array(32));
const CONTENT = new TextEncoder().encode('A line of an old report.\n'.repeat(20_000));

function sealed(attId: string, content: Uint8Array) {
  const files = new HeldFiles();
  files.seal(THREAD, attId, content.length);
  const parts = [files.sealPart(attId, content)];
  const { rest, file } = files.endSealing(attId);
  return { bytes: new Uint8Array([...parts, rest].flatMap((part) => [...part])), file: { ...file, name: 'report.txt', type: 'text/plain', preview: null } satisfies FileBody };
}

function vaultOf(files = new HeldFiles()) {
  return {
    openFile: (handle: string, place: { thread: string; attId: string }, file: FileBody) => Promise.resolve(files.open(handle, place, file)),
    openFilePart: (handle: string, part: Uint8Array) => Promise.resolve(files.openPart(handle, part)),
    endOpeningFile: (handle: string) => Promise.resolve(files.endOpening(handle)),
    dropFile: (handle: string) => Promise.resolve(files.drop(handle)),
  };
}

/** A server whose connection breaks after each of `cuts` bytes, once each; answers where each request began. */
function serve(bytes: Uint8Array, cuts: number[] = []): number[] {
  const begun: number[] = [];
  vi.stubGlobal('fetch', (_: string, { headers }: { headers: Record<string, string> }) => {
    const from = Number(/bytes=(\d+)-/.exec(headers['Range'] ?? '')?.[1] ?? 0);
    begun.push(from);
    const cut = cuts.shift();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(from, cut === undefined ? undefined : from + cut));
        if (cut === undefined) controller.close();
      },
      pull(controller) {
        controller.error(new TypeError('network error'));
      },
    });
    return Promise.resolve(new Response(body, { status: from ? 206 : 200 }));
  });
  return begun;
}

async function fetched(attId: string, file: FileBody, told: (there: number, whole: number) => void = () => undefined) {
  return fetchFile(vaultOf(), { thread: THREAD, attId }, file, told, new AbortController().signal);
}

describe('a file that is fetched', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('works: it is opened, verified, and shown as what it is', async () => {
    const attId = newId();
    const { bytes, file } = sealed(attId, CONTENT);
    serve(bytes);
    const { content, kind, lies } = await fetched(attId, file);
    expect([await content.text(), kind.shown, lies]).toEqual([new TextDecoder().decode(CONTENT), 'text', false]);
  });

  it('goes on where the connection broke, with nothing fetched twice, and says how far it is', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const attId = newId();
    const { bytes, file } = sealed(attId, CONTENT);
    const begun = serve(bytes, [100_000, 50_000]);
    const told: number[] = [];
    const fetching = fetched(attId, file, (there, whole) => told.push(there / whole));
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(2000);
      expect(begun).toHaveLength(3);
    });
    expect((await fetching).content.size).toBe(CONTENT.length);
    expect(begun).toEqual([0, 100_000, 150_000]);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
  });

  it('is refused when it is another, longer or shorter than its message says', async () => {
    const attId = newId();
    const { bytes, file } = sealed(attId, CONTENT);
    for (const lie of [{ ...file, size: file.size - 1 }, { ...file, hash: toBase64Url(new Uint8Array(32)) }]) {
      serve(bytes);
      await expect(fetched(attId, lie)).rejects.toMatchObject({ code: 'E_ATT' });
    }
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    serve(bytes);
    const fetching = expect(fetched(attId, { ...file, size: 2 * file.size })).rejects.toMatchObject({ code: 'E_ATT' });
    await vi.advanceTimersByTimeAsync(5000);
    await fetching;
    const changed = bytes.slice();
    changed[1000] = (changed[1000] ?? 0) ^ 1;
    serve(changed);
    await expect(fetched(attId, file)).rejects.toMatchObject({ code: 'E_ATT' });
  });

  it('is shown as what its bytes are when its name and its sender say another thing', async () => {
    const attId = newId();
    const { bytes, file } = sealed(attId, new TextEncoder().encode('<html><script>alert(1)</script></html>'));
    serve(bytes);
    const { kind, lies } = await fetched(attId, { ...file, name: 'scan.png', type: 'image/png' });
    expect([lies, kind.shown, kind.mayRun]).toEqual([true, 'none', true]);
  });
});
