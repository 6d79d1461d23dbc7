import type { Renderer } from '../render/renderer';
import { CpuRenderer } from '../render/cpu/cpu_renderer';
import type { DrawnBy, RendererWanted } from '../state/store';

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
export async function chooseRenderer(
  canvas: HTMLCanvasElement,
  wanted: RendererWanted,
  onContext: (lost: boolean) => void,
): Promise<{ renderer: Renderer; drawnBy: DrawnBy }> {
  const found = graphics();
  if (found === 'none' || wanted === 'processor' || (wanted === 'auto' && found === 'software')) {
    const reason = found === 'none' ? 'no-webgl' : wanted === 'processor' ? 'chosen' : 'no-card';
    return { renderer: new CpuRenderer(canvas), drawnBy: { kind: 'processor', reason } };
  }
  // three.js is most of the page's code, and only needed here.
  const { GpuRenderer } = await import('../render/webgl/gpu_renderer');
  return { renderer: new GpuRenderer(canvas, onContext), drawnBy: { kind: 'graphics' } };
}
