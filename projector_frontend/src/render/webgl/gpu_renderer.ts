import {
  Camera as ThreeCamera,
  Color,
  ColorManagement,
  LinearSRGBColorSpace,
  Scene as ThreeScene,
  WebGLRenderer,
} from 'three';
import type { Atlas } from '../atlas';
import { Cloud, SLOTS } from './cloud';
import type { Motion } from '../motion';
import type { Detail, Renderer, ViewColors, Shot } from '../renderer';

/** Colours are mixed as the page's CSS mixes them, in sRGB: three.js must not convert any. */
ColorManagement.enabled = false;

/** Draws with WebGL2, every point in one instanced draw. */
export class GpuRenderer implements Renderer {
  readonly kind = 'graphics';
  readonly adds = false;
  readonly mostDetails = SLOTS;
  private readonly renderer: WebGLRenderer;
  private readonly stage = new ThreeScene();
  private readonly front = new ThreeScene();
  private readonly lens = new ThreeCamera();
  private readonly cloud = new Cloud();
  private viewColors: ViewColors | null = null;

  /** @param onContext told when the browser takes the context away, and when it gives one back */
  constructor(canvas: HTMLCanvasElement, onContext: (lost: boolean) => void) {
    this.renderer = new WebGLRenderer({ canvas, antialias: false, alpha: false, stencil: false });
    this.renderer.outputColorSpace = LinearSRGBColorSpace;
    // One object: there is nothing to sort, and its corners are no positions to measure.
    this.renderer.sortObjects = false;
    this.renderer.autoClear = false;
    this.stage.add(this.cloud.mesh);
    this.front.add(this.cloud.chosen);
    canvas.addEventListener('webglcontextlost', () => onContext(true));
    canvas.addEventListener('webglcontextrestored', () => {
      // three.js restores everything but the colour that it clears with.
      if (this.viewColors) this.setViewColors(this.viewColors);
      onContext(false);
    });
  }

  largestSheet(): number {
    return this.renderer.capabilities.maxTextureSize;
  }

  allocate(motion: Motion): void {
    this.cloud.allocate(motion);
  }

  moved(): void {
    this.cloud.moved();
  }

  setLooks(looks: Uint8Array): void {
    this.cloud.setLooks(looks);
  }

  setSheet(bitmap: ImageBitmap | null, atlas: Atlas): void {
    this.cloud.setSheet(bitmap, atlas);
  }

  addDetails(details: readonly Detail[], edge: number): void {
    this.cloud.addDetails(details, edge);
  }

  setViewColors(viewColors: ViewColors): void {
    this.viewColors = viewColors;
    this.renderer.setClearColor(new Color(...viewColors.background), 1);
    this.cloud.setViewColors(viewColors);
  }

  resize(width: number, height: number, ratio: number): void {
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
    this.cloud.set('pixel', 1 / ratio);
  }

  add(_shot: Shot, _from: number, to: number): void {
    this.cloud.show(to);
  }

  show(shot: Shot): void {
    this.cloud.aim(shot);
    this.renderer.clear();
    this.renderer.render(this.stage, this.lens);
    if (!shot.chosen) return;
    this.cloud.choose(shot.chosen.ranks);
    this.cloud.aim({ ...shot, size: shot.chosen.size.base, sprites: true }, shot.chosen.size.most);
    this.renderer.clearDepth();
    this.renderer.render(this.front, this.lens);
  }

  dispose(): void {
    this.cloud.dispose();
    this.renderer.dispose();
  }
}
