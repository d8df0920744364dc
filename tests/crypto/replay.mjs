// Replays logs with the client's own code: `node tests/crypto/replay.mjs < logs.jsonl > verdicts.jsonl`.
// The lines are described in tests/vectors/README.md.
import { createInterface } from 'node:readline';
import { clientCode, directoryOf, fromHex, judged, toHex } from './client.mjs';

const client = await clientCode();
let directory;
let now;
for await (const line of createInterface({ input: process.stdin })) {
  const log = JSON.parse(line);
  if (log.directory) {
    directory = directoryOf(client, log.directory);
    now = log.now;
    continue;
  }
  const entries = log.entries.map(([body, sig]) => ({ body: fromHex(body), sig: fromHex(sig) }));
  const { verdict, out } = judged(client, () => toHex(client.replay(entries, directory, now).head));
  process.stdout.write(`${JSON.stringify({ id: log.id, verdict, ...(out && { head: out }) })}\n`);
}
