/** Notices on this device while the app is closed: asked for by the person, without a word of content. */
import * as api from '../api/push';
import { ApiError } from '../api/errors';
import type { PushStanding } from '../wire.gen';
import { fromBase64Url, toBase64Url } from './bytes';

/** `blocked`: the person told this browser so; only its own settings undo that. */
export type PushState = 'none' | 'blocked' | 'off' | 'on';

const WAIT_MS = 20_000;

/** What the browser has of it; a browser without a push service has none. */
async function manager(): Promise<PushManager | null> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return registration?.pushManager ?? null;
}

export async function pushState(): Promise<PushState> {
  const pushes = await manager();
  if (!pushes) return 'none';
  if (Notification.permission === 'denied') return 'blocked';
  const [told, subscription] = await Promise.all([api.fetchPush(), pushes.getSubscription()]);
  return told.on && subscription ? 'on' : 'off';
}

/** Asks the person, the browser's push service and the server, in this order; ApiError with words for each refusal. */
export async function switchPushOn(): Promise<PushState> {
  const pushes = await manager();
  if (!pushes) return 'none';
  if ((await Notification.requestPermission()) !== 'granted') return 'blocked';
  const { key } = await api.fetchPush();
  const subscription = await subscribed(pushes, key);
  const [p256dh, auth] = [subscription.getKey('p256dh'), subscription.getKey('auth')];
  if (!p256dh || !auth) throw new ApiError('push', 'This browser gave no keys for notices.', 0);
  await api.putPush({ endpoint: subscription.endpoint, p256dh: toBase64Url(new Uint8Array(p256dh)), auth: toBase64Url(new Uint8Array(auth)) });
  return 'on';
}

async function subscribed(pushes: PushManager, key: PushStanding['key']): Promise<PushSubscription> {
  // A subscription made for another key of the server would be refused by the push service at every notice.
  await (await pushes.getSubscription())?.unsubscribe();
  const asked = pushes.subscribe({ userVisibleOnly: true, applicationServerKey: new Uint8Array(fromBase64Url(key)) });
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('late')), WAIT_MS));
  return Promise.race([asked, late]).catch(() => {
    throw new ApiError('push', 'This browser’s push service did not answer. Try again later; e-mail still tells you.', 0);
  });
}

/** The server first: what it forgot is not sent, whatever the browser keeps. */
export async function switchPushOff(): Promise<PushState> {
  await api.deletePush();
  await (await (await manager())?.getSubscription())?.unsubscribe();
  return 'off';
}
