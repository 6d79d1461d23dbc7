import { batch, effect, untracked } from '@preact/signals';
import type { Client } from '../api/client';
import { BrowserOutboxStorage } from '../api/outbox_storage';
import { ApiError } from '../api/errors';
import { newOpId } from '../api/op_id';
import type {
  ApplyEdit,
  ClassAction,
  EditAnswer,
  EditTag,
  ImportEdit,
  ImportPreview,
  LabelColumn,
  PageNote,
  SelectionNote,
  State,
} from '../api/types';
import { isAnother, manageProblem } from '../state/access';
import { chunks } from '../state/chunks';
import { composed } from '../state/folding';
import { toldStayed } from '../state/company';
import { lookedAtWords } from '../state/crew';
import { plural } from '../state/format';
import { foldEdit, isLabel, labelStateFrom, UNLABELED, type Pending } from '../state/labels';
import { Outbox, type Entry } from '../state/outbox';
import { note } from '../state/selection';
import type { Store } from '../state/store';
import { Trail } from '../state/trail';
import { noteAnswer } from './connection';
import { downloadFrom } from './download';
import { refreshHistory } from './history';
import { readLabels } from './labels';
import { sleep } from './sleep';
import { refused, sentence, toast } from './toasts';

/** What the page says of a labelling: it names samples by their ids. */
type ApplyById = ApplyEdit & { sample_ids: string[]; only_unlabeled: boolean; selection: SelectionNote };

/** A change as it is kept until the server has answered it, in the browser too: other versions of the page read it. */
export type Write =
  | { route: 'apply'; body: ApplyById }
  | { route: 'classes'; action: ClassAction }
  | { route: 'undo' | 'redo'; revision?: number }
  | { route: 'restore'; revision: number }
  | { route: 'import'; body: ImportEdit };

/** What is given to some rows: a class, a new one, none, or a place aside. */
export type Given = { classId: number | null } | { newClass: string } | { aside: 'unsure' | 'ignored' };

export interface How {
  /** What the label is worth; what is set aside has none. */
  state?: State;
  /** Whether what was decided already stays as it is. */
  onlyUnlabeled: boolean;
  selection: SelectionNote;
}

/** Stands for a class that is not there yet. */
const NO_CLASS = 0;
const LOOK_AGAIN_MS = 5000;

/** Everything that changes labels or classes: shown at once, kept until stored, taken back where refused. */
export class Labeling {
  private readonly outbox: Outbox<Write, EditAnswer>;
  private readonly trail = new Trail();
  private newest = 0;
  private asking = false;

  constructor(
    private readonly client: Client,
    private readonly store: Store,
    /** Somebody else has signed in, in another tab, than the page knows. */
    private readonly onOtherPerson: () => void = () => undefined,
  ) {
    this.outbox = new Outbox<Write, EditAnswer>({
      send: (entry, base) => this.send(entry, base),
      storage: new BrowserOutboxStorage<Entry<Write>>(`tb-tsne ${new URL('.', document.baseURI).pathname}`),
      isTransient: (error) => error instanceof ApiError && error.transient,
      isElsewhere,
      sleep,
    });
    effect(() => {
      store.saved.value = this.outbox.state.value;
    });
    effect(() => {
      store.elsewhere.value = this.outbox.elsewhere.value;
    });
    effect(() => this.trail.look(store.history.value));
    effect(() => {
      // Other labels than before answer: they may be what waiting changes are for.
      if (store.labelStore.value !== '') untracked(() => this.retry());
    });
    window.addEventListener('beforeunload', (event) => {
      // What is kept here goes on its way at the next visit; only where nothing can be kept would it be lost.
      const isAllStored = store.saved.peek().kind === 'saved' && store.elsewhere.peek().length === 0;
      if (!this.outbox.keeps && !isAllStored) event.preventDefault();
    });
  }

  /** Finds what an earlier visit could not send, and sends what is for the labels that are here. */
  resume(): void {
    void this.outbox.recall().then(() => {
      if (this.store.labelStore.peek() !== '') this.retry();
    });
  }

  /** Gives up changes that wait for other labels. */
  discard(opIds: ReadonlySet<string>): Promise<void> {
    return this.outbox.discard(opIds);
  }

  /** Makes changes that wait for nobody who could come back one's own, and sends them. */
  async claim(opIds: ReadonlySet<string>): Promise<void> {
    await this.outbox.claim(opIds, this.account);
    this.retry();
  }

  private retry(): void {
    const { store } = this;
    const runs = store.runs.peek();
    if (!runs?.can_edit) return;
    const answers: Promise<unknown>[] = [];
    this.outbox.retry(
      this.account,
      (entry, answer) => answers.push(this.follow(entry, answer)),
      (write) => write.route !== 'import' || manageProblem(runs) === null,
    );
    void Promise.allSettled(answers).then((settled) => {
      const stored = settled.filter((each) => each.status === 'fulfilled').length;
      if (stored > 0) toast(store, `${plural(stored, 'change')} that waited here: stored now.`, 'good');
      const refusals = settled.flatMap((each) =>
        each.status === 'rejected' ? [each.reason as unknown] : [],
      );
      for (const error of refusals) if (!isElsewhere(error)) this.failed(error);
    });
  }

  /** Gives rows without a label the class that was suggested for them. */
  accept(rows: readonly number[], classId: number): boolean {
    const how: How = { onlyUnlabeled: true, selection: { kind: 'suggestion' } };
    return this.mark(rows, { classId }, how).length > 0;
  }

  /** Gives labelled images, at which somebody looked once more, another label or the same: one action. */
  verify(rows: readonly number[], classId: number): void {
    const labels = this.store.labels.peek();
    const changed = rows.filter((row) => labels[row] !== classId).length;
    const selection: PageNote = {
      kind: 'page',
      of: 'labeled',
      order: 'doubtful',
      shown: rows.length,
      changed,
    };
    this.mark(rows, { classId }, { state: 'verified', onlyUnlabeled: false, selection });
  }

  /** Gives rows something; the names of the edits that do it, none where nothing can be edited. */
  mark(rows: readonly number[], given: Given, { state, onlyUnlabeled, selection }: How): string[] {
    if (rows.length === 0 || refused(this.store)) return [];
    this.tellOthers(rows);
    const idOf = (row: number): string => this.store.samples.value?.sample_ids[row] ?? '';
    const what =
      'aside' in given
        ? { state: given.aside }
        : {
            ...('newClass' in given ? { new_class: { name: given.newClass } } : { class_id: given.classId }),
            ...(state && { state }),
          };
    return chunks(rows, (row) => idOf(row).length).flatMap((part) => {
      const how = { only_unlabeled: onlyUnlabeled, selection };
      const opId = newOpId();
      const body = { ...how, ...what, sample_ids: part.map(idOf) } as ApplyById;
      this.write({ route: 'apply', body }, opId).catch((error: unknown) => this.failed(error));
      return [opId];
    });
  }

  /** Whether an undo would take back this edit. */
  isLast(opId: string | undefined): boolean {
    return opId !== undefined && this.trail.last() === opId;
  }

  /** Gives the selection a class, or clears it (null). */
  apply(classId: number | null): void {
    if (refused(this.store)) return;
    if (classId !== null) this.store.lastClass.value = classId;
    for (const part of this.parts(classId))
      this.write({ route: 'apply', body: { ...part, class_id: classId } }).catch((error: unknown) =>
        this.failed(error),
      );
  }

  /** Adds a class, and gives it to the selection where there is one; false where that was refused. */
  async add(name: string): Promise<boolean> {
    const { store } = this;
    const wanted = composed(name.trim());
    if (wanted === '' || refused(this.store)) return false;
    const known = store.labelState.value.classes.find((each) => composed(each.name) === wanted);
    const selecting = store.selection.value.kind !== 'none';
    if (known) {
      if (selecting) this.apply(known.id);
      else store.lastClass.value = known.id;
      return true;
    }
    if (!selecting) return this.change({ action: 'add', name: wanted });
    // Naming and labelling are one change, to be undone as one.
    // No image has it yet: whatever is asked to be replaced, is.
    const [first, ...others] = this.parts(NO_CLASS);
    if (!first) return false;
    const done = await this.tried({ route: 'apply', body: { ...first, new_class: { name: wanted } } });
    const added = store.labelState.value.classes.find((each) => each.name === wanted);
    if (!done || !added) return done;
    store.lastClass.value = added.id;
    for (const part of others) void this.tried({ route: 'apply', body: { ...part, class_id: added.id } });
    return true;
  }

  /** One of the actions on classes; false where it was refused (and a toast says why). */
  change(action: ClassAction): Promise<boolean> {
    return this.tried({ route: 'classes', action });
  }

  restore(revision: number): Promise<boolean> {
    return this.tried({ route: 'restore', revision });
  }

  importTable(body: ImportEdit): Promise<boolean> {
    return this.tried({ route: 'import', body });
  }

  /** What a table would change; nothing is changed. */
  async previewImport(body: ImportEdit): Promise<ImportPreview> {
    const { store, revision } = this.store.labelState.peek();
    const tag = { store, account: this.account, op_id: newOpId(), base_revision: revision };
    return this.client.previewImport(this.store.labelColumn.peek(), tag, body);
  }

  /**
   * Takes back one's own last edit, or does it again.
   *
   * @param quiet where what is shown tells that it was done
   * @param revision another edit than that, whoever made it
   */
  async turnBack(which: 'undo' | 'redo', quiet = false, revision?: number): Promise<void> {
    const { store } = this;
    if (refused(this.store)) return;
    try {
      const result = await this.write({ route: which, ...(revision !== undefined && { revision }) });
      const entry = store.history.peek().find((each) => each.revision === result.target);
      const verb = which === 'undo' ? 'Undone' : 'Done again';
      const stayed = toldStayed(result.stayed, entry?.count ?? 0);
      const words = entry ? `${verb}: ${entry.summary}` : `${verb}.`;
      if (stayed !== '') toast(store, `${words.replace(/\.$/, '')}. But ${stayed}.`);
      else if (!quiet) toast(store, words);
    } catch (error) {
      const nothing = error instanceof ApiError && error.code.startsWith('nothing_to');
      if (isElsewhere(error)) this.failed(error);
      else toast(store, sentence(error), nothing ? 'info' : 'bad');
    }
  }

  /** Saves the labels to the log dir: all that the page shows, so changes still on their way go first. */
  async save(): Promise<void> {
    const { store, client } = this;
    const { value: run } = store.run;
    const { value: tensor } = store.tensor;
    if (run === null || tensor === null || refused(this.store)) return;
    try {
      await this.answered();
      const { file } = await client.save(run, tensor);
      toast(store, `Labels are in ${file}: the Projector tab shows them after a reload.`, 'good');
    } catch (error) {
      toast(store, sentence(error), 'bad');
    }
  }

  /** Resolves when no change is on its way. */
  answered(): Promise<void> {
    return this.outbox.answered();
  }

  /** Downloads the labels as a table: all that the page shows, so changes still on their way go first. */
  async download(authors = false): Promise<void> {
    const { value: run } = this.store.run;
    const { value: tensor } = this.store.tensor;
    if (run === null || tensor === null) return;
    await this.answered();
    downloadFrom(this.client.tsvUrl(run, tensor, authors));
  }

  /** What others look at may be labelled all the same: nobody's work is refused. */
  private tellOthers(rows: readonly number[]): void {
    const words = lookedAtWords(rows, this.store.held.peek());
    if (words !== '') toast(this.store, words);
  }

  /** What is selected and would change, cut into requests; empty, and a toast, where nothing would. */
  private parts(classId: number | null): ApplyById[] {
    const { store } = this;
    const samples = store.samples.value;
    const selected = store.selected.value;
    if (!samples || selected.length === 0) {
      toast(store, 'Nothing is selected. Click an image, or press G for a group.');
      return [];
    }
    const onlyUnlabeled = classId !== null && !store.overwrite.value;
    const now = store.labels.value;
    const rows = selected.filter((row) =>
      onlyUnlabeled ? now[row] === UNLABELED : now[row] !== (classId ?? UNLABELED),
    );
    this.tellOthers(rows);
    if (rows.length === 0) {
      toast(store, onlyUnlabeled ? allLabeled(selected.length) : 'Nothing to change: it is so already.');
      return [];
    }
    const idOf = (row: number): string => samples.sample_ids[row] ?? '';
    const how = note(store.selection.value, idOf);
    store.overwrite.value = false;
    return chunks(rows, (row) => idOf(row).length).map((part) => ({
      sample_ids: part.map(idOf),
      only_unlabeled: onlyUnlabeled,
      // Whoever picks images one by one has seen them; of a group some of them, at most.
      ...(how.kind === 'single' && classId !== null && { state: 'seen' as const }),
      selection: how,
    }));
  }

  private async tried(write: Write): Promise<boolean> {
    if (this.store.run.value === null || refused(this.store)) return false;
    try {
      await this.write(write);
      return true;
    } catch (error) {
      if (isElsewhere(error)) this.failed(error);
      else toast(this.store, sentence(error), 'bad');
      return false;
    }
  }

  private write(body: Write, opId = newOpId()): Promise<EditAnswer> {
    const { store: made, revision: seen } = this.store.labelState.peek();
    if (made === '') return Promise.reject(new Error('The labels are not there yet; try again in a moment.'));
    const of = this.store.labelColumn.peek();
    this.newest = Math.max(Date.now(), this.newest + 1); // a clock that is put back changes no order
    const entry = { opId, at: this.newest, ...of, store: made, account: this.account, seen, body };
    const isTurn = body.route === 'undo' || body.route === 'redo';
    if (isTurn && body.revision !== undefined) this.trail.turn(opId, body.revision);
    else {
      if (body.route === 'undo') this.hide(this.trail.last(), true);
      this.trail.send(opId, isTurn ? body.route : 'edit');
    }
    return this.follow(entry, this.outbox.add(entry));
  }

  /** Shows a labelling as done while it is on its way. */
  private async follow(
    { opId, store: made, run, column, body: write }: Entry<Write>,
    answer: Promise<EditAnswer>,
  ): Promise<EditAnswer> {
    const { store } = this;
    const shown = write.route === 'apply' ? shownAs(write.body) : null;
    if (shown) store.pending.value = [...store.pending.value, { opId, store: made, run, column, ...shown }];
    try {
      return await answer;
    } catch (error) {
      this.trail.answer(opId, null);
      throw error;
    } finally {
      this.settle(opId);
      void refreshHistory(this.client, store).catch(() => undefined);
    }
  }

  /** Shows a labelling that is on its way as undone already. */
  private hide(opId: string | null, undone: boolean): void {
    const { pending } = this.store;
    if (pending.peek().some((each) => each.opId === opId))
      pending.value = pending.peek().map((each) => (each.opId === opId ? { ...each, undone } : each));
  }

  private settle(opId: string): void {
    const { pending } = this.store;
    pending.value = pending.value.filter((each) => each.opId !== opId);
  }

  private async send(entry: Entry<Write>, base: number): Promise<EditAnswer> {
    const { store } = this;
    const { opId, run, column, body: write } = entry;
    if (entry.account !== this.account)
      throw new ApiError(409, 'other_person', 'It is not of whoever is here now.');
    // Undoing leaves what others gave: it need not have seen it, only what was sent from here before it.
    const turns = write.route === 'undo' || write.route === 'redo';
    const seen = turns ? Math.max(base, this.trail.newest) : base;
    const tag = { store: entry.store, account: entry.account, op_id: opId, base_revision: seen };
    const answer = await this.request({ run, column }, tag, write).catch((error: unknown) => {
      noteAnswer(store, error);
      if (isOfAnother(error)) this.onOtherPerson();
      if (isNotAllowed(error)) void this.lookWhoIsHere();
      throw error;
    });
    this.trail.answer(opId, answer.revision);
    // The page may show other labels by now; the change was stored all the same.
    const shown = store.labelColumn.peek();
    if (shown.run === run && shown.column === column)
      batch(() => {
        store.labelState.value = foldEdit(store.labelState.peek(), answer, store.rowOf.peek(), false);
        this.settle(opId);
      });
    return answer;
  }

  private request(of: LabelColumn, tag: EditTag, write: Write): Promise<EditAnswer> {
    switch (write.route) {
      case 'apply':
        return this.client.apply(of, tag, write.body);
      case 'classes':
        return this.client.classes(of, tag, write.action);
      case 'restore':
        return this.client.restore(of, tag, write.revision);
      case 'import':
        return this.client.importLabels(of, tag, write.body);
      default:
        return this.client[write.route](of, tag, write.revision);
    }
  }

  private get account(): string {
    return this.store.runs.peek()?.account ?? '';
  }

  /** Asks who is here by now, after a change that they may not make. */
  private async lookWhoIsHere(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const now = await this.client.runs().catch(() => null);
    if (now !== null && isAnother(this.store.runs.peek(), now)) this.onOtherPerson();
    else {
      // They are who they were: its maker is back, or was not asked; but nobody should be asked all the time.
      await sleep(LOOK_AGAIN_MS);
      this.retry();
    }
    this.asking = false;
  }

  private failed(error: unknown): void {
    if (isNotAllowed(error)) {
      toast(
        this.store,
        'Whoever is signed in here may not make this change. It is kept in this browser until they may.',
      );
    } else if (isOfAnother(error)) {
      toast(
        this.store,
        'Somebody else has signed in here. The change is kept in this browser for who made it.',
      );
    } else if (!isElsewhere(error))
      toast(this.store, `Not stored, and taken back: ${sentence(error)}`, 'bad');
    else {
      toast(this.store, 'Other labels are here now. The change is kept in this browser for its own.');
      void this.lookAgain().catch(() => undefined);
    }
  }

  /** Shows the labels that are here, after a change of those that were shown found others. */
  private async lookAgain(): Promise<void> {
    const { store } = this;
    const of = store.labelColumn.peek();
    const tensor = store.tensor.peek();
    const before = store.labelStore.peek();
    if (tensor === null || before === '') return;
    const labels = await readLabels(this.client, store, of, tensor);
    if (store.labelColumn.peek() !== of || store.labelStore.peek() !== before) return;
    if (labels.store === before) {
      // They are back already, or never were away; but nobody should be asked all the time.
      await sleep(LOOK_AGAIN_MS);
      if (store.labelStore.peek() === before) this.retry();
      return;
    }
    store.labelState.value = labelStateFrom(labels);
    store.history.value = [];
    await refreshHistory(this.client, store);
  }
}

/** What a labelling shows before it is stored; nothing where its class is not there yet. */
function shownAs(body: ApplyById): Pick<Pending, 'sampleIds' | 'classId' | 'state' | 'onlyUnlabeled'> | null {
  const { sample_ids: sampleIds, class_id: classId, only_unlabeled: onlyUnlabeled, state = 'labeled' } = body;
  if (classId === undefined && isLabel(state)) return null;
  return { sampleIds, classId: classId ?? null, state, onlyUnlabeled };
}

function isOfAnother(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'other_person';
}

function isElsewhere(error: unknown): boolean {
  return error instanceof ApiError && (error.elsewhere || error.notAllowed);
}

function isNotAllowed(error: unknown): boolean {
  return error instanceof ApiError && error.notAllowed;
}

function allLabeled(count: number): string {
  return count === 1
    ? 'This image has a label already. Tick “Replace labels” to change it.'
    : `All ${plural(count, 'image')} are labelled already. Tick “Replace labels” to change them.`;
}
