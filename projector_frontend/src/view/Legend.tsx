import type { JSX } from 'preact';
import { number } from '../state/format';
import { useApp } from './actions';

const MOST = 16;

/** What the colours mean while they are not the labels' (those are in the Labels panel). */
export function Legend(): JSX.Element | null {
  const { store } = useApp();
  const legend = store.legend.value;
  if (legend.length === 0) return null;
  return (
    <ul class="legend" aria-label={`Colours: ${store.colorBy.value}`} data-testid="legend">
      <li class="muted">{store.colorBy.value}</li>
      {legend.slice(0, MOST).map((entry) => (
        <li key={entry.name}>
          <span class="swatch" style={{ background: entry.color }} />
          <span class="words">{entry.name || '(empty)'}</span>
          <span class="count">{number(entry.count)}</span>
        </li>
      ))}
      {legend.length > MOST && <li class="muted">and {number(legend.length - MOST)} more</li>}
    </ul>
  );
}
