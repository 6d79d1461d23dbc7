import type { JSX } from 'preact';

/** A few words and a name after them, of which the name is cut off where there is no room: at its end, in any script. */
export function Told({ words, name }: { words: string; name: string }): JSX.Element {
  return (
    <span class="words told">
      <span>{words}</span>{' '}
      <span class="words" dir="auto">
        {name}
      </span>
    </span>
  );
}
