import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { number, rate } from '../state/format';
import {
  canPlay,
  KNOBS,
  knobText,
  MORE_KNOBS,
  nearestStop,
  presetOf,
  statusWords,
  type Knob,
} from '../state/session';
import { useApp } from './actions';
import { IconButton, Panel, Segments, Select, Slider } from './controls';
import { CostCurve } from './CostCurve';
import { Icon } from './icons';

/** The running t-SNE: what it does, and everything that steers it. */
export function TsnePanel(): JSX.Element {
  const { store, actions } = useApp();
  const session = store.session.value;
  const words = statusWords(session, store.runs.value?.can_edit, store.startProblem.value);
  const off = session === null || session.status === 'failed';
  const epoch = Math.max(store.frameEpoch.value, session?.epoch ?? 0);
  const speed = session?.status === 'running' ? session.epochs_per_second : null;
  return (
    <Panel
      title="t-SNE"
      aside={
        <span class="tabular">
          epoch <b data-testid="epoch">{number(epoch)}</b>
          {speed ? ` · ${rate(speed)}/s` : ''}
        </span>
      }
    >
      <div class="buttons">
        <PlayPause />
        <IconButton icon="step" label="One epoch" onClick={actions.step} disabled={off} testId="step" />
        <IconButton
          icon="restart"
          label="Restart from epoch 0"
          onClick={actions.restart}
          disabled={off}
          testId="restart"
        />
        <IconButton
          icon="perturb"
          label="Perturb: shake it out of a poor arrangement"
          onClick={actions.perturb}
          disabled={off}
          testId="perturb"
        />
      </div>
      <p
        class="status"
        data-testid="session-status"
        data-status={session?.status ?? (words.busy ? 'starting' : 'none')}
        role="status"
      >
        <b class={words.busy ? 'busy' : ''}>{words.title}.</b> {words.next}
      </p>
      <Controls />
      <CostCurve curve={session?.cost_curve ?? []} cost={session?.cost ?? null} />
      {session?.notes.map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
    </Panel>
  );
}

function PlayPause(): JSX.Element {
  const { store, actions } = useApp();
  const session = store.session.value;
  const status = session?.status;
  const isRefused = !session && store.startProblem.value !== null;
  if (isRefused || (status === 'failed' && session?.restartable))
    return (
      <button type="button" class="primary" data-testid="play-pause" onClick={actions.startAgain}>
        <Icon name="restart" /> Start again
      </button>
    );
  const play = status !== undefined && canPlay(status);
  return (
    <button
      type="button"
      // One obvious action at a time: while a group is selected, that is to label it.
      class={status === 'paused' && store.selected.value.length === 0 ? 'primary' : 'plain'}
      disabled={status === undefined || status === 'failed' || statusWords(session).busy}
      title={`${play ? 'Play' : 'Pause'} (Space)`}
      data-testid="play-pause"
      onClick={() => actions.run('playPause')}
    >
      <Icon name={play ? 'play' : 'pause'} /> {play ? 'Play' : 'Pause'}
    </button>
  );
}

function Controls(): JSX.Element {
  const { store, actions } = useApp();
  const parameters = store.session.value?.parameters;
  const disabled = !parameters;
  const set = actions.setParameters;
  const presets = store.runs.value?.presets ?? {};
  return (
    <div class="stack">
      <Segments
        label="Dimensions"
        disabled={disabled}
        value={parameters ? (parameters.n_components === 2 ? '2' : '3') : undefined}
        options={[
          { value: '2', text: '2-D', hint: 'A flat picture; starts again from epoch 0 (D)' },
          { value: '3', text: '3-D', hint: 'A picture with depth; starts again from epoch 0 (D)' },
        ]}
        onChange={(value) => {
          const wanted = value === '2' ? 2 : 3;
          if (wanted !== parameters?.n_components) set({ n_components: wanted });
        }}
      />
      <Segments
        label="Supervision"
        disabled={disabled}
        value={parameters && presetOf(parameters, presets)}
        options={Object.entries(presets).map(([name, values]) => ({
          value: name,
          text: name,
          hint: `How strongly labels move the picture: f ${values.label_importance}, r ${values.repulsion_emphasis}, ramp ${values.ramp_epochs}`,
        }))}
        onChange={(name) => set(presets[name] ?? {})}
      />
      {KNOBS.map((knob) => (
        <KnobSlider key={knob.name} knob={knob} />
      ))}
      <details>
        <summary data-testid="more-parameters">All parameters</summary>
        {MORE_KNOBS.map((knob) => (
          <KnobSlider key={knob.name} knob={knob} />
        ))}
        <Select
          label="Metric"
          testId="metric"
          value={parameters?.metric ?? 'euclidean'}
          options={['euclidean', 'cosine'].map((value) => ({ value, text: value }))}
          onChange={(metric) => set({ metric })}
        />
        <label
          class="row slider-row"
          title="The number that chance starts from: the same seed gives the same picture. Starts again."
        >
          <span class="name">Seed</span>
          <span />
          <input
            class="number"
            type="number"
            min={0}
            value={parameters?.random_state ?? 0}
            disabled={disabled}
            aria-label="Seed"
            data-testid="random_state"
            onChange={(event) => {
              const { valueAsNumber: seed } = event.currentTarget;
              if (Number.isInteger(seed)) set({ random_state: seed });
            }}
          />
        </label>
      </details>
    </div>
  );
}

/** A slider over given values; what it is let go at counts, for some of them start the t-SNE again. */
function KnobSlider({ knob }: { knob: Knob }): JSX.Element {
  const { store, actions } = useApp();
  const value = store.session.value?.parameters[knob.name];
  const dragged = useSignal<number | null>(null);
  const place = dragged.value ?? nearestStop(knob.stops, value);
  return (
    <Slider
      label={knob.label}
      hint={knob.hint}
      testId={knob.name}
      disabled={!store.session.value}
      min={0}
      max={knob.stops.length - 1}
      value={place}
      text={knobText(dragged.value === null ? value : knob.stops[place])}
      onInput={(at) => (dragged.value = at)}
      onChange={(at) => {
        dragged.value = null;
        actions.setParameters({ [knob.name]: knob.stops[at] });
      }}
    />
  );
}
