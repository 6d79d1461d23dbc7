import { batch } from '@preact/signals';
import type { Client } from '../api/client';
import type { Imported } from '../api/types';
import { UNLABELED } from '../state/labels';
import { changeOfRun } from '../state/newcomers';
import { pictureOf, rowsOfPicture } from '../state/places';
import { snippet } from '../state/snippet';
import { createStore } from '../state/store';
import { isolated, toggled } from '../state/hiding';
import type { Actions, App } from '../view/actions';
import { followAuthors } from './authors';
import { Clustering } from './clustering';
import { ownName, setOwnName } from '../api/identity';
import { Columns } from './columns';
import { Company } from './company';
import { chooseTool, commandsOf, digit, toggleDialog } from './commands';
import { open, openFirst } from './dataset';
import { Datasets, sentFiles } from './datasets';
import { Crew } from './crew';
import { Details } from './details';
import { Entering } from './entering';
import { copyText } from './download';
import { Guiding } from './guiding';
import { loadOlder, loadOlderOf, showHistoryOf } from './history';
import { exposeTestHandle } from './test_handle';
import { listenToKeys, takeKeyboard } from './keyboard';
import { Labeling } from './labeling';
import { Metadata } from './metadata';
import { keepPreferences } from './memory';
import { closeNotes } from './notes';
import { Viewport } from './viewport';
import { Visiting } from './visiting';
import { Placing } from './placing';
import { Polling } from './polling';
import { Reviewing } from './reviewing';
import { SharpTiles } from './sharp_tiles';
import { TilePages } from './tile_pages';
import { Selecting } from './selecting';
import { Session } from './session';
import { Settling } from './settling';
import { followTheme } from './theme';
import { dismiss, sentence, toast } from './toasts';
import { Visibility } from './visibility';

/** Makes the page's parts and ties them together. */
export function createApp(client: Client): App & { start(): void } {
  const store = createStore();
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  const viewport = new Viewport(store, calm);
  const visibility = new Visibility((shown) => {
    viewport.scene?.setVisible(shown);
    if (shown) takeKeyboard();
  });
  const labeling = new Labeling(client, store, () => actions.retry());
  const selecting = new Selecting(client, store, viewport, new Metadata(client, store));
  const datasets = new Datasets(client, store, labeling);
  const crew = new Crew(client, store);
  window.addEventListener('pagehide', () => void crew.leave());
  const reviewing = new Reviewing(store, labeling, viewport, crew);
  const guiding = new Guiding(client, store, selecting, labeling, reviewing, crew);
  const clustering = new Clustering(client, store, selecting, reviewing);
  const placing = new Placing(store, selecting, labeling);
  const company = new Company(store);
  const session = new Session(client, store, viewport, company);
  const tilePages = new TilePages(client, store);
  const details = new Details(tilePages, store, viewport);
  new SharpTiles(tilePages, store);
  viewport.onRest = () => details.look();
  const visiting = new Visiting(client, store, () => actions.retry());
  const polling: Polling = new Polling(client, store, viewport, guiding, crew, visiting, visibility, () => {
    const before = store.samples.peek()?.sample_ids ?? [];
    opened(
      openFirst(client, store).then(() =>
        toast(store, changeOfRun(before, store.samples.peek()?.sample_ids ?? [])),
      ),
    );
  });
  // Polling starts with the samples, and need not wait for the pictures.
  const opened = (opening: Promise<void>): void => {
    polling.stop();
    selecting.forget();
    reviewing.close();
    const stop = store.phase.subscribe((phase) => {
      if (phase.kind === 'ready') polling.restart();
    });
    void opening.finally(stop);
  };
  const columns = new Columns(client, store, polling, session);
  const entering = new Entering(client, store, () => actions.retry());
  const settling = new Settling(client, store, labeling);
  const parts = {
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
  };
  const commands = commandsOf(parts);

  const actions: Actions = {
    view: {
      attach: (canvas) => void viewport.attach(canvas),
      resize: (width, height, ratio) => viewport.resize(width, height, ratio),
      orbit: (dx, dy) => viewport.scene?.orbit(dx, dy),
      pan: (dx, dy) => viewport.scene?.pan(dx, dy),
      zoom: (factor, x, y) => viewport.scene?.zoom(factor, x, y),
      hover: (x, y) => {
        const row = viewport.scene?.pick(x, y) ?? -1;
        store.hover.value = row < 0 ? null : { row, x, y };
      },
      leave: () => (store.hover.value = null),
      click: (x, y, mode) => selecting.click(viewport.scene?.pick(x, y) ?? -1, mode),
      draw: (outline) => (store.outline.value = outline),
      enclose: (kind, outline, mode) => {
        store.outline.value = null;
        selecting.outline(kind, outline, mode);
      },
    },
    run: (command) => commands[command](),
    chooseRun: (run) => opened(open(client, store, run)),
    chooseTensor: (tensor) => opened(open(client, store, store.run.value ?? '', tensor, store.column.value)),
    chooseColumn: (column) => columns.choose(column),
    addColumn: (name) => columns.add(name),
    addBlindColumn: (about) => columns.addBlind(about),
    openColumn: () => columns.open(),
    retry: () => opened(openFirst(client, store)),
    reload: () => reloadAll(),
    copy: (text) =>
      void copyText(text).then((copied) =>
        toast(store, copied ? 'Copied.' : 'The browser does not allow copying here.'),
      ),
    search: (query) => selecting.search(query),
    colorBy: (column) => {
      store.colorBy.value = column;
      store.hiddenGroups.value = new Set();
    },
    setSpriteSize: (size) => {
      store.sizeChosen.value = true;
      store.spriteSize.value = size;
    },
    setSprites: (on) => (store.spritesWanted.value = on),
    setTool: (tool) => chooseTool(store, tool),
    toggleGroup: (group) => (store.hiddenGroups.value = toggled(store.hiddenGroups.value, group)),
    isolateGroup: (group, all) => (store.hiddenGroups.value = isolated(store.hiddenGroups.value, all, group)),
    selectGroup: (group) => selecting.selectGroup(group),
    showAll: () => {
      store.hiddenGroups.value = new Set();
      store.labeledHidden.value = false;
    },
    showIgnored: (on) => (store.ignoredShown.value = on),
    imageUrl: (row) => client.imageUrl(store.run.value ?? '', store.samples.value?.sample_ids[row] ?? ''),
    pictureUrl: (row) => {
      const { value: places } = store.places;
      const picture = pictureOf(places, row);
      const first = places && picture !== null ? rowsOfPicture(places, picture)[0] : row;
      return client.pictureUrl(store.run.value ?? '', store.samples.value?.sample_ids[first ?? row] ?? '');
    },
    lookInPicture: (row) => (store.placeRow.value = row),
    stepInPicture: (by) => placing.step(by),
    labelInPicture: (which) => placing.label(which),

    setK: (k) => void selecting.setK(k),
    setSpace: (space) => selecting.setSpace(space),
    setGridOrder: (order) => (store.gridOrder.value = order),
    toggleRow: (row) => selecting.toggle(row),
    selectClass: (id) => {
      if (!store.review.value) selecting.selectClass(id);
      else if (id === UNLABELED) reviewing.openUnlabeled();
      else reviewing.openClass(id);
    },
    selectSuggested: (id) => selecting.selectSuggested(id),
    visitCandidate: (candidate) => guiding.visit(candidate),
    setSureFrom: (percent) => (store.sureFrom.value = percent),
    lookAt: (row) => guiding.look(row),
    settle: (row, label) => settling.settle(row, label),
    settleIssue: (row, change) => guiding.settle(row, change),
    settleGroup: (issue, change) => guiding.settleGroup(issue, change),
    lookThroughGroup: (issue) => guiding.lookThrough(issue),
    setClusterStep: (step) => clustering.setStep(step),
    selectCluster: (cluster, add) => clustering.select(cluster, add),
    lookThroughCluster: (cluster) => clustering.lookThrough(cluster),
    skipCluster: (cluster) => clustering.skip(cluster),
    setOverwrite: (on) => (store.overwrite.value = on),
    applyClass: (id) => (store.review.value ? reviewing.give(id) : labeling.apply(id)),
    addClass: (name) => (store.review.value ? reviewing.giveName(name) : labeling.add(name)),
    renameClass: (id, name) => labeling.change({ action: 'rename', class_id: id, name: name.trim() }),
    recolorClass: (id, color) => void labeling.change({ action: 'recolor', class_id: id, color }),
    moveClass: (id, position) => void labeling.change({ action: 'move', class_id: id, position }),
    mergeClass: (id, into) => void labeling.change({ action: 'merge', class_id: id, into }),
    deleteClass: (id) => void labeling.change({ action: 'delete', class_id: id }),
    loadOlder: () => {
      const { value: author } = store.historyOf;
      const loading = author === null ? loadOlder(client, store) : loadOlderOf(client, store, author);
      void loading.catch((error: unknown) => toast(store, sentence(error), 'bad'));
    },
    showHistoryOf: (author) =>
      void showHistoryOf(client, store, author).catch((error: unknown) =>
        toast(store, sentence(error), 'bad'),
      ),
    restore: (revision) => void labeling.restore(revision),
    takeBack: (revision) => void labeling.turnBack('undo', false, revision),
    doAgain: (revision) => void labeling.turnBack('redo', false, revision),
    setName: (name) => {
      setOwnName(name.trim());
      store.ownName.value = ownName();
      // Which edits are one's own is another question now.
      actions.retry();
    },
    goOnWithout: () => entering.goOnWithout(),
    answerOffer: (takes) => void entering.answerOffer(takes),
    enter: (token) => entering.enter(token),
    signOut: () =>
      void crew
        .leave() // first: without a right nobody gives anything back
        .then(() => entering.leave())
        .then(reloadAll, (error: unknown) => toast(store, sentence(error), 'bad')),
    save: () => void labeling.save(),
    claimWaiting: (opIds) => labeling.claim(opIds),
    discardWaiting: (opIds) => labeling.discard(opIds),
    downloadTsv: (authors) => void labeling.download(authors),
    openDataset: (format) =>
      batch(() => {
        store.datasetFormat.value = format;
        store.dialog.value = 'dataset';
      }),
    previewDataset: (name, chosen) => datasets.preview(name, chosen),
    downloadDataset: (name, chosen) => datasets.download(name, chosen),
    readFiles: (name, files) => sentFiles(name, files),
    previewAnnotations: (name, files) => datasets.previewAnnotations(name, files),
    downloadAnnotations: (name, files, file) => datasets.annotate(name, files, file),
    previewImport: (table, name, all) => labeling.previewImport(tableOf(table, name, all)),
    importTable: (table, name, all, manyClasses) =>
      labeling.importTable({ ...tableOf(table, name, all), ...(manyClasses && { many_classes: true }) }),
    copySnippet: () => {
      const { run, runs } = store;
      void copyText(snippet(run.value ?? '', runs.value?.labels_kept_in ?? 'run')).then((copied) =>
        toast(store, copied ? 'Copied: paste it into Python.' : 'The browser does not allow copying here.'),
      );
    },

    pages: {
      open: (subject, order) => reviewing.open(subject, order),
      openClass: (id) => reviewing.openClass(id),
      verifyClass: (id) => reviewing.verifyClass(id),
      openAside: (of) => reviewing.openAside(of),
      setRoom: (room) => (store.room.value = room),
      setOrder: (order) => reviewing.setOrder(order),
      setTileEdge: (edge) => reviewing.setTileEdge(edge),
      point: (row, at) =>
        batch(() => {
          store.currentRow.value = row;
          store.hover.value = row === null || !at ? null : { row, ...at };
        }),
      pick: (row, range) => reviewing.pick(row, range),
      pickBetween: (from, to, before) => reviewing.pickBetween(from, to, before),
      clearPicked: () => (store.picked.value = new Set()),
      openMenu: (row) => (store.menuAt.value = row),
      give: (id) => reviewing.give(id),
      setAside: (aside) => reviewing.setAside(aside),
      acceptRest: () => reviewing.acceptRest(),
      lookThrough: () => reviewing.lookThrough(),
      close: () => reviewing.close(),
    },

    step: () => session.step(),
    restart: () => session.restart(),
    perturb: () => session.perturb(),
    follow: () => session.follow(),
    startAgain: () => session.startAgain(),
    setParameters: (parameters) => session.setParameters(parameters),

    openNotes: () => (store.notesOpen.value = 'asked'),
    closeNotes: () => closeNotes(store),
    openDialog: (dialog) => toggleDialog(store, dialog),
    closeDialog: () => (store.dialog.value = null),
    setKeys: (keys) => (store.keyMap.value = keys),
    setRenderer: (renderer) => (store.rendererWanted.value = renderer),
    dismiss: (id) => dismiss(store, id),
  };
  const tableOf = (table: Imported, name: string, all: boolean): Parameters<Labeling['importTable']>[0] => ({
    tensor: store.tensor.value ?? '',
    ...(typeof table === 'string' ? { table } : table),
    file_name: name.slice(0, 128),
    only_unlabeled: !all,
  });

  return {
    store,
    actions,
    start: () => {
      keepPreferences(store);
      store.ownName.value = ownName();
      followTheme(store);
      followAuthors(client, store);
      listenToKeys(
        store,
        (command) => commands[command](),
        (which) => digit(parts, which),
        (key) => reviewing.move(key),
      );
      exposeTestHandle(store, viewport);
      takeKeyboard();
      labeling.resume();
      entering.listen();
      void entering.arrive().then(() => actions.retry());
    },
  };
}

/** TensorBoard's page is the one that a proxy answers with its own. */
function reloadAll(): void {
  try {
    window.parent.location.reload();
  } catch {
    window.location.reload(); // framed by another site's page
  }
}
