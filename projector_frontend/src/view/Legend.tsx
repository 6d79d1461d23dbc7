import type { JSX } from 'preact';
import type { LegendEntry } from '../state/coloring';
import { number, short } from '../state/format';
import { useApp } from './actions';
import { IconButton } from './controls';
import { ScaleLegend } from './ScaleLegend';

const MOST = 16;

/** What the colours mean while they are not the labels' (those are in the Labels panel). */
export function Legend(): JSX.Element | null {
  const { store, actions } = useApp();
  const legend = store.legend.value;
  const hidden = store.hiddenGroups.value;
  if (store.scale.value) return <ScaleLegend scale={store.scale.value} />;
  if (legend.length === 0) return null;
  const all = legend.map((entry) => entry.name);
  const name = short(store.colorColumn.value?.name ?? '');
  const words = (entry: LegendEntry): string => short(entry.name) || '(empty)';
  return (
    <ul class="legend" aria-label={`Colours: ${name}`} data-testid="legend">
      <li class="words muted" title={name}>
        {name}
      </li>
      {legend.slice(0, MOST).map((entry) => (
        <li key={entry.name}>
          <button
            type="button"
            class={hidden.has(entry.name) ? 'group off' : 'group'}
            aria-pressed={!hidden.has(entry.name)}
            title={`${words(entry)}\nClick hides or shows; double-click shows it alone`}
            onClick={() => actions.toggleGroup(entry.name)}
            onDblClick={() => actions.isolateGroup(entry.name, all)}
          >
            <span class="swatch" style={{ '--class': entry.color }} />
            <span class="words" dir="auto">
              {words(entry)}
            </span>
            <span class="count">{number(entry.count)}</span>
          </button>
          <IconButton
            icon="group"
            label={`Select all of ${words(entry)}`}
            testId={`select-${entry.name}`}
            onClick={() => actions.selectGroup(entry.name)}
          />
        </li>
      ))}
      {legend.length > MOST && <li class="muted">and {number(legend.length - MOST)} more</li>}
    </ul>
  );
}
