import type { ViewSize } from './camera';
import type { Projection } from './project';

/** Which points on screen are drawn larger than `edge` CSS pixels: up to `most`, the largest first. */
export function largest(
  { x, y, size }: Projection,
  view: ViewSize,
  edge: number,
  most: number,
  hides: (at: number) => boolean = () => false,
): number[] {
  const found: number[] = [];
  for (let at = 0; at < x.length; at++) {
    const half = (size[at] as number) / 2;
    if (2 * half <= edge || hides(at)) continue;
    const px = x[at] as number;
    const py = y[at] as number;
    if (px > -half && py > -half && px < view.width + half && py < view.height + half) found.push(at);
  }
  return found.sort((a, b) => (size[b] as number) - (size[a] as number)).slice(0, most);
}
