import {
  BufferAttribute,
  CustomBlending,
  DataArrayTexture,
  DataTexture,
  DynamicDrawUsage,
  GLSL3,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  LinearFilter,
  LinearMipmapNearestFilter,
  Matrix3,
  Mesh,
  NoColorSpace,
  OneFactor,
  OneMinusSrcAlphaFactor,
  RawShaderMaterial,
  RGBAFormat,
  Texture,
  Vector2,
  Vector3,
} from 'three';
import type { Atlas } from '../atlas';
import { distance, pixelsPerUnit } from '../camera';
import { drawingOrder } from '../drawing_order';
import type { Motion } from '../motion';
import { DOT_SHARE, type Detail, type ViewColors, type Shot } from '../renderer';
import { sizeAtTarget } from '../project';
import { MOST_REPRESENTATIVES } from '../representatives';
import { FRAGMENT, VERTEX } from './shaders';

/** Layers of the texture array that holds larger pictures: 16 MB at 128 pixels square. */
export const SLOTS = 256;

/** Of each instance. */
const ATTRIBUTES = ['from', 'to', 'row', 'look', 'slot'];
/** With what is under the pointer, and the focus. */
const MOST_CHOSEN = MOST_REPRESENTATIVES + 2;

/** All points in one instanced draw, and some of them in another. */
export class Cloud {
  readonly mesh: Mesh<InstancedBufferGeometry, RawShaderMaterial>;
  /** Those of them that are drawn as images where the others are dots. */
  readonly chosen: Mesh<InstancedBufferGeometry, RawShaderMaterial>;
  private look = new InstancedBufferAttribute(new Uint8Array(0), 4);
  private from = new InstancedBufferAttribute(new Float32Array(0), 3);
  private to = new InstancedBufferAttribute(new Float32Array(0), 3);
  /** The layer that holds a larger picture, or -1. */
  private slot = new InstancedBufferAttribute(new Int16Array(0), 1);
  private order = drawingOrder(0);
  private rankIn: number[] = [];
  private nextSlot = 0;
  private readonly blank = blankTexture();

  constructor() {
    const uniforms: Record<string, { value: unknown }> = {
      mixing: { value: 1 },
      rotation: { value: new Matrix3() },
      target: { value: new Vector3() },
      far: { value: 1 },
      radius: { value: 1 },
      flatScale: { value: 1 },
      spatial: { value: true },
      viewport: { value: new Vector2(1, 1) },
      edge: { value: 28 },
      most: { value: 1e6 },
      sprites: { value: false },
      dotShare: { value: DOT_SHARE },
      grid: { value: new Vector2(1, 1) },
      inset: { value: new Vector2(0, 0) },
      hovered: { value: -1 },
      focused: { value: -1 },
      muting: { value: 0 },
      dimming: { value: 0 },
      background: { value: new Vector3(1, 1, 1) },
      ink: { value: new Vector3() },
      neutral: { value: new Vector3() },
      accent: { value: new Vector3() },
      pixel: { value: 1 },
      sheet: { value: this.blank },
      details: { value: emptyDetails(1) },
    };
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms,
      transparent: true,
      // Depth decides what is in front; alpha only smooths the last pixel of an edge.
      depthTest: true,
      depthWrite: true,
      blending: CustomBlending,
      blendSrc: OneFactor,
      blendDst: OneMinusSrcAlphaFactor,
    });
    this.mesh = new Mesh(new InstancedBufferGeometry(), material);
    this.mesh.frustumCulled = false;
    this.chosen = new Mesh(new InstancedBufferGeometry(), material);
    this.chosen.frustumCulled = false;
  }

  /** Takes over the buffers of a motion (by reference), for a new number of points. */
  allocate(motion: Motion): void {
    const geometry = squares();
    this.from = new InstancedBufferAttribute(motion.from, 3).setUsage(DynamicDrawUsage);
    this.to = new InstancedBufferAttribute(motion.to, 3).setUsage(DynamicDrawUsage);
    this.look = new InstancedBufferAttribute(new Uint8Array(4 * motion.count), 4).setUsage(DynamicDrawUsage);
    geometry.setAttribute('from', this.from);
    geometry.setAttribute('to', this.to);
    this.slot = new InstancedBufferAttribute(new Int16Array(motion.count).fill(-1), 1);
    this.rankIn = [];
    this.order = motion.order;
    geometry.setAttribute('row', new InstancedBufferAttribute(Float32Array.from(motion.order.rows), 1));
    geometry.setAttribute('look', this.look);
    geometry.setAttribute('slot', this.slot);
    geometry.instanceCount = motion.count;
    this.mesh.geometry.dispose();
    this.mesh.geometry = geometry;
    const few = squares();
    for (const name of ATTRIBUTES) {
      const { array, itemSize } = geometry.getAttribute(name) as InstancedBufferAttribute;
      const room = array.slice(0, itemSize * Math.min(motion.count, MOST_CHOSEN));
      few.setAttribute(name, new InstancedBufferAttribute(room, itemSize).setUsage(DynamicDrawUsage));
    }
    few.instanceCount = 0;
    this.chosen.geometry.dispose();
    this.chosen.geometry = few;
  }

  /** Takes these points for those drawn as images. */
  choose(ranks: Uint32Array): void {
    const { geometry } = this.chosen;
    for (const name of ATTRIBUTES) {
      const { array, itemSize } = this.mesh.geometry.getAttribute(name) as InstancedBufferAttribute;
      const few = geometry.getAttribute(name) as InstancedBufferAttribute;
      ranks.forEach((rank, at) => {
        for (let part = 0; part < itemSize; part++)
          few.array[at * itemSize + part] = array[rank * itemSize + part] as number;
      });
      few.needsUpdate = true;
    }
    geometry.instanceCount = ranks.length;
  }

  moved(): void {
    this.from.needsUpdate = true;
    this.to.needsUpdate = true;
  }

  setLooks(looks: Uint8Array): void {
    if (looks.length !== this.look.array.length) return;
    (this.look.array as Uint8Array).set(looks);
    this.look.needsUpdate = true;
  }

  /** Draws the points up to a rank. */
  show(count: number): void {
    this.mesh.geometry.instanceCount = count;
  }

  addDetails(details: readonly Detail[], edge: number): void {
    let array = this.uniform('details').value as DataArrayTexture;
    if (array.image.width !== edge) {
      array.dispose();
      array = emptyDetails(edge, SLOTS);
      this.uniform('details').value = array;
      this.forgetDetails();
    }
    for (const { row, pixels } of details) {
      const slot = this.nextSlot;
      this.nextSlot = (slot + 1) % SLOTS;
      const before = this.rankIn[slot];
      if (before !== undefined) this.slot.setX(before, -1);
      const rank = this.order.ranks[row] as number;
      this.rankIn[slot] = rank;
      this.slot.setX(rank, slot);
      (array.image.data as Uint8Array).set(pixels.data, slot * edge * edge * 4);
      array.addLayerUpdate(slot);
    }
    array.needsUpdate = true;
    this.slot.needsUpdate = true;
  }

  setSheet(bitmap: ImageBitmap | null, atlas: Atlas): void {
    const old = this.uniform('sheet').value as Texture;
    this.forgetDetails();
    let sheet: Texture = this.blank;
    if (bitmap) {
      sheet = new Texture(bitmap);
      sheet.colorSpace = NoColorSpace;
      sheet.flipY = false;
      sheet.minFilter = LinearMipmapNearestFilter;
      sheet.magFilter = LinearFilter;
      sheet.needsUpdate = true;
    }
    if (old !== this.blank) old.dispose();
    this.uniform('sheet').value = sheet;
    (this.uniform('grid').value as Vector2).set(atlas.columns, atlas.rows);
    const inset = bitmap
      ? [(0.75 * atlas.columns) / bitmap.width, (0.75 * atlas.rows) / bitmap.height]
      : [0, 0];
    (this.uniform('inset').value as Vector2).set(inset[0] ?? 0, inset[1] ?? 0);
  }

  setViewColors(viewColors: ViewColors): void {
    for (const name of ['background', 'ink', 'neutral', 'accent'] as const)
      (this.uniform(name).value as Vector3).set(...(viewColors[name] as [number, number, number]));
  }

  aim({ camera, view, mix, size, sprites, muting, dimming, hovered, focused }: Shot, most = 1e6): void {
    (this.uniform('rotation').value as Matrix3).set(
      ...(Array.from(camera.rotation) as Parameters<Matrix3['set']>),
    );
    (this.uniform('target').value as Vector3).set(...camera.target);
    (this.uniform('viewport').value as Vector2).set(view.width, view.height);
    this.set('mixing', mix);
    this.set('far', distance(camera));
    this.set('radius', camera.radius);
    this.set('flatScale', pixelsPerUnit(camera, view));
    this.set('spatial', camera.dimensions === 3);
    this.set('edge', Math.min(most, sizeAtTarget(camera, { base: size })));
    this.set('most', most);
    this.set('sprites', sprites);
    this.set('muting', muting);
    this.set('dimming', dimming);
    this.set('hovered', hovered);
    this.set('focused', focused);
  }

  set(name: string, value: number | boolean): void {
    this.uniform(name).value = value;
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    this.chosen.geometry.dispose();
    this.mesh.material.dispose();
    (this.uniform('sheet').value as Texture).dispose();
    (this.uniform('details').value as Texture).dispose();
  }

  private forgetDetails(): void {
    this.rankIn = [];
    (this.slot.array as Int16Array).fill(-1);
    this.slot.needsUpdate = true;
  }

  private uniform(name: string): { value: unknown } {
    const uniform = this.mesh.material.uniforms[name];
    if (!uniform) throw new Error(`The shader has no uniform ${name}.`);
    return uniform;
  }
}

/** No instance yet, each with four corners. */
function squares(): InstancedBufferGeometry {
  const geometry = new InstancedBufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(Float32Array.of(-1, -1, 1, -1, 1, 1, -1, 1), 2));
  geometry.setIndex([0, 1, 2, 0, 2, 3]);
  return geometry;
}

function blankTexture(): Texture {
  const texture = new DataTexture(Uint8Array.of(160, 160, 160, 255), 1, 1);
  texture.needsUpdate = true;
  return texture;
}

function emptyDetails(edge: number, layers = 1): DataArrayTexture {
  const texture = new DataArrayTexture(new Uint8Array(edge * edge * 4 * layers), edge, edge, layers);
  texture.format = RGBAFormat;
  texture.minFilter = LinearFilter;
  texture.magFilter = LinearFilter;
  texture.needsUpdate = true;
  return texture;
}
