import type { Command } from '../state/keys';
import type { Dialog, Store, Tool } from '../state/store';
import type { Clustering } from './clustering';
import { download, fileName } from './download';
import type { Guiding } from './guiding';
import type { Labeling } from './labeling';
import { closeNotes } from './notes';
import type { Viewport } from './viewport';
import type { Placing } from './placing';
import type { Reviewing } from './reviewing';
import type { Selecting } from './selecting';
import type { Session } from './session';
import type { Settling } from './settling';
import { toast } from './toasts';

export interface Parts {
  store: Store;
  viewport: Viewport;
  labeling: Labeling;
  selecting: Selecting;
  guiding: Guiding;
  clustering: Clustering;
  placing: Placing;
  reviewing: Reviewing;
  session: Session;
  settling: Settling;
}

/** What each key does. */
export function commandsOf({
  store,
  viewport,
  labeling,
  selecting,
  guiding,
  clustering,
  placing,
  reviewing,
  session,
  settling,
}: Parts): Record<Command, () => void> {
  return {
    playPause: () => session.playPause(),
    dimensions: () => session.toggleDimensions(),
    fit: () => viewport.scene?.fit(),
    densest: () => guiding.next(),
    review: () => reviewing.toggle(),
    accept: () => reviewing.look(),
    acceptPage: () => reviewing.accept(),
    pageBack: () => reviewing.back(),
    unsure: () => reviewing.setAside('unsure'),
    ignore: () => reviewing.setAside('ignored'),
    pick: () => {
      if (store.currentRow.value !== null) reviewing.pick(store.currentRow.value, false);
    },
    leavePages: () => reviewing.leave(),
    place: () => placing.toggle(),
    selectPicture: () => placing.selectAll(),
    clusters: () => clustering.toggle(),
    verify: () => guiding.verify(),
    settle: () => void settling.toggle(),
    suggestions: () => (store.suggestionsShown.value = !store.suggestionsShown.value),
    smallerK: () => selecting.stepK(-1),
    largerK: () => selecting.stepK(1),
    boxTool: () => chooseTool(store, 'box'),
    lassoTool: () => chooseTool(store, 'lasso'),
    dropHovered: () => {
      const { value: hover } = store.hover;
      if (hover) selecting.click(hover.row, 'remove');
    },
    // What was begun last is left first.
    clearSelection: () => {
      if (store.outline.value) store.outline.value = null;
      else if (store.selection.value.kind !== 'none') selecting.clear();
      else if (store.notesOpen.value !== false) closeNotes(store);
      else store.tool.value = 'orbit';
    },
    clearLabels: () => (store.review.value ? reviewing.give(null) : labeling.apply(null)),
    repeatLabel: () => {
      const { value: last } = store.lastClass;
      if (last !== null && store.classById.value.has(last)) labeling.apply(last);
      else if (store.selected.value.length > 0) focusField('add-class');
    },
    addClass: () => {
      const { review, picked, currentRow, menuAt } = store;
      const single = review.value?.subject.classId !== null || picked.value.size > 0;
      // On a page the field stands beside what is to be named.
      if (review.value && single && currentRow.value !== null) menuAt.value = currentRow.value;
      focusField(menuAt.value === null ? 'add-class' : 'name-tile');
    },
    download: () => void labeling.download(),
    search: () => focusField('search'),
    // On a page the tiles tell.
    undo: () => void labeling.turnBack('undo', store.review.value !== null),
    redo: () => void labeling.turnBack('redo', store.review.value !== null),
    sprites: () => {
      if (store.sheet.value) store.spritesWanted.value = !store.spritesWanted.value;
      else toast(store, 'This run has no images to show.');
    },
    hideLabeled: () => (store.labeledHidden.value = !store.labeledHidden.value),
    screenshot: () => void screenshot(store, viewport),
    help: () => toggleDialog(store, 'keys'),
  };
}

/** The class that a digit stands for is given to the selection, or to what is meant on a page. */
export function digit({ store, labeling, reviewing }: Parts, which: number): void {
  const known = store.labelState.value.classes[which - 1];
  if (store.review.value) {
    if (known) reviewing.give(known.id);
    else toast(store, `There is no class ${which} yet: N names one.`);
  } else if (known) labeling.apply(known.id);
  else if (store.selected.value.length > 0) focusField('add-class');
  else toast(store, `There is no class ${which} yet. Select images, then name one.`);
}

/** The same tool again puts it down. */
export function chooseTool(store: Store, tool: Tool): void {
  store.tool.value = store.tool.value === tool ? 'orbit' : tool;
}

export function toggleDialog(store: Store, dialog: Dialog): void {
  store.dialog.value = store.dialog.value === dialog ? null : dialog;
}

async function screenshot(store: Store, viewport: Viewport): Promise<void> {
  const blob = await viewport.snapshot();
  if (!blob) return;
  const name = fileName(
    `${store.run.value ?? ''} ${store.tensor.value ?? ''} epoch ${store.frameEpoch.value}`,
    'png',
  );
  download(blob, name);
  toast(store, `${name} is in your downloads.`, 'good');
}

function focusField(id: string): void {
  // One that comes with what was just opened is there after the page is drawn.
  if (!document.getElementById(id)) requestAnimationFrame(() => take(id));
  else take(id);
}

function take(id: string): void {
  const field = document.getElementById(id);
  if (field instanceof HTMLInputElement) {
    field.focus();
    field.select();
  }
}
