// Replays logs with the client's own code: `node tests/crypto/replay.mjs < logs.jsonl > verdicts.jsonl`.
// The lines are described in tests/vectors/README.md. The TypeScript is bundled first, in a folder of its own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const CRYPTO = fileURLToPath(new URL('../../frontend/src/crypto/', import.meta.url));

const fromHex = (text) => new Uint8Array(Buffer.from(text, 'hex'));
const toHex = (raw) => Buffer.from(raw).toString('hex');
const all = (record) => Object.fromEntries(Object.entries(record).map(([key, text]) => [key, fromHex(text)]));

async function clientCode() {
  const { rolldown } = createRequire(join(CRYPTO, 'log.ts'))('rolldown');
  const folder = await mkdtemp(join(tmpdir(), 'replay-'));
  try {
    const names = ['log', 'directory', 'errors', 'primitives'];
    const entry = join(folder, 'entry.ts');
    await writeFile(entry, names.map((name) => `export * from ${JSON.stringify(join(CRYPTO, name))};`).join('\n'));
    const bundle = await rolldown({ input: entry, platform: 'node', logLevel: 'silent' });
    await bundle.write({ file: join(folder, 'client.mjs'), format: 'esm', codeSplitting: false });
    await bundle.close();
    return await import(pathToFileURL(join(folder, 'client.mjs')).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function verdict(client, entries, directory, now) {
  try {
    const state = client.replay(
      entries.map(([body, sig]) => ({ body: fromHex(body), sig: fromHex(sig) })),
      directory,
      now,
    );
    return { verdict: 'ok', head: toHex(state.head) };
  } catch (error) {
    // Anything but a Ct1Error is a rule that was not written: it must fail the test, not pass for a refusal.
    if (error instanceof client.Ct1Error) return { verdict: error.code };
    return { verdict: `${error}` };
  }
}

const client = await clientCode();
let directory;
let now;
for await (const line of createInterface({ input: process.stdin })) {
  const log = JSON.parse(line);
  if (log.directory) {
    const { ukrs, certificates, roots } = log.directory;
    directory = client.Directory.build(ukrs.map(all), certificates.map(all), roots.map(fromHex));
    now = log.now;
  } else {
    process.stdout.write(`${JSON.stringify({ id: log.id, ...verdict(client, log.entries, directory, now) })}\n`);
  }
}
