import type { JSX } from 'preact';
import { useApp } from './actions';
import { IconButton } from './controls';

/** Messages; beside an open dialog they could be neither read nor heard, so that then they are in it. */
export function Toasts({ inDialog = false }: { inDialog?: boolean }): JSX.Element | null {
  const { store, actions } = useApp();
  if (inDialog !== (store.dialog.value !== null)) return null;
  return (
    <div class="toasts" role="status" aria-live="polite">
      {store.toasts.value.map((each) => (
        <div key={each.id} class={`toast ${each.tone}`} data-testid="toast">
          <span>{each.text}</span>
          <IconButton icon="close" label="Close this message" onClick={() => actions.dismiss(each.id)} />
        </div>
      ))}
    </div>
  );
}
