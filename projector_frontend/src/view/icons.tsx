import type { JSX } from 'preact';

/** One set: 16 by 16, 1.5 px round strokes in the text's colour. */
const PATHS = {
  play: 'M5 3.5v9l7.5-4.5z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  step: 'M4 3.5v9l6-4.5zM12.5 3.5v9',
  restart: 'M3 8a5 5 0 1 0 1.6-3.7M3 3v2.5h2.5',
  perturb: 'M1.5 8h2l1.5-4 2.5 8 2.5-8 1.5 4h3',
  undo: 'M6 3 2.8 6.2 6 9.4M3.2 6.2h6.3a3.6 3.6 0 0 1 0 7.2H6.5',
  redo: 'M10 3l3.2 3.2L10 9.4M12.8 6.2H6.5a3.6 3.6 0 0 0 0 7.2h3',
  fit: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  images: 'M2.5 3.5h11v9h-11zM2.5 10.5l3-3 2.5 2.5 2-2 3.5 3.5M10.4 6.2h.01',
  dots: 'M4.5 5h.01M9 3.8h.01M12 7.5h.01M7.2 8.3h.01M4 11.5h.01M10.5 12h.01',
  group: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4l3.1 3.1',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  check: 'M3 8.5 6.5 12 13 4.5',
  cloudOff:
    'M2.5 2.5l11 11M5.2 6A2.8 2.8 0 0 0 4.6 11.5h6M7.4 4.3a3.3 3.3 0 0 1 3.9 2.8 2.3 2.3 0 0 1 1.9 3.6',
  download: 'M8 2.5v7.5M5 7.3l3 3 3-3M2.8 13h10.4',
  save: 'M2.5 5V3.5h4L8 5h5.5v8h-11zM8 7.2v3.6M6.3 9.2 8 10.9l1.7-1.7',
  plus: 'M8 3v10M3 8h10',
  close: 'M4 4l8 8M12 4l-8 8',
  warning: 'M8 2.8 14 13H2zM8 6.5v3M8 11.3h.01',
  keys: 'M1.8 4h12.4v8H1.8zM4.5 6.7h.01M7 6.7h.01M9.5 6.7h.01M11.8 6.7h.01M5 9.5h6',
} as const;

export type IconName = keyof typeof PATHS;

const HEAVY = new Set<IconName>(['dots', 'more']);

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class={HEAVY.has(name) ? 'icon heavy' : 'icon'} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
