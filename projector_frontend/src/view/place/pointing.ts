import { Fingers } from '../fingers';

/** A press that moves less is a click, CSS pixels. */
const CLICK_SLACK = 5;
const LINE = 18;
const ZOOM_SPEED = 0.0015;

/** What a pointer and the keys can do to the picture; coordinates are CSS pixels from the room's left and top. */
export interface PictureControl {
  move: (dx: number, dy: number) => void;
  /** Nearer by a factor: round a point, or the middle. */
  zoom: (factor: number, at?: { x: number; y: number }) => void;
  pick: (x: number, y: number) => void;
}

/** Drags move the picture, the wheel and two fingers zoom where they are, and a click means the box below it. */
export function listenToPointer(element: HTMLElement, control: PictureControl): () => void {
  let held: { x: number; y: number; far: number } | null = null;
  const fingers = new Fingers();
  const place = (event: MouseEvent): { x: number; y: number } => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const events: { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void } = {
    pointerdown: (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      fingers.put(event.pointerId, place(event));
      held = fingers.several ? null : { ...place(event), far: 0 };
    },
    pointermove: (event) => {
      const spread = fingers.move(event.pointerId, place(event));
      if (spread) {
        control.move(spread.dx, spread.dy);
        control.zoom(spread.factor, spread.middle);
      }
      if (!held) return;
      const { x, y } = place(event);
      const [dx, dy] = [x - held.x, y - held.y];
      const before = held.far;
      held = { x, y, far: before + Math.hypot(dx, dy) };
      // What a hand trembles in a click moves nothing.
      if (held.far >= CLICK_SLACK) control.move(dx, dy);
    },
    pointerup: (event) => {
      fingers.lift(event.pointerId);
      const { x, y } = place(event);
      if (held && held.far < CLICK_SLACK) control.pick(x, y);
      held = null;
    },
    pointercancel: (event) => {
      fingers.lift(event.pointerId);
      held = null;
    },
    wheel: (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? LINE : 1;
      control.zoom(Math.exp(-event.deltaY * lines * ZOOM_SPEED), place(event));
    },
  };
  const entries = Object.entries(events) as [string, EventListener][];
  for (const [name, listener] of entries)
    element.addEventListener(name, listener, name === 'wheel' ? { passive: false } : undefined);
  return () => {
    for (const [name, listener] of entries) element.removeEventListener(name, listener);
  };
}
