import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { number, plural } from '../state/format';
import { useApp } from './actions';
import { listen } from './gestures';
import { HoverCard } from './HoverCard';
import { Legend } from './Legend';
import { Outline } from './Outline';
import { Remarks } from './Remarks';
import { Notes } from './Notes';
import { Notice } from './Notice';
import { Toasts } from './Toasts';
import { Toolbar } from './Toolbar';

/** The picture, and what floats over it. */
export function Stage(): JSX.Element {
  const { store, actions } = useApp();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current || !box.current) return;
    const { current: element } = canvas;
    const { current: around } = box;
    actions.view.attach(element);
    const measure = (): void =>
      actions.view.resize(around.clientWidth, around.clientHeight, Math.min(2, window.devicePixelRatio || 1));
    const observer = new ResizeObserver(measure);
    observer.observe(around);
    measure();
    const stop = listen(element, actions.view, () => store.tool.peek());
    return () => {
      observer.disconnect();
      stop();
    };
  }, [store.rendererWanted.value]);
  const parameters = store.session.value?.parameters;
  const count = store.samples.value?.count ?? 0;
  const reviewing = store.review.value !== null;
  const ready = store.phase.value.kind === 'ready' && !reviewing;
  return (
    <div class="stage" role={reviewing ? 'complementary' : 'main'} aria-label="Picture" ref={box}>
      {/* A canvas keeps the first way of drawing it was asked for: another way needs another canvas. */}
      <canvas
        key={store.rendererWanted.value}
        ref={canvas}
        tabIndex={reviewing ? -1 : 0}
        aria-label="The embedding. Arrow keys turn it, Page Up and Page Down zoom, G selects a group."
        data-testid="view"
        data-tool={store.tool.value}
        data-flat={parameters?.n_components === 2}
      />
      {ready && (
        <>
          <Toolbar />
          <p class="tally tabular">
            <b>{number(count)}</b> {count === 1 ? 'image' : 'images'}
            {store.labelState.value.classes.length > 0 && (
              <> · {plural(store.labelState.value.classes.length, 'class', 'classes')}</>
            )}
          </p>
          <Legend />
          <Remarks />
          <Notes />
          <Outline />
          <HoverCard room={store.viewSize.value} />
        </>
      )}
      {reviewing && (
        <button
          type="button"
          class="inset"
          title="Back to the picture (Esc)"
          data-testid="inset"
          onClick={actions.pages.close}
        >
          Picture
        </button>
      )}
      {!reviewing && <Notice />}
      {!reviewing && <Toasts />}
    </div>
  );
}
