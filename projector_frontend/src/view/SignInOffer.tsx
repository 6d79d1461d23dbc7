import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { short } from '../state/format';
import { useApp } from './actions';
import { takeFocus } from './controls';

/** Asks before a link has somebody else take the place of who is signed in here. */
export function SignInOffer({ here, other }: { here: string; other: string }): JSX.Element {
  const { actions } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const stay = (): void => actions.answerOffer(false);
  return (
    <dialog ref={dialog} aria-label="Sign in as somebody else?" data-testid="sign-in-offer" onCancel={stay}>
      <header>
        <h1>Sign in as somebody else?</h1>
      </header>
      <p class="note waiting-note">
        You are <b>{here}</b> here, and the address that you opened is for <b>{other}</b>. Once you sign in,
        all that is done in this browser is theirs.
      </p>
      <div class="pair">
        <button type="button" class="primary" ref={takeFocus} data-testid="stay" onClick={stay}>
          Stay {short(here, 24)}
        </button>
        <button
          type="button"
          class="plain"
          data-testid="take-offer"
          onClick={() => actions.answerOffer(true)}
        >
          Sign in as {short(other, 24)}
        </button>
      </div>
    </dialog>
  );
}
