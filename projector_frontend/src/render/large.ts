import type { ViewSize } from './camera';
import type { Projection } from './project';

/** Up to `most` rows on screen that are drawn larger than `edge` CSS pixels, the largest first. */
export function largest(
  { x, y, size }: Projection,
  view: ViewSize,
  edge: number,
  most: number,
  hidden: Uint8Array | null = null,
): number[] {
  const rows: number[] = [];
  for (let row = 0; row < x.length; row++) {
    const half = (size[row] as number) / 2;
    if (2 * half <= edge || hidden?.[row] === 1) continue;
    const px = x[row] as number;
    const py = y[row] as number;
    if (px > -half && py > -half && px < view.width + half && py < view.height + half) rows.push(row);
  }
  return rows.sort((a, b) => (size[b] as number) - (size[a] as number)).slice(0, most);
}
