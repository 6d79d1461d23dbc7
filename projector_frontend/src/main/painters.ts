import type { Painter } from '../render/painter';
import { SoftPainter } from '../render/soft';
import type { DrawnBy, PainterWanted } from '../state/store';

/** Whether there is WebGL2 here. A canvas keeps its first context: this one is only for asking. */
function hasGraphics(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}

/** WebGL2 where there is any, unless the processor was chosen by hand. */
export async function choosePainter(
  canvas: HTMLCanvasElement,
  wanted: PainterWanted,
  onContext: (lost: boolean) => void,
): Promise<{ painter: Painter; drawnBy: DrawnBy }> {
  const found = hasGraphics();
  if (!found || wanted === 'processor') {
    const reason = found ? 'chosen' : 'no-webgl';
    return { painter: new SoftPainter(canvas), drawnBy: { kind: 'processor', reason } };
  }
  // three.js is most of the page's code, and only needed here.
  const { GraphicsPainter } = await import('../render/graphics');
  return { painter: new GraphicsPainter(canvas, onContext), drawnBy: { kind: 'graphics' } };
}
