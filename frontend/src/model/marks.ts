/** How far everybody has got in one thread, and what this device says of it: marks only go up, and merge by maximum. */
import { codeOf, Offline } from '../api/errors';
import * as api from '../api/threads';
import type { MemberMarks } from '../wire.gen';
import type { History } from './history';

const PAUSE_MS = 300;
const MOST_TOLD = 100;

export class Marks {
  readonly all = new Map<string, MemberMarks>();
  readonly #thread: string;
  readonly #me: () => string;
  #read = 0;
  #toldRead = 0;
  #toldDelivered = 0;
  readonly #toldFailed = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(thread: string, me: () => string) {
    this.#thread = thread;
    this.#me = me;
  }

  async fetch(): Promise<void> {
    const { marks } = await api.fetchMarks(this.#thread);
    for (const one of marks) this.take(one);
    const present = new Set(marks.map((one) => one.user));
    for (const user of [...this.all.keys()]) if (!present.has(user)) this.all.delete(user);
  }

  /** A push may come late, and carries the newest move alone: nothing goes back, and the times of reading add up. */
  take(marks: MemberMarks): void {
    const known = this.all.get(marks.user);
    const moves = new Map([...(known?.moves ?? []), ...marks.moves].map((move) => [move.read, move]));
    this.all.set(marks.user, {
      ...marks,
      delivered: Math.max(marks.delivered, known?.delivered ?? 0),
      read: Math.max(marks.read, known?.read ?? 0),
      moves: [...moves.values()].sort((a, b) => a.read - b.read),
    });
  }

  /** What is read on one's own other devices is read here. */
  get read(): number {
    return Math.max(this.#read, this.all.get(this.#me())?.read ?? 0);
  }

  /** Somebody saw the thread up to here; it is said after a pause, for all that was scrolled past by then. */
  seen(seq: number): void {
    if (seq <= this.read) return;
    this.#read = seq;
    if (this.#timer === undefined) this.#timer = setTimeout(() => void this.#sayRead(), PAUSE_MS);
  }

  async #sayRead(): Promise<void> {
    this.#timer = undefined;
    const read = this.#read;
    if (read <= this.#toldRead) return;
    // Without an answer nothing is known: the next mark carries this one too, because marks merge by maximum.
    const answer = await api.putMarks(this.#thread, { delivered: read, read, failed: [], healed: [] }).catch(() => null);
    if (!answer) return;
    this.#toldRead = read;
    this.take(answer);
  }

  /** Tells the others what arrived here, what could not be opened, and what could after all. */
  async report(history: History): Promise<void> {
    if (history.ownOnly || history.high === 0) return;
    const delivered = history.high;
    const failed = [...history.failed].filter(([seq]) => !this.#toldFailed.has(seq)).slice(0, MOST_TOLD);
    const healed = this.#healed(history);
    const isKnown = Math.max(this.#toldDelivered, this.all.get(this.#me())?.delivered ?? 0) >= delivered;
    if (isKnown && failed.length === 0 && healed.length === 0) return;
    try {
      this.take(await api.putMarks(this.#thread, { delivered, read: this.#toldRead, failed: failed.map(([seq, code]) => ({ seq, code: code.slice(0, 32) })), healed }));
    } catch (error) {
      if (error instanceof Offline || codeOf(error) === 'not_found') return;
      throw error;
    }
    this.#toldDelivered = Math.max(this.#toldDelivered, delivered);
    for (const [seq] of failed) this.#toldFailed.add(seq);
    for (const seq of healed) {
      history.healed.delete(seq);
      this.#toldFailed.delete(seq);
    }
  }

  /** What some device of mine could not open and this one can. */
  #healed(history: History): number[] {
    const said = this.all.get(this.#me())?.failed ?? [];
    const opened = said.filter(({ seq }) => history.held.get(seq)?.opened).map(({ seq }) => seq);
    return [...new Set([...history.healed, ...opened])].slice(0, MOST_TOLD);
  }
}
