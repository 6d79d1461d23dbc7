import { batch, effect, untracked } from '@preact/signals';
import type { PageNote } from '../api/types';
import { LEAST_RIGHT, surestPart } from '../state/bound';
import { leftOutWords, lookedAtToo } from '../state/crew';
import { extremesLast } from '../state/extremes';
import { composed } from '../state/folding';
import { number, plural } from '../state/format';
import { LABELED, UNLABELED } from '../state/labels';
import {
  awaitsName,
  canBeSampled,
  changedOn,
  LOOK_SIZE,
  makePage,
  ordered,
  ordersOf,
  restOf,
  restOfLook,
  unlabeledOf,
  type Order,
  type Page,
  type Review,
  type Subject,
} from '../state/review';
import type { Store } from '../state/store';
import { tilesBetween } from '../state/tiling';
import type { Crew, Given } from './crew';
import type { Given as GivenTo, How, Labeling } from './labeling';
import { remember } from './memory';
import { toast } from './toasts';
import type { Viewport } from './viewport';

/** Everything that looks through images page by page: what stands on a page, and what is said of it. */
export class Reviewing {
  private pickedLast = -1;
  /** The page that is being asked for; what is shown meanwhile is done. */
  private asking: Omit<Review, 'page'> | null = null;

  constructor(
    private readonly store: Store,
    private readonly labeling: Labeling,
    private readonly viewport: Viewport,
    private readonly crew: Crew,
  ) {
    effect(() => {
      // More or fewer tiles have room: what stands on the page already stays in front.
      const { value: size } = store.pageSize;
      untracked(() => this.refill(size));
    });
    effect(() => {
      // Nothing can be accepted as a class that was deleted or merged, here or elsewhere.
      const { value: review } = store.review;
      const classId = review?.subject.classId ?? null;
      if (classId === null || store.classById.value.has(classId)) return;
      untracked(() => {
        this.close();
        toast(store, 'The class of this page is gone; R shows another one.');
      });
    });
  }

  /** R: what is selected, or the class with most to harvest; on a page, back to the picture. */
  toggle(): void {
    const { store } = this;
    if (store.review.value) this.close();
    else if (store.selected.value.length > 0) this.openSelection();
    else this.openBest();
  }

  openBest(): void {
    const { store } = this;
    const best = store.toReview.value[0];
    if (best) this.openClass(best.classId);
    else
      toast(
        store,
        store.labeled.value === 0
          ? 'Name a group or two first; then there are suggestions to look through.'
          : 'No image is suggested to be of a class yet. Select images to look through them.',
      );
  }

  /** What is suggested to be of a class; where nothing is, what is labeled so. */
  openClass(classId: number): void {
    const of = this.store.toReview.value.some((each) => each.classId === classId) ? 'suggestion' : 'labeled';
    this.open({ of, classId, rows: null, name: '' });
  }

  verifyClass(classId: number): void {
    this.open({ of: 'labeled', classId, rows: null, name: '' });
  }

  /** What nobody has seen of what is labeled as a class. */
  openUnseen(classId: number): void {
    const { labels, states, suggestions } = this.store.known.value;
    const unseen = [...labels.keys()].filter((row) => labels[row] === classId && states[row] === LABELED);
    const subject: Subject = { of: 'labeled', classId, rows: null, name: '' };
    this.open({ ...subject, rows: ordered(unseen, subject, 'surest', 0, suggestions) });
  }

  openAside(of: 'unsure' | 'ignored'): void {
    this.open({ of, classId: null, rows: null, name: '' });
  }

  openUnlabeled(): void {
    const rows: number[] = [];
    this.store.labels.value.forEach((label, row) => label === UNLABELED && rows.push(row));
    this.open({ of: 'group', classId: null, rows, name: 'unlabeled' });
  }

  /** What is selected: as a class where it was chosen as one, else as a group. */
  openSelection(): void {
    const { store } = this;
    const { value: selection } = store.selection;
    const selected = store.selected.value;
    const named =
      [...store.classById.value.values()].find(({ name }) => name === selection.query)?.id ?? null;
    if (selection.kind === 'label' && named !== null) this.verifyClass(named);
    else if (selection.kind === 'suggestion' && named !== null) this.openClass(named);
    else {
      const of = selection.kind === 'search' ? 'search' : 'selection';
      const name = selection.kind === 'search' ? `“${selection.query}”` : '';
      this.open({ of, classId: null, rows: this.byLikeness(selected), name });
    }
  }

  /** Rows in the order in which they are given, the most alike first. */
  openRows(of: 'cluster' | 'group', rows: readonly number[], name: string): void {
    this.open({ of, classId: null, rows, name });
  }

  open(subject: Subject, order?: Order, look: Review['look'] = null): void {
    const { store } = this;
    const begun = {
      subject,
      order: order ?? ordersOf(subject)[0],
      seed: crypto.getRandomValues(new Int32Array(1))[0] ?? 0,
      turned: [],
      look,
    };
    this.turnTo(begun, look ? LOOK_SIZE : store.pageSize.value);
  }

  close(): void {
    this.asking = null;
    batch(() => {
      this.store.review.value = null;
      this.forgetTiles();
    });
  }

  /** Escape: what was begun last is left first. */
  leave(): void {
    const { store } = this;
    if (store.menuAt.value !== null) store.menuAt.value = null;
    else if (store.picked.value.size > 0) store.picked.value = new Set();
    else this.close();
  }

  setOrder(order: Order): void {
    const { value: review } = this.store.review;
    if (review && review.order !== order) this.open(review.subject, order);
  }

  setTileEdge(edge: number): void {
    this.store.tileEdge.value = edge;
    remember({ tileEdge: edge });
  }

  /** A class, or none (null), for what is picked or pointed at; a group without a class gets it as a whole. */
  give(classId: number | null): void {
    const { store } = this;
    const { value: review } = store.review;
    if (!review) return;
    if (store.picked.value.size === 0 && awaitsName(review, store.marks.value)) {
      if (classId === null) toast(store, 'Pick what is to be cleared first.');
      else this.nameAll(review, classId);
      return;
    }
    this.say({ classId }, classId === null ? {} : { state: this.worth(review) });
  }

  /** The same for a class by its name, which may be a new one. Resolves to false where that was refused. */
  async giveName(text: string): Promise<boolean> {
    const { store, labeling } = this;
    const name = composed(text.trim());
    const { value: review } = store.review;
    if (name === '' || !review) return false;
    const known = store.labelState.value.classes.find((each) => composed(each.name) === name);
    if (known) {
      this.give(known.id);
      return true;
    }
    if (
      this.pointed().length > 0 &&
      !(store.picked.value.size === 0 && awaitsName(review, store.marks.value))
    ) {
      this.say({ newClass: name }, { state: this.worth(review) });
      return true;
    }
    if (!(await labeling.change({ action: 'add', name }))) return false;
    const added = store.labelState.value.classes.find((each) => each.name === name);
    const now = store.review.value;
    // Whoever has gone on meanwhile points at something else by now.
    if (now?.subject !== review.subject)
      toast(store, `“${name}” is a class now. Its page was left: name that again.`);
    else if (added && awaitsName(now, store.marks.value)) this.nameAll(now, added.id);
    return true;
  }

  setAside(aside: 'unsure' | 'ignored'): void {
    this.say({ aside }, {});
  }

  /** Accepts what nothing else was said of, and turns the page. */
  accept(): void {
    const { store } = this;
    const { value: review } = store.review;
    if (!review || review.page.rows.length === 0 || this.asking) return;
    if (review.look?.found) return;
    if (awaitsName(review, store.marks.value)) {
      toast(store, 'What are these? Press the digit of their class, or N to name one.');
      return;
    }
    const rest = restOf(review.page, review.subject, store.marks.value);
    batch(() => this.turn(review, rest));
  }

  /** The page before, and what it was accepted as taken back. */
  back(): void {
    const { store, labeling } = this;
    const { value: review } = store.review;
    const before = review?.turned.at(-1);
    if (!review || this.asking) return;
    if (!before) {
      toast(store, 'This is the first page.');
      return;
    }
    const { stored } = before;
    batch(() => {
      if (stored.length > 0) {
        if (labeling.isLast(stored.at(-1))) void labeling.turnBack('undo', true);
        else if (restOf(before, review.subject, store.marks.value).length === 0)
          toast(
            store,
            'This page stays accepted: other changes came after it. Single images can be changed.',
          );
      }
      const look = review.look && { ...review.look, found: null };
      // What was misnamed as a whole is asked for anew.
      const subject = { ...review.subject, classId: before.classId };
      this.show({
        ...review,
        subject,
        page: { ...before, stored: [] },
        turned: review.turned.slice(0, -1),
        look,
      });
      void this.crew.takePage(before.rows, before.rows.length, before.classId);
    });
  }

  /** A: what would be accepted is shown in part, drawn at random, unless too little of it is expected to be right. */
  look(): void {
    const { store } = this;
    const { value: review } = store.review;
    if (review && canBeSampled(review.subject)) {
      this.lookAtSome(review);
      return;
    }
    const groups = [...store.acceptableRows.value].sort((a, b) => b[1].length - a[1].length);
    const wanted = review?.subject.of === 'suggestion' ? review.subject.classId : null;
    const [classId, population] = groups.find(([id]) => id === wanted) ?? groups[0] ?? [];
    if (classId === undefined || population === undefined) {
      const where = store.selected.value.length > 0 ? 'in the selection' : 'yet';
      toast(store, `There is no suggestion of ${store.sureFrom.value} % or more ${where}.`);
      return;
    }
    this.check(classId, population);
  }

  /** Draws from what has no label in a set that one class is given to. */
  private lookAtSome({ subject, look }: Review): void {
    const { store } = this;
    // One sample cannot be left for a luckier one.
    if (look && !look.found) return;
    const rows = unlabeledOf(subject, store.marks.value);
    if (rows.length === 0) toast(store, 'Nothing here is without a label.');
    else this.open({ ...subject, rows }, 'random', { population: rows, found: null });
  }

  /** Draws from some rows that are suggested to be of a class. */
  check(classId: number, population: readonly number[]): void {
    const { store } = this;
    const subject: Subject = { of: 'suggestion', classId, rows: null, name: '' };
    const percent = (row: number): number => store.suggestions.value?.percent[row] ?? 0;
    const expected = population.reduce((sum, row) => sum + percent(row), 0) / (100 * population.length);
    if (expected < LEAST_RIGHT) {
      toast(
        store,
        `Only ${Math.round(100 * expected)} % of these ${number(population.length)} are expected to be right: look through them page by page.`,
      );
      this.open(subject);
      return;
    }
    const surestFirst = ordered(population, subject, 'surest', 0, store.suggestions.value);
    this.open(subject, 'random', { population: surestFirst, found: null });
  }

  /** After a look: accepts the part that is right enough, unseen; of a set that was chosen, all of it. */
  acceptRest(): void {
    const { store, labeling } = this;
    const { value: review } = store.review;
    if (!review) return;
    const { subject } = review;
    const { classId } = subject;
    const rest = restOfLook(review, store.marks.value);
    if (classId === null || rest.length === 0 || !labeling.accept(rest, classId)) return;
    toast(store, `${plural(rest.length, subject.rows ? 'image' : 'suggestion')} accepted unseen.`, 'good');
    if (subject.rows) this.close();
    else this.openClass(classId);
  }

  /** After a look: page by page instead. */
  lookThrough(): void {
    const { review, marks } = this.store;
    if (!review.value) return;
    const { subject } = review.value;
    if (subject.rows) this.open({ ...subject, rows: unlabeledOf(subject, marks.value) });
    else this.open(subject, 'surest');
  }

  /** Picks a tile besides others, or puts it back; `range`: all from the one that was picked last. */
  pick(row: number, range: boolean): void {
    const { store } = this;
    const rows = store.review.value?.page.rows ?? [];
    const from = rows.indexOf(this.pickedLast);
    const to = rows.indexOf(row);
    const next = new Set(store.picked.value);
    if (range && from >= 0) {
      for (const each of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(each);
    } else if (!next.delete(row)) next.add(row);
    this.pickedLast = row;
    batch(() => {
      store.picked.value = next;
      store.currentRow.value = row;
    });
  }

  /** Picks the tiles between two, besides those picked before. */
  pickBetween(from: number, to: number, before: ReadonlySet<number>): void {
    const { store } = this;
    const rows = store.review.value?.page.rows ?? [];
    const places = tilesBetween(store.tiling.value, rows.length, from, to);
    store.picked.value = new Set([...before, ...places.map((at) => rows[at] as number)]);
  }

  /** The arrows: to the tile beside, or above and below. */
  move(key: string): void {
    const { store } = this;
    const rows = store.review.value?.page.rows ?? [];
    const { columns } = store.tiling.value;
    const at = rows.indexOf(store.currentRow.value ?? -1);
    const last = rows.length - 1;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key] ?? 0;
    const to = key === 'Home' ? 0 : key === 'End' ? last : at < 0 ? 0 : at + step;
    if (rows[to] !== undefined) store.currentRow.value = rows[to];
  }

  private show(review: Review): void {
    batch(() => {
      this.store.review.value = review;
      this.forgetTiles();
    });
  }

  private forgetTiles(): void {
    const { store } = this;
    store.picked.value = new Set();
    store.currentRow.value = null;
    store.menuAt.value = null;
    store.hover.value = null;
  }

  private refill(size: number): void {
    const { store } = this;
    const { value: review } = store.review;
    if (!review || review.look || size === review.page.rows.length) return;
    const { labels } = store.marks.value;
    const first = new Map(review.page.rows.map((row, at) => [row, review.page.before[at] ?? UNLABELED]));
    // What something was said of stays: turning the page tells of it.
    const said = review.page.rows.filter((row) => labels[row] !== first.get(row));
    let room = size - said.length;
    const kept = review.page.rows.filter((row) => said.includes(row) || room-- > 0);
    const page = makePage(review, Math.max(size, kept.length), store.known.value, kept, store.held.value);
    const before = page.rows.map((row, at) => first.get(row) ?? page.before[at] ?? UNLABELED);
    const filled = { ...page, before };
    store.review.value = { ...review, page: filled };
    const { classId } = review.subject;
    void this.crew
      .takePage(filled.rows, filled.rows.length, classId)
      .then((given) => this.leaveOut(filled, given));
  }

  /** The rows that a key is about. */
  private pointed(): number[] {
    const { picked, currentRow } = this.store;
    if (picked.value.size > 0) return [...picked.value];
    return currentRow.value === null ? [] : [currentRow.value];
  }

  /** What a label is worth that is given here. */
  private worth({ subject }: Review): 'seen' | 'verified' {
    return subject.of === 'labeled' || subject.of === 'verified' ? 'verified' : 'seen';
  }

  /** Says something of the tiles that are picked or pointed at: stored at once, an action each. */
  private say(given: GivenTo, how: Pick<How, 'state'>): void {
    const { store, labeling } = this;
    const rows = this.pointed();
    if (rows.length === 0) {
      toast(store, 'Point at an image, or pick some. Enter accepts the rest.');
      return;
    }
    batch(() => {
      if ('classId' in given && given.classId !== null) store.lastClass.value = given.classId;
      labeling.mark(rows, given, {
        ...how,
        onlyUnlabeled: false,
        selection: { kind: 'single', k: rows.length - 1 },
      });
      store.picked.value = new Set();
      store.menuAt.value = null;
    });
  }

  private nameAll(review: Review, classId: number): void {
    const { store } = this;
    const named = { ...review, subject: { ...review.subject, classId } };
    batch(() => {
      store.lastClass.value = classId;
      this.turn(named, restOf(named.page, named.subject, store.marks.value));
    });
  }

  private turn(review: Review, rest: readonly number[]): void {
    const { store, labeling } = this;
    const { subject, page, order, look } = review;
    const changed = changedOn(page, subject, store.marks.value);
    const [shown, wrong] = [page.rows.length, changed.length];
    const surest = look && surestPart(look.population, new Set(page.rows), new Set(changed));
    // What was chosen as a whole is told of as a whole: nothing says which of it is surest.
    const part = subject.rows && surest?.size !== look?.population.length ? null : surest;
    const selection: PageNote = {
      kind: 'page',
      of: subject.of,
      order,
      shown: part?.shown ?? shown,
      changed: part?.wrong ?? wrong,
      ...(order === 'random' && { population: part?.size ?? page.left }),
    };
    // A page drawn at random tells most where nothing on it was right: it is stored, and changes nothing then.
    const told = rest.length === 0 && order === 'random' ? page.rows : rest;
    let stored: string[] = [];
    if (told.length > 0 && subject.classId !== null) {
      const onlyUnlabeled = subject.of !== 'labeled' || rest.length === 0;
      const how = { state: this.worth(review), onlyUnlabeled, selection };
      stored = labeling.mark(told, { classId: subject.classId }, how);
      if (stored.length === 0) return; // nothing can be edited, and why was said
    }
    const turned = [...review.turned, { ...page, stored }];
    const next = { ...review, turned, look: look && { ...look, found: { shown, wrong, part } } };
    const empty = { ...page, rows: [], before: [], ahead: [], stored: [] };
    if (look) this.show({ ...next, page: empty });
    else this.turnTo(next, store.pageSize.value);
  }

  /**
   * Shows the next page: once it is taken, where others work here too; whoever is alone waits for nobody.
   *
   * @param passed what others were found to look at
   */
  private turnTo(review: Omit<Review, 'page'>, size: number, passed: readonly number[] = []): void {
    const { store, crew } = this;
    const known = store.known.peek();
    const held = [...store.held.peek().keys(), ...passed];
    const page = makePage(review, size, known, [], new Set(held));
    const { classId } = review.subject;
    if (crew.alone || review.look || page.rows.length === 0) {
      this.asking = null;
      this.show({ ...review, page });
      if (page.rows.length > 0)
        void crew.takePage(page.rows, size, classId).then((given) => this.leaveOut(page, given));
      return;
    }
    this.asking = review;
    const wanted = [...page.rows, ...page.ahead];
    void crew.takePage(wanted, size, classId).then((given) => {
      if (this.asking !== review) return; // another page was asked for, or none
      const got = new Set(given?.rows ?? page.rows);
      const last = wanted.findLastIndex((row) => got.has(row));
      const refused = wanted.filter((row, at) => !got.has(row) && (at < last || last < 0));
      // By the same suggestions and labels: so it is what was taken, and nothing else.
      const next = makePage(review, size, known, [], new Set([...held, ...refused]));
      this.asking = null;
      if (next.rows.every((row) => got.has(row))) this.show({ ...review, page: next });
      else this.turnTo(review, size, [...passed, ...refused]);
    });
  }

  /** Somebody was quicker at some of a page: what was not touched yet goes from it. */
  private leaveOut(page: Page, given: Given | null): void {
    const { store } = this;
    const { value: review } = store.review;
    if (!given || review?.page !== page || given.heldBy.length === 0) return;
    const { labels } = store.marks.value;
    const got = new Set(given.rows);
    const stays = page.rows.map((row, at) => got.has(row) || labels[row] !== page.before[at]);
    toast(store, review.look ? lookedAtToo(given.heldBy, 'some of these') : leftOutWords(given.heldBy));
    if (review.look) return;
    const [rows, before] = [page.rows, page.before].map((each) => each.filter((_, at) => stays[at]));
    const without = page.without + page.rows.length - (rows?.length ?? 0);
    store.review.value = { ...review, page: { ...page, rows: rows ?? [], before: before ?? [], without } };
  }

  /** Rows with those first that are most likely to belong together. */
  private byLikeness(rows: readonly number[]): number[] {
    const drop = this.store.forecast.value?.dropChances;
    if (drop && drop.size > 0) return [...rows].sort((a, b) => (drop.get(a) ?? 0) - (drop.get(b) ?? 0));
    return extremesLast(rows, this.viewport.points);
  }
}
