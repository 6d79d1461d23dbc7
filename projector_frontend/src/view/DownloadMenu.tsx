import { useSignal } from '@preact/signals';
import { Fragment, type JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { FORMATS, offered, type FormatName } from '../state/datasets';
import { keysOf } from '../state/keys';
import { useApp } from './actions';
import { Icon } from './icons';
import { useResized } from './resized';

/** What the labels can leave as: the TSV at once, all else after a look at what it will hold. */
export function DownloadMenu(): JSX.Element {
  const { store } = useApp();
  const open = useSignal(false);
  const opener = useRef<HTMLButtonElement>(null);
  const [key] = keysOf('download', store.keyMap.value);
  return (
    <>
      <button
        type="button"
        class="quiet"
        ref={opener}
        title={key ? `Labels as a dataset (${key}: as TSV)` : 'Labels as a dataset'}
        aria-haspopup="menu"
        aria-expanded={open.value}
        data-testid="download"
        onClick={() => (open.value = !open.value)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          open.value = true;
        }}
      >
        <Icon name="download" /> Download <Icon name="up" />
      </button>
      {open.value && <Menu opener={opener.current} close={() => (open.value = false)} />}
    </>
  );
}

function Menu({ opener, close }: { opener: HTMLElement | null; close: () => void }): JSX.Element {
  const { store, actions } = useApp();
  const box = useRef<HTMLDivElement>(null);
  useResized();
  const [key] = keysOf('download', store.keyMap.value);
  const items = (): HTMLElement[] => [...(box.current?.querySelectorAll('button') ?? [])];
  // Before the next key: whoever is quick goes on with the arrows at once.
  useLayoutEffect(() => {
    items()[0]?.focus();
    const outside = (event: Event): void => {
      const target = event.target as Node;
      if (!box.current?.contains(target) && !opener?.contains(target)) close();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);
  const leave = (): void => {
    close();
    opener?.focus();
  };
  const choose = (name: FormatName): void => {
    leave();
    if (name === 'tsv') actions.downloadTsv(false);
    else actions.openDataset(name);
  };
  return (
    <div
      class="menu downloads"
      ref={box}
      role="menu"
      aria-label="Download labels"
      data-testid="download-menu"
      style={placeAbove(opener)}
      onFocusOut={(event) => {
        const to = event.relatedTarget as Node | null;
        if (to && !box.current?.contains(to) && !opener?.contains(to)) close();
      }}
      onKeyDown={(event) => {
        const all = items();
        const at = all.indexOf(document.activeElement as HTMLElement);
        const next = target(event.key, at, all);
        if (next) next.focus();
        else if (event.key === 'Escape' || event.key === 'Tab') {
          close();
          opener?.focus();
        } else if (event.key === 'Enter' || event.key === ' ' || event.key.length > 1) return;
        // Letters are for the menu while it is open: no label is given by one.
        event.stopPropagation();
        if (event.key !== 'Tab') event.preventDefault();
      }}
    >
      {offered(store.samples.value).map(([group, names]) => (
        <div key={group} role="group" aria-label={group}>
          <h2 role="presentation">{group}</h2>
          {names.map((name) => (
            <Fragment key={name}>
              <button
                type="button"
                role="menuitem"
                tabIndex={-1}
                data-testid={`download-${name}`}
                onClick={() => choose(name)}
              >
                <b>{FORMATS[name].title}</b>
                <span class="muted">{FORMATS[name].readBy}</span>
                {name === 'tsv' && key && <kbd>{key}</kbd>}
              </button>
              {name === 'tsv' && (
                <button
                  type="button"
                  role="menuitem"
                  tabIndex={-1}
                  data-testid="download-authors"
                  onClick={() => {
                    leave();
                    actions.downloadTsv(true);
                  }}
                >
                  <b>TSV, with authors</b>
                  <span class="muted">the same, and who gave each label when</span>
                </button>
              )}
            </Fragment>
          ))}
        </div>
      ))}
    </div>
  );
}

/** Where a key leads: the arrows round the menu, a letter to the next entry that begins with it. */
function target(key: string, at: number, all: readonly HTMLElement[]): HTMLElement | undefined {
  const count = all.length;
  if (key === 'ArrowDown') return all[(at + 1) % count];
  if (key === 'ArrowUp') return all[(at - 1 + count) % count];
  if (key === 'Home') return all[0];
  if (key === 'End') return all[count - 1];
  if (!/^\p{L}$/u.test(key)) return undefined;
  const begins = (item: HTMLElement): boolean => item.textContent.toLowerCase().startsWith(key.toLowerCase());
  return [...all.slice(at + 1), ...all.slice(0, at + 1)].find(begins);
}

const WIDEST = 440;

/** Over the button, which stands at the foot of the page or below the window's; not beyond the page's edges. */
function placeAbove(opener: HTMLElement | null): Record<string, string> {
  const box = opener?.getBoundingClientRect();
  if (!box) return {};
  const page = document.documentElement;
  const top = Math.min(box.top, page.clientHeight);
  return {
    bottom: `${page.clientHeight - top + 8}px`,
    ...(box.right < WIDEST ? { left: '8px' } : { right: `${Math.max(8, page.clientWidth - box.right)}px` }),
    maxHeight: `${top - 16}px`,
  };
}
