const MOST_SAMPLED = 4000;
const SHARE = 0.99;
/** Time in which the view makes up for most of a change of extent. */
const FOLLOW_MS = 140;
/** The picture never outgrows, or shrinks within, the view by more than this. */
const LARGEST_RATIO = 2;

/** A radius round the origin that holds nearly all points; a few strays do not shrink the picture. */
export function extentOf(columns: Float32Array, count: number, dimensions: number): number {
  const stride = Math.max(1, Math.floor(count / MOST_SAMPLED));
  const squares = new Float32Array(Math.ceil(count / stride));
  for (let axis = 0; axis < dimensions; axis++)
    for (let i = 0, at = 0; i < count; i += stride, at++) {
      const value = columns[axis * count + i] as number;
      squares[at] = (squares[at] as number) + value * value;
    }
  squares.sort();
  const radius = Math.sqrt(squares[Math.floor((squares.length - 1) * SHARE)] as number);
  return radius > 0 && Number.isFinite(radius) ? radius : 1;
}

/** The radius after `elapsed` ms on its way to `goal`, in even steps of the logarithm. */
export function follow(radius: number, goal: number, elapsed: number): number {
  const near = Math.min(goal * LARGEST_RATIO, Math.max(goal / LARGEST_RATIO, radius));
  const share = 1 - Math.exp(-elapsed / FOLLOW_MS);
  const next = near * Math.pow(goal / near, share);
  return Math.abs(next / goal - 1) < 0.002 ? goal : next;
}
