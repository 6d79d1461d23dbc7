import type { PictureView } from '../../state/picture_view';
import type { PlacedBoxes } from '../../state/places';
import type { Room } from '../../state/tiling';

/** What is drawn of a picture. */
export interface Drawing extends PlacedBoxes {
  image: HTMLImageElement | null;
  /** How many pixels the picture has, whatever size `image` is. */
  size: Room;
  view: PictureView;
  /** Device pixels a CSS pixel. */
  ratio: number;
}

/** From this size on screen a pixel is shown as the square that it is. */
const CRISP_FROM = 4;
const HALO = 'rgb(0 0 0 / 45%)';
const NEUTRAL = 'rgb(255 255 255 / 85%)';
const LOOKED_AT = '#ffffff';

/**
 * Draws a picture with boxes over it.
 *
 * Every line has a dark rim, so that it is seen on bright pictures and dark ones; the box that is looked at has a white
 * frame too, and is drawn last.
 */
export function drawPicture(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { image, size, view, ratio } = drawing;
  const { width, height } = context.canvas;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (image) {
    const zoom = (view.scale * ratio * size.width) / Math.max(1, image.naturalWidth);
    context.imageSmoothingEnabled = zoom < CRISP_FROM;
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, view.x, view.y, view.scale * size.width, view.scale * size.height);
  }
  context.lineJoin = 'round';
  const others = Array.from(drawing.colors.keys()).filter((at) => at !== drawing.current);
  stroke(context, drawing, others, HALO, 4);
  for (const color of new Set(drawing.colors))
    stroke(
      context,
      drawing,
      others.filter((at) => drawing.colors[at] === color),
      color ?? NEUTRAL,
      2,
    );
  if (drawing.current < 0) return;
  const color = drawing.colors[drawing.current] ?? null;
  stroke(context, drawing, [drawing.current], HALO, 8);
  stroke(context, drawing, [drawing.current], LOOKED_AT, 6);
  if (color !== null) stroke(context, drawing, [drawing.current], color, 3);
}

function stroke(
  context: CanvasRenderingContext2D,
  { boxes, view }: Drawing,
  which: readonly number[],
  color: string,
  width: number,
): void {
  if (which.length === 0) return;
  context.beginPath();
  for (const at of which) {
    const [x = 0, y = 0, wide = 0, high = 0] = boxes.subarray(4 * at, 4 * at + 4);
    context.rect(view.x + view.scale * x, view.y + view.scale * y, view.scale * wide, view.scale * high);
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}
