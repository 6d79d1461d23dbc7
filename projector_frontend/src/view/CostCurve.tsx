import type { JSX } from 'preact';

const WIDTH = 232;
const HEIGHT = 34;

/** The cost over the epochs, as a line in a strip. */
export function CostCurve({
  curve,
  cost,
}: {
  curve: readonly [number, number][];
  cost: number | null;
}): JSX.Element {
  return (
    <figure class="cost">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <polyline points={points(curve)} />
      </svg>
      <figcaption>
        <span title="Kullback-Leibler divergence between the features' and the picture's similarities: lower is a truer picture.">
          cost
        </span>
        <output data-testid="cost">{cost === null ? '–' : cost.toFixed(3)}</output>
      </figcaption>
    </figure>
  );
}

function points(curve: readonly [number, number][]): string {
  const first = curve[0];
  const last = curve.at(-1);
  if (!first || !last || curve.length < 2) return '';
  const costs = curve.map(([, cost]) => cost);
  const low = Math.min(...costs);
  const spread = Math.max(...costs) - low || 1;
  const span = last[0] - first[0] || 1;
  return curve
    .map(([epoch, cost]) => {
      const x = ((epoch - first[0]) / span) * WIDTH;
      const y = HEIGHT - 2 - ((cost - low) / spread) * (HEIGHT - 4);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
