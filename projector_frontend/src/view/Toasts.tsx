import type { JSX } from 'preact';
import { useApp } from './actions';
import { IconButton } from './controls';

export function Toasts(): JSX.Element {
  const { store, actions } = useApp();
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
