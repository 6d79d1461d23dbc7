import type { JSX } from 'preact';
import { useApp } from './actions';
import { Panel } from './controls';

/** What to look at next. The densest group without labels is found in the page, from the positions it shows. */
export function GuidancePanel(): JSX.Element {
  const { actions } = useApp();
  return (
    <Panel title="Next best" aside={<kbd>G</kbd>}>
      <button
        type="button"
        class="plain wide"
        title="The unlabelled images that lie closest together (G)"
        data-testid="densest"
        onClick={() => actions.run('densest')}
      >
        Densest unlabelled group
      </button>
    </Panel>
  );
}
