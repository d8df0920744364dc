import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameRefused, LiveSocket, NoAnswer, type LinkState } from './socket';

/** The browser's end of a connection whose other end the test plays. */
class Wire {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: { type: string; id?: unknown }[] = [];
  send(text: string) {
    this.sent.push(JSON.parse(text) as { type: string });
  }
  close() {
    this.onclose?.({ code: 1006 });
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

function play() {
  const wires: Wire[] = [];
  const states: LinkState[] = [];
  const heads: Record<string, number>[] = [];
  const live = new LiveSocket({
    url: 'ws://x/ws',
    hello: () => ({ type: 'hello', protocol: 1, build: 1, device: 'd', heads: { t: 4 }, binary: true }),
    onState: (state) => states.push(state),
    onWelcome: () => undefined,
    onHeads: (seen) => heads.push(seen),
    random: () => 1,
    open: () => {
      const wire = new Wire();
      wires.push(wire);
      return wire as unknown as WebSocket;
    },
  });
  const welcome = (wire: Wire | undefined) => {
    wire?.onopen?.();
    wire?.say({ type: 'welcome', resume: 'resumed', heads: {}, now: 0, build: '', protocol: 1, oldest_build: 1 });
  };
  return { live, wires, states, heads, welcome };
}

describe('the one socket', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('works: hello, a command and its answer', async () => {
    const { live, wires, welcome } = play();
    live.start();
    welcome(wires[0]);
    expect(wires[0]?.sent[0]).toMatchObject({ type: 'hello', heads: { t: 4 } });
    const asked = live.ask<{ type: string; re: string }>({ type: 'message.post', id: 'a' });
    wires[0]?.say({ type: 'message.ack', re: 'a' });
    expect((await asked).type).toBe('message.ack');
  });

  it('gives a refusal its code', async () => {
    const { live, wires, welcome } = play();
    live.start();
    welcome(wires[0]);
    const asked = live.ask({ type: 'message.post', id: 'a' });
    wires[0]?.say({ type: 'error', re: 'a', code: 'E_LOG_BEHIND', message: '' });
    await expect(asked).rejects.toMatchObject({ code: 'E_LOG_BEHIND' });
    await expect(asked).rejects.toBeInstanceOf(FrameRefused);
  });

  it('lets a command fail when the connection is lost, and comes back by itself', async () => {
    const { live, wires, states, welcome } = play();
    live.start();
    welcome(wires[0]);
    const asked = live.ask({ type: 'message.post', id: 'a' });
    wires[0]?.close();
    await expect(asked).rejects.toBeInstanceOf(NoAnswer);
    vi.advanceTimersByTime(600);
    welcome(wires[1]);
    expect(states).toEqual(['connecting', 'online', 'offline', 'connecting', 'online']);
  });

  it('waits longer each time, and never longer than its ceiling', () => {
    const { live, wires } = play();
    live.start();
    for (let attempt = 0; attempt < 12; attempt++) {
      wires[attempt]?.close();
      vi.advanceTimersByTime(20_200);
    }
    expect(wires.length).toBe(13);
  });

  it('finds a dead connection by its silence', () => {
    const { live, wires, states, welcome } = play();
    live.start();
    welcome(wires[0]);
    vi.advanceTimersByTime(20_000);
    expect(wires[0]?.sent.at(-1)).toMatchObject({ type: 'ping' });
    vi.advanceTimersByTime(10_000);
    expect(states.at(-1)).toBe('offline');
  });

  it('hears the heads of a heartbeat', () => {
    const { live, wires, heads, welcome } = play();
    live.start();
    welcome(wires[0]);
    wires[0]?.say({ type: 'pong', id: 1, heads: { t: 9 } });
    expect(heads).toEqual([{ t: 9 }]);
  });

  it('does not come back when the session has ended', () => {
    const { live, wires, states, welcome } = play();
    live.start();
    welcome(wires[0]);
    wires[0]?.onclose?.({ code: 4401 });
    vi.advanceTimersByTime(60_000);
    expect(wires.length).toBe(1);
    expect(states.at(-1)).toBe('signed-out');
  });

  it('does not come back to a server of another version', () => {
    const { live, wires, states } = play();
    live.start();
    wires[0]?.onopen?.();
    wires[0]?.say({ type: 'error', code: 'protocol_version', message: '', re: '' });
    vi.advanceTimersByTime(60_000);
    expect(wires.length).toBe(1);
    expect(states.at(-1)).toBe('outdated');
  });

  it('comes back when it was closed for having been silent', () => {
    const { live, wires, states, welcome } = play();
    live.start();
    welcome(wires[0]);
    wires[0]?.onclose?.({ code: 4400 });
    vi.advanceTimersByTime(60_000);
    expect(wires.length).toBeGreaterThan(1);
    expect(states.at(-1)).not.toBe('outdated');
  });

  it('refuses a command at once when there is no connection', async () => {
    const { live } = play();
    await expect(live.ask({ type: 'message.post', id: 'a' })).rejects.toBeInstanceOf(NoAnswer);
  });
});
