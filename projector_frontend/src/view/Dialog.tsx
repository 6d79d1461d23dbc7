import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from './actions';
import { IconButton } from './controls';
import { Toasts } from './Toasts';

interface Props {
  title: string;
  testId: string;
  children: ComponentChildren;
}

/** A window over the page. Escape, the cross and a click beside it close it; the focus goes back where it was. */
export function Dialog({ title, testId, children }: Props): JSX.Element {
  const { actions } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  // Before anything is painted: Escape is the dialog's as soon as it can be seen.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        actions.closeDialog();
      }}
      // A browser need not ask first.
      onClose={actions.closeDialog}
      onClick={(event) => {
        if (event.target === event.currentTarget) actions.closeDialog();
      }}
    >
      <header>
        <h1>{title}</h1>
        <IconButton icon="close" label="Close" testId="close-dialog" onClick={actions.closeDialog} />
      </header>
      {children}
      <Toasts inDialog />
    </dialog>
  );
}
