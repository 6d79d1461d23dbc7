import { batch, effect } from '@preact/signals';
import type { Client, WriteTag } from '../api/client';
import { ApiError } from '../api/errors';
import { newOpId } from '../api/op_id';
import type { ClassAction, EditResult, SelectionNote } from '../contract';
import { chunks } from '../state/chunks';
import { nextColor } from '../state/colors';
import { plural } from '../state/format';
import { foldEdit, UNLABELED, type Pending } from '../state/labels';
import { Outbox } from '../state/outbox';
import { members, note } from '../state/selection';
import type { Store } from '../state/store';
import { refreshHistory } from './history';
import { sleep } from './polling';
import { sentence, toast } from './toasts';

/** Everything that changes labels or classes: shown at once, stored in order, taken back where refused. */
export class Labelling {
  private readonly outbox = new Outbox<EditResult>({
    isTransient: (error) => error instanceof ApiError && error.transient,
    sleep,
  });

  constructor(
    private readonly client: Client,
    private readonly store: Store,
  ) {
    effect(() => {
      store.saved.value = this.outbox.state.value;
    });
    window.addEventListener('beforeunload', (event) => {
      if (store.saved.peek().kind !== 'saved') event.preventDefault();
    });
  }

  /** Gives the selection a class, or clears it (null). */
  apply(classId: number | null, selection = this.store.selection.value): void {
    const { store } = this;
    const run = store.run.value;
    const samples = store.samples.value;
    if (run === null || !samples || this.refused()) return;
    const selected = members(selection);
    if (selected.length === 0) {
      toast(store, 'Nothing is selected. Click an image, or press G for a group.');
      return;
    }
    const onlyUnlabeled = classId !== null && !store.overwrite.value;
    const now = store.labels.value;
    const rows = selected.filter((row) => {
      if (onlyUnlabeled) return now[row] === UNLABELED;
      return now[row] !== (classId ?? UNLABELED);
    });
    if (classId !== null) store.lastClass.value = classId;
    if (rows.length === 0) {
      toast(store, onlyUnlabeled ? allLabelled(selected.length) : 'Nothing to change: it is so already.');
      return;
    }
    const idOf = (row: number): string => samples.sample_ids[row] ?? '';
    const how = note(selection, idOf);
    store.overwrite.value = false;
    for (const part of chunks(rows, (row) => idOf(row).length)) {
      void this.applyRows(run, part, part.map(idOf), classId, onlyUnlabeled, how);
    }
  }

  async add(name: string): Promise<boolean> {
    const { store } = this;
    const wanted = name.trim();
    // What is selected now is meant, not what may be once the server has answered.
    const { value: selection } = store.selection;
    if (wanted === '' || this.refused()) return false;
    let known = store.book.value.classes.find((each) => each.name === wanted);
    if (!known) {
      const color = nextColor(store.book.value.classes);
      if (!(await this.change({ action: 'add', name: wanted, color }))) return false;
      known = store.book.value.classes.find((each) => each.name === wanted);
    }
    if (!known) return false;
    store.lastClass.value = known.id;
    if (selection.kind !== 'none') this.apply(known.id, selection);
    return true;
  }

  /** One of the actions on classes; false where it was refused (and a toast says why). */
  async change(action: ClassAction): Promise<boolean> {
    const run = this.store.run.value;
    if (run === null || this.refused()) return false;
    try {
      await this.write(run, (tag) => this.client.classes(run, tag, action));
      return true;
    } catch (error) {
      toast(this.store, sentence(error), 'bad');
      return false;
    }
  }

  async turnBack(which: 'undo' | 'redo'): Promise<void> {
    const { store } = this;
    const run = store.run.value;
    if (run === null || this.refused()) return;
    try {
      const result = await this.write(run, (tag) => this.client[which](run, tag));
      const entry = store.history.peek().find((each) => each.revision === result.target);
      const verb = which === 'undo' ? 'Undone' : 'Done again';
      toast(store, entry ? `${verb}: ${entry.summary}` : `${verb}.`);
    } catch (error) {
      const nothing = error instanceof ApiError && error.code.startsWith('nothing_to');
      toast(store, sentence(error), nothing ? 'info' : 'bad');
    }
  }

  async save(): Promise<void> {
    const { store, client } = this;
    const { value: run } = store.run;
    const { value: tensor } = store.tensor;
    if (run === null || tensor === null || this.refused()) return;
    try {
      const { file } = await client.save(run, tensor);
      toast(store, `Labels are in ${file}: the Projector tab shows them after a reload.`, 'good');
    } catch (error) {
      toast(store, sentence(error), 'bad');
    }
  }

  private async applyRows(
    run: string,
    rows: readonly number[],
    sampleIds: string[],
    classId: number | null,
    onlyUnlabeled: boolean,
    selection: SelectionNote,
  ): Promise<void> {
    const { store } = this;
    const opId = newOpId();
    const pending: Pending = { opId, rows, classId, onlyUnlabeled };
    store.pending.value = [...store.pending.value, pending];
    const body = { class_id: classId, sample_ids: sampleIds, only_unlabeled: onlyUnlabeled, selection };
    const settle = (): void => {
      store.pending.value = store.pending.value.filter((each) => each !== pending);
    };
    try {
      await this.write(run, (tag) => this.client.apply(run, tag, body), opId, settle);
    } catch (error) {
      settle();
      toast(store, `Not stored, and taken back: ${sentence(error)}`, 'bad');
    }
  }

  /** Queues a write; its answer is in the book before the next one is sent, for that one's base revision. */
  private async write(
    run: string,
    send: (tag: WriteTag) => Promise<EditResult>,
    opId = newOpId(),
    settle: () => void = () => undefined,
  ): Promise<EditResult> {
    const { store } = this;
    const result = await this.outbox.add(async () => {
      const answer = await send({ op_id: opId, base_revision: store.book.peek().revision });
      // The page may show another run by now; this one's answer was stored all the same.
      if (store.run.peek() === run)
        batch(() => {
          store.book.value = foldEdit(store.book.peek(), answer, store.rowOf.peek(), false);
          settle();
        });
      return answer;
    });
    void refreshHistory(this.client, store).catch(() => undefined);
    return result;
  }

  private refused(): boolean {
    const problem = this.store.editProblem.value;
    if (problem !== null) toast(this.store, problem, 'bad');
    return problem !== null;
  }
}

function allLabelled(count: number): string {
  return count === 1
    ? 'This image has a label already. Tick “Replace labels” to change it.'
    : `All ${plural(count, 'image')} are labelled already. Tick “Replace labels” to change them.`;
}
