import type { JSX } from 'preact';
import { number, plural, short } from '../state/format';
import type { Beyond, Scale } from '../state/scale';
import { shadeAt } from '../state/shades';
import { useApp } from './actions';

/** Colours of the bar, from below: the browser mixes those between. */
const STOPS = 17;

/** What the colours mean while they are those of a scale. */
export function ScaleLegend({ scale }: { scale: Scale }): JSX.Element {
  const { store } = useApp();
  const name = short(store.colorBy.value);
  const shades = Array.from({ length: STOPS }, (_, place) => shadeAt(place / (STOPS - 1), store.dark.value));
  const stops = shades.map((shade) => `rgb(${shade.join(' ')})`).join(', ');
  const { ticks, missing, beyond } = scale;
  return (
    <section class="legend scale tabular" aria-label={`Colours: ${name}`} data-testid="legend">
      <h2 class="words muted" title={name} dir="auto">
        {name}
      </h2>
      <div class="bar" style={{ background: `linear-gradient(to top, ${stops})` }} aria-hidden="true" />
      <ol data-testid="scale-ticks">
        {[...ticks].reverse().map(({ at, text }) => (
          <li key={at} style={{ bottom: `${100 * at}%` }}>
            {beyond && at === 1 && '≥ '}
            {beyond && at === 0 && '≤ '}
            {text}
          </li>
        ))}
      </ol>
      {missing > 0 && (
        <p class="missing" data-testid="scale-missing">
          <span class="swatch" />
          <span class="words">no value</span>
          <span class="count">{number(missing)}</span>
        </p>
      )}
      {beyond && (
        <p class="note" title={beyondWords(beyond)} data-testid="scale-beyond">
          2nd to 98th percentile; {plural(beyond.below + beyond.above, 'value')} beyond
        </p>
      )}
    </section>
  );
}

function beyondWords({ below, above, least, greatest }: Beyond): string {
  return `${number(below)} below, down to ${least}; ${number(above)} above, up to ${greatest}: they have the colours of the ends`;
}
