import type { JSX } from 'preact';
import { teammates, withOnlookers } from '../state/crew';
import { plural } from '../state/format';
import { useApp } from './actions';

const MOST = 5;

/** Who else works on these labels: two letters each, and in words where they look. */
export function Crew(): JSX.Element | null {
  const { store } = useApp();
  const working = teammates(store.crew.value, store.classById.value);
  const found = withOnlookers(working, store.session.value?.others ?? [], store.runs.value?.author ?? '');
  if (found.length === 0) return null;
  const shown = found.slice(0, found.length > MOST ? MOST - 1 : MOST);
  const more = found.slice(shown.length);
  const told = (each: (typeof found)[number]): string => `${each.author}: ${each.words.join('; ')}`;
  return (
    <ul class="crew" aria-label="Who else is here" data-testid="crew">
      {shown.map((each) => (
        <li key={each.author} class="mate" title={told(each)} aria-label={told(each)} dir="auto">
          {each.initials}
        </li>
      ))}
      {more.length > 0 && (
        <li class="mate" title={more.map(told).join('\n')} aria-label={plural(more.length, 'other')}>
          +{more.length}
        </li>
      )}
    </ul>
  );
}
