import { batch, effect, untracked } from '@preact/signals';
import { pictureOf, rowBeside, rowsOfPicture, sizeOf } from '../state/places';
import { found } from '../state/selection';
import type { Store } from '../state/store';
import type { Labeling } from './labeling';
import type { Selecting } from './selecting';
import { toast } from './toasts';

const NO_PARTS = 'The images of this run are no parts of larger pictures.';
const NO_PICTURES = 'This run holds no whole pictures: export it again to have them.';

/** Everything about the pictures that samples are parts of. */
export class Placing {
  constructor(
    private readonly store: Store,
    private readonly selecting: Selecting,
    private readonly labeling: Labeling,
  ) {
    // That there are none is only known once one was asked for.
    effect(() => {
      if (store.hasPictures.value || store.dialog.value !== 'place') return;
      untracked(() => {
        store.dialog.value = null;
        toast(store, NO_PICTURES);
      });
    });
  }

  /** Opens the picture of what is pointed at, or else of what is selected; closes it where it is open. */
  toggle(): void {
    const { store } = this;
    if (store.dialog.value === 'place') store.dialog.value = null;
    else this.open(this.meant());
  }

  open(row: number | null): void {
    const { store } = this;
    const { value: places } = store.places;
    if (!places) toast(store, NO_PARTS);
    else if (row === null) toast(store, 'Point at an image, or select one, to open its whole picture.');
    else if (pictureOf(places, row) === null) toast(store, 'Nothing says where this image lies.');
    else if (!store.hasPictures.value || !sizeOf(places, pictureOf(places, row) ?? 0))
      toast(store, NO_PICTURES);
    else
      batch(() => {
        store.placeRow.value = row;
        store.dialog.value = 'place';
      });
  }

  /** Looks at the next object of the picture that is open. */
  step(by: 1 | -1): void {
    const { places, placeRow } = this.store;
    if (places.value && placeRow.value !== null) placeRow.value = rowBeside(places.value, placeRow.value, by);
  }

  /** Gives what is looked at the class of a digit, or none. */
  label(which: number | null): void {
    const { store } = this;
    const { value: row } = store.placeRow;
    const known = which === null ? null : store.labelState.value.classes[which - 1];
    if (row === null) return;
    if (known === undefined) {
      toast(store, `There is no class ${which} yet.`);
      return;
    }
    if (known) store.lastClass.value = known.id;
    const selection = { kind: 'single', k: 0 } as const;
    this.labeling.mark([row], { classId: known?.id ?? null }, { onlyUnlabeled: false, selection });
  }

  /** Selects all that is part of the same picture. */
  selectAll(): void {
    const { store } = this;
    const { value: places } = store.places;
    const row = store.dialog.value === 'place' ? store.placeRow.value : this.meant();
    const picture = row === null ? null : pictureOf(places, row);
    if (!places) toast(store, NO_PARTS);
    else if (picture === null)
      toast(store, 'Point at an image, or select one, to select all of its whole picture.');
    else
      batch(() => {
        store.dialog.value = null;
        store.query.value = '';
        // The same as a search for the file's name, and told so in the history.
        const rows = rowsOfPicture(places, picture).slice();
        this.selecting.take(found('search', rows, places.files[picture]));
      });
  }

  private meant(): number | null {
    const { store } = this;
    if (store.review.value) return store.currentRow.value;
    return store.hover.value?.row ?? store.selection.value.focus ?? store.selected.value[0] ?? null;
  }
}
