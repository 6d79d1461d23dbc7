import type { Atlas } from './atlas';
import type { Camera, ViewSize } from './camera';
import type { DrawingOrder } from './drawing_order';
import type { Motion } from './motion';
import type { SizeRule } from './project';

export type Rgb = readonly [number, number, number];

export interface ViewColors {
  background: Rgb;
  ink: Rgb;
  neutral: Rgb;
  accent: Rgb;
}

/** Bits of a look's fourth byte. */
export const LABELED = 1;
export const SELECTED = 2;
export const HIDDEN = 4;
/** Coloured by what is suggested: hollow. */
export const SUGGESTED = 8;
/** Looked at by somebody else. */
export const HELD = 16;

/** How much of the accent is in the ring round what others look at: a quiet one. */
export const HELD_TONE = 0.4;

/** A dot's diameter, as a share of a sprite's edge. */
export const DOT_SHARE = 0.3;
/** How far things farther away than the target fade into the background at most. */
export const HAZE = 0.7;
/** Labelled images are drawn in their colours, the rest stands back by these shares: grey, and background. */
export const MUTED = { grey: 0.85, fade: 0.45 } as const;
/** A labelled image's veil of its class colour, and the frame's share of half its edge. */
export const VEIL = 0.3;
export const FRAME = 0.24;
/** Of the frame at least and at most, CSS pixels. */
export const FRAME_EDGES = [2, 7] as const;

/** One picture: what is seen, from where. */
export interface Shot {
  camera: Camera;
  view: ViewSize;
  /** How far the motion is along, 0 to 1. */
  mix: number;
  /** Edge of a sprite at the target at zoom 1, CSS pixels. */
  size: number;
  /** Whether all points are drawn as images. */
  sprites: boolean;
  /** Those that are drawn as images where not all are: over the dots, in front of which they stand. */
  chosen: Chosen | null;
  /** 0 while nothing is labelled: there is nothing to stand back from. */
  muting: number;
  /** 1 while something is selected. */
  dimming: number;
  /** Rows, or -1. */
  hovered: number;
  focused: number;
}

/** Points drawn as images, and how large. */
export interface Chosen {
  ranks: Uint32Array;
  size: SizeRule;
}

/** A larger picture of some rows, `edge` pixels square each. */
export interface Detail {
  row: number;
  pixels: ImageData;
}

/**
 * Draws points: WebGL2 on a graphics card, or the processor where there is none.
 *
 * A picture is made in shares: points are added rank by rank, and shown when enough of them are there.
 */
export interface Renderer {
  readonly kind: 'graphics' | 'processor';
  /** Of how many rows it keeps larger pictures. */
  readonly mostDetails: number;
  /** Whether points can be added to a picture that has some; otherwise it is made anew with all up to the last. */
  readonly adds: boolean;
  /** Largest side of a sheet of so many tiles that it takes, pixels. */
  largestSheet(tiles: number): number;
  /** Takes over the buffers of a motion (by reference), for a new number of points. */
  allocate(motion: Motion): void;
  /** The motion's buffers have changed. */
  moved(): void;
  /** Four bytes a rank: red, green, blue, and the bits above. */
  setLooks(looks: Uint8Array): void;
  setSheet(bitmap: ImageBitmap | null, atlas: Atlas): void;
  /** Larger pictures for rows that are large on screen; those of earlier calls may be forgotten. */
  addDetails(details: readonly Detail[], edge: number): void;
  setViewColors(viewColors: ViewColors): void;
  /** CSS pixels, and device pixels for each. */
  resize(width: number, height: number, ratio: number): void;
  /** Takes points into the picture, from one rank up to another; from 0 on a new picture begins. */
  add(shot: Shot, from: number, to: number): void;
  /** Shows what was added, and what lies over it. */
  show(shot: Shot): void;
  dispose(): void;
}

/**
 * Bytes for `setLooks`.
 *
 * @param colors RGBA per row, alpha 0 where a row has no colour
 * @param hidden 1 where a row is hidden, or null
 */
export function writeLooks(
  looks: Uint8Array,
  colors: Uint8Array,
  selected: Iterable<number>,
  hidden: Uint8Array | null,
  { rows, ranks }: DrawingOrder,
  held: Iterable<number> = [],
): void {
  const words = wordsOf(looks);
  const given = wordsOf(colors);
  for (let rank = 0; rank < words.length; rank++) {
    const row = rows[rank] as number;
    const color = given[row] as number;
    const alpha = color >>> 24;
    let bits = alpha === 0 ? 0 : alpha < 255 ? SUGGESTED : LABELED;
    if (hidden !== null && hidden[row] === 1) bits |= HIDDEN;
    words[rank] = (color & 0xffffff) | (bits << 24);
  }
  for (const row of selected) {
    const at = 4 * (ranks[row] as number) + 3;
    looks[at] = (looks[at] as number) | SELECTED;
  }
  for (const row of held) {
    const at = 4 * (ranks[row] as number) + 3;
    looks[at] = (looks[at] as number) | HELD;
  }
}

/** Whether any row has a colour of its own. */
export function hasColors(colors: Uint8Array): boolean {
  for (let at = 3; at < colors.length; at += 4) if (colors[at] !== 0) return true;
  return false;
}

/** The same bytes, four at a time: red lowest. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}
