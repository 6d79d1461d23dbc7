import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { KEY_HELP } from '../state/keys';
import { useApp } from './actions';

export function KeysOverlay(): JSX.Element | null {
  const { store, actions } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const open = store.helpOpen.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
  }, [open]);
  if (!open) return null;
  const close = (): void => actions.run('help');
  return (
    <dialog
      ref={dialog}
      class="keys"
      aria-label="Keys"
      data-testid="keys-overlay"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) close();
      }}
    >
      <div class="keys-groups">
        {KEY_HELP.map((group) => (
          <section key={group.title}>
            <h2>{group.title}</h2>
            <dl>
              {group.keys.map(([keys, what]) => (
                <div key={keys}>
                  <dt>
                    <kbd>{keys}</kbd>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <button type="button" class="plain" onClick={close}>
        Close
      </button>
    </dialog>
  );
}
