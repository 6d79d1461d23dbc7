/** What a key asks for; digits are handed on with their number. */
export type Command = keyof typeof COMMANDS;

/** Every command with its keys, as `nameOf` writes them, and what it does. Those of pages have their keys there only. */
export const COMMANDS = {
  densest: { keys: ['G'], does: 'what gives most now', theme: 'Select' },
  review: { keys: ['R'], does: 'look through, page by page', theme: 'Select' },
  smallerK: { keys: ['['], does: 'fewer neighbours', theme: 'Select' },
  largerK: { keys: [']'], does: 'more neighbours', theme: 'Select' },
  boxTool: { keys: ['B'], does: 'box: drag a rectangle', theme: 'Select' },
  lassoTool: { keys: ['L'], does: 'lasso: drag an outline', theme: 'Select' },
  dropHovered: { keys: ['X'], does: 'take out the image under the pointer', theme: 'Select' },
  place: { keys: ['O'], does: 'open it, or close it', theme: 'Whole picture' },
  selectPicture: { keys: ['E'], does: 'select all that is in it', theme: 'Whole picture' },
  search: { keys: ['/'], does: 'search', theme: 'Select' },
  clearSelection: { keys: ['Escape'], does: 'clear the selection', theme: 'Select' },
  repeatLabel: { keys: ['Enter'], does: 'repeat the last label', theme: 'Label' },
  clearLabels: { keys: ['0'], does: 'clear labels', theme: 'Label' },
  addClass: { keys: ['N', '+'], does: 'find or name a class', theme: 'Label' },
  accept: { keys: ['A'], does: 'accept suggestions, after a look at some', theme: 'Label' },
  clusters: { keys: ['K'], does: 'clusters: groups of the whole set', theme: 'Select' },
  verify: { keys: ['C'], does: 'labels to verify', theme: 'Label' },
  settle: { keys: ['J'], does: 'disagreements to settle', theme: 'Label' },
  download: { keys: ['T'], does: 'download the labels as TSV', theme: 'Label' },
  undo: { keys: ['Ctrl+Z'], does: 'undo', theme: 'Label' },
  redo: { keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], does: 'redo', theme: 'Label' },
  acceptPage: { keys: ['Enter'], does: 'accept the rest, next page', theme: 'Pages' },
  pageBack: { keys: ['Backspace'], does: 'page back, and take back', theme: 'Pages' },
  unsure: { keys: ['U'], does: 'set aside as unsure', theme: 'Pages' },
  ignore: { keys: ['I'], does: 'ignore: it takes part in nothing', theme: 'Pages' },
  pick: { keys: ['Space'], does: 'pick the image', theme: 'Pages' },
  leavePages: { keys: ['Escape'], does: 'back to the picture', theme: 'Pages' },
  playPause: { keys: ['Space'], does: 'play or pause', theme: 'View and t-SNE' },
  dimensions: { keys: ['D'], does: '2-D or 3-D (starts again)', theme: 'View and t-SNE' },
  fit: { keys: ['F'], does: 'fit the picture', theme: 'View and t-SNE' },
  sprites: { keys: ['S'], does: 'images or dots', theme: 'View and t-SNE' },
  suggestions: { keys: ['U'], does: 'show or hide suggested labels', theme: 'View and t-SNE' },
  hideLabeled: { keys: ['H'], does: 'hide or show what is labelled', theme: 'View and t-SNE' },
  screenshot: { keys: ['P'], does: 'save the picture as an image', theme: 'View and t-SNE' },
  help: { keys: ['?'], does: 'these keys', theme: 'View and t-SNE' },
} as const satisfies Record<string, { keys: readonly string[]; does: string; theme: Theme }>;

type Theme = 'Select' | 'Label' | 'Pages' | 'Whole picture' | 'View and t-SNE';
export const THEMES: readonly Theme[] = ['Select', 'Label', 'Pages', 'Whole picture', 'View and t-SNE'];

/** Where keys are pressed: at the picture, or at a page of images. */
export type Place = 'picture' | 'pages';

/** Commands of the picture that do the same on a page. */
const EVERYWHERE = new Set<Command>([
  'densest',
  'review',
  'accept',
  'clearLabels',
  'addClass',
  'download',
  'undo',
  'redo',
  'place',
  'help',
]);

/** What the pointer does: listed with the keys, and fixed. */
export const POINTER: Record<Theme, readonly (readonly [string, string])[]> = {
  Select: [
    ['Click', 'an image with its k nearest'],
    ['Shift + click or drag', 'add'],
    ['Alt + click or drag', 'take out'],
  ],
  Label: [['1 … 9', 'label the selection']],
  Pages: [
    ['Point, then 1 … 9', 'name what does not belong'],
    ['Click, Shift, drag', 'pick one or several'],
  ],
  'Whole picture': [
    ['+ −, wheel', 'zoom'],
    ['Arrows, drag', 'move'],
    ['[ ], click', 'another object'],
    ['1 … 9', 'label it'],
  ],
  'View and t-SNE': [
    ['Drag', 'turn (3-D), move (2-D)'],
    ['Shift or right drag', 'move'],
    ['Wheel', 'zoom'],
  ],
};

/** Keys chosen by the user in place of the usual ones. */
export type KeyMap = Partial<Record<Command, readonly string[]>>;

export interface Stroke {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/**
 * A stroke's name: `G`, `Ctrl+Shift+Z`, `[`; null for a modifier alone, and with Alt, which is the browser's.
 *
 * Which signs need Shift differs between keyboards ("?", "+", "/"): Shift is only named for letters with Ctrl.
 */
export function nameOf(stroke: Stroke): string | null {
  if (stroke.altKey || ['Control', 'Shift', 'Meta', 'Alt', 'AltGraph', 'Dead'].includes(stroke.key))
    return null;
  const key = stroke.key === ' ' ? 'Space' : stroke.key.length === 1 ? stroke.key.toUpperCase() : stroke.key;
  const ctrl = stroke.ctrlKey || stroke.metaKey;
  return `${ctrl ? 'Ctrl+' : ''}${ctrl && stroke.shiftKey ? 'Shift+' : ''}${key}`;
}

export function keysOf(command: Command, chosen: KeyMap = {}): readonly string[] {
  return chosen[command] ?? COMMANDS[command].keys;
}

/** The command for a stroke at a place, a digit 1 to 9 for a class, or null. */
export function lookUp(
  stroke: Stroke,
  chosen: KeyMap = {},
  place: Place = 'picture',
): Command | number | null {
  const name = nameOf(stroke);
  if (name === null) return null;
  if (/^[1-9]$/.test(name)) return Number(name);
  return ALL.find((command) => isAt(command, place) && keysOf(command, chosen).includes(name)) ?? null;
}

const ALL = Object.keys(COMMANDS) as Command[];

function isAt(command: Command, place: Place): boolean {
  const ofPages = COMMANDS[command].theme === 'Pages';
  return place === 'pages' ? ofPages || EVERYWHERE.has(command) : !ofPages;
}

/** Whether two commands may not have the same key. */
function meet(one: Command, other: Command): boolean {
  return (['picture', 'pages'] as const).some((place) => isAt(one, place) && isAt(other, place));
}

/** The keys with one command moved to another key; one that had it before, at the same place, loses it. */
export function rebound(chosen: KeyMap, command: Command, name: string): KeyMap {
  const next: Record<string, readonly string[]> = { ...chosen };
  for (const other of ALL) {
    const keys = keysOf(other, chosen);
    if (other !== command && meet(command, other) && keys.includes(name))
      next[other] = keys.filter((key) => key !== name);
  }
  next[command] = [name];
  return next;
}

/** Why a key cannot be chosen, or null. */
export function keyProblem(name: string): string | null {
  if (/^[1-9]$/.test(name)) return 'The digits are for the classes.';
  if (name === 'Tab') return 'Tab goes from one control to the next.';
  if (/^(Arrow|Home$|End$)/.test(name)) return 'The arrows go from image to image.';
  return null;
}
