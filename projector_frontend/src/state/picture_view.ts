import type { Room } from './tiling';

/** How a picture lies in its room: a point of the picture is drawn at `x + scale * px`, `y + scale * py`, CSS pixels. */
export interface PictureView {
  scale: number;
  x: number;
  y: number;
}

/** How far one can go in: so many times as large as the whole picture in the room, or so many CSS pixels a pixel. */
const CLOSEST = 16;
const CLOSEST_PIXELS = 4;
/** A small picture is enlarged to its room up to here. */
const LARGEST_WHOLE = 8;

/** The whole picture, in the middle of its room. */
export function fitted(size: Room, room: Room): PictureView {
  return kept({ scale: wholeScale(size, room), x: 0, y: 0 }, size, room);
}

/** Nearer by a factor; what is at a point of the room stays there. */
export function zoomed(
  view: PictureView,
  factor: number,
  at: { x: number; y: number },
  size: Room,
  room: Room,
): PictureView {
  const least = wholeScale(size, room);
  const most = Math.max(CLOSEST * least, CLOSEST_PIXELS);
  const scale = Math.min(most, Math.max(least, view.scale * factor));
  const ratio = scale / view.scale;
  return kept({ scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio }, size, room);
}

/** Nearer by a factor where nobody points: to a box that is in sight, and stays so; else to the middle of the room. */
export function zoomedTo(
  view: PictureView,
  factor: number,
  box: readonly [number, number, number, number],
  size: Room,
  room: Room,
): PictureView {
  const [x, y, width, height] = box;
  const at = { x: view.x + view.scale * (x + width / 2), y: view.y + view.scale * (y + height / 2) };
  if (at.x >= 0 && at.y >= 0 && at.x <= room.width && at.y <= room.height)
    return showing(zoomed(view, factor, at, size, room), box, size, room);
  return zoomed(view, factor, { x: room.width / 2, y: room.height / 2 }, size, room);
}

export function moved(view: PictureView, dx: number, dy: number, size: Room, room: Room): PictureView {
  return kept({ ...view, x: view.x + dx, y: view.y + dy }, size, room);
}

/** With a box in sight: moved so that it is in the middle, where any of it is outside of the room. */
export function showing(
  view: PictureView,
  [x, y, width, height]: readonly [number, number, number, number],
  size: Room,
  room: Room,
): PictureView {
  const left = view.x + view.scale * x;
  const top = view.y + view.scale * y;
  const [wide, high] = [view.scale * width, view.scale * height];
  if (left >= 0 && top >= 0 && left + wide <= room.width && top + high <= room.height) return view;
  return moved(view, room.width / 2 - left - wide / 2, room.height / 2 - top - high / 2, size, room);
}

/** Whether more of the picture could be seen. */
export function isWhole(view: PictureView, size: Room, room: Room): boolean {
  return view.scale <= wholeScale(size, room) * 1.001;
}

function wholeScale(size: Room, room: Room): number {
  return Math.min(room.width / size.width, room.height / size.height, LARGEST_WHOLE);
}

/** Never with an empty border on one side and more of the picture beyond the other. */
function kept(view: PictureView, size: Room, room: Room): PictureView {
  const along = (start: number, length: number, space: number): number => {
    const long = view.scale * length;
    return long <= space ? (space - long) / 2 : Math.min(0, Math.max(space - long, start));
  };
  return { ...view, x: along(view.x, size.width, room.width), y: along(view.y, size.height, room.height) };
}
