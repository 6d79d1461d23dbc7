/** Frames that take longer than this are too slow, those below it leave room for more; milliseconds. */
const SLOW = 25;
const QUICK = 18;
/** What takes so long had to wait for something else. */
const HELD_UP = 1000;
const FIRST = 150_000;
const FEWEST = 20_000;
const GROWTH = 1.3;

/** How many points a frame may draw, so that what moves is seen some 45 times a second. */
export class Pace {
  points = FIRST;

  /** @param elapsed from the beginning of a frame until the next could begin, milliseconds */
  learn(drawn: number, elapsed: number): void {
    if (elapsed > HELD_UP) return;
    if (elapsed > SLOW) {
      const fitting = (Math.min(drawn, this.points) * (SLOW + QUICK)) / 2 / elapsed;
      this.points = Math.max(FEWEST, Math.round(Math.max(this.points / 3, fitting)));
    } else if (elapsed < QUICK && drawn >= this.points) this.points = Math.round(this.points * GROWTH);
  }
}
