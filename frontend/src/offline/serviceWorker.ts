/**
 * The whole service worker: it keeps the app's own files, answers them without a network, and shows that something is new.
 * It never touches `/api`, `/_allauth`, `/feeds` or the socket, holds no key and sees no content. It imports nothing, so
 * that this page is all there is to audit; the build writes the two names below in front of it (vite.config.ts).
 */
declare const self: ServiceWorkerGlobalScope;
/** Every file of this build: its address and `sha256-…` of its bytes. */
declare const SHELL_FILES: readonly (readonly [address: string, digest: string])[];
/** Names this build: a digest over SHELL_FILES. */
declare const SHELL_NAME: string;

const PREFIX = 'shell-';
const CACHE = PREFIX + SHELL_NAME;
const SHELL = '/';
const KEPT = new Set(SHELL_FILES.map(([address]) => address));
/** What the server alone answers; everything else without a dot is a page of the app. */
const SERVER_ONLY = /^\/(api|_allauth|feeds|static|healthz|readyz|ws)(\/|$)/;

self.addEventListener('install', (event) => event.waitUntil(keepShell()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('fetch', (event) => {
  const address = addressOf(event.request);
  if (address !== null) event.respondWith(fromShell(address, event.request));
});
self.addEventListener('message', (event: ExtendableMessageEvent) => {
  // Only the person's word replaces a running version; the page passes it on.
  if (event.data === 'take-over') event.waitUntil(self.skipWaiting());
});
self.addEventListener('push', (event) => event.waitUntil(tellOfNews()));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(showApp());
});

/** All files or none: a digest that does not match is a half-deployed server, and this version is not taken. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(
      SHELL_FILES.map(async ([address, digest]) => {
        const answer = await fetch(new Request(address, { cache: 'no-store', credentials: 'omit', integrity: digest }));
        if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
        await cache.put(address, answer);
      }),
    );
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The kept file that answers a request; null for whatever is the server's to answer. */
function addressOf(request: Request): string | null {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || SERVER_ONLY.test(url.pathname)) return null;
  if (request.mode === 'navigate') return url.pathname.includes('.') ? null : SHELL;
  return KEPT.has(url.pathname) ? url.pathname : null;
}

async function fromShell(address: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  // A browser may clear the cache under pressure and leave the worker: then the server answers.
  return (await cache.match(address)) ?? fetch(request);
}

/** The payload of a push is one opaque word and is not read: no name, no sender, no count is on a locked screen. */
async function tellOfNews(): Promise<void> {
  await self.registration.showNotification('Consilium', {
    body: 'You have a new message in Consilium',
    icon: '/icons/icon-192.png',
    badge: '/icons/badge-96.png',
    tag: 'news',
  });
}

async function showApp(): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = windows[0];
  if (open) await open.focus();
  else await self.clients.openWindow(SHELL);
}
