import type { JSX } from 'preact';
import { STATES } from '../state/labels';
import { Icon } from './icons';

/** What became of an image, in its corner: a tick where somebody saw it, filled where twice; what was set aside. */
export function StateMark({ state }: { state: number }): JSX.Element | null {
  const words = STATES[state];
  switch (words) {
    case 'seen':
    case 'verified':
      return (
        <span class={`state-mark ${words}`}>
          <Icon name="check" />
        </span>
      );
    case 'unsure':
    case 'ignored':
      return <span class="state-mark">{words === 'unsure' ? '?' : '–'}</span>;
    default:
      return null;
  }
}

/** What an image is, for whoever cannot see its colour: its class, and what that is worth; empty where it is open. */
export function markWords(className: string | undefined, state: number): string {
  const words = STATES[state] ?? 'unlabeled';
  if (className === undefined) return words === 'unlabeled' ? '' : words;
  return words === 'labeled' ? className : `${className}, ${words}`;
}
