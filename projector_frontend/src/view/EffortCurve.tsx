import type { JSX } from 'preact';
import { number } from '../state/format';
import { useApp } from './actions';

const WIDTH = 88;
const HEIGHT = 20;

/** Labels over actions: steep while groups are labelled, flat when it is image by image. */
export function EffortCurve(): JSX.Element | null {
  const { store } = useApp();
  const { actions, labels, curve } = store.effort.value;
  if (curve.length < 2 || labels === 0) return null;
  const points = [[0, 0] as const, ...curve].map(([x, y]) => {
    const at = [1 + (x / actions) * (WIDTH - 2), HEIGHT - 1 - (y / labels) * (HEIGHT - 2)];
    return at.map((part) => part.toFixed(1)).join(',');
  });
  const words = `${number(labels)} labels in ${number(actions)} actions, from the first to the last`;
  return (
    <svg
      class="effort wide-only"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={words}
      data-testid="effort-curve"
    >
      <title>{words}</title>
      <polyline points={points.join(' ')} />
    </svg>
  );
}
