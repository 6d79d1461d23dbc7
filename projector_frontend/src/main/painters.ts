import type { Painter } from '../render/painter';
import { SoftPainter } from '../render/soft';
import type { DrawnBy, PainterWanted } from '../state/store';

const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/** What WebGL2 offers here. A canvas keeps its first context: this one is only for asking. */
function graphics(): 'card' | 'software' | 'none' {
  const context = document.createElement('canvas').getContext('webgl2');
  if (!context) return 'none';
  const info = context.getExtension('WEBGL_debug_renderer_info');
  const name = String(context.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : context.RENDERER));
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return SOFTWARE.test(name) ? 'software' : 'card';
}

/** The faster way to draw in this browser, unless one was chosen by hand. */
export async function choosePainter(
  canvas: HTMLCanvasElement,
  wanted: PainterWanted,
  onContext: (lost: boolean) => void,
): Promise<{ painter: Painter; drawnBy: DrawnBy }> {
  const found = graphics();
  if (found === 'none' || wanted === 'processor' || (wanted === 'auto' && found === 'software')) {
    const reason = found === 'none' ? 'no-webgl' : wanted === 'processor' ? 'chosen' : 'no-card';
    return { painter: new SoftPainter(canvas), drawnBy: { kind: 'processor', reason } };
  }
  // three.js is most of the page's code, and only needed here.
  const { GraphicsPainter } = await import('../render/graphics');
  return { painter: new GraphicsPainter(canvas, onContext), drawnBy: { kind: 'graphics' } };
}
