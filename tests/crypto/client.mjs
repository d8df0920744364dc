// The client's own CT1 code, bundled from TypeScript in a folder of its own, and hex as vectors write it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const CRYPTO = fileURLToPath(new URL('../../frontend/src/crypto/', import.meta.url));
const MODULES = [
  'attachments', 'authority', 'conference', 'directives', 'directory', 'emergency', 'encoding', 'entries', 'errors', 'guards', 'keys',
  'log', 'messages',
  'opening', 'pins', 'primitives', 'safety', 'sealing', 'slots', 'urgency',
];

export const fromHex = (text) => new Uint8Array(Buffer.from(text, 'hex'));
export const toHex = (raw) => Buffer.from(raw).toString('hex');

/** Every text of a record as bytes. */
export const bytesOf = (record) => Object.fromEntries(Object.entries(record).map(([key, text]) => [key, fromHex(text)]));

export async function clientCode() {
  const { rolldown } = createRequire(join(CRYPTO, 'log.ts'))('rolldown');
  const folder = await mkdtemp(join(tmpdir(), 'ct1-'));
  try {
    const entry = join(folder, 'entry.ts');
    await writeFile(entry, MODULES.map((name) => `export * from ${JSON.stringify(join(CRYPTO, name))};`).join('\n'));
    const bundle = await rolldown({ input: entry, platform: 'node', logLevel: 'silent' });
    await bundle.write({ file: join(folder, 'client.mjs'), format: 'esm', codeSplitting: false });
    await bundle.close();
    return await import(pathToFileURL(join(folder, 'client.mjs')).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function directoryOf(client, { ukrs, certificates, roots }) {
  return client.Directory.build(ukrs.map(bytesOf), certificates.map(bytesOf), roots.map(fromHex));
}

/** `ok` and the answer, or the code. Anything but a Ct1Error is a rule that nobody wrote: it is no verdict. */
export function judged(client, ask) {
  try {
    return { verdict: 'ok', out: ask() };
  } catch (error) {
    return { verdict: error instanceof client.Ct1Error ? error.code : `${error}` };
  }
}
