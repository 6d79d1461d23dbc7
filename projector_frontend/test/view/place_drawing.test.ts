import { expect, test } from 'vitest';
import { drawPicture } from '../../src/view/place/drawing';

interface Line {
  color: string;
  width: number;
  rects: number[][];
}

/** A context that writes down what is drawn: images, and lines by color and width. */
function recorder() {
  const images: number[][] = [];
  const lines: Line[] = [];
  let rects: number[][] = [];
  const context = {
    canvas: { width: 200, height: 100 },
    strokeStyle: '',
    lineWidth: 0,
    setTransform: () => undefined,
    clearRect: () => undefined,
    drawImage: (_: unknown, ...at: number[]) => images.push(at),
    beginPath: () => (rects = []),
    rect: (...at: number[]) => rects.push(at),
    stroke() {
      lines.push({ color: this.strokeStyle, width: this.lineWidth, rects });
    },
  };
  return { context: context as unknown as CanvasRenderingContext2D, images, lines };
}

const boxes = Float64Array.of(0, 0, 10, 10, 50, 20, 30, 10, 4, 4, 2, 2);
const size = { width: 100, height: 50 };
const view = { scale: 2, x: 5, y: 7 };

test('a picture is drawn in its own pixels, however far it was reduced, with its boxes where they are', () => {
  const { context, images, lines } = recorder();
  const image = { naturalWidth: 25 } as HTMLImageElement;
  drawPicture(context, {
    image,
    size,
    view,
    ratio: 1,
    boxes,
    colors: ['#E69F00', null, '#E69F00'],
    current: -1,
  });
  expect(images).toEqual([[5, 7, 200, 100]]);
  const orange = lines.find(({ color }) => color === '#E69F00');
  expect(orange?.rects).toEqual([
    [5, 7, 20, 20],
    [13, 15, 4, 4],
  ]);
  expect(lines.filter(({ rects }) => rects.some(([x]) => x === 105))).toHaveLength(2); // its rim and its line
});

test('the box that is looked at is drawn last, with a frame of its own', () => {
  const { context, lines, images } = recorder();
  drawPicture(context, {
    image: null,
    size,
    view,
    ratio: 2,
    boxes,
    colors: ['#E69F00', null, null],
    current: 0,
  });
  expect(images).toEqual([]);
  const own = lines.slice(-3);
  expect(own.map(({ rects }) => rects)).toEqual(Array.from({ length: 3 }, () => [[5, 7, 20, 20]]));
  expect(own.at(-1)?.color).toBe('#E69F00');
  expect(lines.slice(0, -3).every(({ rects }) => rects.every(([x]) => x !== 5))).toBe(true);
});
