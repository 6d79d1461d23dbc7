import type { HistoryEntry } from '../api/types';

/** What the history tells of an edit, as far as it matters here. */
export type Told = Pick<HistoryEntry, 'revision' | 'kind' | 'target' | 'own'>;

/** The edits that this page made, as far as they can be undone: which of them an undo of one's own would take back. */
export class Trail {
  /** What an undo would take back last, …, first. */
  private made: string[] = [];
  private undone: string[] = [];
  /** On their way: edits, undos and redos. */
  private readonly underWay = new Set<string>();
  /** Revisions of what this page made. */
  private readonly revisions = new Map<number, string>();
  /** The newest of them; whoever goes on has seen it. */
  newest = 0;
  /** As far as the history was read. */
  private read = 0;

  /** Something is sent. */
  send(opId: string, what: 'edit' | 'undo' | 'redo'): void {
    this.underWay.add(opId);
    if (what === 'edit') {
      this.made.push(opId);
      this.undone = [];
      return;
    }
    const [from, to] = what === 'undo' ? [this.made, this.undone] : [this.undone, this.made];
    const moved = from.pop();
    if (moved !== undefined) to.push(moved);
  }

  /** The edit of a revision is undone or done again, whoever made it. */
  turn(opId: string, revision: number): void {
    this.underWay.add(opId);
    const turned = this.revisions.get(revision);
    if (turned === undefined) return;
    if (this.made.includes(turned)) this.made = this.made.filter((each) => each !== turned);
    else this.forget();
  }

  /** It was answered; with no revision where it was refused. */
  answer(opId: string, revision: number | null): void {
    this.underWay.delete(opId);
    if (revision === null) {
      this.made = this.made.filter((each) => each !== opId);
      return;
    }
    this.revisions.set(revision, opId);
    this.newest = Math.max(this.newest, revision);
  }

  /** The history was read: edits of one's own from another window, and edits of this page that somebody turned. */
  look(entries: readonly Told[]): void {
    const fresh = entries.filter(({ revision }) => revision > this.read && !this.revisions.has(revision));
    this.read = Math.max(this.read, ...entries.map(({ revision }) => revision));
    // The news of an edit may come before its answer.
    if (fresh.filter(({ own }) => own).length > this.underWay.size) this.forget();
    for (const { kind, target, own } of fresh) {
      const turned = target === null ? undefined : this.revisions.get(target);
      if (own || turned === undefined || (kind !== 'undo' && kind !== 'redo')) continue;
      if (kind === 'undo') this.made = this.made.filter((each) => each !== turned);
      else this.forget();
    }
  }

  /** The edit that an undo would take back, where it is one of this page's. */
  last(): string | null {
    return this.made.at(-1) ?? null;
  }

  private forget(): void {
    this.made = [];
    this.undone = [];
  }
}
