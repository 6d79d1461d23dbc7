import { describe, expect, test } from 'vitest';
import { newCamera } from '../../../src/render/camera';
import { Density } from '../../../src/render/cpu/density';
import { Dots } from '../../../src/render/cpu/dots';
import { packed } from '../../../src/render/cpu/raster';
import { sceneryOf, type Scenery } from '../../../src/render/cpu/scenery';
import { allocate, type Projection } from '../../../src/render/project';
import { HIDDEN, LABELED, SELECTED, type Rgb, type Shot } from '../../../src/render/renderer';
import { numbers } from '../../points';

const EDGE = 24;
const white: Rgb = [1, 1, 1];
const RED = 0x0000ff;
const BLUE = 0xff0000;
const camera = newCamera(3);
const colors = {
  background: white,
  ink: [0, 0, 0] as Rgb,
  neutral: [0.5, 0.5, 0.5] as Rgb,
  accent: [1, 0.5, 0] as Rgb,
};

function sceneryFor(words: number[], dimming = 0): Scenery {
  const rows = Uint32Array.from(words, (_, row) => row);
  const shot = { camera, dimming } as Shot;
  return sceneryOf(shot, Uint32Array.from(words), { rows, ranks: rows }, 1, colors);
}

/** Points at places, so far away (of the camera's distance), with dots of 3 pixels. */
function standing(places: readonly (readonly [number, number, number])[]): Projection {
  const out = allocate(places.length);
  const { far } = sceneryFor([]);
  places.forEach(([x, y, away], at) => {
    [out.x[at], out.y[at], out.depth[at], out.size[at]] = [x, y, away * far, 10];
  });
  return out;
}

function slice({ x, y, depth, size }: Projection, from: number, to: number): Projection {
  const [a, b, c, d] = [x, y, depth, size].map((each) => each.subarray(from, to)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return { x: a, y: b, depth: c, size: d };
}

const blank = () => ({ data: new Uint32Array(EDGE * EDGE), width: EDGE, height: EDGE });

function dotsOf(projection: Projection, scenery: Scenery, slices = 1): Uint32Array {
  const dots = new Dots(EDGE, EDGE);
  dots.clear();
  const count = projection.x.length;
  for (let part = 0; part < slices; part++) {
    const [from, to] = [part, part + 1].map((each) => Math.floor((each * count) / slices)) as [
      number,
      number,
    ];
    dots.add(slice(projection, from, to), to - from, from, scenery);
  }
  const pixels = blank();
  dots.fill(pixels);
  return pixels.data;
}

function densityOf(projection: Projection, scenery: Scenery, slices = 1): Uint32Array {
  const density = new Density(EDGE, EDGE);
  density.clear();
  const count = projection.x.length;
  for (let part = 0; part < slices; part++) {
    const [from, to] = [part, part + 1].map((each) => Math.floor((each * count) / slices)) as [
      number,
      number,
    ];
    density.add(slice(projection, from, to), to - from, from, scenery);
  }
  const pixels = blank();
  density.fill(pixels, scenery, 1, 1);
  return pixels.data;
}

const at = (x: number, y: number): number => y * EDGE + x;
const label = (color: number, bits = LABELED): number => color | (bits << 24);
const many = (count: number, word: number): number[] => Array.from({ length: count }, () => word);
const channels = (pixel: number): number[] => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];

/** Points in disorder, of some colours, some selected. */
function crowd(count: number): { projection: Projection; scenery: Scenery } {
  const next = numbers(5);
  const places = Array.from(
    { length: count },
    () => [EDGE * next(), EDGE * next(), 0.8 + 0.4 * next()] as const,
  );
  const words = places.map((_, row) =>
    label([RED, BLUE, 0x00ff00][row % 3]!, row % 7 === 0 ? LABELED | SELECTED : row % 2),
  );
  return { projection: standing(places), scenery: sceneryFor(words, 0.3) };
}

test('a picture is the same in however many slices it is drawn', () => {
  const { projection, scenery } = crowd(900);
  for (const draw of [dotsOf, densityOf]) {
    const whole = draw(projection, scenery);
    expect(new Set(whole).size).toBeGreaterThan(3);
    for (const slices of [2, 9, 900]) expect(draw(projection, scenery, slices)).toEqual(whole);
  }
});

describe('dots', () => {
  test('the nearest is seen, whichever comes first', () => {
    const near = [12, 12, 0.8] as const;
    const behind = [12, 12, 0.9] as const;
    const first = dotsOf(standing([near, behind]), sceneryFor([label(RED), label(BLUE)]));
    const last = dotsOf(standing([behind, near]), sceneryFor([label(BLUE), label(RED)]));
    expect(first).toEqual(last);
    expect(first[at(12, 12)]).toBe(packed([1, 0, 0]));
  });

  test('what is selected is in front, with a ring, and the rest fades', () => {
    const words = [label(RED), label(BLUE, LABELED | SELECTED), label(RED)];
    const data = dotsOf(standing([[6, 12, 0.7], [6, 12, 1.2], [18, 12, 0.7]]), sceneryFor(words, 1)); // prettier-ignore
    expect(data[at(6, 12)]).toBe(packed([0, 0, 1]));
    expect(data[at(6, 14)]).toBe(packed([0, 0, 0]));
    expect(channels(data[at(18, 12)]!)[1]).toBeGreaterThan(180);
  });

  test('what is hidden, or behind the eye, is not drawn', () => {
    const projection = standing([[6, 12, 0.8], [NaN, NaN, -1]]); // prettier-ignore
    expect(dotsOf(projection, sceneryFor([label(RED, HIDDEN), label(RED)])).every((each) => each === 0)).toBe(
      true,
    );
  });
});

describe('density', () => {
  const heap = (count: number, x: number): [number, number, number][] =>
    Array.from({ length: count }, () => [x, 12, 0.7]);

  test('a place has the colour of most that lie there', () => {
    const words = [...many(40, label(RED)), ...many(60, label(BLUE))];
    // Every other of the first ones is red, as in the drawing order.
    const mixed = words.map((_, row) => words[(row * 37) % 100]!);
    const [red, , blue] = channels(densityOf(standing(heap(100, 12)), sceneryFor(mixed))[at(12, 12)]!);
    expect(blue).toBeGreaterThan(red! + 100);
  });

  test('few that have a colour are seen among many that have none', () => {
    const words = [...many(99, 0), label(BLUE)];
    const [red, , blue] = channels(densityOf(standing(heap(100, 12)), sceneryFor(words))[at(12, 12)]!);
    expect(blue).toBeGreaterThan(red! + 100);
  });

  test('heaps have more of their colour than what lies alone', () => {
    const words = many(101, label(RED));
    const data = densityOf(standing([...heap(100, 6), ...heap(1, 18)]), sceneryFor(words));
    const [, heaped, lonely] = [0, channels(data[at(6, 12)]!)[1]!, channels(data[at(18, 12)]!)[1]!] as const;
    expect(lonely).toBeGreaterThan(heaped + 60);
    expect(lonely).toBeLessThan(220);
  });

  test('what is selected stands out from a heap, and the rest fades', () => {
    const words = [...many(100, label(RED)), label(BLUE, LABELED | SELECTED), label(RED)];
    const data = densityOf(standing([...heap(100, 6), ...heap(1, 6), ...heap(1, 18)]), sceneryFor(words, 1));
    expect(channels(data[at(6, 12)]!)[2]).toBeGreaterThan(channels(data[at(6, 12)]!)[0]! + 100);
    expect(channels(data[at(18, 12)]!)[1]).toBeGreaterThan(200);
  });

  test('black is a colour', () => {
    const data = densityOf(standing(heap(50, 12)), sceneryFor(many(50, label(0))));
    expect(Math.max(...channels(data[at(12, 12)]!))).toBeLessThan(80);
  });
});
