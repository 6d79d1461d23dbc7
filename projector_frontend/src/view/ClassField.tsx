import type { JSX } from 'preact';
import { matching } from '../state/matching';
import { composed } from '../state/folding';
import { number } from '../state/format';
import { useApp } from './actions';
import { Combobox, type Option } from './Combobox';
import { Icon } from './icons';

/**
 * Finds a class by its first letters, or names a new one; Enter gives it to the selection, or on a page to what is
 * picked there.
 */
export function ClassField({ id = 'add-class' }: { id?: 'add-class' | 'name-tile' }): JSX.Element {
  const { store, actions } = useApp();
  const { length } = store.labelState.value.classes;
  const onPage = id === 'name-tile';
  const chosen = onPage ? Math.max(1, store.targets.value.length) : store.targets.value.length;
  const calling = length === 0 && chosen > 0;
  const find = (wanted: string): Option[] => {
    if (wanted === '') return [];
    const found = matching(store.labelState.value.classes, wanted, (each) => each.name);
    const options: Option[] = found.map(({ name, color }) => ({ value: name, text: name, color }));
    if (!options.some((each) => composed(each.value) === composed(wanted)))
      options.push({ value: wanted, text: `new class “${wanted}”`, isNew: true });
    return options;
  };
  return (
    <Combobox
      class={calling ? 'add-class calling' : 'add-class'}
      id={id}
      options={onPage ? 'tile-class-options' : 'class-options'}
      optionsLabel="Classes"
      label="Find or name a class"
      placeholder={placeholderFor(chosen, length)}
      title="Find or name a class (N)"
      testId={`${id}-input`}
      maxLength={128}
      find={find}
      choose={({ value }) => actions.addClass(value)}
      after={(typed) => (
        <button type="submit" class={calling ? 'primary' : 'plain'} disabled={typed === ''} data-testid={id}>
          <Icon name="plus" /> {chosen > 0 ? 'Label' : 'Add'}
        </button>
      )}
    />
  );
}

function placeholderFor(chosen: number, classes: number): string {
  if (chosen > 0) return `Name ${chosen === 1 ? 'this image' : `these ${number(chosen)}`}`;
  return classes === 0 ? 'New class' : 'Find or name a class';
}
