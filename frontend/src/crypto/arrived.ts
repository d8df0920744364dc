/** What has arrived of one thread: an id has one place, and a device's counters ascend with the places (4.3). */
import { b64 } from './encoding';
import { Ct1Error } from './errors';
import type { Header } from './messages';

type Place = { seq: number; ctr: number };

/** So many ids are remembered, those met last. A message that comes again elsewhere has its counter against it all the same. */
export const MOST_IDS = 8192;
/** So many places of one device are remembered; then every second one: what lies between two still has to fit between them. */
export const MOST_PLACES = 4096;

export class Arrived {
  readonly #ids = new Map<string, string>();
  /** By sender and device, in the order of seq. */
  readonly #counters = new Map<string, Place[]>();

  /**
   * Takes a message at its place, in whatever order the places come: pages of history are read newest first. The same
   * message at the same place may come again. E_DUP for an id that is elsewhere, E_REPLAY for a counter out of order.
   */
  take(header: Pick<Header, 'sender' | 'device' | 'msgId' | 'ctr'>, hash: string, seq: number): void {
    const msgId = b64(header.msgId);
    const names = [`${b64(header.sender)} ${msgId}`, `${b64(header.device)} ${msgId}`];
    const place = `${seq} ${hash}`;
    if (names.some((name) => (this.#ids.get(name) ?? place) !== place)) throw new Ct1Error('E_DUP', 'a message with this id has another place');
    if (this.#ids.get(names[0] ?? '') === place) return;
    const source = `${b64(header.sender)} ${b64(header.device)}`;
    const places = this.#counters.get(source) ?? [];
    const at = firstFrom(places, seq);
    const before = places[at - 1];
    const after = places[at];
    if ((before && before.ctr >= header.ctr) || (after && (after.seq === seq ? after.ctr !== header.ctr : after.ctr <= header.ctr))) {
      throw new Ct1Error('E_REPLAY', 'the device had counted otherwise');
    }
    if (after?.seq !== seq) places.splice(at, 0, { seq, ctr: header.ctr });
    this.#counters.set(source, thinned(places));
    for (const name of names) this.#ids.set(name, place);
    for (const name of this.#ids.keys()) {
      if (this.#ids.size <= MOST_IDS) break;
      this.#ids.delete(name);
    }
  }

  clear(): void {
    this.#ids.clear();
    this.#counters.clear();
  }
}

/** Every second place, the first and the last among them, where there are too many. */
function thinned(places: Place[]): Place[] {
  return places.length > MOST_PLACES ? places.filter((_, index) => index % 2 === 0 || index === places.length - 1) : places;
}

/** The index of the first place at or after `seq`. */
function firstFrom(places: readonly Place[], seq: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
