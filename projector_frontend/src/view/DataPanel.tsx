import type { JSX } from 'preact';
import { COLOR_BY_LABEL, COLOR_BY_PERSON } from '../state/store';
import { useApp } from './actions';
import { ColumnField } from './ColumnField';
import { Panel, Select } from './controls';
import { NotesButton } from './Notes';

/** What is looked at: run, features, what the colours mean; and the search. */
export function DataPanel(): JSX.Element {
  const { store, actions } = useApp();
  const runs = store.runs.value?.runs ?? [];
  const tensors = store.runInfo.value?.tensors ?? [];
  const columns = store.colorColumns.value.filter(({ name }) => !store.columns.value.includes(name));
  return (
    <Panel title="Data" aside={<NotesButton />}>
      <Select
        label="Run"
        testId="run-select"
        value={store.run.value ?? ''}
        options={runs.map(({ run, problem }) => ({
          value: run,
          text: (run || '.') + (problem ? ' (problem)' : ''),
        }))}
        onChange={actions.chooseRun}
      />
      <Select
        label="Features"
        testId="tensor-select"
        value={store.tensor.value ?? ''}
        options={tensors.map(({ name, shape }) => ({ value: name, text: `${name} · ${shape[1]}-D` }))}
        onChange={actions.chooseTensor}
      />
      <ColumnField />
      <Select
        label="Colour by"
        testId="color-select"
        value={store.colorBy.value}
        options={[
          { value: COLOR_BY_LABEL, text: store.column.value },
          { value: COLOR_BY_PERSON, text: 'Labelled by' },
          ...columns.map(({ name }) => ({ value: name, text: name })),
        ]}
        onChange={actions.colorBy}
      />
      <label class="row" title="Selects what it finds in any column. Between slashes: a regular expression.">
        <span class="name">Search</span>
        <input
          id="search"
          type="search"
          placeholder="text or /regex/"
          autocomplete="off"
          spellcheck={false}
          value={store.query.value}
          data-testid="search"
          aria-describedby="search-problem"
          onInput={(event) => actions.search(event.currentTarget.value)}
        />
      </label>
      {store.queryProblem.value && (
        <p class="note" id="search-problem" role="status">
          {store.queryProblem.value}
        </p>
      )}
    </Panel>
  );
}
