// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from '@testing-library/preact';
import { afterEach, expect, test, vi } from 'vitest';
import type { HistoryEntry, RunsAnswer, SamplesAnswer, SessionState } from '../../src/api/types';
import { encoded } from '../../src/state/metadata';
import { around } from '../../src/state/selection';
import { COLOR_BY_PERSON, type Store } from '../../src/state/store';
import { ColumnField } from '../../src/view/ColumnField';
import { Select } from '../../src/view/controls';
import { ClassField } from '../../src/view/ClassField';
import { GuidancePanel } from '../../src/view/GuidancePanel';
import { HistoryPanel } from '../../src/view/HistoryPanel';
import { HoverCard } from '../../src/view/HoverCard';
import { KeysDialog } from '../../src/view/KeysDialog';
import { LabelsPanel } from '../../src/view/LabelsPanel';
import { Legend } from '../../src/view/Legend';
import { Remarks } from '../../src/view/Remarks';
import { SelectionPanel } from '../../src/view/SelectionPanel';
import { NextStep } from '../../src/view/NextStep';
import { StatusBar } from '../../src/view/StatusBar';
import { TsnePanel } from '../../src/view/TsnePanel';
import { WaitingDialog } from '../../src/view/WaitingDialog';
import { show } from './show';

afterEach(cleanup);

const session = (more: Partial<SessionState['parameters']> = {}): SessionState =>
  ({
    status: 'running',
    message: null,
    epoch: 7,
    epochs_per_second: 60,
    cost: 1.5,
    revision: 0,
    cost_curve: [],
    notes: [],
    parameters: { label_importance: 0.01, repulsion_emphasis: 0.1, perplexity: 20, theta: 0.8, ...more },
  }) as unknown as SessionState;

test('typing finds a class, and Enter takes the one that is marked', () => {
  const { done } = show(<ClassField />);
  const field = screen.getByTestId('add-class-input');
  fireEvent.input(field, { target: { value: 'neu' } });
  fireEvent.submit(field.closest('form')!);
  expect(done).toEqual([['addClass', 'neutrophil']]);
});

test('the arrow goes on to the new class of that name', () => {
  const { done } = show(<ClassField />);
  const field = screen.getByTestId('add-class-input');
  fireEvent.input(field, { target: { value: 'mono' } });
  fireEvent.keyDown(field, { key: 'ArrowDown' });
  fireEvent.submit(field.closest('form')!);
  expect(done).toEqual([['addClass', 'mono']]);
});

test('a class is not offered as new for writing its accent in another way', () => {
  const { done } = show(<ClassField />, (store) => {
    const classes = [{ id: 1, name: 'cafe\u0301', color: '#E69F00', position: 0 }];
    store.labelState.value = { ...store.labelState.value, classes };
  });
  const field = screen.getByTestId('add-class-input');
  fireEvent.input(field, { target: { value: 'caf\u00e9' } });
  expect(screen.queryByText(/new class/)).toBeNull();
  fireEvent.submit(field.closest('form')!);
  expect(done).toEqual([['addClass', 'cafe\u0301']]);
});

test('a class labels what is selected, and selects its images where nothing is', () => {
  const none = show(<LabelsPanel />);
  fireEvent.click(screen.getByTestId('class-monocyte'));
  expect(none.done).toEqual([['selectClass', 1]]);
  cleanup();
  const some = show(<LabelsPanel />, (store) => {
    store.selection.value = around(1, Int32Array.of(2, 3), 2);
  });
  fireEvent.click(screen.getByTestId('class-neutrophil'));
  expect(some.done).toEqual([['applyClass', 2]]);
});

test('the swatch hides a class, and a double-click shows it alone', () => {
  const { done } = show(<LabelsPanel />);
  fireEvent.click(screen.getByTestId('swatch-monocyte'));
  fireEvent.dblClick(screen.getByTestId('swatch-monocyte'));
  expect(done).toEqual([
    ['toggleGroup', '1'],
    ['isolateGroup', '1', ['-1', '-2', '1', '2']],
  ]);
});

const manyClasses = (count: number) => (store: Store) => {
  store.labelState.value = {
    ...store.labelState.value,
    classes: Array.from({ length: count }, (_, position) => ({
      id: position + 1,
      name: `kind ${position}`,
      color: '#E69F00',
      position,
    })),
  };
};
const rowsDrawn = (): HTMLElement[] => [...screen.getByTestId('class-list').querySelectorAll('li')];

test('of ten thousand classes those in view are drawn, and each says which it is of how many', () => {
  show(<LabelsPanel />, manyClasses(10_000));
  expect(rowsDrawn().length).toBeLessThan(60);
  expect(rowsDrawn()[1]?.getAttribute('aria-posinset')).toBe('2');
  expect(rowsDrawn()[1]?.getAttribute('aria-setsize')).toBe('10001');
});

test('the arrows go from class to class, the Tab key comes to one of them only', async () => {
  show(<LabelsPanel />, manyClasses(10_000));
  const entries = (): (string | undefined)[] =>
    [...screen.getByTestId('class-list').querySelectorAll<HTMLElement>('[tabindex="0"]')].map(
      (each) => each.dataset.testid,
    );
  expect(entries()).toEqual(['class-kind 0', 'swatch-kind 0', 'menu-kind 0']);
  screen.getByTestId('swatch-kind 0').focus();
  fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown' });
  await vi.waitFor(() => expect(document.activeElement?.getAttribute('data-testid')).toBe('swatch-kind 1'));
  expect(entries()).toEqual(['class-kind 1', 'swatch-kind 1', 'menu-kind 1']);
  fireEvent.keyDown(document.activeElement!, { key: 'End' });
  await vi.waitFor(() => expect(entries()).toEqual(['class-unlabeled', 'swatch-unlabeled']));
  expect(document.activeElement?.getAttribute('data-testid')).toBe('swatch-unlabeled');
});

test('a filter narrows the list where there are many classes, and leaves each its digit', async () => {
  show(<LabelsPanel />);
  expect(screen.queryByTestId('class-filter')).toBeNull();
  cleanup();
  const { done } = show(<LabelsPanel />, manyClasses(40));
  fireEvent.input(screen.getByTestId('class-filter'), { target: { value: 'KIND 3' } });
  await vi.waitFor(() => expect(rowsDrawn()).toHaveLength(11 + 1));
  expect(screen.getByTestId('class-kind 3').textContent).toBe('4kind 30');
  fireEvent.click(screen.getByTestId('class-kind 39'));
  expect(done).toEqual([['selectClass', 40]]);
});

test('a class among many is merged into one that is found by its letters', async () => {
  const { done } = show(<LabelsPanel />, manyClasses(40));
  fireEvent.click(screen.getByTestId('menu-kind 0'));
  const field = screen.getByTestId('merge-class');
  fireEvent.input(field, { target: { value: 'nd 39' } });
  fireEvent.submit(field.closest('form')!);
  await vi.waitFor(() => expect(done).toEqual([['mergeClass', 1, 40]]));
});

test('one of very many options is found by its letters', async () => {
  const chosen: string[] = [];
  const options = Array.from({ length: 5000 }, (_, place) => ({
    value: String(place),
    text: `column ${place}`,
  }));
  const view = (
    <Select
      label="Colour by"
      testId="many"
      value="7"
      options={options}
      onChange={(value) => chosen.push(value)}
    />
  );
  show(view);
  expect(document.querySelectorAll('*').length).toBeLessThan(60);
  const field = screen.getByTestId<HTMLInputElement>('many');
  expect(field.placeholder).toBe('column 7');
  fireEvent.input(field, { target: { value: 'column 4321' } });
  fireEvent.submit(field.closest('form')!);
  await vi.waitFor(() => expect(chosen).toEqual(['4321']));
});

test('what a file calls things takes no more room than a card has, be it a megabyte', () => {
  show(<HoverCard room={{ width: 800, height: 600 }} />, (store) => {
    const long = 'ab '.repeat(400_000);
    const columns = [{ name: long, values: [long, '', '', ''] }];
    store.samples.value = { ...store.samples.value, columns } as SamplesAnswer;
    store.hover.value = { row: 0, x: 9, y: 9 };
  });
  const { textContent } = screen.getByTestId('hover-card');
  expect(textContent).toContain('ab ab');
  expect(textContent.length).toBeLessThan(400);
});

test('the group shows what is labelled already and does not offer to overwrite it', () => {
  show(<SelectionPanel />, (store) => {
    store.selection.value = around(0, Int32Array.of(1, 2), 2);
    store.lastClass.value = 2;
  });
  expect(screen.getAllByTestId('thumb')).toHaveLength(3);
  expect(screen.getByTestId('repeat-label').title).toBe('Label 2 images neutrophil (Enter)');
  expect(screen.getByTestId<HTMLInputElement>('overwrite').checked).toBe(false);
});

test('what guidance expects stands at the slider, and doubtful images can come first', () => {
  const { store, done } = show(<SelectionPanel />, (made) => {
    made.selection.value = around(0, Int32Array.of(1, 2, 3), 3);
    made.forecast.value = { bestK: 2, purity: 0.94, dropChances: new Map([[2, 0.9]]) };
  });
  expect(screen.getByTestId('forecast').textContent).toBe('predicted purity 94 % · best k 2');
  fireEvent.click(screen.getByText('best k 2'));
  expect(done).toEqual([['setK', 2]]);
  store.gridOrder.value = 'unlikely';
  expect(store.gridRows.value[0]).toBe(2);
});

test('without guidance nothing is claimed', () => {
  show(<SelectionPanel />, (store) => {
    store.selection.value = around(0, Int32Array.of(1), 1);
  });
  expect(screen.queryByTestId('forecast')).toBeNull();
});

test('every parameter explains itself in a sentence, and presets come from the server', () => {
  const { done } = show(<TsnePanel />, (store) => {
    store.session.value = session();
    const values = { label_importance: 0.1, repulsion_emphasis: 0.1, ramp_epochs: 10 };
    store.runs.value = {
      version: '',
      author: 'ann',
      is_named: true,
      account: '',
      right: 'manage',
      token: 'none',
      can_edit: true,
      edit_problem: null,
      runs: [],
      presets: { strong: values },
      palette: [],
      labels_kept_in: 'run',
    };
  });
  for (const name of ['label_importance', 'repulsion_emphasis', 'theta', 'labeling_start', 'ramp_epochs'])
    expect(screen.getByTestId(name).closest('label')?.title).toMatch(/\.$/);
  fireEvent.click(screen.getByTestId('supervision-strong'));
  expect(done[0]).toEqual(['setParameters', expect.objectContaining({ label_importance: 0.1 })]);
});

test('who may label but not manage is not offered to import, nor to save to the log dir', () => {
  for (const [right, offered] of [
    ['label', false],
    ['manage', true],
  ] as const) {
    cleanup();
    show(<StatusBar />, (store) => {
      store.runs.value = { right, can_edit: true, edit_problem: null, account: 'ann' } as RunsAnswer;
    });
    for (const name of ['import', 'save-logdir'])
      expect(screen.getByTestId<HTMLButtonElement>(name).disabled).toBe(!offered);
    expect(screen.getByTestId<HTMLButtonElement>('download').disabled).toBe(false);
  }
});

test('a t-SNE that stopped offers to start again where that can work', () => {
  const { done } = show(<TsnePanel />, (store) => {
    store.session.value = { ...session(), status: 'failed', message: 'The worker ended.', restartable: true };
  });
  expect(screen.getByTestId('play-pause').textContent).toContain('Start again');
  fireEvent.click(screen.getByTestId('play-pause'));
  expect(done.map(([name]) => name)).toEqual(['startAgain']);
});

test('a t-SNE that stopped for good does not offer to start again', () => {
  show(<TsnePanel />, (store) => {
    const why = 'No sample has finite features.';
    store.session.value = { ...session(), status: 'failed', message: why, restartable: false };
  });
  expect(screen.queryByText(/Start again/)).toBeNull();
  expect(screen.getByTestId<HTMLButtonElement>('play-pause').disabled).toBe(true);
  expect(screen.getByTestId('session-status').textContent).toContain('Choose other features');
});

test('supervision comes with its warning, and only then', () => {
  show(<Remarks />, (store) => (store.session.value = session()));
  expect(screen.getByTestId('supervision-warning').textContent).toContain('not evidence');
  cleanup();
  const off = { label_importance: 0, repulsion_emphasis: 0 };
  show(<Remarks />, (store) => (store.session.value = session(off)));
  expect(screen.queryByTestId('supervision-warning')).toBeNull();
});

test('numbers colour by a scale, whose legend tells its ends and what has no value', () => {
  const values = Float64Array.from([...Array.from({ length: 60 }, (_, row) => row / 2), 900, NaN]);
  const { store } = show(<Legend />, (prepared) => {
    const columns = [{ name: 'weight', kind: 'number' as const, values: null }];
    prepared.samples.value = { ...(prepared.samples.value as SamplesAnswer), columns };
    prepared.measuredColumns.value = new Map([['weight', { name: 'weight', kind: 'number', values }]]);
    prepared.colorBy.value = 'weight';
  });
  const marks = [...screen.getByTestId('scale-ticks').children].map((each) => each.textContent);
  expect(marks).toEqual(['≥ 29.5', '20', '10', '≤ 0.5']);
  expect(screen.getByTestId('scale-missing').textContent).toContain('1');
  expect(screen.getByTestId('scale-beyond').textContent).toBe('2nd to 98th percentile; 2 values beyond');
  const before = store.colors.value;
  store.dark.value = true;
  expect(store.colors.value).not.toEqual(before);
});

test('a labelling in the history is told by its words and the name of its class', () => {
  const entry = {
    author: '',
    time: '2020-01-01T00:00:00Z',
    target: null,
    count: 3,
    undone: false,
    selection: null,
  };
  const given = { ...entry, kind: 'apply', revision: 1, class_id: 1, actions: 1 };
  show(<HistoryPanel />, (store) => {
    store.history.value = [
      { ...given, revision: 3, summary: '3 images labelled monocyte' },
      { ...given, revision: 2, summary: '3 images labelled as it was called then' },
      { ...given, kind: 'add', summary: 'class monocyte' },
    ] as HistoryEntry[];
  });
  const words = [...screen.getByTestId('history').querySelectorAll('summary > .words')];
  expect(words.map((each) => [...each.children].map((part) => part.textContent))).toEqual([
    ['3 images labelled', 'monocyte'],
    [],
    [],
  ]);
  expect(words[1]?.textContent).toBe('3 images labelled as it was called then');
});

test('the status says what is not stored yet', () => {
  show(<StatusBar />, (store) => (store.saved.value = { kind: 'offline', waiting: 3 }));
  expect(screen.getByTestId('saved-state').textContent).toContain('offline (3 waiting)');
});

test('the download is asked for, so that it can wait for what is not stored yet', () => {
  const { done } = show(<StatusBar />);
  fireEvent.click(screen.getByTestId('download'));
  expect(document.activeElement).toBe(screen.getByTestId('download-tsv'));
  fireEvent.click(screen.getByTestId('download-tsv'));
  expect(done).toContainEqual(['downloadTsv', false]);
  expect(screen.queryByTestId('download-menu')).toBeNull();
});

test('the table leaves with the names of those who labelled, where that is asked for', () => {
  const { done } = show(<StatusBar />);
  fireEvent.click(screen.getByTestId('download'));
  fireEvent.click(screen.getByTestId('download-authors'));
  expect(done).toEqual([['downloadTsv', true]]);
});

test('the part of one person is a choice where there are several', () => {
  const entry = (revision: number, author: string): HistoryEntry =>
    ({
      revision,
      author,
      kind: 'apply',
      time: '2026-01-05T10:31:02Z',
      summary: '',
      class_id: 1,
    }) as HistoryEntry;
  const { store, done } = show(<HistoryPanel />, (store) => {
    store.history.value = [entry(2, 'ben'), entry(1, 'ann')];
  });
  fireEvent.change(screen.getByTestId('history-of'), { target: { value: 'ann' } });
  expect(done).toEqual([['showHistoryOf', 'ann']]);
  void act(() => {
    store.historyOf.value = 'ann';
    store.theirHistory.value = { entries: [entry(1, 'ann')], more: false };
  });
  expect(screen.getByTestId('history').querySelectorAll('li').length).toBe(1);
});

test('what a legend names can be hidden, and selected', () => {
  const { done } = show(<Legend />, (store) => {
    store.authors.value = encoded('Labelled by', ['ann', 'ben', 'ann', 'unlabeled']);
    store.colorBy.value = COLOR_BY_PERSON;
  });
  expect(screen.getByTestId('legend').textContent).toContain('Labelled by');
  fireEvent.click(screen.getByTestId('select-ann'));
  expect(done).toEqual([['selectGroup', 'ann']]);
});

test('another label column is one choice away, and a new one has a name', () => {
  const { done } = show(<ColumnField />, (store) => {
    store.columns.value = ['label', 'eye colour'];
  });
  fireEvent.change(screen.getByTestId('column-select'), { target: { value: 'eye colour' } });
  fireEvent.change(screen.getByTestId('column-select'), { target: { value: '' } });
  fireEvent.input(screen.getByTestId('new-column'), { target: { value: '  age ' } });
  fireEvent.submit(screen.getByTestId('new-column').closest('form') as HTMLFormElement);
  expect(done).toEqual([
    ['chooseColumn', 'eye colour'],
    ['addColumn', 'age'],
  ]);
  expect(screen.getByTestId('column-select')).toBeTruthy();
});

test('who has a token of their own may have a blind column, and open it to all', () => {
  const { done, store } = show(<ColumnField />);
  const texts = (): string => screen.getByTestId('column-select').textContent;
  expect(texts()).not.toContain('blind');
  const runs = { token: 'given', account: 'ann', right: 'label', can_edit: true } as RunsAnswer;
  void act(() => void (store.runs.value = runs));
  fireEvent.change(screen.getByTestId('column-select'), { target: { value: '\n' } });
  fireEvent.submit(screen.getByTestId('new-column').closest('form') as HTMLFormElement);
  void act(() => {
    store.columns.value = ['label', 'ann'];
    store.blind.value = { ann: 'ann' };
  });
  expect(screen.queryByTestId('blind-note')).toBeNull();
  void act(() => void (store.column.value = 'ann'));
  expect(store.toFollow.value).not.toHaveProperty('column');
  expect(screen.getByTestId('blind-note').textContent).toContain('Only ann and who may manage');
  fireEvent.click(screen.getByTestId('open-column'));
  expect(done).toEqual([['addBlindColumn', ''], ['openColumn']]);
});

test('what waits for another label column or store is not shown as done in this one', () => {
  const { store } = show(<LabelsPanel />);
  const waiting = {
    opId: 'o',
    store: '',
    run: 'r',
    sampleIds: ['b'],
    classId: 2,
    onlyUnlabeled: true,
    state: 'seen' as const,
  };
  store.run.value = 'r';
  store.pending.value = [{ ...waiting, column: 'eyes' }];
  expect([...store.labels.value]).toEqual([1, -1, -1, -1]);
  store.pending.value = [{ ...waiting, column: 'label', store: 'another' }];
  expect([...store.labels.value]).toEqual([1, -1, -1, -1]);
  store.pending.value = [{ ...waiting, column: 'label' }];
  expect([...store.labels.value]).toEqual([1, 2, -1, -1]);
});

test('changes that wait for other labels are told, and discarded only after asking', () => {
  const waits = {
    run: 'digits',
    column: 'label',
    store: 'other',
    account: '',
    at: Date.UTC(2020, 10, 12, 12),
  };
  const { done } = show(
    <>
      <StatusBar />
      <WaitingDialog />
    </>,
    (prepared) => {
      prepared.elsewhere.value = ['a', 'b', 'c'].map((opId) => ({ ...waits, opId }));
    },
  );
  expect(screen.getByTestId('saved-state').textContent).toContain('saved');
  expect(screen.getByTestId('elsewhere').textContent).toBe('3 changes wait for other labels');
  fireEvent.click(screen.getByTestId('elsewhere'));
  const group = screen.getByTestId('waiting-group');
  expect(group.textContent).toContain('digits');
  expect(group.textContent).toContain('3 changes, 12 Nov 2020');
  fireEvent.click(screen.getByTestId('discard'));
  expect(done.at(-1)).toEqual(['openDialog', 'waiting']);
  fireEvent.click(screen.getByTestId('discard-for-good'));
  expect(done.at(-1)).toEqual(['discardWaiting', new Set(['a', 'b', 'c'])]);
});

test('changes of nobody can be made one’s own, and those of another are discarded only by their name', () => {
  const waits = { run: 'digits', column: 'label', store: 'this', at: 1 };
  const { done } = show(<WaitingDialog />, (prepared) => {
    prepared.runs.value = { account: 'ben', can_edit: true } as RunsAnswer;
    prepared.elsewhere.value = [
      { ...waits, account: '', opId: 'a' },
      { ...waits, account: 'ann', opId: 'b' },
    ];
  });
  fireEvent.click(screen.getByTestId('claim'));
  expect(done.at(-1)).toEqual(['claimWaiting', new Set(['a'])]);
  fireEvent.click(screen.getAllByTestId('discard').at(-1)!);
  expect(screen.getByTestId('discard-for-good').textContent).toBe('Discard the work of ann for good');
});

test('nothing is called saved while a change waits for these very labels', () => {
  show(<StatusBar />, (store) => {
    store.labelState.value = { ...store.labelState.value, store: 'this' };
    store.elsewhere.value = [{ run: 'r', column: 'x', store: 'this', account: '', at: 1, opId: 'a' }];
  });
  expect(screen.getByTestId('saved-state').dataset.state).toBe('saving');
});

test('the step to verify says that it is under way', () => {
  const { store } = show(<NextStep />, (made) => {
    made.labelState.value = { ...made.labelState.value, labels: Int32Array.of(1, 1, 2, 2) };
    made.nextSteps.value = [{ kind: 'verify', count: 3 }];
  });
  const button = screen.getByTestId<HTMLButtonElement>('do-next');
  expect(button.textContent).toContain('Verify labels');
  void act(() => {
    store.verifying.value = true;
  });
  expect(button.textContent).toContain('Looking …');
  expect(button.disabled).toBe(true);
});

test('how much is right at least is said where it is less than all', () => {
  const standing = {
    column: 'label',
    revision: 1,
    seen: 0,
    unseen: 8,
    open: 0,
    aside: 0,
    right: 1,
    least: 1,
  };
  const { store } = show(<StatusBar />, (made) => (made.standing.value = standing));
  expect(screen.queryByTestId('share-right')).toBeNull();
  void act(() => {
    store.standing.value = { ...standing, least: 0.987 };
  });
  expect(screen.getByTestId('share-right').textContent).toBe('98.7 %');
});

test('a t-SNE that follows other labels says so, and can be told to follow these', () => {
  const { done } = show(<Remarks />, (store) => {
    store.session.value = { ...session(), column: 'eyes' };
  });
  expect(screen.getByTestId('follows-other').textContent).toContain('“eyes”');
  fireEvent.click(screen.getByTestId('follow-these'));
  expect(done.map(([name]) => name)).toEqual(['follow']);
});

test('only labels that their neighbours contradict are to be verified, and the list is put away again', () => {
  const issue = { self_confidence: 0.1, n_labeled: 5, n_same: 1, n_expected: 4 };
  const { done } = show(<GuidancePanel />, (store) => {
    store.labelState.value = { ...store.labelState.value, labels: Int32Array.of(1, 1, 2, -1) };
    store.toVerify.value = {
      groups: [],
      labels: [
        { ...issue, row: 1, class_id: 1, expected: 2 },
        { ...issue, row: 0, class_id: 1, expected: 1 }, // unsure, but the class expected is the one given
        { ...issue, row: 2, class_id: 1, expected: 2 }, // changed meanwhile
      ],
    };
  });
  expect(screen.getAllByTestId('label-issue').map((each) => each.dataset.row)).toEqual(['1']);
  fireEvent.click(screen.getByTestId('change-label'));
  fireEvent.click(screen.getByTestId('verified'));
  expect(done).toEqual([
    ['settleIssue', 1, true],
    ['run', 'verify'],
  ]);
});

test('what was labelled in several ways is settled by one key each, and the next one has the focus', () => {
  const given = (label: string, name: string) => ({ label, name, kind: 'column' as const });
  const of = (row: number) => ({ row, given: [given('monocyte', 'label'), given('neutrophil', 'second')] });
  const { store, done } = show(<GuidancePanel />, (store) => {
    store.labelState.value = { ...store.labelState.value, states: new Uint8Array(4) };
    store.toSettle.value = { rows: [of(0), of(2)], count: 2 };
  });
  const focused = (): string | undefined => document.activeElement?.closest('li')?.dataset.row;
  expect(focused()).toBe('0');
  fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown' });
  fireEvent.click(document.activeElement!);
  expect(done).toEqual([['settle', 0, 'neutrophil']]);
  void act(() => {
    store.labelState.value = { ...store.labelState.value, states: Uint8Array.of(3, 0, 0, 0) };
  });
  expect(focused()).toBe('2');
  expect(screen.getByText('1 to settle')).toBeTruthy();
  void act(() => {
    store.labelState.value = { ...store.labelState.value, states: Uint8Array.of(3, 0, 3, 0) };
  });
  expect(screen.getByText('All settled.')).toBeTruthy();
});

test('what a colleague settles moves no focus to another image, and no key gives it a label', () => {
  const given = (label: string) => ({ label, name: 'label', kind: 'column' as const });
  const of = (row: number) => ({ row, given: [given('monocyte'), given('neutrophil')] });
  const { store, done } = show(
    <>
      <input data-testid="words" />
      <GuidancePanel />
    </>,
    (store) => {
      store.labelState.value = { ...store.labelState.value, states: new Uint8Array(4) };
      store.toSettle.value = { rows: [of(0), of(1), of(2), of(3)], count: 4 };
    },
  );
  const settled = (...states: number[]): void =>
    void act(() => {
      store.labelState.value = { ...store.labelState.value, states: Uint8Array.from(states) };
    });
  settled(3, 0, 0, 0);
  expect(document.activeElement).toBe(screen.getByTestId('settle-list'));
  expect(fireEvent.keyDown(document.activeElement!, { key: 'Enter' })).toBe(false);
  fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown' });
  expect(document.activeElement?.closest('li')?.dataset.row).toBe('1');
  screen.getByTestId('words').focus();
  settled(3, 3, 0, 0);
  expect(document.activeElement).toBe(screen.getByTestId('words'));
  screen.getAllByTestId('settle')[0]!.focus();
  fireEvent.click(document.activeElement!);
  settled(3, 3, 3, 0);
  expect(document.activeElement?.closest('li')?.dataset.row).toBe('3');
  fireEvent.click(document.activeElement!); // a key that was pressed twice
  expect(done).toEqual([['settle', 2, 'monocyte']]);
});

test('disagreements are offered where somebody else labels', () => {
  const { store, done } = show(<GuidancePanel />);
  expect(screen.queryByTestId('to-settle')).toBeNull();
  void act(() => void (store.columns.value = ['label', 'second']));
  fireEvent.click(screen.getByTestId('to-settle'));
  expect(done).toEqual([['run', 'settle']]);
});

test('a doubtful group can be changed or kept as a whole, and looked through', () => {
  const changed = { rows: [0, 1], classId: 1, expected: 2 };
  const kept = { rows: [2], classId: 2, expected: 1 };
  const elsewhere = { rows: [3], classId: 2, expected: 1 }; // cleared meanwhile
  const { done } = show(<GuidancePanel />, (store) => {
    store.labelState.value = { ...store.labelState.value, labels: Int32Array.of(1, 1, 2, -1) };
    store.toVerify.value = { groups: [changed, kept, elsewhere], labels: [] };
  });
  expect(screen.getAllByTestId('group-issue').map((each) => each.dataset.row)).toEqual(['0', '2']);
  fireEvent.click(screen.getAllByTestId('change-group')[0]!);
  fireEvent.click(screen.getAllByTestId('keep-group')[1]!);
  fireEvent.click(screen.getAllByTestId('look-through-group')[0]!);
  expect(done).toEqual([
    ['settleGroup', changed, true],
    ['settleGroup', kept, false],
    ['lookThroughGroup', changed],
  ]);
});

test('clusters with something open are listed, and can be selected, looked through and passed over', () => {
  const cluster = (number: number, rows: number[]) => ({ number, rows, classId: 1, purity: 0.8 });
  const { done, store } = show(<GuidancePanel />, (store) => {
    store.labelState.value = { ...store.labelState.value, labels: Int32Array.of(1, 1, -1, -1) };
    store.clusters.value = [cluster(0, [1, 2]), cluster(1, [0]), cluster(2, [3])];
  });
  expect(screen.getAllByTestId('cluster').map((each) => each.dataset.number)).toEqual(['0', '2']);
  expect(screen.getAllByTestId('cluster')[0]!.textContent).toContain('1 image');
  fireEvent.click(screen.getAllByTestId('cluster')[1]!, { shiftKey: true });
  fireEvent.click(screen.getAllByTestId('look-through-cluster')[0]!);
  fireEvent.click(screen.getAllByTestId('skip-cluster')[0]!);
  expect(done).toEqual([
    ['selectCluster', cluster(2, [3]), true],
    ['lookThroughCluster', cluster(0, [1, 2])],
    ['skipCluster', cluster(0, [1, 2])],
  ]);
  void act(() => {
    store.skippedClusters.value = new Set([0, 2]);
  });
  expect(screen.queryAllByTestId('cluster')).toEqual([]);
});

test('what is suggested to be of a class can be selected from its menu', () => {
  const { done } = show(<LabelsPanel />, (store) => {
    store.suggestions.value = {
      revision: 1,
      classIds: Int32Array.of(1, 2, 2, 1),
      percent: Float32Array.of(99, 95, 92, 60),
      second: new Int32Array(0),
    };
  });
  fireEvent.click(screen.getByTestId('menu-monocyte')); // its one sample at 60 % is not sure enough
  expect(screen.queryByTestId('select-suggested')).toBeNull();
  fireEvent.click(screen.getByTestId('menu-neutrophil'));
  const button = screen.getByTestId('select-suggested');
  expect(button.textContent).toBe('Select 2 suggested');
  fireEvent.click(button);
  expect(done).toEqual([['selectSuggested', 2]]);
});

test('a key is changed by pressing another', () => {
  vi.spyOn(HTMLDialogElement.prototype, 'showModal').mockImplementation(() => undefined);
  const { done } = show(<KeysDialog />);
  fireEvent.click(screen.getByTestId('key-sprites'));
  fireEvent.keyDown(window, { key: '4' });
  expect(done).toEqual([]);
  fireEvent.keyDown(window, { key: 'v' });
  expect(done).toEqual([['setKeys', { sprites: ['V'] }]]);
});
