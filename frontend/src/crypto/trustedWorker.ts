/**
 * The two Workers of the product and its service worker, and the one Trusted Types policy that lets exactly these
 * scripts start: with `require-trusted-types-for 'script'` a plain string is refused, so nothing injected can start a
 * Worker of its own.
 */
import sframeUrl from '../media/sframeWorker.ts?worker&url';
import vaultUrl from './worker.ts?worker&url';

const SCRIPTS = { vault: vaultUrl, sframe: sframeUrl, service: '/sw.js' } as const;
const OWN = new Set<string>(Object.values(SCRIPTS));

type ScriptPolicy = { createScriptURL(url: string): unknown };
type PolicyFactory = { createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptPolicy };

let policy: ScriptPolicy | null = null;

function ownScript(url: string): string {
  if (!OWN.has(url)) throw new TypeError('Not a script of this product.');
  return url;
}

function trusted(url: string): string {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (!factory) return ownScript(url);
  policy ??= factory.createPolicy('consilium-worker', { createScriptURL: ownScript });
  // The DOM library of TypeScript knows the constructor with a string alone.
  return policy.createScriptURL(url) as string;
}

export function startWorker(script: 'vault' | 'sframe'): Worker {
  return new Worker(trusted(SCRIPTS[script]), { type: 'module', name: `consilium-${script}` });
}

/** The service worker of this origin; null where the browser has none, or the page comes from `vite dev`. */
export async function registerServiceWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return null;
  return navigator.serviceWorker.register(trusted(SCRIPTS.service), { scope: '/', updateViaCache: 'none' });
}
