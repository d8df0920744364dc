/** What this device's screen shows of whom, told to the server when it has been still for a moment. */
import type { RoomTile } from '../wire.gen';

export type TileSize = RoomTile['size'];

const STILL_MS = 250;
/** Pixels of the screen across, above which the small picture would look coarse. */
const COARSE_FROM = 400;

export function sizeOfTile(width: number, pixelRatio: number, isVisible: boolean): TileSize {
  if (!isVisible || width === 0) return 'off';
  return width * pixelRatio > COARSE_FROM ? 'high' : 'low';
}

export class TileSizes {
  readonly #tiles = new Map<string, RoomTile>();
  readonly #tell: (tiles: RoomTile[]) => void;
  #told = '[]';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (tiles: RoomTile[]) => void) {
    this.#tell = tell;
  }

  /** How large a tile is shown now; null when there is none any more. */
  show(user: string, kind: RoomTile['kind'], size: TileSize | null): void {
    const key = `${user}:${kind}`;
    if (size === null) this.#tiles.delete(key);
    else this.#tiles.set(key, { user, kind, size });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), STILL_MS);
  }

  /** A fresh connection knows of no wish: it is told again. */
  again(): void {
    this.#told = '[]';
    this.#settle();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #settle(): void {
    // What is not named is wanted large, so only what is shown smaller needs a word.
    const tiles = [...this.#tiles.values()].filter((tile) => tile.size !== 'high');
    const text = JSON.stringify(tiles);
    if (text === this.#told) return;
    this.#told = text;
    this.#tell(tiles);
  }
}
