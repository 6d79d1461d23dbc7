// @vitest-environment happy-dom
import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import type { ApplyEdit, EditAnswer, RunsAnswer, TakenAnswer, TakeRequest } from '../../src/api/types';
import { Crew } from '../../src/app/crew';
import { Labeling } from '../../src/app/labeling';
import { Reviewing } from '../../src/app/reviewing';
import type { Viewport } from '../../src/app/viewport';
import { UNSURE } from '../../src/state/labels';
import { found } from '../../src/state/selection';
import { createStore } from '../../src/state/store';

/** Above any page: 300 rows suggested to be of class 1, the first ones more surely; 4 of class 2. */
const N = 304;

/** A server with one label column, that may be down. */
function server() {
  const marks = new Map<string, [number | null, string]>();
  const done: Map<string, [number | null, string]>[] = [];
  const classes = [
    { id: 1, name: 'daisy', color: '#E69F00', position: 0 },
    { id: 2, name: 'rose', color: '#56B4E9', position: 1 },
  ];
  let revision = 0;
  const applied: ApplyEdit[] = [];
  const answer = (changes: EditAnswer['changes']): EditAnswer =>
    ({ store: 's', revision: ++revision, kind: 'apply', target: null, class_id: null, can_undo: true, can_redo: true, classes: [...classes], changes, repeated: false, stayed: [] }); // prettier-ignore
  const up = { now: true };
  /** What somebody else looks at. */
  const bens = new Set<string>();
  const reach = (): void => {
    if (!up.now) throw new ApiError(0, 'unreachable', 'The server does not answer.');
  };
  const client = {
    apply: vi.fn(async (_of: unknown, _tag: unknown, edit: ApplyEdit) => {
      await Promise.resolve();
      reach();
      applied.push(edit);
      const { sample_ids: ids = [], state = 'labeled', only_unlabeled: only, new_class: fresh } = edit;
      if (fresh) classes.push({ id: classes.length + 1, name: fresh.name, color: '#009E73', position: 2 });
      const classId = fresh ? classes.length : (edit.class_id ?? null);
      const changed = (ids ?? []).filter(
        (id) => !only || (marks.get(id)?.[1] ?? 'unlabeled') === 'unlabeled',
      );
      done.push(new Map(changed.map((id) => [id, marks.get(id) ?? [null, 'unlabeled']])));
      for (const id of changed) marks.set(id, [classId, state]);
      return answer(changed.map((id) => [id, classId, state]));
    }),
    classes: vi.fn(async (_of: unknown, _tag: unknown, { name }: { name: string }) => {
      await Promise.resolve();
      classes.push({ id: classes.length + 1, name, color: '#009E73', position: classes.length });
      return answer([]);
    }),
    undo: vi.fn(async () => {
      await Promise.resolve();
      reach();
      const before = done.pop() ?? new Map<string, [number | null, string]>();
      for (const [id, mark] of before) marks.set(id, mark);
      return answer([...before].map(([id, [classId, state]]) => [id, classId, state as 'seen']));
    }),
    history: vi.fn(() => Promise.resolve({ entries: [], more: false })),
    take: vi.fn(async ({ choices, most = 1000 }: TakeRequest): Promise<TakenAnswer> => {
      await Promise.resolve();
      reach();
      const wanted = choices[0] ?? [];
      const count = wanted.filter((id) => bens.has(id)).length;
      const free = wanted.filter((id) => !bens.has(id)).slice(0, most);
      return { sample_ids: free, held_by: count === 0 ? [] : [{ author: 'ben', count }] };
    }),
    createLabels: vi.fn(() => Promise.resolve({ store: 's' })),
  };
  return { client, applied, up, marks, bens };
}

let made = server();
let store = createStore();
let labeling: Labeling;
let reviewing: Reviewing;

const fresh = crypto.getRandomValues.bind(crypto);

beforeEach(() => {
  // What is drawn at random is drawn alike each time: some of the bounds below hold for most draws, not for all.
  let draws = 0;
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((into) =>
    into instanceof Int32Array ? into.fill(++draws) : fresh(into),
  );
  made = server();
  store = createStore();
  store.run.value = 'r';
  store.tensor.value = 't';
  store.runs.value = { can_edit: true } as RunsAnswer;
  store.samples.value = {
    count: N,
    version: '',
    sample_ids: Array.from({ length: N }, (_, row) => `s${row}`),
    columns: [],
    sprite: null,
    notes: [],
  };
  store.labelState.value = {
    ...store.labelState.value,
    store: 's',
    labels: new Int32Array(N).fill(-1),
    states: new Uint8Array(N),
    classes: [
      { id: 1, name: 'daisy', color: '#E69F00', position: 0 },
      { id: 2, name: 'rose', color: '#56B4E9', position: 1 },
    ],
  };
  store.suggestions.value = {
    revision: 1,
    classIds: Int32Array.from({ length: N }, (_, row) => (row < 300 ? 1 : 2)),
    percent: Float32Array.from({ length: N }, (_, row) => Math.max(91, 99 - (row >> 5))),
    second: new Int32Array(0),
  };
  const viewport = {
    points: { columns: new Float32Array(0), count: 0, dimensions: 3 },
  } as unknown as Viewport;
  labeling = new Labeling(made.client as unknown as Client, store);
  reviewing = new Reviewing(store, labeling, viewport, new Crew(made.client as unknown as Client, store));
  store.room.value = { width: 600, height: 400 };
  store.tileEdge.value = 100;
});

const rows = (): readonly number[] => store.review.value?.page.rows ?? [];
const said = (): string => store.toasts.value.map((each) => each.text).join(' ');
const saved = (): Promise<unknown> => vi.waitFor(() => expect(store.saved.value.kind).toBe('saved'));

test('R shows the class with most to harvest, the surest first, as many as have room', () => {
  reviewing.toggle();
  expect(store.review.value?.subject).toMatchObject({ of: 'suggestion', classId: 1 });
  expect(rows()).toEqual(Array.from({ length: store.pageSize.value }, (_, row) => row));
  reviewing.toggle();
  expect(store.review.value).toBeNull();
});

test('strays are stored at once, one action each; Enter stores the rest as one edit and turns the page', async () => {
  reviewing.toggle();
  const size = rows().length;
  store.currentRow.value = 3;
  reviewing.give(2);
  reviewing.pick(5, false);
  reviewing.pick(7, false);
  reviewing.give(2);
  store.currentRow.value = 9;
  reviewing.setAside('unsure');
  expect([3, 5, 7, 9].map((row) => store.labels.value[row])).toEqual([2, 2, 2, UNSURE]);
  expect(rows()).toContain(3); // what was named stays where it is
  reviewing.accept();
  expect(rows()[0]).toBe(size);
  await saved();
  expect(made.applied.map((each) => [each.state, each.sample_ids?.length, each.selection])).toEqual([
    ['seen', 1, { kind: 'single', k: 0 }],
    ['seen', 2, { kind: 'single', k: 1 }],
    ['unsure', 1, { kind: 'single', k: 0 }],
    ['seen', size - 4, { kind: 'page', of: 'suggestion', order: 'surest', shown: size, changed: 4 }],
  ]);
  expect(store.labels.value[0]).toBe(1);
});

test('the next page is made of the newest suggestions, without what was answered', () => {
  reviewing.toggle();
  const first = new Set(rows());
  const { suggestions } = store;
  const percent = suggestions.value!.percent.slice();
  percent[299] = 100;
  suggestions.value = { ...suggestions.value!, percent };
  expect(new Set(rows())).toEqual(first); // the page that is looked at stays
  reviewing.accept();
  expect(rows()[0]).toBe(299);
  expect(rows().some((row) => first.has(row))).toBe(false);
});

test('Backspace turns back and takes back, as often as pages were turned', async () => {
  reviewing.toggle();
  const pages = [[...rows()]];
  for (let turn = 0; turn < 2; turn++) {
    reviewing.accept();
    pages.push([...rows()]);
  }
  reviewing.back();
  expect(rows()).toEqual(pages[1]);
  reviewing.back();
  expect(rows()).toEqual(pages[0]);
  await saved();
  expect([...store.labels.value].every((label) => label === -1)).toBe(true);
  expect(made.client.undo).toHaveBeenCalledTimes(2);
  reviewing.back();
  expect(said()).toContain('first page');
});

test('Backspace takes nothing back where something came after, and says so', async () => {
  reviewing.toggle();
  const [first] = rows();
  reviewing.accept();
  store.currentRow.value = rows()[1]!;
  reviewing.give(2);
  reviewing.back();
  await saved();
  expect(rows()[0]).toBe(first);
  expect(made.client.undo).not.toHaveBeenCalled();
  expect(said()).toContain('other changes came after');
  expect(store.labels.value[first!]).toBe(1);
});

test('Backspace only turns back where the page was taken back already', async () => {
  reviewing.toggle();
  const first = rows();
  reviewing.accept();
  await saved();
  await labeling.turnBack('undo', true);
  reviewing.back();
  expect(rows()).toEqual(first);
  expect(made.client.undo).toHaveBeenCalledTimes(1);
  expect(said()).toBe('');
});

test('while the server is away pages are turned, named and taken back all the same; then all of it is stored', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 50 });
  made.up.now = false;
  reviewing.toggle();
  const size = rows().length;
  for (let turn = 0; turn < 4; turn++) {
    store.currentRow.value = rows()[2]!;
    reviewing.give(2);
    reviewing.accept();
  }
  expect(store.review.value?.turned).toHaveLength(4);
  reviewing.back();
  expect([...store.labels.value].filter((label) => label === 1)).toHaveLength(3 * (size - 1)); // not the fourth any more
  made.up.now = true;
  await vi.advanceTimersByTimeAsync(20_000);
  vi.useRealTimers();
  await saved();
  const stored = [...made.marks.values()].map(([classId, state]) => (state === 'unlabeled' ? 0 : classId));
  expect(stored.filter((classId) => classId === 1)).toHaveLength(3 * (size - 1));
  expect(stored.filter((classId) => classId === 2)).toHaveLength(4);
});

describe('a group without a class', () => {
  beforeEach(() => {
    store.selection.value = found('lasso', Int32Array.of(10, 11, 12, 13));
    reviewing.toggle();
  });

  test('is given one as a whole by a digit, strays first', async () => {
    expect(store.review.value?.subject).toMatchObject({ of: 'selection', classId: null });
    store.currentRow.value = 11; // the pointer happens to be there
    reviewing.accept();
    expect(said()).toContain('What are these?');
    reviewing.pick(12, false);
    reviewing.give(2);
    reviewing.give(1);
    await saved();
    expect([10, 11, 12, 13].map((row) => store.labels.value[row])).toEqual([1, 1, 2, 1]);
    expect(made.applied.at(-1)?.selection).toEqual({ kind: 'page', of: 'selection', order: 'doubtful', shown: 4, changed: 1 }); // prettier-ignore
    expect(rows()).toEqual([]);
  });

  test('is asked for its class anew where it was misnamed and taken back', async () => {
    reviewing.give(2);
    await saved();
    reviewing.back();
    await saved();
    expect(store.review.value?.subject.classId).toBeNull();
    reviewing.give(1);
    await saved();
    expect([10, 11, 12, 13].map((row) => store.labels.value[row])).toEqual([1, 1, 1, 1]);
  });

  test('keeps the labels that it has: a digit then is for what is pointed at', async () => {
    const labels = store.labelState.value.labels.slice().fill(1, 10, 14);
    store.labelState.value = { ...store.labelState.value, labels, states: new Uint8Array(N).fill(2, 10, 14) };
    reviewing.give(2);
    expect(said()).toContain('Point at an image');
    expect(rows()).toHaveLength(4);
    store.currentRow.value = 11;
    reviewing.give(2);
    await saved();
    expect([10, 11, 12, 13].map((row) => store.labels.value[row])).toEqual([1, 2, 1, 1]);
  });

  test('can be given a new one by its name', async () => {
    reviewing.pick(12, false);
    await reviewing.giveName('tulip');
    await saved();
    expect(made.applied.at(-1)).toMatchObject({
      new_class: { name: 'tulip' },
      sample_ids: ['s12'],
      state: 'seen',
    });
    expect(store.labels.value[12]).toBe(3);
  });

  test('gets a new one as a whole, but nothing else does that is pointed at meanwhile', async () => {
    const named = reviewing.giveName('tulip');
    reviewing.openClass(1);
    store.currentRow.value = 0;
    await named;
    await saved();
    expect(store.labels.value[0]).toBe(-1);
    expect(made.applied).toEqual([]);
    expect(said()).toContain('“tulip” is a class now');
    store.selection.value = found('lasso', Int32Array.of(10, 11, 12, 13));
    reviewing.openSelection();
    await reviewing.giveName('lily');
    await saved();
    expect([10, 11, 12, 13].map((row) => store.labels.value[row])).toEqual([4, 4, 4, 4]);
  });
});

test('labels that are looked through become verified, the changed ones too', async () => {
  const labels = store.labelState.value.labels.slice().fill(1, 0, 4);
  store.labelState.value = { ...store.labelState.value, labels, states: new Uint8Array(N).fill(1, 0, 4) };
  reviewing.verifyClass(1);
  expect(rows()).toHaveLength(4);
  store.currentRow.value = 2;
  reviewing.give(2);
  reviewing.accept();
  await saved();
  expect(made.applied.map((each) => [each.class_id, each.state, each.only_unlabeled])).toEqual([
    [2, 'verified', false],
    [1, 'verified', false],
  ]);
  expect([...store.marks.value.states.slice(0, 4)]).toEqual([3, 3, 3, 3]);
});

test('what was named stays on the page when fewer, larger tiles are shown', async () => {
  reviewing.setTileEdge(40);
  reviewing.openClass(1);
  const many = rows().length;
  const stray = rows().at(-1)!;
  store.currentRow.value = stray;
  reviewing.give(2);
  reviewing.setTileEdge(100);
  expect(rows().length).toBeLessThan(many);
  expect(rows()).toHaveLength(store.pageSize.value);
  expect(rows().at(-1)).toBe(stray);
  reviewing.accept();
  await saved();
  expect(made.applied.at(-1)?.selection).toMatchObject({ shown: store.pageSize.value, changed: 1 });
});

describe('a look at some of a cluster', () => {
  const cluster = (): void => reviewing.openRows('cluster', [...Array(300).keys()], 'cluster 1');

  /** The last ones: what comes before them could pass for surer. */
  const mistakes = (): void => {
    for (const row of [...rows()].sort((a, b) => b - a).slice(0, 6)) reviewing.pick(row, false);
    reviewing.give(2);
  };

  test('gives the class to the rest with one edit, unseen', async () => {
    cluster();
    reviewing.look();
    const shown = [...rows()];
    expect(shown).toHaveLength(60);
    expect(new Set(shown).size).toBe(60);
    reviewing.give(2);
    expect(store.review.value?.look?.found).toMatchObject({ shown: 60, wrong: 0, part: { size: 300 } });
    reviewing.acceptRest();
    await saved();
    expect(made.applied.map((each) => [each.state, each.sample_ids?.length, each.selection])).toEqual([
      ['seen', 60, { kind: 'page', of: 'cluster', order: 'random', shown: 60, changed: 0, population: 300 }],
      [undefined, 240, { kind: 'suggestion' }],
    ]);
    expect(made.applied[1]?.only_unlabeled).toBe(true);
    expect(store.review.value).toBeNull();
  });

  test('is not drawn anew before it is looked at', () => {
    cluster();
    reviewing.look();
    const shown = [...rows()];
    reviewing.look();
    expect(rows()).toEqual(shown);
  });

  test('with mistakes tells of all of it, and leads to more, drawn from those not seen', async () => {
    cluster();
    reviewing.look();
    const shown = new Set(rows());
    mistakes();
    reviewing.give(1);
    expect(store.review.value?.look?.found).toEqual({ shown: 60, wrong: 6, part: null });
    reviewing.look();
    expect(rows()).toHaveLength(60);
    expect(rows().some((row) => shown.has(row))).toBe(false);
    reviewing.accept();
    expect(store.review.value?.look?.found).toMatchObject({ shown: 60, wrong: 0, part: { size: 240 } });
    reviewing.acceptRest();
    await saved();
    expect(made.applied.at(-1)?.sample_ids).toHaveLength(180);
  });

  test('with mistakes can be accepted all the same, by whoever chooses so', async () => {
    cluster();
    reviewing.look();
    mistakes();
    reviewing.give(1);
    reviewing.acceptRest();
    await saved();
    expect(made.applied.at(-1)?.sample_ids).toHaveLength(240);
  });

  test('never accepts what others labelled meanwhile', async () => {
    cluster();
    reviewing.look();
    const shown = [...rows()];
    reviewing.give(1);
    const hers = [...Array(300).keys()].find((row) => !shown.includes(row))!;
    labeling.mark([hers], { classId: 2 }, { onlyUnlabeled: true, selection: { kind: 'single', k: 0 } });
    reviewing.acceptRest();
    await saved();
    const accepted = made.applied.at(-1)?.sample_ids;
    expect(accepted).toHaveLength(239);
    expect(accepted).not.toContain(`s${hers}`);
    for (const row of shown) expect(accepted).not.toContain(`s${row}`);
  });

  test('tells of nothing once something of it was taken back', async () => {
    cluster();
    reviewing.look();
    const [first] = rows();
    reviewing.give(1);
    await saved();
    const { length } = made.applied;
    const cleared = { onlyUnlabeled: false, selection: { kind: 'single', k: 0 } } as const;
    labeling.mark([first!], { classId: null }, cleared);
    reviewing.acceptRest();
    await saved();
    expect(made.applied).toHaveLength(length + 1);
    expect(made.applied.at(-1)?.sample_ids).toEqual([`s${first!}`]);
    reviewing.look();
    expect(rows()).toHaveLength(60);
    expect(store.review.value?.look).toMatchObject({ found: null });
  });

  test('of what is less than a page shows all of it', () => {
    reviewing.openRows('cluster', [...Array(20).keys()], 'cluster 1');
    reviewing.look();
    reviewing.give(1);
    expect(store.review.value?.look?.found).toEqual({ shown: 20, wrong: 0, part: null });
    const { length } = made.applied;
    reviewing.acceptRest();
    expect(made.applied).toHaveLength(length);
  });
});

describe('a look at some, drawn at random', () => {
  test('is stored with how many they were drawn from, and then the rest can be accepted unseen', async () => {
    reviewing.look();
    expect(rows()).toHaveLength(60);
    store.currentRow.value = rows()[0]!;
    reviewing.give(2);
    reviewing.accept();
    expect(store.review.value?.look?.found).toMatchObject({ shown: 60, wrong: 1 });
    reviewing.acceptRest();
    await saved();
    expect(made.applied.map((each) => [each.state, each.sample_ids?.length, each.selection])).toEqual([
      ['seen', 1, { kind: 'single', k: 0 }],
      [
        'seen',
        59,
        { kind: 'page', of: 'suggestion', order: 'random', shown: 60, changed: 1, population: 300 },
      ],
      [undefined, 240, { kind: 'suggestion' }],
    ]);
  });

  test('accepts no more than the part that it speaks for', async () => {
    store.suggestions.value = {
      ...store.suggestions.value!,
      percent: Float32Array.from({ length: N }, (_, row) => 99 - row / 50),
    };
    reviewing.look();
    const wrong = rows().filter((row) => row > 220);
    for (const row of wrong) reviewing.pick(row, false);
    reviewing.give(2);
    const shown = new Set(rows());
    reviewing.accept();
    const part = store.review.value?.look?.found?.part;
    expect(part?.size).toBeGreaterThan(200);
    expect(part?.size).toBeLessThan(260);
    reviewing.acceptRest();
    await saved();
    const surest = Array.from({ length: part!.size }, (_, row) => row);
    expect(made.applied.at(-1)?.sample_ids).toEqual(
      surest.filter((row) => !shown.has(row)).map((row) => `s${row}`),
    );
    const { shown: seen, wrong: bad, size } = part!;
    expect(made.applied.at(-2)?.selection).toMatchObject({ shown: seen, changed: bad, population: size });
  });

  test('leads to the pages where too little is expected to be right', () => {
    store.sureFrom.value = 50;
    store.suggestions.value = { ...store.suggestions.value!, percent: new Float32Array(N).fill(80) };
    reviewing.look();
    expect(said()).toContain('Only 80 %');
    expect(store.review.value).toMatchObject({ order: 'surest', look: null });
  });

  test('is stored where nothing was right, too, and changes nothing then', async () => {
    reviewing.look();
    const shown = [...rows()];
    for (const row of shown) reviewing.pick(row, false);
    reviewing.give(2);
    reviewing.accept();
    await saved();
    expect(
      made.applied.map((each) => [each.sample_ids?.length, each.only_unlabeled, each.selection]),
    ).toEqual([
      [60, false, { kind: 'single', k: 59 }],
      [
        60,
        true,
        { kind: 'page', of: 'suggestion', order: 'random', shown: 60, changed: 60, population: 300 },
      ],
    ]);
    expect(shown.every((row) => store.labels.value[row] === 2)).toBe(true);
    expect(store.review.value?.look?.found).toEqual({ shown: 60, wrong: 60, part: null });
    const { length } = made.applied;
    reviewing.acceptRest();
    await saved();
    expect(made.applied).toHaveLength(length);
  });

  test('can be taken back', () => {
    reviewing.look();
    const shown = [...rows()];
    reviewing.accept();
    reviewing.back();
    expect(rows()).toEqual(shown);
    expect(store.review.value?.look?.found).toBeNull();
  });
});

test('what nobody has seen of a class is shown without what somebody has, the most doubtful first', async () => {
  store.labelState.value = {
    ...store.labelState.value,
    labels: new Int32Array(N).fill(1),
    states: new Uint8Array(N).fill(2).fill(1, 30, 34),
  };
  expect(store.nextStep.value).toEqual({ kind: 'unseen', count: 4, classId: 1 });
  reviewing.openUnseen(1);
  expect([...rows()].sort()).toEqual([30, 31, 32, 33]);
  expect(rows()[0]).toBeGreaterThan(31); // its class is suggested less surely from here on
  reviewing.accept();
  await saved();
  expect(store.nextStep.value).toMatchObject({ kind: 'done' });
});

test('what stays unsure after another look is no next step while its end is shown', () => {
  const labels = new Int32Array(N).fill(1);
  store.labelState.value = {
    ...store.labelState.value,
    labels: labels.fill(UNSURE, 0, 2),
    states: new Uint8Array(N).fill(2).fill(4, 0, 2),
  };
  expect(store.nextStep.value).toEqual({ kind: 'unsure', count: 2 });
  reviewing.openAside('unsure');
  reviewing.accept();
  expect(rows()).toEqual([]);
  expect(store.nextStep.value).toEqual({ kind: 'done', count: N, unsure: 2 });
});

test('the page of a class that is deleted or merged is closed', () => {
  reviewing.toggle();
  const { labelState } = store;
  labelState.value = { ...labelState.value, classes: labelState.value.classes.filter(({ id }) => id !== 1) };
  expect(store.review.value).toBeNull();
  expect(said()).toContain('The class of this page is gone');
});

test('more room shows more, behind what stands there already', () => {
  reviewing.toggle();
  store.currentRow.value = 2;
  reviewing.give(2);
  const before = [...rows()];
  store.room.value = { width: 1200, height: 800 };
  expect(rows().length).toBeGreaterThan(before.length);
  expect(rows().slice(0, before.length)).toEqual(before);
  reviewing.accept();
  expect(store.review.value?.turned[0]?.before.every((label) => label === -1)).toBe(true);
});

test('the arrows go from tile to tile, and stop at the ends', () => {
  reviewing.toggle();
  const { columns } = store.tiling.value;
  reviewing.move('ArrowDown');
  expect(store.currentRow.value).toBe(rows()[0]);
  reviewing.move('ArrowDown');
  reviewing.move('ArrowRight');
  expect(store.currentRow.value).toBe(rows()[columns + 1]);
  reviewing.move('Home');
  reviewing.move('ArrowUp');
  expect(store.currentRow.value).toBe(rows()[0]);
});

test('nothing is turned where nothing can be edited', () => {
  store.runs.value = { can_edit: false, edit_problem: 'You may look only.' } as RunsAnswer;
  reviewing.toggle();
  const before = [...rows()];
  reviewing.accept();
  expect(rows()).toEqual(before);
  expect(store.review.value?.turned).toEqual([]);
  expect(said()).toContain('You may look only.');
});

test('a range is picked from the image that was picked last, wherever the pointer was since', () => {
  reviewing.toggle();
  reviewing.pick(2, false);
  store.currentRow.value = 6;
  reviewing.pick(4, true);
  expect([...store.picked.value]).toEqual([2, 3, 4]);
  reviewing.pick(3, false);
  expect([...store.picked.value]).toEqual([2, 4]);
});

describe('where others look at pages too', () => {
  const ben = (rows: readonly number[]): void => {
    for (const row of rows) made.bens.add(`s${row}`);
  };
  /** What the server told of ben a moment ago. */
  const known = (told: readonly number[]): void => {
    const ids = told.map((row) => `s${row}`);
    store.crew.value = [
      {
        author: 'ben',
        own: false,
        kind: 'page',
        count: ids.length,
        class_id: 1,
        sample_ids: ids,
        holds: true,
      },
    ];
  };

  test('a page is taken before it is shown, and comes without what they look at', async () => {
    ben([0, 1, 2, 4]);
    known([0, 1]);
    reviewing.toggle();
    expect(store.review.value).toBeNull(); // not before it is taken
    const size = store.pageSize.value;
    await vi.waitFor(() => expect(rows()).toHaveLength(size));
    expect(rows().slice(0, 3)).toEqual([3, 5, 6]);
    expect(store.review.value?.page.without).toBe(4);
    const [{ choices, most }] = made.client.take.mock.calls.at(-1) ?? [{ choices: [], most: 0 }];
    expect([choices[0]?.[0], most]).toEqual(['s2', size]);
  });

  test('Enter twice before the next page is there accepts one', async () => {
    known([]);
    reviewing.toggle();
    await vi.waitFor(() => expect(rows()[0]).toBe(0));
    const size = rows().length;
    reviewing.accept();
    reviewing.accept();
    await vi.waitFor(() => expect(rows()[0]).toBe(size));
    await saved();
    expect(made.applied).toHaveLength(1);
  });

  test('what somebody was a moment quicker at goes from the page, but not what was named already', async () => {
    ben([1, 2]);
    reviewing.toggle(); // nobody else is known to be here: it is shown at once
    expect(rows().slice(0, 3)).toEqual([0, 1, 2]);
    store.currentRow.value = 2;
    reviewing.give(2);
    await vi.waitFor(() => expect(rows().slice(0, 3)).toEqual([0, 2, 3]));
    expect(said()).toContain('2 images are left out: ben is looking at them.');
  });

  test('a look drawn at random stays as it was drawn', async () => {
    ben([...Array(300).keys()]);
    known([...Array(300).keys()]);
    reviewing.look();
    expect(rows()).toHaveLength(60);
    await vi.waitFor(() => expect(said()).toContain('ben is looking at some of these too.'));
    expect(rows()).toHaveLength(60);
  });

  test('where nothing is left for the person here, that is said, and a page left meanwhile does not come back', async () => {
    ben([...Array(300).keys()]);
    known([0]);
    reviewing.openClass(1);
    await vi.waitFor(() => expect(store.review.value?.page).toMatchObject({ rows: [], without: 300 }));
    reviewing.openClass(1);
    reviewing.close();
    await saved();
    await Promise.resolve();
    expect(store.review.value).toBeNull();
  });

  test('a server that does not answer holds nobody up', async () => {
    made.up.now = false;
    reviewing.toggle();
    expect(rows()[0]).toBe(0);
    await Promise.resolve();
    expect(rows()[0]).toBe(0);
  });
});
