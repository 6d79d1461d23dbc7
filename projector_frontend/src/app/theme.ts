import type { ViewColors, Rgb } from '../render/renderer';
import type { Store } from '../state/store';

/** Follows TensorBoard's dark mode (a class on the outer page's body), or the system's when not framed. */
export function followTheme(store: Store): void {
  const outer = outerBody();
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const read = (): void => {
    const dark = outer ? outer.classList.contains('dark-mode') : system.matches;
    document.documentElement.classList.toggle('dark', dark);
    // After the class: whoever listens reads the new colours.
    store.dark.value = dark;
  };
  if (outer) new MutationObserver(read).observe(outer, { attributes: true, attributeFilter: ['class'] });
  else system.addEventListener('change', read);
  read();
}

function outerBody(): HTMLElement | null {
  try {
    return window.parent === window ? null : window.parent.document.body;
  } catch {
    return null;
  }
}

/** The colours that the view is drawn in, read from the stylesheet's tokens so that they are written down once. */
export function readViewColors(): ViewColors {
  // Resolved by the browser: a minifier writes #ffffff in ways of its own.
  const probe = document.createElement('i');
  document.body.append(probe);
  const token = (name: string): Rgb => {
    probe.style.color = `var(${name})`;
    const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map(Number);
    return [red / 255, green / 255, blue / 255];
  };
  const viewColors = {
    background: token('--view'),
    ink: token('--text'),
    neutral: token('--neutral'),
    accent: token('--accent'),
  };
  probe.remove();
  return viewColors;
}
