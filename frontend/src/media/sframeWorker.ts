/**
 * The media worker: every encoded frame of a call passes here and leaves sealed, or opened, or not at all.
 * Its keys come over a port from the vault's Worker and never pass through the page.
 */
import type { MediaEnd, MediaKeys } from '../crypto/callKeys';
import { FrameOpener, FrameRefused, FrameSealer } from './sframe';
import type { MediaKind } from './sframe';

export type TransformOptions = { role: 'seal'; kind: MediaKind } | { role: 'open'; kind: MediaKind; user: string };
export type SealCounters = { sealed: Record<MediaKind, number>; opened: Record<MediaKind, number>; unsent: number; refused: number; n: number };
export type MediaRequest = { type: 'port'; port: MessagePort } | { type: 'counters'; id: number };
export type MediaAnswer = { type: 'counters'; id: number; counters: SealCounters } | { type: 'ready' };

type EncodedFrame = { data: ArrayBuffer; type?: 'key' | 'delta' | 'empty' };
type Transformer = {
  readable: ReadableStream<EncodedFrame>;
  writable: WritableStream<EncodedFrame>;
  options: TransformOptions;
  generateKeyFrame?: () => Promise<unknown>;
  sendKeyFrameRequest?: () => Promise<unknown>;
};

/** A new key is used after this long, so that those who get it a little later lose nothing. */
const USE_AFTER_MS = 300;
/** Frames under the key before are still on their way for this long. */
const RETIRE_AFTER_MS = 4_000;
const KEY_FRAME_EVERY_MS = 1_000;

const opener = new FrameOpener();
let sealer: FrameSealer | null = null;
let isOver = false;
/** Keys come over one port in the order in which they are to be used, whatever their numbers (docs/protocol.md 3.8). */
let newest = 0;
let using = 0;
const videoSenders = new Set<Transformer>();
const counters: SealCounters = { sealed: { audio: 0, video: 0, screen: 0 }, opened: { audio: 0, video: 0, screen: 0 }, unsent: 0, refused: 0, n: 0 };

async function takeKeys({ n, self, senders }: MediaKeys): Promise<void> {
  if (isOver) return;
  const turn = ++newest;
  await Promise.all(senders.map(({ user, key }, index) => opener.add(turn, n, index, user, key)));
  const mine = senders[self];
  if (mine) {
    const next = await FrameSealer.make(n, self, mine.key);
    const use = () => {
      if (isOver || using >= turn) return;
      using = turn;
      sealer = next;
      counters.n = n;
      // Who has just come in can show nothing before a key frame.
      for (const transformer of videoSenders) void transformer.generateKeyFrame?.().catch(() => undefined);
    };
    if (sealer) setTimeout(use, USE_AFTER_MS);
    else use();
  }
  setTimeout(() => opener.retire(turn), RETIRE_AFTER_MS);
}

function end(): void {
  opener.clear();
  sealer = null;
  isOver = true;
}

function sealing(transformer: Transformer, kind: MediaKind): TransformStream<EncodedFrame, EncodedFrame> {
  if (kind !== 'audio') videoSenders.add(transformer);
  return new TransformStream({
    async transform(frame, controller) {
      const current = sealer;
      if (!current || frame.data.byteLength === 0) {
        counters.unsent += 1;
        return;
      }
      const sealed = await current.seal(new Uint8Array(frame.data), kind, frame.type === 'key');
      frame.data = exactBuffer(sealed);
      counters.sealed[kind] += 1;
      controller.enqueue(frame);
    },
    flush: () => void videoSenders.delete(transformer),
  });
}

function opening(transformer: Transformer, kind: MediaKind, user: string): TransformStream<EncodedFrame, EncodedFrame> {
  let asked = 0;
  let isBroken = false;
  return new TransformStream({
    async transform(frame, controller) {
      try {
        const opened = await opener.open(new Uint8Array(frame.data), user, kind, frame.type === 'key');
        if (isBroken && frame.type === 'key') isBroken = false;
        frame.data = exactBuffer(opened);
        counters.opened[kind] += 1;
        controller.enqueue(frame);
      } catch (error) {
        if (!(error instanceof FrameRefused)) throw error;
        counters.refused += 1;
        isBroken = true;
      }
      // Only when a key is held, and once a second: a receiver without it would ask for ever and cost everybody.
      const mayAsk = isBroken && kind !== 'audio' && newest > 0 && Date.now() - asked > KEY_FRAME_EVERY_MS;
      if (mayAsk) {
        asked = Date.now();
        void transformer.sendKeyFrameRequest?.().catch(() => undefined);
      }
    },
  });
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function attach(transformer: Transformer): void {
  const { options } = transformer;
  const stream = options.role === 'seal' ? sealing(transformer, options.kind) : opening(transformer, options.kind, options.user);
  // A pipe that breaks means a connection that closed: nothing passes any more, which is what it should then do.
  void transformer.readable.pipeThrough(stream).pipeTo(transformer.writable).catch(() => undefined);
}

addEventListener('rtctransform', (event) => attach((event as Event & { transformer: Transformer }).transformer));

addEventListener('message', ({ data }: MessageEvent<MediaRequest>) => {
  if (data.type === 'counters') {
    const answer: MediaAnswer = { type: 'counters', id: data.id, counters };
    postMessage(answer);
    return;
  }
  data.port.onmessage = ({ data: given }: MessageEvent<MediaKeys | MediaEnd>) => {
    if (given.type === 'keys') void takeKeys(given);
    else end();
  };
});

const ready: MediaAnswer = { type: 'ready' };
postMessage(ready);
