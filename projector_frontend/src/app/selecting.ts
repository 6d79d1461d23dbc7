import { batch } from '@preact/signals';
import type { Client } from '../api/client';
import { rowsOfGroup } from '../state/coloring';
import { densestUnlabeled } from '../state/densest';
import { listed } from '../state/company';
import { rowsOfClass, UNLABELED } from '../state/labels';
import { nearest } from '../state/neighbors';
import { rowsWithText, wantedBy, type Wanted } from '../state/search';
import {
  add,
  addRows,
  around,
  drop,
  dropRows,
  found,
  MAX_K,
  NOTHING,
  toggle,
  withK,
  type Selection,
} from '../state/selection';
import type { Store } from '../state/store';
import type { PickMode } from '../view/actions';
import { remember } from './memory';
import { PatternSearch } from './pattern_search';
import type { Metadata } from './metadata';
import { asError, TextSearch } from './text_search';
import type { Viewport } from './viewport';
import { sentence, toast } from './toasts';

const SEARCHING = 'Searching …';
/** Faster than this, an answer needs no announcement. */
const SLOW_MS = 300;

/** Everything that changes what is selected. */
export class Selecting {
  /** Groups that G has shown already, so that pressing it again goes on to another. */
  private seen = new Set<number>();
  /** The last answer about neighbours in the features, by run, tensor and row. */
  private ranked: { key: string; rows: Int32Array } | null = null;
  private readonly patterns = new PatternSearch();
  private readonly texts: TextSearch;
  /** Counted up by each search, so that what belongs to an earlier one is known. */
  private searches = 0;

  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly viewport: Viewport,
    private readonly metadata: Metadata,
  ) {
    this.patterns.prepare();
    this.texts = new TextSearch((text) => metadata.rowsWith(text));
  }

  /** Another run: rows mean other images. */
  forget(): void {
    this.seen = new Set();
    this.ranked = null;
    this.stopSearching();
  }

  click(row: number, mode: PickMode): void {
    const { selection } = this.store;
    if (row < 0) return;
    if (mode === 'focus') void this.focus(row);
    else this.set(mode === 'add' ? add(selection.value, row) : drop(selection.value, row));
  }

  /** Takes what an outline holds, in the view's CSS pixels, through whatever is in front of it. */
  outline(kind: 'box' | 'lasso', corners: readonly number[], mode: PickMode): void {
    const rows = this.viewport.scene?.within(corners) ?? new Int32Array(0);
    const { value: selection } = this.store.selection;
    if (mode === 'focus') this.set(found(kind, rows));
    else this.set(mode === 'add' ? addRows(selection, kind, rows) : dropRows(selection, rows));
  }

  async focus(row: number, k = this.store.k.value): Promise<void> {
    const ranked = await this.rank(row);
    if (ranked) this.set(around(row, ranked, k));
  }

  /** What is open in a cluster; `besides` what is selected already. */
  takeCluster(rows: Int32Array, besides: boolean): void {
    this.set(besides ? addRows(this.store.selection.value, 'cluster', rows) : found('cluster', rows));
  }

  take(selection: Selection): void {
    this.set(selection);
  }

  toggle(row: number): void {
    this.set(toggle(this.store.selection.value, row));
  }

  clear(): void {
    this.set(NOTHING);
    this.store.query.value = '';
    this.store.queryProblem.value = null;
  }

  /** Selects again round the same focus, over the positions of this moment. */
  async setK(k: number): Promise<void> {
    const { store } = this;
    const most = Math.min(MAX_K, Math.max(1, this.viewport.points.count - 1));
    const wanted = Math.max(1, Math.min(Math.round(k), most));
    if (!Number.isFinite(wanted)) return;
    store.k.value = wanted;
    remember({ k: wanted });
    const { focus, kind } = store.selection.value;
    if (focus === null || (kind !== 'neighbors' && kind !== 'single')) return;
    const ranked = await this.rank(focus);
    if (ranked && store.selection.value.focus === focus)
      this.set(withK(store.selection.value, store.k.value, ranked), false);
  }

  /** A step of about a fifth, one at least: as useful at 5 as at 300. */
  stepK(direction: 1 | -1): void {
    const k = this.store.k.value;
    void this.setK(k + direction * Math.max(1, Math.round(k / 5)));
  }

  /** Where neighbours are looked for: in the picture, or among the features that it was made from. */
  setSpace(space: 'embedding' | 'features'): void {
    this.store.space.value = space;
    void this.setK(this.store.k.value);
  }

  selectClass(id: number): void {
    const name = this.store.classById.value.get(id)?.name ?? 'unlabeled';
    this.set(found('label', rowsOfClass(this.store.labels.value, id), name));
  }

  /** What is of a group of the column that colours the view. */
  selectGroup(group: string): void {
    const { value: column } = this.store.colorColumn;
    if (column) this.set(found('search', rowsOfGroup(column, group), group));
  }

  /** What is suggested to be of a class, surely enough, the surest first. */
  selectSuggested(id: number): void {
    const { store } = this;
    const { value: suggestions } = store.suggestions;
    const rows = store.suggestedRows.value.get(id) ?? [];
    const percent = (row: number): number => suggestions?.percent[row] ?? 0;
    const ranked = [...rows].sort((a, b) => percent(b) - percent(a));
    this.set(found('suggestion', Int32Array.from(ranked), store.classById.value.get(id)?.name));
  }

  search(query: string): void {
    const { store } = this;
    const wanted = wantedBy(query);
    this.stopSearching();
    store.query.value = query;
    if (query.trim() === '') {
      store.queryProblem.value = null;
      if (store.selection.value.kind === 'search') this.set(NOTHING);
    } else if (wanted.kind === 'problem') store.queryProblem.value = wanted.problem;
    else {
      const columns = store.allCells.value;
      if (wanted.kind === 'text' && columns) this.show(query, rowsWithText(columns, wanted.text));
      else this.look(query, wanted);
    }
  }

  /** Looks for what takes a while: a pattern, or a text that only the server can look for. */
  private look(query: string, wanted: Exclude<Wanted, { kind: 'problem' }>): void {
    const { queryProblem } = this.store;
    const number = ++this.searches;
    const isNewest = (): boolean => number === this.searches;
    const done = (result: Int32Array | Error): void => {
      if (!isNewest()) return;
      if (result instanceof Error) queryProblem.value = result.message;
      else this.show(query, result);
      this.searches++;
    };
    setTimeout(() => {
      if (isNewest()) queryProblem.value = SEARCHING;
    }, SLOW_MS);
    if (wanted.kind === 'text') this.texts.find(wanted.text, done);
    else
      void this.metadata.all().then(
        (columns) => {
          if (isNewest()) this.patterns.find(columns, wanted.pattern, done);
        },
        (error: unknown) => done(asError(error)),
      );
  }

  private stopSearching(): void {
    this.searches++;
    this.patterns.cancel();
    this.texts.cancel();
    if (this.store.queryProblem.value === SEARCHING) this.store.queryProblem.value = null;
  }

  private show(query: string, rows: Int32Array): void {
    this.set(found('search', rows, query));
    this.store.queryProblem.value = rows.length === 0 ? 'Nothing found.' : null;
  }

  /** The tightest group without labels that nobody else looks at. */
  async densest(): Promise<void> {
    const { store, viewport } = this;
    if (viewport.points.count === 0) return;
    const { value: held } = store.held;
    const find = (): number => {
      const passed = new Set([...this.seen, ...held.keys()]);
      return densestUnlabeled(viewport.points, store.labels.value, Math.max(5, store.k.value), passed);
    };
    let row = find();
    if (row < 0 && this.seen.size > 0) {
      this.seen = new Set();
      row = find();
    }
    if (row < 0) {
      const others = [...held].flatMap(([each, by]) => (store.labels.value[each] === UNLABELED ? [by] : []));
      if (others.length === 0) toast(store, 'Every image is labelled.', 'good');
      else
        toast(
          store,
          `${listed([...new Set(others)])} ${new Set(others).size === 1 ? 'looks' : 'look'} at all that is left: nothing is left for you now.`,
        );
      return;
    }
    await this.focus(row);
    for (const member of store.selected.value) this.seen.add(member);
  }

  /** The nearest of a row, in order, without those that others look at; null where the server could not tell. */
  private async rank(row: number): Promise<Int32Array | null> {
    const { value: held } = this.store.held;
    const ranked = await this.rankAll(row);
    return held.size === 0 ? ranked : (ranked?.filter((each) => !held.has(each)) ?? null);
  }

  private async rankAll(row: number): Promise<Int32Array | null> {
    const { store } = this;
    if (store.space.value === 'embedding') return nearest(this.viewport.points, row, MAX_K);
    const { value: run } = store.run;
    const { value: tensor } = store.tensor;
    const sampleId = store.samples.value?.sample_ids[row];
    if (run === null || tensor === null || sampleId === undefined) return null;
    const key = JSON.stringify([run, tensor, row]);
    if (this.ranked?.key === key) return this.ranked.rows;
    try {
      const answer = await this.client.neighbors(run, tensor, sampleId, MAX_K);
      const rows = answer.sample_ids.map((id) => store.rowOf.value.get(id) ?? -1).filter((each) => each >= 0);
      this.ranked = { key, rows: Int32Array.from(rows) };
      return this.ranked.rows;
    } catch (error) {
      toast(store, sentence(error), 'bad');
      return null;
    }
  }

  private set(selection: Selection, fresh = true): void {
    // What was selected last stays selected, however late a search ends.
    this.stopSearching();
    batch(() => {
      this.store.selection.value = selection;
      if (fresh) this.store.overwrite.value = false;
    });
  }
}
