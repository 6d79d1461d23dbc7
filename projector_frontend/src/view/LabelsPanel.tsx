import type { JSX } from 'preact';
import { plural } from '../state/format';
import { useApp } from './actions';
import { ClassField } from './ClassField';
import { ClassList } from './ClassList';
import { Panel } from './controls';

/** The classes, with their keys and counts, and the way to further ones. */
export function LabelsPanel(): JSX.Element {
  const { store } = useApp();
  const { length } = store.labelState.value.classes;
  return (
    <Panel
      title="Labels"
      aside={<span class="tabular">{length > 0 ? plural(length, 'class', 'classes') : ''}</span>}
    >
      <ClassList />
      <ClassField />
    </Panel>
  );
}
