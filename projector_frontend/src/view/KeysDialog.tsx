import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { COMMANDS, keyProblem, keysOf, nameOf, POINTER, rebound, THEMES, type Command } from '../state/keys';
import { useApp } from './actions';
import { Dialog } from './Dialog';
import { drawnByWords } from './Remarks';

const ALL = Object.keys(COMMANDS) as Command[];

/** Every key, each of which can be changed; and what draws the picture. */
export function KeysDialog(): JSX.Element {
  const { store, actions } = useApp();
  const asking = useSignal<Command | null>(null);
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      const { value: command } = asking;
      const name = nameOf(event);
      if (command === null || name === null) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      problem.value = keyProblem(name);
      if (problem.value !== null) return;
      asking.value = null;
      // Escape leaves the key as it is, unless it is Escape's own that is asked for.
      if (name !== 'Escape' || command === 'clearSelection')
        actions.setKeys(rebound(store.keyMap.value, command, name));
    };
    // Before the page's own, and before the dialog closes on Escape.
    window.addEventListener('keydown', listener, true);
    return () => window.removeEventListener('keydown', listener, true);
  }, []);
  const changed = Object.keys(store.keyMap.value).length > 0;
  return (
    <Dialog title="Keys" testId="keys-overlay">
      <div class="keys-groups">
        {THEMES.map((theme) => (
          <section key={theme}>
            <h2>{theme}</h2>
            <dl>
              {POINTER[theme].map(([keys, what]) => (
                <div key={keys}>
                  <dt>
                    <kbd class="fixed">{keys}</kbd>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
              {ALL.filter((command) => COMMANDS[command].theme === theme).map((command) => (
                <div key={command}>
                  <dt>
                    <button
                      type="button"
                      class={asking.value === command ? 'key asking' : 'key'}
                      title="Click, then press another key"
                      aria-describedby={`does-${command}`}
                      data-testid={`key-${command}`}
                      onClick={() => (asking.value = asking.value === command ? null : command)}
                    >
                      {asking.value === command
                        ? 'press a key'
                        : keysOf(command, store.keyMap.value).join('  ') || 'none'}
                    </button>
                  </dt>
                  <dd id={`does-${command}`}>{COMMANDS[command].does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <footer>
        <p class="note" role="status">
          {problem.value ?? 'Click a key to change it. Keys are kept in this browser.'}
        </p>
        {changed && (
          <button type="button" class="plain" data-testid="reset-keys" onClick={() => actions.setKeys({})}>
            Usual keys
          </button>
        )}
        <label class="drawing" title={drawnByWords(store.drawnBy.value)}>
          Drawn by
          <select
            value={store.rendererWanted.value}
            data-testid="renderer"
            onChange={(event) => actions.setRenderer(event.currentTarget.value as 'auto')}
          >
            <option value="auto">whichever is faster</option>
            <option value="graphics">the graphics card (WebGL2)</option>
            <option value="processor">the processor</option>
          </select>
        </label>
      </footer>
    </Dialog>
  );
}
