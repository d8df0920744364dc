/** Coming back into a call, step by step (docs/protocol.md 9.3): keep media, say where one was, new media, give up. */
import { codeOf } from '../api/errors';

/** What is being tried: the server's answer to nobody, to where we were, or to a new beginning of the media. */
export type Trying = 'server' | 'place' | 'media';

export type ComebackParts = {
  /** Says where this device was; whether it may stay there. */
  where: () => Promise<'stay' | 'knock'>;
  knock: () => Promise<void>;
  /** Told of each step, and null once nothing is to be tried. */
  onTrying: (what: Trying | null) => void;
  onGiveUp: (error: unknown) => void;
  sleep?: (ms: number) => Promise<void>;
  random?: () => number;
};

/** Refusals that trying again does not change. */
const FINAL = ['not_found', 'refused', 'shut_out', 'room_closed', 'room_locked', 'elsewhere'];
const PAUSES_MS = [0, 300, 1_200, 2_700, 4_800];
const LONG_PAUSE_MS = 7_000;
const JITTER_FROM = 2;
const JITTER_MS = 1_000;
const MOST = 10;

/** How long to wait before attempt `n`, from 0: after a server's end its clients must not all come in one moment. */
export function pauseBefore(n: number, random: () => number): number {
  return (PAUSES_MS[n] ?? LONG_PAUSE_MS) + (n >= JITTER_FROM ? random() * JITTER_MS : 0);
}

export class Comeback {
  readonly #parts: ComebackParts;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #random: () => number;
  #turn = 0;
  #attempt = 0;

  constructor(parts: ComebackParts) {
    this.#parts = parts;
    this.#sleep = parts.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.#random = parts.random ?? Math.random;
  }

  /** The socket is gone: media may go on, and nothing can be asked until it is back. */
  socketLost(): void {
    this.#turn++;
    this.#parts.onTrying('server');
  }

  /** The socket is there: say where one was. */
  socketBack(): Promise<void> {
    return this.#climb('place');
  }

  /** The media is gone, or the server says so: only a new beginning helps. */
  mediaLost(): Promise<void> {
    return this.#climb('media');
  }

  /** Media flows: whatever was tried has worked. */
  arrived(): void {
    this.stop();
    this.#attempt = 0;
    this.#parts.onTrying(null);
  }

  /** The call is over for this device: nothing more is tried. */
  stop(): void {
    this.#turn++;
  }

  async #climb(from: 'place' | 'media'): Promise<void> {
    const turn = ++this.#turn;
    let step = from;
    while (this.#attempt < MOST) {
      this.#parts.onTrying(step);
      await this.#sleep(pauseBefore(this.#attempt++, this.#random));
      if (turn !== this.#turn) return;
      try {
        const answer = step === 'place' ? await this.#parts.where() : 'knock';
        if (turn !== this.#turn) return;
        if (answer === 'stay') {
          this.arrived();
          return;
        }
        step = 'media';
        this.#parts.onTrying(step);
        // A ticket follows, then media, then `arrived`; if either fails, `mediaLost` climbs on from this attempt.
        await this.#parts.knock();
        return;
      } catch (error) {
        if (turn !== this.#turn) return;
        if (!FINAL.includes(codeOf(error))) continue;
        this.#giveUp(error);
        return;
      }
    }
    this.#giveUp(new Error('The call could not be reached. Please try again.'));
  }

  #giveUp(error: unknown): void {
    this.arrived();
    this.#parts.onGiveUp(error);
  }
}
