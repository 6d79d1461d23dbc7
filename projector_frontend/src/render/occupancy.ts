import type { ViewSize } from './camera';

/** Edge of the fields into which the view is divided, CSS pixels: how finely places are told apart. */
const FIELD = 4;
/** Room between two tiles, CSS pixels. */
const GAP = 3;

/** Which places of the view are taken by tiles. */
export class Occupancy {
  private fields = new Uint8Array(0);
  private columns = 0;
  private lines = 0;

  /** An empty view. */
  clear({ width, height }: ViewSize): void {
    this.columns = Math.ceil(width / FIELD);
    this.lines = Math.ceil(height / FIELD);
    if (this.fields.length !== this.columns * this.lines)
      this.fields = new Uint8Array(this.columns * this.lines);
    else this.fields.fill(0);
  }

  /** Whether a point of the view is taken. */
  has(x: number, y: number): boolean {
    return this.fields[this.line(y) * this.columns + this.column(x)] === 1;
  }

  /**
   * Takes the square round a point, and a gap round it, where it is free.
   *
   * @param within so much of the square has to be free, as a share of its edge
   */
  take(x: number, y: number, edge: number, within = 1): boolean {
    if (!this.isFree(x, y, 0.5 * edge * within)) return false;
    const { fields, columns } = this;
    const half = 0.5 * edge + GAP;
    const [left, right, bottom] = [this.column(x - half), this.column(x + half), this.line(y + half)];
    for (let line = this.line(y - half); line <= bottom; line++)
      fields.fill(1, line * columns + left, line * columns + right + 1);
    return true;
  }

  private isFree(x: number, y: number, half: number): boolean {
    const { fields, columns } = this;
    const left = this.column(x - half);
    const right = this.column(x + half);
    const top = this.line(y - half) * columns;
    const bottom = this.line(y + half) * columns;
    // Of most that are not free a corner is taken.
    if (fields[top + left] || fields[top + right] || fields[bottom + left] || fields[bottom + right])
      return false;
    for (let start = top; start <= bottom; start += columns)
      for (let at = start + left; at <= start + right; at++) if (fields[at] === 1) return false;
    return true;
  }

  private column(x: number): number {
    return Math.min(this.columns - 1, Math.max(0, Math.floor(x / FIELD)));
  }

  private line(y: number): number {
    return Math.min(this.lines - 1, Math.max(0, Math.floor(y / FIELD)));
  }
}
