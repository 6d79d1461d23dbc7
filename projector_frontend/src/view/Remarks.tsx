import type { JSX } from 'preact';
import { number } from '../state/format';
import { supervised } from '../state/session';
import type { DrawnBy } from '../state/store';
import { useApp } from './actions';
import { Icon } from './icons';

/** What one must know to read the picture rightly. */
export function Remarks(): JSX.Element {
  const { store, actions } = useApp();
  const hidden = store.hiddenCount.value;
  const drawnBy = store.drawnBy.value;
  const followed = store.session.value?.column;
  return (
    <div class="remarks">
      {hidden > 0 && (
        <p class="remark" data-testid="hidden-remark">
          <Icon name="hide" /> {number(hidden)} hidden.
          <button type="button" class="link" data-testid="show-all" onClick={actions.showAll}>
            Show all
          </button>
        </p>
      )}
      {supervised(store.session.value?.parameters, store.labeled.value) && (
        <p class="remark" data-testid="supervision-warning">
          <Icon name="warning" /> Groups are pulled together by your labels; their separation is not evidence.
        </p>
      )}
      {followed !== undefined && followed !== store.column.value && store.blindOwner.value === null && (
        <p class="remark" data-testid="follows-other">
          <Icon name="warning" /> The t-SNE follows the labels in “{followed}”.
          <button type="button" class="link" data-testid="follow-these" onClick={actions.follow}>
            Follow these
          </button>
        </p>
      )}
      {drawnBy?.kind === 'processor' && drawnBy.reason === 'no-webgl' && (
        <p class="remark" data-testid="no-webgl">
          <Icon name="warning" /> {NO_WEBGL}
        </p>
      )}
    </div>
  );
}

const NO_WEBGL =
  'WebGL2 is missing in this browser: the processor draws, and large runs are slow. Switch on hardware acceleration.';

/** Who draws, in words for the settings. */
export function drawnByWords(drawnBy: DrawnBy | null): string {
  if (drawnBy?.kind === 'graphics') return 'The graphics card draws now.';
  if (!drawnBy) return '';
  const why = {
    'no-webgl': 'WebGL2 is missing',
    'no-card': 'no graphics card is in use',
    chosen: 'as chosen',
  };
  return `The processor draws now: ${why[drawnBy.reason]}.`;
}
