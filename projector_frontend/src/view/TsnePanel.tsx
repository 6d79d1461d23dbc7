import type { JSX } from 'preact';
import { number, rate } from '../state/format';
import { canPlay, nearestStop, PRESETS, presetOf, statusWords, STOPS } from '../state/session';
import { useApp } from './actions';
import { IconButton, Panel, Segments, StopSlider } from './controls';
import { CostCurve } from './CostCurve';
import { Icon } from './icons';

/** The running t-SNE: what it does, and everything that steers it. */
export function TsnePanel(): JSX.Element {
  const { store, actions } = useApp();
  const session = store.session.value;
  const words = statusWords(session, store.runs.value?.can_edit);
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
  const status = store.session.value?.status;
  if (status === 'failed')
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
      disabled={status === undefined || statusWords(store.session.value).busy}
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
  const slider = { nearest: nearestStop, disabled };
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
        value={parameters && presetOf(parameters)?.name}
        options={PRESETS.map(({ name, hint }) => ({ value: name, text: name, hint }))}
        onChange={(name) => set(PRESETS.find((each) => each.name === name)?.values ?? {})}
      />
      <StopSlider
        {...slider}
        label="Perplexity"
        testId="perplexity"
        hint="How many neighbours count as near. Changing it starts again from epoch 0."
        stops={STOPS.perplexity}
        value={parameters?.perplexity ?? 20}
        onChange={(perplexity) => set({ perplexity })}
      />
      <StopSlider
        {...slider}
        label="Importance f"
        testId="label-importance"
        hint="How strongly images of one label attract each other. 0: not at all."
        stops={STOPS.label_importance}
        value={parameters?.label_importance ?? 0.01}
        onChange={(label_importance) => set({ label_importance })}
      />
      <StopSlider
        {...slider}
        label="Repulsion r"
        testId="repulsion-emphasis"
        hint="How much more images of different labels repel each other. 0: no more than others."
        stops={STOPS.repulsion_emphasis}
        value={parameters?.repulsion_emphasis ?? 0.1}
        onChange={(repulsion_emphasis) => set({ repulsion_emphasis })}
      />
      <StopSlider
        {...slider}
        label="Ramp"
        testId="ramp-epochs"
        hint="Over how many epochs a new label (its rate u) comes into full effect."
        stops={STOPS.ramp_epochs}
        value={parameters?.ramp_epochs ?? 10}
        onChange={(ramp_epochs) => set({ ramp_epochs })}
      />
    </div>
  );
}
