import type { JSX } from 'preact';
import { useApp } from './actions';

/** The box or lasso being dragged. */
export function Outline(): JSX.Element | null {
  const { store } = useApp();
  const outline = store.outline.value;
  if (!outline) return null;
  return (
    <svg class="outline" aria-hidden="true" data-testid="outline">
      <polygon points={outline.join(' ')} />
    </svg>
  );
}
