import { batch, effect } from '@preact/signals';
import type { Client } from '../api/client';
import type { SamplesAnswer } from '../api/types';
import { lookedAtToo } from '../state/crew';
import { number } from '../state/format';
import {
  forecastOf,
  candidatesFrom,
  groupsLeft,
  rowsOfGroup,
  toVerifyFrom,
  type GroupIssue,
  type QueryCandidate,
} from '../state/guidance';
import { stepsFrom } from '../state/next_steps';
import { only } from '../state/selection';
import { UNLABELED } from '../state/labels';
import type { Store } from '../state/store';
import type { Crew } from './crew';
import type { Labeling } from './labeling';
import type { Reviewing } from './reviewing';
import type { Selecting } from './selecting';
import { sentence, toast } from './toasts';

/** How long the server may take to look through all labels, seconds. */
const ISSUES_WAIT_S = 20;

/** Nobody has seen what was shown for so long only. */
const TOO_SOON_TO_LOOK_MS = 400;
/** So many dense groups that others were given are passed over: there may be none that is free. */
const MOST_TRIES = 8;

/** Everything that follows advice: the next group, suggested labels, labels to verify. */
export class Guiding {
  private seen = new Set<number>();
  private number = 0;
  /** The revision of the labels at which the job was last known to stand somewhere. */
  private stoodAt = -1;
  private samples: SamplesAnswer | null = null;
  private column: string | null = null;
  /** A group is being asked for. */
  private asking = false;

  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly selecting: Selecting,
    private readonly labeling: Labeling,
    private readonly reviewing: Reviewing,
    private readonly crew: Crew,
  ) {
    effect(() => {
      // Another run, or other labels: what was said is about something else.
      const [samples, column] = [store.samples.value, store.column.value];
      if (samples !== this.samples || column !== this.column) this.forget();
    });
    effect(() => {
      store.forecast.value = forecastOf(
        store.selection.value,
        store.labels.value,
        store.suggestions.value,
        store.candidates.value,
        store.labelState.value.classes.length,
      );
    });
  }

  private forget(): void {
    const { store } = this;
    this.samples = store.samples.peek();
    this.column = store.column.peek();
    this.seen = new Set();
    this.number = 0;
    this.stoodAt = -1;
    batch(() => {
      store.candidates.value = [];
      store.suggestions.value = null;
      store.nextSteps.value = [];
      store.standing.value = null;
      store.toVerify.value = null;
    });
  }

  /** Fetches newer advice where there is some. Asking does not wait: a held connection would be one too many. */
  async poll(run: string, tensor: string, signal: AbortSignal): Promise<void> {
    const { client, store } = this;
    const answer = await client.candidates(run, tensor, this.number, signal);
    if (!answer) return;
    const [steps, suggestions] = await Promise.all([
      client.nextSteps(run, tensor, signal),
      client.suggestions(run, tensor, signal),
    ]);
    if (!steps || !suggestions || signal.aborted) return;
    this.number = answer.number;
    // Another window may have the t-SNE follow another label column.
    if ([answer, steps, suggestions].some(({ column }) => column !== store.column.peek())) return;
    batch(() => {
      store.candidates.value = candidatesFrom(answer, store.rowOf.peek());
      store.suggestions.value = suggestions;
      store.nextSteps.value = stepsFrom(steps, store.rowOf.peek());
    });
    if (answer.revision !== this.stoodAt) await this.stand(run, tensor, signal);
  }

  /** Asks where the job stands. */
  private async stand(run: string, tensor: string, signal: AbortSignal): Promise<void> {
    const standing = await this.client.standing(run, tensor, signal);
    if (!standing || signal.aborted || standing.column !== this.store.column.peek()) return;
    this.stoodAt = standing.revision;
    this.store.standing.value = standing;
  }

  /** What gives most now. */
  next(): void {
    const { store, reviewing } = this;
    const step = store.nextStep.value;
    switch (step?.kind) {
      case 'page':
        reviewing.openClass(step.classId);
        break;
      case 'check':
        reviewing.look();
        break;
      case 'unseen':
        reviewing.openUnseen(step.classId);
        break;
      case 'unsure':
        reviewing.openAside('unsure');
        break;
      case 'verify':
        reviewing.close();
        void this.findToVerify();
        break;
      case 'single':
        reviewing.close();
        this.selecting.take(only(step.row));
        break;
      case 'done':
        toast(store, `All ${number(step.count)} images are seen.`, 'good');
        break;
      default:
        reviewing.close();
        this.nextGroup();
    }
  }

  /** The next best group that nobody else looks at; without advice yet, the densest without labels. */
  nextGroup(): void {
    const { store, crew } = this;
    const wanted = groupsLeft(store.candidates.value, store.labels.peek(), this.seen);
    const [best] = wanted;
    if (!best) void this.densest();
    // Whoever is alone waits for nobody.
    else if (crew.alone) this.visit(best, true);
    else if (!this.asking) {
      this.asking = true;
      const before = store.selection.peek();
      void crew.takeGroup(wanted.map(rowsOfGroup), best.classId).then((given) => {
        this.asking = false;
        // Something else was chosen meanwhile: that is what is looked at.
        if (store.selection.peek() !== before || store.review.peek()) return;
        const found = given === null ? best : wanted.find(({ focus }) => focus === given.rows[0]);
        if (found) this.show(found);
        else void this.densest();
      });
    }
  }

  /**
   * Shows a group at once, and says that it is looked at here.
   *
   * @param orNext where somebody looks at it already, and nobody can have looked at it here yet, shows the next one
   */
  visit(candidate: QueryCandidate, orNext = false): void {
    const { store, crew } = this;
    const { focus } = candidate;
    const asked = Date.now();
    void crew.takeGroup([rowsOfGroup(candidate)], candidate.classId).then((given) => {
      if (given === null || given.rows.length > 0) return;
      const isFresh = Date.now() - asked < TOO_SOON_TO_LOOK_MS;
      const isShown = store.selection.peek().focus === focus && store.labels.peek()[focus] === UNLABELED;
      const isLeft = store.candidates.value.some((each) => !this.seen.has(each.focus));
      if (orNext && isFresh && isShown && isLeft) this.nextGroup();
      else toast(store, lookedAtToo(given.heldBy));
    });
    this.show(candidate);
  }

  private show({ focus, k }: QueryCandidate): void {
    const { store } = this;
    if (this.seen.has(focus)) this.seen = new Set();
    this.seen.add(focus);
    if (k === 0) this.selecting.take(only(focus));
    else {
      store.k.value = k;
      void this.selecting.focus(focus, k);
    }
  }

  /** The densest group without labels; where somebody was a moment quicker at it, the next. */
  private async densest(triesLeft = MOST_TRIES): Promise<void> {
    const { store, crew } = this;
    await this.selecting.densest();
    const shown = store.selected.peek();
    if (shown.length === 0) return;
    const asked = Date.now();
    const given = await crew.takeGroup([shown], null);
    if (given === null || given.rows.length > 0 || store.selected.peek() !== shown) return;
    const isFresh = Date.now() - asked < TOO_SOON_TO_LOOK_MS;
    const isOpen = shown.every((row) => store.labels.peek()[row] === UNLABELED);
    if (triesLeft > 0 && isFresh && isOpen) await this.densest(triesLeft - 1);
    else toast(store, lookedAtToo(given.heldBy));
  }

  /** Looks for labels to verify; or puts the list away. */
  verify(): void {
    const { toVerify } = this.store;
    if (toVerify.value === null) void this.findToVerify();
    else toVerify.value = null;
  }

  private async findToVerify(): Promise<void> {
    const { store, client } = this;
    const { value: run } = store.run;
    const { value: tensor } = store.tensor;
    if (run === null || tensor === null || store.verifying.value) return;
    store.verifying.value = true;
    try {
      const answer = await client.labelIssues(run, tensor, ISSUES_WAIT_S);
      if (answer.column !== store.column.peek()) {
        toast(store, `The t-SNE follows the labels in “${answer.column}” at present.`);
        return;
      }
      store.toVerify.value = toVerifyFrom(answer, store.rowOf.peek());
    } catch (error) {
      toast(store, sentence(error), 'bad');
    } finally {
      store.verifying.value = false;
    }
  }

  /** Takes a label off the list: changed to what is expected, or kept as it is. */
  settle(row: number, change: boolean): void {
    const { store } = this;
    const { value: listed } = store.toVerify;
    const issue = listed?.labels.find((each) => each.row === row);
    if (!listed || !issue) return;
    this.labeling.verify([row], change ? issue.expected : issue.class_id);
    store.toVerify.value = { ...listed, labels: listed.labels.filter((each) => each !== issue) };
  }

  /** The same for a group: all of it is what is expected, or is as it is labeled. */
  settleGroup(issue: GroupIssue, change: boolean): void {
    const { store } = this;
    const { value: listed } = store.toVerify;
    if (!listed) return;
    this.labeling.verify(issue.rows, change ? issue.expected : issue.classId);
    store.toVerify.value = { ...listed, groups: listed.groups.filter((each) => each !== issue) };
  }

  /** Shows a group to verify page by page. */
  lookThrough({ rows, classId }: GroupIssue): void {
    const { store, reviewing } = this;
    const name = store.classById.value.get(classId)?.name ?? '';
    // What is looked through begins with the last of its rows.
    reviewing.open({ of: 'labeled', classId, rows: [...rows].reverse(), name: `a group labelled ${name}` });
  }

  /** Shows one image by itself. */
  look(row: number): void {
    this.selecting.take(only(row));
  }
}
