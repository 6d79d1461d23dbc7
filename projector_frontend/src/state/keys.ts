/** What a key asks for; digits are handed on with their number. */
export type Command =
  | 'playPause'
  | 'dimensions'
  | 'fit'
  | 'densest'
  | 'smallerK'
  | 'largerK'
  | 'dropHovered'
  | 'clearSelection'
  | 'clearLabels'
  | 'repeatLabel'
  | 'addClass'
  | 'search'
  | 'undo'
  | 'redo'
  | 'sprites'
  | 'help';

export interface Binding {
  /** As `KeyboardEvent.key`, letters in lower case. */
  key: string;
  ctrl?: boolean;
  shift?: boolean;
  command: Command;
}

export const BINDINGS: readonly Binding[] = [
  { key: ' ', command: 'playPause' },
  { key: 'd', command: 'dimensions' },
  { key: 'f', command: 'fit' },
  { key: 'g', command: 'densest' },
  { key: '[', command: 'smallerK' },
  { key: ']', command: 'largerK' },
  { key: 'x', command: 'dropHovered' },
  { key: 'escape', command: 'clearSelection' },
  { key: '0', command: 'clearLabels' },
  { key: 'enter', command: 'repeatLabel' },
  { key: 'n', command: 'addClass' },
  { key: '+', command: 'addClass' },
  { key: '/', command: 'search' },
  { key: 's', command: 'sprites' },
  { key: '?', command: 'help' },
  { key: 'z', ctrl: true, command: 'undo' },
  { key: 'z', ctrl: true, shift: true, command: 'redo' },
  { key: 'y', ctrl: true, command: 'redo' },
];

export interface Stroke {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** The command for a stroke, a digit 1 to 9 for a class, or null. */
export function lookUp(stroke: Stroke): Command | number | null {
  if (stroke.altKey) return null;
  const ctrl = stroke.ctrlKey || stroke.metaKey;
  const key = stroke.key.toLowerCase();
  if (!ctrl && /^[1-9]$/.test(key)) return Number(key);
  // Which keys need Shift differs between keyboards ("?", "+", "/"): Shift is only looked at for letters with Ctrl.
  const match = BINDINGS.find(
    (each) =>
      each.key === key &&
      (each.ctrl ?? false) === ctrl &&
      (!ctrl || (each.shift ?? false) === stroke.shiftKey),
  );
  return match?.command ?? null;
}

/** What the overlay lists, by theme. */
export const KEY_HELP: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Select',
    keys: [
      ['Click', 'an image with its k nearest'],
      ['[  ]', 'fewer, more neighbours'],
      ['Shift + click', 'add one image'],
      ['Alt + click, X', 'take an image out'],
      ['G', 'densest unlabelled group'],
      ['/', 'search'],
      ['Esc', 'clear the selection'],
    ],
  },
  {
    title: 'Label',
    keys: [
      ['1 … 9', 'label the selection'],
      ['Enter', 'repeat the last label'],
      ['0', 'clear the labels of the selection'],
      ['N', 'new class'],
      ['Ctrl + Z', 'undo'],
      ['Ctrl + Shift + Z', 'redo'],
    ],
  },
  {
    title: 'View and t-SNE',
    keys: [
      ['Drag', 'turn (3-D), move (2-D)'],
      ['Shift or right drag', 'move'],
      ['Wheel', 'zoom'],
      ['F', 'fit the picture'],
      ['S', 'images or dots'],
      ['D', '2-D or 3-D (starts again)'],
      ['Space', 'play or pause'],
    ],
  },
];
