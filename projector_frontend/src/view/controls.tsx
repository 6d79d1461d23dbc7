import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icons';

interface ButtonProps {
  icon: IconName;
  label: string;
  /** Shown beside the tooltip. */
  keys?: string;
  onClick: () => void;
  disabled?: boolean;
  pressed?: boolean;
  testId?: string;
}

/** A button that is only an icon; its name is for the tooltip and for screen readers. */
export function IconButton({
  icon,
  label,
  keys,
  onClick,
  disabled,
  pressed,
  testId,
}: ButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class="icon-button"
      title={keys ? `${label} (${keys})` : label}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      data-testid={testId}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

interface SegmentProps<T extends string> {
  label: string;
  options: readonly { value: T; text: string; hint?: string }[];
  value: T | undefined;
  onChange: (value: T) => void;
  disabled?: boolean;
}

/** One of a few, all in sight. */
export function Segments<T extends string>({
  label,
  options,
  value,
  onChange,
  disabled,
}: SegmentProps<T>): JSX.Element {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          title={option.hint}
          aria-pressed={option.value === value}
          disabled={disabled}
          data-testid={`${label.toLowerCase()}-${option.value}`}
          onClick={() => onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}

interface SliderProps {
  label: string;
  hint?: string;
  min: number;
  max: number;
  step?: number;
  value: number;
  /** What the number means, where it is not the slider's own. */
  text?: string;
  onInput?: (value: number) => void;
  onChange?: (value: number) => void;
  disabled?: boolean;
  testId?: string;
  /** For a name of a letter or two. */
  tight?: boolean;
  /** A value marked on the track. */
  mark?: number | undefined;
  /** Stands where the number would. */
  children?: ComponentChildren;
}

export function Slider(props: SliderProps): JSX.Element {
  const { label, hint, min, max, step = 1, value, text = String(value), testId } = props;
  const share = max > min ? (100 * (value - min)) / (max - min) : 0;
  return (
    <label class={props.tight ? 'row slider-row tight' : 'row slider-row'} title={hint}>
      <span class="name">{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        disabled={props.disabled}
        aria-valuetext={text}
        aria-label={label}
        data-testid={testId}
        style={{ '--share': `${share}%`, ...marked(props.mark, min, max) }}
        class={props.mark === undefined ? '' : 'marked'}
        onInput={(event) => props.onInput?.(event.currentTarget.valueAsNumber)}
        onChange={(event) => props.onChange?.(event.currentTarget.valueAsNumber)}
      />
      {props.children ?? <output>{text}</output>}
    </label>
  );
}

function marked(mark: number | undefined, min: number, max: number): Record<string, string> {
  return mark === undefined || max <= min ? {} : { '--mark': `${(100 * (mark - min)) / (max - min)}%` };
}

interface PanelProps {
  title: string;
  /** Beside the title. */
  aside?: ComponentChildren;
  grow?: boolean;
  children: ComponentChildren;
}

export function Panel({ title, aside, grow, children }: PanelProps): JSX.Element {
  return (
    <section class={grow ? 'panel grow' : 'panel'} aria-label={title}>
      <header>
        <h2>{title}</h2>
        <div class="aside">{aside}</div>
      </header>
      {children}
    </section>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: readonly { value: string; text: string }[];
  onChange: (value: string) => void;
  testId: string;
}

export function Select({ label, value, options, onChange, testId }: SelectProps): JSX.Element {
  return (
    <label class="row">
      <span class="name">{label}</span>
      <select
        value={value}
        title={options.find((option) => option.value === value)?.text}
        data-testid={testId}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  );
}
