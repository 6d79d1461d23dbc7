import type { Tool } from '../state/store';
import type { PickMode, ViewControl } from './actions';
import { Fingers, LONG_PRESS_MS, type At } from './fingers';

/** A pointer that moved less than this between down and up has clicked, CSS pixels; a finger is less steady. */
const CLICK_SLACK = 4;
const TAP_SLACK = 10;
const ZOOM_SPEED = 0.0016;
const KEY_STEP = 40;
/** Corners of a lasso are at least this far apart, CSS pixels. */
const LASSO_STEP = 3;

interface Held extends At {
  id: number;
  button: number;
  slack: number;
  travelled: number;
  /** The outline drawn so far, where a tool draws one. */
  outline: number[] | null;
}

/**
 * Turns the pointer's and the keyboard's events on the canvas into what the picture can do.
 *
 * One finger does what the left button does, and shows what it is on where it rests; two move the picture, and zoom
 * it as they part.
 */
export function listen(canvas: HTMLCanvasElement, view: ViewControl, tool: () => Tool): () => void {
  let held: Held | null = null;
  let hoverAt: At | null = null;
  let queued = 0;
  let resting = 0;
  const fingers = new Fingers();

  const place = (event: MouseEvent): At => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  // Pointers report more often than the screen is drawn; one pick a picture is enough.
  const hover = (at: At | null): void => {
    hoverAt = at;
    queued ||= requestAnimationFrame(() => {
      queued = 0;
      if (hoverAt) view.hover(hoverAt.x, hoverAt.y);
      else view.leave();
    });
  };

  /** Forgets what a pointer was about to do. */
  const drop = (): void => {
    clearTimeout(resting);
    if (held?.outline) view.draw(null);
    held = null;
  };

  const events: Partial<{ [K in keyof HTMLElementEventMap]: (event: HTMLElementEventMap[K]) => void }> = {
    pointerdown: (event) => {
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      const at = place(event);
      const touch = event.pointerType === 'touch';
      if (touch) {
        hover(null);
        fingers.put(event.pointerId, at);
        if (fingers.several) {
          drop();
          return;
        }
        resting = window.setTimeout(() => {
          drop();
          hover(at);
        }, LONG_PRESS_MS);
      }
      const outline = event.button === 0 && tool() !== 'orbit' ? [at.x, at.y] : null;
      const slack = touch ? TAP_SLACK : CLICK_SLACK;
      held = { id: event.pointerId, ...at, button: event.button, slack, travelled: 0, outline };
    },
    pointermove: (event) => {
      const at = place(event);
      const spread = fingers.move(event.pointerId, at);
      if (spread) {
        view.pan(spread.dx, spread.dy);
        view.zoom(spread.factor, spread.middle.x, spread.middle.y);
        return;
      }
      if (!held || held.id !== event.pointerId) {
        if (event.pointerType !== 'touch') hover(at);
        return;
      }
      const dx = at.x - held.x;
      const dy = at.y - held.y;
      held.travelled += Math.abs(dx) + Math.abs(dy);
      held.x = at.x;
      held.y = at.y;
      if (held.travelled <= held.slack) return;
      clearTimeout(resting);
      hover(null);
      if (held.outline) {
        held.outline =
          tool() === 'box' ? rectangle(held.outline, at.x, at.y) : extended(held.outline, at.x, at.y);
        view.draw(held.outline);
        return;
      }
      const moves = held.button !== 0 || event.shiftKey || canvas.dataset['flat'] === 'true';
      if (moves) view.pan(dx, dy);
      else view.orbit(dx, dy);
    },
    pointerup: (event) => {
      const { x, y } = place(event);
      fingers.lift(event.pointerId);
      clearTimeout(resting);
      const { button, travelled, slack, outline } = held ?? NOT_HELD;
      held = null;
      if (travelled <= slack) {
        if (button === 0) view.click(x, y, modeOf(event));
      } else if (outline) view.enclose(tool() === 'lasso' ? 'lasso' : 'box', outline, modeOf(event));
    },
    pointercancel: (event) => {
      fingers.lift(event.pointerId);
      drop();
    },
    pointerleave: (event) => {
      // A finger that was lifted leaves what it showed, to be read.
      if (event.pointerType !== 'touch') hover(null);
    },
    contextmenu: (event) => event.preventDefault(),
    wheel: (event) => {
      event.preventDefault();
      const { x, y } = place(event);
      const lines = event.deltaMode === 1 ? 18 : 1;
      view.zoom(Math.exp(-event.deltaY * lines * ZOOM_SPEED), x, y);
    },
    keydown: (event) => {
      const { clientWidth: width, clientHeight: height } = canvas;
      if (event.key === 'Escape' && held?.outline) {
        drop();
        return;
      }
      const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
        event.key
      ];
      if (arrow && !event.ctrlKey && !event.metaKey && !event.altKey) {
        const [dx = 0, dy = 0] = arrow.map((step) => step * KEY_STEP);
        if (event.shiftKey || canvas.dataset['flat'] === 'true') view.pan(-dx, -dy);
        else view.orbit(dx, dy);
      } else if (event.key === 'PageUp' || event.key === 'PageDown') {
        view.zoom(event.key === 'PageUp' ? 1.2 : 1 / 1.2, width / 2, height / 2);
      } else return;
      event.preventDefault();
    },
  };
  const entries = Object.entries(events) as [string, EventListener][];
  for (const [name, listener] of entries)
    canvas.addEventListener(name, listener, name === 'wheel' ? { passive: false } : undefined);
  return () => {
    cancelAnimationFrame(queued);
    clearTimeout(resting);
    for (const [name, listener] of entries) canvas.removeEventListener(name, listener);
  };
}

/** What is let go of was not held any more. */
const NOT_HELD = { button: -1, travelled: 0, slack: 0, outline: null };

function modeOf(event: PointerEvent): PickMode {
  if (event.altKey) return 'remove';
  return event.shiftKey ? 'add' : 'focus';
}

/** A rectangle from the first corner of an outline to a point. */
function rectangle([left = 0, top = 0]: readonly number[], x: number, y: number): number[] {
  return [left, top, x, top, x, y, left, y];
}

function extended(outline: number[], x: number, y: number): number[] {
  const far = Math.hypot(x - (outline.at(-2) ?? x), y - (outline.at(-1) ?? y));
  return far < LASSO_STEP ? outline : [...outline, x, y];
}
