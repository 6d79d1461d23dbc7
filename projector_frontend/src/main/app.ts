import type { Client } from '../api/client';
import type { Command } from '../state/keys';
import { createStore, type Store } from '../state/store';
import type { Actions, App } from '../view/actions';
import { open, openFirst } from './dataset';
import { exposeHandle } from './handle';
import { listenToKeys, takeKeyboard } from './keyboard';
import { Labelling } from './labelling';
import { Picture } from './picture';
import { Polling } from './polling';
import { Selecting } from './selecting';
import { Session } from './session';
import { followTheme } from './theme';
import { dismiss, toast } from './toasts';
import { Visibility } from './visibility';

/** Makes the page's parts and ties them together. */
export function createApp(client: Client): App & { start(): void } {
  const store = createStore();
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  const picture = new Picture(store, calm);
  const visibility = new Visibility((shown) => {
    picture.scene?.setVisible(shown);
    if (shown) takeKeyboard();
  });
  const labelling = new Labelling(client, store);
  const selecting = new Selecting(store, picture);
  const session = new Session(client, store, picture);
  const polling: Polling = new Polling(client, store, picture, visibility, () => {
    toast(store, 'The run was exported again: it is loaded afresh.');
    opened(openFirst(client, store));
  });
  // Polling starts with the samples, and need not wait for the pictures.
  const opened = (opening: Promise<void>): void => {
    polling.stop();
    selecting.forget();
    const stop = store.phase.subscribe((phase) => {
      if (phase.kind === 'ready') polling.restart();
    });
    void opening.finally(stop);
  };

  const commands: Record<Command, () => void> = {
    playPause: () => session.playPause(),
    dimensions: () => session.toggleDimensions(),
    fit: () => picture.scene?.fit(),
    densest: () => selecting.densest(),
    smallerK: () => selecting.stepK(-1),
    largerK: () => selecting.stepK(1),
    dropHovered: () => {
      const { value: hover } = store.hover;
      if (hover) selecting.click(hover.row, 'remove');
    },
    clearSelection: () => {
      if (store.helpOpen.value) store.helpOpen.value = false;
      else selecting.clear();
    },
    clearLabels: () => labelling.apply(null),
    repeatLabel: () => {
      const { value: last } = store.lastClass;
      if (last !== null && store.classById.value.has(last)) labelling.apply(last);
      else if (store.selected.value.length > 0) focusField('add-class');
    },
    addClass: () => focusField('add-class'),
    search: () => focusField('search'),
    undo: () => void labelling.turnBack('undo'),
    redo: () => void labelling.turnBack('redo'),
    sprites: () => toggleSprites(store),
    help: () => (store.helpOpen.value = !store.helpOpen.value),
  };
  const digit = (which: number): void => {
    const known = store.book.value.classes[which - 1];
    if (known) labelling.apply(known.id);
    else if (store.selected.value.length > 0) focusField('add-class');
    else toast(store, `There is no class ${which} yet. Select images, then name one.`);
  };

  const actions: Actions = {
    view: {
      attach: (canvas) => picture.attach(canvas),
      resize: (width, height, ratio) => picture.resize(width, height, ratio),
      orbit: (dx, dy) => picture.scene?.orbit(dx, dy),
      pan: (dx, dy) => picture.scene?.pan(dx, dy),
      zoom: (factor, x, y) => picture.scene?.zoom(factor, x, y),
      fit: () => picture.scene?.fit(),
      hover: (x, y) => {
        const row = picture.scene?.pick(x, y) ?? -1;
        store.hover.value = row < 0 ? null : { row, x, y };
      },
      leave: () => (store.hover.value = null),
      click: (x, y, mode) => selecting.click(picture.scene?.pick(x, y) ?? -1, mode),
    },
    run: (command) => commands[command](),
    chooseRun: (run) => opened(open(client, store, run)),
    chooseTensor: (tensor) => opened(open(client, store, store.run.value ?? '', tensor)),
    retry: () => opened(openFirst(client, store)),
    search: (query) => selecting.search(query),
    colorBy: (column) => (store.colorBy.value = column),
    setSpriteSize: (size) => {
      store.sizeChosen.value = true;
      store.spriteSize.value = size;
    },
    setSprites: (on) => (store.spritesWanted.value = on),
    setK: (k) => selecting.setK(k),
    toggleRow: (row) => selecting.toggle(row),
    selectClass: (id) => selecting.selectClass(id),
    setOverwrite: (on) => (store.overwrite.value = on),
    applyClass: (id) => labelling.apply(id),
    addClass: (name) => labelling.add(name),
    renameClass: (id, name) => labelling.change({ action: 'rename', class_id: id, name: name.trim() }),
    recolorClass: (id, color) => void labelling.change({ action: 'recolor', class_id: id, color }),
    mergeClass: (id, into) => void labelling.change({ action: 'merge', class_id: id, into }),
    deleteClass: (id) => void labelling.change({ action: 'delete', class_id: id }),
    save: () => void labelling.save(),
    tsvUrl: () => client.tsvUrl(store.run.value ?? '', store.tensor.value ?? ''),
    step: () => session.step(),
    restart: () => session.restart(),
    perturb: () => session.perturb(),
    startAgain: () => session.startAgain(),
    setParameters: (parameters) => session.setParameters(parameters),
    dismiss: (id) => dismiss(store, id),
  };

  return {
    store,
    actions,
    start: () => {
      followTheme(store);
      listenToKeys((command) => commands[command](), digit);
      exposeHandle(store, picture);
      takeKeyboard();
      actions.retry();
    },
  };
}

function toggleSprites(store: Store): void {
  if (store.sheet.value) store.spritesWanted.value = !store.spritesWanted.value;
  else toast(store, 'This run has no images to show.');
}

function focusField(id: string): void {
  const field = document.getElementById(id);
  if (field instanceof HTMLInputElement) {
    field.focus();
    field.select();
  }
}
