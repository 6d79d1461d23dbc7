import type { Camera, ViewSize } from './camera';
import { DOT_SHARE } from './renderer';
import { allocate, project, type Moving, type SizeRule } from './project';

/** Of so many points it is looked how they lie; in the drawing order they are a fair sample of all. */
const SAMPLED = 32_768;
/** Places of a grid over the view for each sampled point in view. */
const PER_PLACE = 4;
const SMALLEST_PLACE = 8;
const sample = allocate(SAMPLED);

/** How many dots lie over each other where any lie, on average: from 0, where hardly two touch. */
export function crowding(moving: Moving, camera: Camera, view: ViewSize, rule: SizeRule): number {
  const { x, y, size } = project(moving, camera, view, rule, sample);
  const count = moving.from.length / 3;
  const sampled = Math.min(SAMPLED, count);
  const within = (i: number): boolean => {
    const [px, py] = [x[i] as number, y[i] as number];
    return px >= 0 && py >= 0 && px < view.width && py < view.height;
  };
  let found = 0;
  let covered = 0;
  for (let i = 0; i < sampled; i++) {
    if (!within(i)) continue;
    found++;
    covered += 0.25 * Math.PI * (DOT_SHARE * (size[i] as number)) ** 2;
  }
  if (found === 0) return 0;
  const edge = Math.max(SMALLEST_PLACE, Math.sqrt((PER_PLACE * view.width * view.height) / found));
  const columns = Math.ceil(view.width / edge);
  const taken = new Uint8Array(columns * Math.ceil(view.height / edge));
  let places = 0;
  for (let i = 0; i < sampled; i++) {
    if (!within(i)) continue;
    const place = Math.floor((y[i] as number) / edge) * columns + Math.floor((x[i] as number) / edge);
    if (taken[place] === 0) places++;
    taken[place] = 1;
  }
  return (covered * (count / sampled)) / (places * edge * edge);
}
