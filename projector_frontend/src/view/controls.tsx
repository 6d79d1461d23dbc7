import type { ComponentChildren, JSX } from 'preact';
import { short } from '../state/format';
import { matching } from '../state/matching';
import { Combobox } from './Combobox';
import { Icon, type IconName } from './icons';

/** A `ref` that gives the focus once, as the element comes: a function made at each drawing would give it each time. */
export function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}

interface ButtonProps {
  icon: IconName;
  label: string;
  /** Shown beside the tooltip. */
  keys?: string;
  onClick: () => void;
  disabled?: boolean;
  pressed?: boolean;
  testId?: string;
  /** -1 where the Tab key passes it by. */
  tabIndex?: number;
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
  tabIndex,
}: ButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class="icon-button"
      title={keys ? `${label} (${keys})` : label}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      tabIndex={tabIndex}
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

/** More options than this make a browser's own list slow to open, and nobody looks through them. */
const MOST_OPTIONS = 200;

/** One of a list; found by its letters where there are very many. */
export function Select({ label, value, options, onChange, testId }: SelectProps): JSX.Element {
  const chosen = short(options.find((option) => option.value === value)?.text ?? '');
  if (options.length > MOST_OPTIONS)
    return (
      <Combobox
        class="row resting"
        label={`${label}, now ${chosen}`}
        placeholder={chosen}
        title={chosen}
        testId={testId}
        options={`${testId}-options`}
        optionsLabel={label}
        find={(typed) =>
          matching(options, typed, (option) => option.text).map((option) => ({
            value: option.value,
            text: short(option.text),
          }))
        }
        choose={(option) => {
          onChange(option.value);
          return Promise.resolve(true);
        }}
        before={<span class="name">{label}</span>}
      />
    );
  return (
    <label class="row">
      <span class="name">{label}</span>
      <select
        value={value}
        title={chosen}
        data-testid={testId}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {short(option.text)}
          </option>
        ))}
      </select>
    </label>
  );
}
