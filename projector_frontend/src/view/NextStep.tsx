import type { JSX } from 'preact';
import { stepWords } from '../state/next_steps';
import { useApp } from './actions';

/** What to do next: one line, one button; `beside` something else that is to be done first. */
export function NextStep({ beside = false }: { beside?: boolean }): JSX.Element | null {
  const { store, actions } = useApp();
  const { value: step } = store.nextStep;
  if (!step) return null;
  const name = (id: number): string => store.classById.value.get(id)?.name ?? 'a class';
  const { words, button } = stepWords(step, name);
  // Looking through all labels takes the server some seconds.
  const looking = step.kind === 'verify' && store.verifying.value;
  return (
    <div class="next-step" data-testid="next-step" data-kind={step.kind}>
      {button !== '' && (
        <button
          type="button"
          class={beside ? 'plain wide' : 'primary wide'}
          title={`${button}\n${words} (G)`}
          data-testid="do-next"
          disabled={looking}
          onClick={() => actions.run('densest')}
        >
          <span class="words" dir="auto">
            {looking ? 'Looking …' : button}
          </span>
          <kbd>G</kbd>
        </button>
      )}
      <p class={button === '' ? 'all-done' : 'note tabular'}>{words}</p>
    </div>
  );
}
