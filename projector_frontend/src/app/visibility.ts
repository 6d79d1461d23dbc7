/** How often to look whether TensorBoard has hidden this frame: no event tells. */
const LOOK_MS = 500;

/** Whether anybody can see the page: its window is in front, and TensorBoard's tab is this one. */
export function isShown(): boolean {
  if (document.hidden) return false;
  try {
    // TensorBoard keeps the frames of other tabs alive with `display: none`.
    const frame = window.frameElement;
    return frame ? frame.getClientRects().length > 0 : true;
  } catch {
    return true;
  }
}

export class Visibility {
  private shown = isShown();
  private waiting: (() => void)[] = [];

  constructor(private readonly onChange: (shown: boolean) => void) {
    document.addEventListener('visibilitychange', () => this.look());
    window.addEventListener('resize', () => this.look());
    setInterval(() => this.look(), LOOK_MS);
  }

  get visible(): boolean {
    return this.shown;
  }

  /** Resolves as soon as the page is shown; at once when it is. */
  whenShown(): Promise<void> {
    return this.shown ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  private look(): void {
    const shown = isShown();
    if (shown === this.shown) return;
    this.shown = shown;
    this.onChange(shown);
    if (!shown) return;
    const waiting = this.waiting;
    this.waiting = [];
    waiting.forEach((resolve) => resolve());
  }
}
