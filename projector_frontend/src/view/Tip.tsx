import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { LONG_PRESS_MS } from './fingers';

const GAP = 4;
const WIDEST = 320;

interface Shown {
  words: string;
  left: number;
  /** From the window's top, or from its bottom. */
  side: 'top' | 'bottom';
  from: number;
}

/** What a mouse reads by resting on a control, for a finger that rests on it; what was only read does nothing else. */
export function Tip(): JSX.Element | null {
  const shown = useSignal<Shown | null>(null);
  const box = useRef<HTMLDivElement>(null);
  // Over everything, an open dialog too.
  useLayoutEffect(() => box.current?.showPopover(), [shown.value]);
  useEffect(() => {
    let timer = 0;
    const begin = (event: PointerEvent): void => {
      clearTimeout(timer);
      shown.value = null;
      const element = event.target instanceof Element ? event.target.closest<HTMLElement>('[title]') : null;
      if (event.pointerType !== 'touch' || !element?.title) return;
      timer = window.setTimeout(() => (shown.value = beside(element)), LONG_PRESS_MS);
    };
    const end = (): void => clearTimeout(timer);
    const stop = (event: Event): void => {
      if (!shown.value) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const listeners: [string, (event: never) => void][] = [
      ['pointerdown', begin],
      ['pointerup', end],
      ['pointercancel', end],
      ['click', stop],
      ['contextmenu', stop],
    ];
    for (const [name, listener] of listeners)
      document.addEventListener(name, listener as EventListener, true);
    return () => {
      end();
      for (const [name, listener] of listeners)
        document.removeEventListener(name, listener as EventListener, true);
    };
  }, []);
  if (!shown.value) return null;
  const { words, left, side, from } = shown.value;
  return (
    <div
      class="tip"
      role="tooltip"
      popover="manual"
      ref={box}
      style={{ left: `${left}px`, [side]: `${from}px` }}
      data-testid="tip"
    >
      {words}
    </div>
  );
}

/** Below an element in the upper half of the window, above one in the lower. */
function beside(element: HTMLElement): Shown {
  const { left, top, bottom } = element.getBoundingClientRect();
  const isHigh = top + bottom < window.innerHeight;
  return {
    words: element.title,
    left: Math.max(8, Math.min(left, window.innerWidth - WIDEST - 8)),
    side: isHigh ? 'top' : 'bottom',
    from: GAP + (isHigh ? bottom : window.innerHeight - top),
  };
}
