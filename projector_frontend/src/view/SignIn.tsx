import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { givenToken, isExposed } from '../state/access';
import { short, plural } from '../state/format';
import { sentBySigningIn } from '../state/outbox';
import { useApp } from './actions';
import { takeFocus } from './controls';

/** Over the whole page where nothing may be seen without a token: one field, and what waits until it is given. */
export function SignIn(): JSX.Element {
  const { store, actions } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  // Over a window that is open, too.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const token = useSignal('');
  const busy = useSignal(false);
  const asked = store.signingIn.value;
  const saved = store.saved.value;
  const maker = store.runs.value?.account ?? '';
  const waiting =
    (saved.kind === 'offline' ? saved.waiting : 0) + sentBySigningIn(store.elsewhere.value, maker);
  const problem = store.signInProblem.value;
  const give = async (): Promise<void> => {
    busy.value = true;
    store.signInProblem.value = await actions.enter(givenToken(token.value));
    busy.value = false;
    token.value = '';
  };
  return (
    <dialog
      ref={dialog}
      class="sign-in"
      aria-label="Sign in"
      data-testid="sign-in"
      onCancel={(event) => {
        event.preventDefault();
        if (asked) actions.goOnWithout();
      }}
      // A browser closes it all the same when Escape is pressed twice.
      onClose={() => {
        if (dialog.current?.isConnected) dialog.current.showModal();
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (token.value.trim() !== '') void give();
        }}
      >
        <h1>Label Projector</h1>
        <p id="sign-in-words">
          {waiting > 0
            ? `Sign in again${maker === '' ? '' : ` as ${short(maker, 40)}`}: ${plural(waiting, 'change is', 'changes are')} waiting in this browser.`
            : 'Paste your token, or the address with it. Whoever runs this TensorBoard has one for you.'}
        </p>
        <div class="row">
          <input
            type="password"
            aria-label="Token"
            aria-describedby="sign-in-words"
            placeholder="Token"
            autocomplete="current-password"
            spellcheck={false}
            value={token.value}
            data-testid="token"
            ref={takeFocus}
            onInput={(event) => (token.value = event.currentTarget.value)}
          />
          <button type="submit" class="primary" disabled={busy.value} data-testid="enter">
            Sign in
          </button>
        </div>
        {problem !== null && (
          <p class="refusal" role="alert" data-testid="sign-in-problem">
            {problem}
          </p>
        )}
        {isExposed(location) && (
          <p class="note" data-testid="exposed">
            This address is plain http: whoever is on the way, in the same network too, can read your token
            and come in with it.
          </p>
        )}
        {asked && (
          <button type="button" class="link" onClick={() => actions.goOnWithout()}>
            {maker === '' ? 'Go on without' : `Go on as ${short(maker, 40)}`}
          </button>
        )}
      </form>
    </dialog>
  );
}
