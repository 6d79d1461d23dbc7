import { batch, effect } from '@preact/signals';
import type { Frame } from '../api/frame';

import { atlasOf, fitted } from '../render/atlas';
import { Scene } from '../render/scene';
import { usualSize } from '../render/sizes';
import type { Points } from '../state/points';
import type { Store } from '../state/store';
import { chooseRenderer } from './renderers';
import { readViewColors } from './theme';

/** In the inset: dots of three pixels. */
const INSET_SPRITE = 11;

/** Ties the store to the scene: what changes in the one is handed to the other, and nothing else is. */
export class Viewport {
  /** The positions last received, as they arrived. */
  points: Points = { columns: new Float32Array(0), count: 0, dimensions: 3 };
  scene: Scene | null = null;
  /** Called when the picture has come to rest. */
  onRest: () => void = () => undefined;
  private canvas: HTMLCanvasElement | null = null;
  private ratio = 1;
  private ties: (() => void)[] = [];

  constructor(
    private readonly store: Store,
    private readonly calm: boolean,
  ) {}

  async attach(canvas: HTMLCanvasElement): Promise<void> {
    const { store } = this;
    this.detach();
    this.canvas = canvas;
    const { renderer, drawnBy } = await chooseRenderer(canvas, store.rendererWanted.peek(), (lost) => {
      store.contextLost.value = lost;
      if (!lost) this.scene?.invalidate();
    });
    // Another canvas may have taken its place meanwhile.
    if (this.canvas !== canvas) {
      renderer.dispose();
      return;
    }
    const scene = new Scene(renderer, this.calm);
    store.drawnBy.value = drawnBy;
    scene.onFollow = (following) => (store.autoFit.value = following);
    scene.onRest = () => this.onRest();
    this.scene = scene;
    const { width, height } = store.viewSize.peek();
    scene.resize(width, height, this.ratio);
    this.ties = [
      store.dark.subscribe(() => scene.setViewColors(readViewColors())),
      effect(() => scene.setColors(store.litColors.value ?? store.colors.value)),
      effect(() => {
        // On a page of images the picture is an inset, where they are lit.
        const rows = store.review.value?.page.rows;
        if (rows) scene.setSelected(new Set(rows), -1);
        else scene.setSelected(new Set(store.selected.value), store.selection.value.focus ?? -1);
      }),
      effect(() => scene.setHeld(new Set(store.held.value.keys()))),
      effect(() => scene.setHidden(store.hidden.value)),
      effect(() => scene.setHovered(store.hover.value?.row ?? -1)),
      effect(() =>
        scene.setStyle(
          store.review.value
            ? { sprites: false, size: INSET_SPRITE, dotted: INSET_SPRITE }
            : {
                sprites: store.spritesShown.value,
                size: store.spriteSize.value,
                dotted: usualSize(store.viewSize.value, store.samples.value?.count ?? 1, false),
              },
        ),
      ),
      effect(() => void this.showSheet(scene, store.sheet.value)),
      effect(() => this.suggestSize(store.samples.value?.count ?? 0, store.spritesShown.value)),
    ];
    if (this.points.count > 0) this.hand(this.points);
  }

  resize(width: number, height: number, ratio: number): void {
    this.store.viewSize.value = { width, height };
    this.ratio = ratio;
    this.scene?.resize(width, height, ratio);
    this.suggestSize(this.store.samples.peek()?.count ?? 0, this.store.spritesShown.peek());
  }

  show(frame: Frame): void {
    const count = frame.columns.length / frame.dimensions;
    this.points = { columns: frame.columns, count, dimensions: frame.dimensions };
    this.hand(this.points);
    batch(() => {
      this.store.frameEpoch.value = frame.epoch;
      this.store.hasFrame.value = true;
    });
  }

  private detach(): void {
    for (const untie of this.ties) untie();
    this.ties = [];
    this.scene?.dispose();
    this.scene = null;
  }

  /** The picture as it stands, as an image file, or null where there is none. */
  async snapshot(): Promise<Blob | null> {
    const { canvas, scene } = this;
    if (!canvas || !scene) return null;
    // A WebGL canvas can only be read in the task that drew it.
    scene.drawNow();
    const copy = document.createElement('canvas');
    copy.width = canvas.width;
    copy.height = canvas.height;
    const context = copy.getContext('2d');
    if (!context) return null;
    context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--view');
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(canvas, 0, 0);
    return new Promise((resolve) => copy.toBlob(resolve, 'image/png'));
  }

  /** Where a row stands in the window, CSS pixels, or null. */
  screenPosition(row: number): { x: number; y: number } | null {
    const place = this.scene?.screenPosition(row);
    const box = this.canvas?.getBoundingClientRect();
    return place && box ? { x: box.left + place.x, y: box.top + place.y } : null;
  }

  private hand({ columns, count, dimensions }: Points): void {
    this.scene?.setPositions(columns, count, dimensions);
  }

  private async showSheet(scene: Scene, bitmap: ImageBitmap | null): Promise<void> {
    const { samples } = this.store;
    const sprite = samples.peek()?.sprite;
    if (!bitmap || !sprite) {
      scene.setSheet(null, { columns: 1, rows: 1 });
      return;
    }
    const atlas = atlasOf(sprite.columns, bitmap.height, sprite.tile[1]);
    const size = fitted(bitmap.width, bitmap.height, scene.largestSheet(atlas.columns * atlas.rows));
    const texture =
      size.width === bitmap.width && size.height === bitmap.height
        ? bitmap
        : await createImageBitmap(bitmap, {
            resizeWidth: size.width,
            resizeHeight: size.height,
            resizeQuality: 'high',
          });
    if (this.store.sheet.peek() === bitmap) scene.setSheet(texture, atlas);
  }

  private suggestSize(count: number, sprites: boolean): void {
    const { store } = this;
    const view = store.viewSize.peek();
    if (count === 0 || view.width === 0 || store.sizeChosen.peek() || store.review.peek()) return;
    store.spriteSize.value = usualSize(view, count, sprites);
  }
}
