import { UNLABELED } from './labels';
import { nearest } from './neighbors';
import type { Points } from './points';

/** Distances worked out at most, so that an answer takes some tens of milliseconds whatever N is. */
const BUDGET = 2_000_000;
/** A group this unlabelled is as good as one that is wholly so. */
const MOSTLY = 0.8;

/**
 * The unlabelled sample whose `k` nearest lie closest together and are mostly unlabelled themselves: the tightest
 * group still to be labelled. -1 where every sample is labelled or in `seen`.
 */
export function densestUnlabeled(
  points: Points,
  labels: Int32Array,
  k: number,
  seen: ReadonlySet<number> = new Set(),
): number {
  const candidates = likely(points, labels, k, seen);
  let best = -1;
  let bestFree = -1;
  let bestRadius = Infinity;
  for (const row of candidates) {
    const around = nearest(points, row, k);
    if (around.length === 0) return row;
    let free = 0;
    for (const other of around) if (labels[other] === UNLABELED) free++;
    const share = Math.min(MOSTLY, free / around.length);
    const radius = squaredDistance(points, row, around[around.length - 1] as number);
    if (share > bestFree || (share === bestFree && radius < bestRadius)) {
      best = row;
      bestFree = share;
      bestRadius = radius;
    }
  }
  return best;
}

/** Unlabelled rows worth a close look: those of the grid cells with most unlabelled points. */
function likely(points: Points, labels: Int32Array, k: number, seen: ReadonlySet<number>): number[] {
  const rows: number[] = [];
  for (let i = 0; i < points.count; i++) if (labels[i] === UNLABELED && !seen.has(i)) rows.push(i);
  const most = Math.max(24, Math.floor(BUDGET / points.count));
  if (rows.length <= most) return rows;

  const cells = new Map<number, number[]>();
  const cellOf = grid(points, k);
  for (const row of rows) {
    const cell = cellOf(row);
    const list = cells.get(cell);
    if (list) list.push(row);
    else cells.set(cell, [row]);
  }
  const fullest = [...cells.values()].sort((a, b) => b.length - a.length);
  const chosen: number[] = [];
  // A few from each cell: neighbours in one cell see nearly the same group.
  for (const cell of fullest) {
    const stride = Math.max(1, Math.floor(cell.length / 4));
    for (let i = 0; i < cell.length && chosen.length < most; i += stride) chosen.push(cell[i] as number);
    if (chosen.length >= most) break;
  }
  return chosen;
}

/** Numbers the cells of a grid over the bounding box, so fine that a cell holds about `k` points on average. */
function grid(points: Points, k: number): (row: number) => number {
  const { columns, count, dimensions } = points;
  const side = Math.max(1, Math.round(Math.pow(count / Math.max(4, k), 1 / dimensions)));
  const axes = Array.from({ length: dimensions }, (_, axis) => {
    const column = columns.subarray(axis * count, (axis + 1) * count);
    let low = Infinity;
    let high = -Infinity;
    for (const value of column) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return { column, low, scale: high > low ? side / (high - low) : 0 };
  });
  return (row) => {
    let cell = 0;
    for (const { column, low, scale } of axes)
      cell = cell * side + Math.min(side - 1, Math.floor(((column[row] as number) - low) * scale));
    return cell;
  };
}

function squaredDistance({ columns, count, dimensions }: Points, a: number, b: number): number {
  let sum = 0;
  for (let axis = 0; axis < dimensions; axis++) {
    const step = (columns[axis * count + a] as number) - (columns[axis * count + b] as number);
    sum += step * step;
  }
  return sum;
}
