import type { JSX } from 'preact';
import type { ClassInfo } from '../api/types';

interface Props {
  info: ClassInfo | undefined;
  /** How probable it is, or how much is of it: 0 to 1. */
  share: number;
  /** Said where there is no class. */
  unknown: string;
}

/** The class that something probably is of. */
export function Guess({ info, share, unknown }: Props): JSX.Element {
  if (!info) return <span class="muted">{unknown}</span>;
  return (
    <span class="guess muted">
      <span class="swatch hollow" style={{ '--class': info.color }} />
      <span class="words" dir="auto">
        {info.name}
      </span>{' '}
      {Math.round(100 * share)} %
    </span>
  );
}
