import { batch } from '@preact/signals';
import { densestUnlabeled } from '../state/densest';
import { rowsOfClass } from '../state/labels';
import { nearest } from '../state/neighbors';
import { searchRows } from '../state/search';
import { add, around, drop, found, MAX_K, NOTHING, toggle, withK, type Selection } from '../state/selection';
import type { Store } from '../state/store';
import type { PickMode } from '../view/actions';
import { remember } from './memory';
import type { Picture } from './picture';
import { toast } from './toasts';

/** Everything that changes what is selected. */
export class Selecting {
  /** Groups that G has shown already, so that pressing it again goes on to another. */
  private seen = new Set<number>();

  constructor(
    private readonly store: Store,
    private readonly picture: Picture,
  ) {}

  /** Another run: rows mean other images. */
  forget(): void {
    this.seen = new Set();
  }

  click(row: number, mode: PickMode): void {
    const { selection } = this.store;
    if (mode === 'focus') {
      if (row >= 0) this.focus(row);
      return;
    }
    if (row < 0) return;
    this.set(mode === 'add' ? add(selection.value, row) : drop(selection.value, row));
  }

  focus(row: number): void {
    this.set(around(row, this.rank(row), this.store.k.value));
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
  setK(k: number): void {
    const { store } = this;
    const most = Math.min(MAX_K, Math.max(1, this.picture.points.count - 1));
    const wanted = Math.max(1, Math.min(Math.round(k), most));
    if (!Number.isFinite(wanted)) return;
    store.k.value = wanted;
    remember({ k: wanted });
    const { value: selection } = store.selection;
    if (selection.focus !== null && (selection.kind === 'neighbors' || selection.kind === 'single'))
      this.set(withK(selection, wanted, this.rank(selection.focus)), false);
  }

  /** A step of about a fifth, one at least: as useful at 5 as at 300. */
  stepK(direction: 1 | -1): void {
    const k = this.store.k.value;
    this.setK(k + direction * Math.max(1, Math.round(k / 5)));
  }

  selectClass(id: number): void {
    const name = this.store.classById.value.get(id)?.name ?? 'unlabeled';
    this.set(found('label', rowsOfClass(this.store.labels.value, id), name));
  }

  search(query: string): void {
    const { store } = this;
    store.query.value = query;
    if (query.trim() === '') {
      store.queryProblem.value = null;
      if (store.selection.value.kind === 'search') this.set(NOTHING);
      return;
    }
    const result = searchRows(store.samples.value?.columns ?? [], query);
    store.queryProblem.value = result.problem ?? (result.rows.length === 0 ? 'Nothing found.' : null);
    if (result.rows) this.set(found('search', result.rows, query));
  }

  densest(): void {
    const { store, picture } = this;
    if (picture.points.count === 0) return;
    const find = (): number =>
      densestUnlabeled(picture.points, store.labels.value, Math.max(5, store.k.value), this.seen);
    let row = find();
    if (row < 0 && this.seen.size > 0) {
      this.seen = new Set();
      row = find();
    }
    if (row < 0) {
      toast(store, 'Every image is labelled.', 'good');
      return;
    }
    this.focus(row);
    for (const member of store.selected.value) this.seen.add(member);
  }

  private rank(row: number): Int32Array {
    return nearest(this.picture.points, row, MAX_K);
  }

  private set(selection: Selection, fresh = true): void {
    batch(() => {
      this.store.selection.value = selection;
      if (fresh) this.store.overwrite.value = false;
    });
  }
}
