/** A finger that rests so long asks for what a mouse shows by pointing. */
export const LONG_PRESS_MS = 450;

/** Coordinates, CSS pixels. */
export interface At {
  x: number;
  y: number;
}

/** What two fingers mean: how far to move the picture, and how much nearer round which point. */
export interface Spread {
  dx: number;
  dy: number;
  factor: number;
  middle: At;
}

/** The fingers that are on an element, and what the moves of two of them mean. */
export class Fingers {
  private readonly places = new Map<number, At>();

  /** Whether there are more than one. */
  get several(): boolean {
    return this.places.size > 1;
  }

  put(id: number, at: At): void {
    this.places.set(id, at);
  }

  lift(id: number): void {
    this.places.delete(id);
  }

  /** Moves one; null where it is not one of several. */
  move(id: number, to: At): Spread | null {
    const from = this.places.get(id);
    if (!from) return null;
    this.places.set(id, to);
    const other = [...this.places].find(([each]) => each !== id)?.[1];
    if (!other) return null;
    return {
      dx: (to.x - from.x) / 2,
      dy: (to.y - from.y) / 2,
      factor: distance(to, other) / Math.max(1, distance(from, other)),
      middle: { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 },
    };
  }
}

function distance(one: At, other: At): number {
  return Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
}
