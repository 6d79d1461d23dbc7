import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Parameters } from '../contract';
import type { Command } from '../state/keys';
import type { Store } from '../state/store';

export type PickMode = 'focus' | 'add' | 'remove';

/** What a pointer can do to the picture; coordinates are CSS pixels from the view's left and top. */
export interface ViewControl {
  attach: (canvas: HTMLCanvasElement) => void;
  resize: (width: number, height: number, ratio: number) => void;
  orbit: (dx: number, dy: number) => void;
  pan: (dx: number, dy: number) => void;
  zoom: (factor: number, x: number, y: number) => void;
  fit: () => void;
  hover: (x: number, y: number) => void;
  leave: () => void;
  click: (x: number, y: number, mode: PickMode) => void;
}

/** Everything the page can be asked to do. `main` does it; views only ask. */
export interface Actions {
  view: ViewControl;
  run: (command: Command) => void;

  chooseRun: (run: string) => void;
  chooseTensor: (tensor: string) => void;
  retry: () => void;
  search: (query: string) => void;
  colorBy: (column: string) => void;
  setSpriteSize: (size: number) => void;
  setSprites: (on: boolean) => void;

  setK: (k: number) => void;
  toggleRow: (row: number) => void;
  selectClass: (id: number) => void;
  setOverwrite: (on: boolean) => void;

  applyClass: (id: number | null) => void;
  /** Adds a class, and gives it to the selection where there is one. Resolves to false when refused. */
  addClass: (name: string) => Promise<boolean>;
  renameClass: (id: number, name: string) => Promise<boolean>;
  recolorClass: (id: number, color: string) => void;
  mergeClass: (id: number, into: number) => void;
  deleteClass: (id: number) => void;
  save: () => void;
  tsvUrl: () => string;

  step: () => void;
  restart: () => void;
  perturb: () => void;
  startAgain: () => void;
  setParameters: (parameters: Partial<Parameters>) => void;

  dismiss: (toast: number) => void;
}

export interface App {
  store: Store;
  actions: Actions;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('A component is outside the page.');
  return app;
}
