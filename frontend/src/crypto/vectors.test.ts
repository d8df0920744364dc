// @vitest-environment node
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const TESTS = fileURLToPath(new URL('../../../tests/', import.meta.url));

function filesOf(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.json')).map((name) => `${folder}${name}`);
}

it('answers every shared vector as docs/protocol.md says, its own too', async () => {
  const files = [...filesOf(`${TESTS}vectors/`), ...filesOf(`${TESTS}vectors/from_typescript/`)];
  const { stdout } = await promisify(execFile)('node', [`${TESTS}crypto/vectors.mjs`, ...files], { timeout: 170_000 });
  expect(stdout).toMatch(/^\d+ asked\n$/);
}, 180_000);
