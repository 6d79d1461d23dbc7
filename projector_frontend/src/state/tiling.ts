/** How square tiles fill a room. CSS pixels. */
export interface Tiling {
  columns: number;
  rows: number;
  /** Of a tile. */
  edge: number;
  /** Between two tiles, across and down. */
  gaps: readonly [across: number, down: number];
}

export interface Room {
  width: number;
  height: number;
}

/** Fewer tiles are no page, and nobody looks at more at once. */
export const FEWEST_TILES = 24;
export const MOST_TILES = 200;
/** Smaller ones show nothing, and larger ones nothing more. */
export const EDGES = [40, 320] as const;
/** What is taken where nobody has chosen: about so many, within these edges. */
const USUAL_TILES = 60;
const USUAL_EDGES = [88, 168] as const;
/** Tiles that fill a room by themselves are no larger. */
const LARGEST_ALONE = 240;
/** Gaps are at least so wide, and grow so far to fill the room. */
const GAP = 4;
const WIDEST_GAP = 12;

/** The edge of tiles where none was chosen. */
export function usualEdge({ width, height }: Room): number {
  const edge = Math.sqrt((width * height) / USUAL_TILES) - GAP;
  return Math.round(Math.min(USUAL_EDGES[1], Math.max(USUAL_EDGES[0], edge)));
}

/** Tiles of about an edge that fill a room, as many as a page may have. */
export function tilingFor(room: Room, wanted: number): Tiling {
  let best: Tiling | null = null;
  let least = Infinity;
  for (let edge = EDGES[0] / 2; edge <= 2 * EDGES[1]; edge++) {
    const [columns, rows] = [fitting(room.width, edge), fitting(room.height, edge)];
    if (columns * rows < FEWEST_TILES || columns * rows > MOST_TILES) continue;
    const tiling = spread(room, columns, rows, edge);
    // A hole of a tenth of a tile is as bad as a tile a tenth too large or too small.
    const badness =
      Math.abs(Math.log(edge / wanted)) +
      hole(room.width, columns, edge, tiling.gaps[0]) +
      hole(room.height, rows, edge, tiling.gaps[1]);
    if (badness < least) [best, least] = [tiling, badness];
  }
  return best ?? largestTiles(FEWEST_TILES, room);
}

/** The largest tiles, within reason, of which so many fit into a room. */
export function largestTiles(count: number, room: Room): Tiling {
  for (let edge = LARGEST_ALONE; edge > 1; edge--) {
    const [columns, rows] = [fitting(room.width, edge), fitting(room.height, edge)];
    if (columns * rows >= count) return spread(room, columns, rows, edge);
  }
  return { columns: 1, rows: count, edge: 1, gaps: [GAP, GAP] };
}

function fitting(length: number, edge: number): number {
  return Math.floor((length + GAP) / (edge + GAP));
}

function spread({ width, height }: Room, columns: number, rows: number, edge: number): Tiling {
  const gap = (length: number, count: number): number =>
    count < 2 ? GAP : Math.min(WIDEST_GAP, Math.max(GAP, (length - count * edge) / (count - 1)));
  return { columns, rows, edge, gaps: [gap(width, columns), gap(height, rows)] };
}

/** What is left empty along one side, and how much wider than usual the gaps are, in tiles. */
function hole(length: number, count: number, edge: number, gap: number): number {
  return (length - count * edge - (count - 1) * gap + 2 * (gap - GAP)) / edge;
}

/** Left and top of a tile. */
export function placeOfTile({ columns, edge, gaps }: Tiling, at: number): { left: number; top: number } {
  return {
    left: Math.round((at % columns) * (edge + gaps[0])),
    top: Math.round(Math.floor(at / columns) * (edge + gaps[1])),
  };
}

/** Which tile is at a point; -1 in the gaps and outside. */
export function tileAt(tiling: Tiling, count: number, x: number, y: number): number {
  const { columns, edge, gaps } = tiling;
  const column = Math.floor(x / (edge + gaps[0]));
  const at = Math.floor(y / (edge + gaps[1])) * columns + column;
  if (x < 0 || y < 0 || column >= columns || at >= count) return -1;
  const { left, top } = placeOfTile(tiling, at);
  return x - left <= edge && y - top <= edge ? at : -1;
}

/** The tiles in the rectangle between two. */
export function tilesBetween({ columns }: Tiling, count: number, from: number, to: number): number[] {
  const lines = [from, to].map((at) => Math.floor(at / columns));
  const places = [from, to].map((at) => at % columns);
  const found: number[] = [];
  for (let line = Math.min(...lines); line <= Math.max(...lines); line++)
    for (let place = Math.min(...places); place <= Math.max(...places); place++)
      if (line * columns + place < count) found.push(line * columns + place);
  return found;
}
