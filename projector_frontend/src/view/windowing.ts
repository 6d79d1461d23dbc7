import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** Rows drawn beyond those in view: a quick wheel finds them there, and so does a search by the browser. */
const MARGIN = 20;

/** Rows of a list, from `first` up to and without `end`. */
export interface Span {
  first: number;
  end: number;
}

/**
 * The rows of a scrolling list that are worth drawing: those in view and some round them.
 *
 * @param count how many rows there are
 * @param height of each, CSS pixels
 */
export function useSpanInView(list: RefObject<HTMLElement | null>, count: number, height: number): Span {
  const top = useSignal(0);
  const shown = useSignal(0);
  useLayoutEffect(() => {
    const { current: element } = list;
    if (!element) return;
    const look = (): void => {
      top.value = Math.floor(element.scrollTop / height);
      shown.value = Math.ceil(element.clientHeight / height);
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, []);
  const begin = Math.max(0, Math.min(top.value, count - shown.value));
  return { first: Math.max(0, begin - MARGIN), end: Math.min(count, begin + shown.value + MARGIN + 1) };
}
