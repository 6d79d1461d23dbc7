import { drawingOrder, type DrawingOrder } from './drawing_order';

/**
 * Smooth motion between frames: the shader mixes two buffers, and this keeps them.
 *
 * Both are interleaved x, y, z in the drawing order, and are written in place; nothing is allocated while the number of
 * points stays.
 */
export class Motion {
  from = new Float32Array(0);
  to = new Float32Array(0);
  count = 0;
  order: DrawingOrder = drawingOrder(0);
  private start = 0;
  private duration = 0;

  /** Heads for new positions from wherever the points are now. Returns true where the buffers were made anew. */
  aim(columns: Float32Array, count: number, dimensions: number, now: number, duration: number): boolean {
    const fresh = count !== this.count;
    if (fresh) {
      this.count = count;
      this.from = new Float32Array(3 * count);
      this.to = new Float32Array(3 * count);
      this.order = drawingOrder(count);
    } else {
      this.bake(this.mix(now));
    }
    const { to } = this;
    const { rows } = this.order;
    for (let rank = 0, at = 0; rank < count; rank++, at += 3) {
      const row = rows[rank] as number;
      to[at] = columns[row] as number;
      to[at + 1] = columns[count + row] as number;
      to[at + 2] = dimensions === 3 ? (columns[2 * count + row] as number) : 0;
    }
    this.start = now;
    this.duration = fresh ? 0 : duration;
    return fresh;
  }

  /** How far along, 0 to 1. */
  mix(now: number): number {
    if (this.duration <= 0) return 1;
    return Math.min(1, Math.max(0, (now - this.start) / this.duration));
  }

  /** Ends at the target at once (hidden pages do not animate). */
  finish(): void {
    this.duration = 0;
  }

  private bake(mix: number): void {
    const { from, to } = this;
    if (mix >= 1) from.set(to);
    else
      for (let i = 0; i < from.length; i++)
        from[i] = (from[i] as number) + ((to[i] as number) - (from[i] as number)) * mix;
  }
}
