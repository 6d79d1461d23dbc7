import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { day, plural, short } from '../state/format';
import { DEFAULT_COLUMN } from '../state/labels';
import { isClaimable, waitingGroups, type WaitingGroup } from '../state/outbox';
import { useApp } from './actions';
import { takeFocus } from './controls';
import { Dialog } from './Dialog';

/** Changes kept in this browser for labels that are not here: which they are, and a way to give them up. */
export function WaitingDialog(): JSX.Element {
  const { store, actions } = useApp();
  const groups = waitingGroups(store.elsewhere.value);
  useEffect(() => {
    if (groups.length === 0) actions.closeDialog();
  }, [groups.length]);
  return (
    <Dialog title="Changes that wait" testId="waiting-dialog">
      <p class="note waiting-note">
        These changes were made on labels that are not here now (another project was open at this address, or
        its labels were replaced), or by somebody who is not signed in or may not label now. They are kept in
        this browser, and stored when their labels are opened here again by who made them.
      </p>
      <ul class="waiting-list">
        {groups.map((group) => (
          <Group key={[...group.opIds][0]} {...group} />
        ))}
      </ul>
    </Dialog>
  );
}

function Group(group: WaitingGroup): JSX.Element {
  const { account, run, column, from, to, opIds } = group;
  const { store, actions } = useApp();
  const here = store.runs.value?.account ?? '';
  const may = store.runs.value?.can_edit === true && isClaimable(group, here);
  const whose = account === '' || account === here ? '' : ` of ${short(account, 40)}`;
  const asked = useSignal(false);
  const days = day(from) === day(to) ? day(from) : `${day(from)} – ${day(to)}`;
  const what = plural(opIds.size, 'change');
  return (
    <li data-testid="waiting-group">
      <span class="words" title={run}>
        <b>{run}</b>
        {column === DEFAULT_COLUMN ? '' : ` · ${column}`}
      </span>
      <span class="muted tabular">
        {what}
        {account === '' ? '' : ` by ${short(account, 40)}`}, {days}
      </span>
      {asked.value ? (
        <span class="pair" role="group" aria-label={`Discard ${what}${whose}?`}>
          <button
            type="button"
            class="plain danger"
            data-testid="discard-for-good"
            onClick={() => void actions.discardWaiting(opIds)}
          >
            Discard{whose === '' ? '' : ` the work${whose}`} for good
          </button>
          <button type="button" class="plain" ref={takeFocus} onClick={() => (asked.value = false)}>
            Keep
          </button>
        </span>
      ) : (
        <span class="pair">
          {may && (
            <button
              type="button"
              class="plain"
              aria-label={`Store as mine: ${what} of ${run}`}
              data-testid="claim"
              onClick={() => void actions.claimWaiting(opIds)}
            >
              Store as mine
            </button>
          )}
          <button
            type="button"
            class="plain"
            aria-label={`Discard ${what} of ${run}`}
            data-testid="discard"
            onClick={() => (asked.value = true)}
          >
            Discard …
          </button>
        </span>
      )}
    </li>
  );
}
