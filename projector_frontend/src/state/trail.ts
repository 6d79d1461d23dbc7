/** The edits that this page made, as far as they can be undone: which of them an undo would take back. */
export class Trail {
  /** What an undo would take back last, …, first. */
  private made: string[] = [];
  private undone: string[] = [];
  /** On their way: edits, undos and redos. */
  private readonly underWay = new Set<string>();
  private revision = 0;

  /** Something is sent: `seen` is the revision that the page shows. */
  send(opId: string, what: 'edit' | 'undo' | 'redo', seen: number): void {
    this.look(seen);
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

  /** It was answered; with no revision where it was refused. */
  answer(opId: string, revision: number | null): void {
    this.underWay.delete(opId);
    if (revision === null) {
      this.made = this.made.filter((each) => each !== opId);
      return;
    }
    // Somebody else's came in between: they would be undone before what was made earlier.
    if (revision > this.revision + 1) this.made = this.made.slice(Math.max(0, this.made.indexOf(opId)));
    this.revision = Math.max(this.revision, revision);
  }

  /** The edit that an undo would take back, where it is one of this page's. */
  last(seen: number): string | null {
    this.look(seen);
    return this.made.at(-1) ?? null;
  }

  /** What is shown may hold what is still under way; any more is somebody else's. */
  private look(seen: number): void {
    if (seen <= this.revision + this.underWay.size) return;
    this.made = [];
    this.undone = [];
    this.revision = seen;
  }
}
