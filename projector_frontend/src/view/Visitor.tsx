import type { JSX } from 'preact';
import { isExposed, rightWords } from '../state/access';
import { short } from '../state/format';
import { useApp } from './actions';

/** Who is here by a token, what that allows, and the way out; or the way in. Nothing where no tokens are in use. */
export function Visitor(): JSX.Element | null {
  const { store, actions } = useApp();
  const { value: runs } = store.runs;
  if (!runs || runs.token === 'none') return null;
  const given = runs.token === 'given';
  const who = runs.account === '' ? 'You' : `You are ${short(runs.account, 40)}, and`;
  return (
    <p class="visitor">
      <span data-testid="visitor" title={runs.edit_problem ?? 'By your token'}>
        {who} {rightWords(runs.right)}
      </span>
      <button
        type="button"
        class="link"
        data-testid={given ? 'sign-out' : 'sign-in-again'}
        onClick={() => (given ? actions.signOut() : (store.signingIn.value = true))}
      >
        {given ? 'Sign out' : 'Sign in'}
      </button>
      {isExposed(location) && (
        <span
          class="muted"
          data-testid="exposed-note"
          title="Whoever is on the way, in the same network too, can read your token and come in with it. An address with https, or an ssh tunnel, keeps it."
        >
          over plain http
        </span>
      )}
    </p>
  );
}
