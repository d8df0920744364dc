/** Writes into the built service worker which files it keeps: each by its address and the digest of its bytes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const WORKER = 'sw.js';
/** Read by the system, or by the browser when it shows a notification; the app itself opens without them. */
const NOT_KEPT = /^icons\//;

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => name !== WORKER && !NOT_KEPT.test(name))
    .sort();
}

export function serviceWorker(): Plugin {
  return {
    name: 'consilium-service-worker',
    apply: 'build',
    writeBundle({ dir }) {
      if (!dir) throw new Error('the service worker needs a folder to list');
      const files = filesUnder(dir).map((name) => {
        const digest = createHash('sha256').update(readFileSync(join(dir, name))).digest('base64');
        return [name === 'index.html' ? '/' : `/${name}`, `sha256-${digest}`] as const;
      });
      const name = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
      const code = readFileSync(join(dir, WORKER), 'utf8');
      if (/^\s*import\b/m.test(code)) throw new Error('the service worker must stand alone');
      writeFileSync(join(dir, WORKER), `const SHELL_NAME=${JSON.stringify(name)},SHELL_FILES=${JSON.stringify(files)};\n${code}`);
    },
  };
}
