import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { tileRect } from '../state/sprites';
import { useApp } from './actions';

/** One image of the sprite sheet, drawn into a canvas of its own; a plain swatch where there is no sheet. */
export function Thumb({ row, size }: { row: number; size: number }): JSX.Element {
  const { store } = useApp();
  const canvas = useRef<HTMLCanvasElement>(null);
  const sheet = store.sheet.value;
  const sprite = store.samples.value?.sprite;
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const edge = size * ratio;
    context.clearRect(0, 0, edge, edge);
    if (!sheet || !sprite) return;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'high';
    context.drawImage(sheet, ...tileRect(sprite, row), 0, 0, edge, edge);
  }, [row, size, sheet, sprite]);
  return (
    <canvas class="thumb-image" ref={canvas} width={size * ratio} height={size * ratio} aria-hidden="true" />
  );
}
