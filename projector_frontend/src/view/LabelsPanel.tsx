import type { JSX } from 'preact';
import { number, percent, plural } from '../state/format';
import { UNLABELED } from '../state/labels';
import { useApp } from './actions';
import { ClassField } from './ClassField';
import { ClassRow, Swatch } from './ClassRow';
import { Panel } from './controls';

/** The classes, with their keys and counts. */
export function LabelsPanel(): JSX.Element {
  const { store, actions } = useApp();
  const { classes } = store.labelState.value;
  const counts = store.counts.value;
  const total = store.labels.value.length;
  const free = counts.get(UNLABELED) ?? 0;
  const selecting = store.selected.value.length > 0;
  return (
    <Panel
      title="Labels"
      aside={
        <span class="tabular">{classes.length > 0 ? plural(classes.length, 'class', 'classes') : ''}</span>
      }
    >
      <ul class="classes" data-testid="class-list">
        {classes.map((each, index) => (
          <ClassRow key={each.id} info={each} index={index} count={counts.get(each.id) ?? 0} total={total} />
        ))}
        <li class="class-row none">
          <button
            type="button"
            class="class-main"
            data-testid="class-unlabeled"
            title={selecting ? 'Clear the labels of the selection (0)' : 'Select all unlabelled images'}
            onClick={() => (selecting ? actions.applyClass(null) : actions.selectClass(UNLABELED))}
          >
            <kbd>0</kbd>
            <span class="swatch-room" />
            <span class="words muted">unlabeled</span>
            <span class="count" title={percent(free, total)}>
              {number(free)}
            </span>
          </button>
          <Swatch id={UNLABELED} name="unlabeled" />
        </li>
      </ul>
      <ClassField />
    </Panel>
  );
}
