import type { JSX } from 'preact';
import { number, plural, short } from '../state/format';
import type { Forecast } from '../state/guidance';
import { UNLABELED } from '../state/labels';
import { MAX_K } from '../state/selection';
import { useApp } from './actions';
import { IconButton, Panel, Segments, Slider } from './controls';
import { Icon } from './icons';
import { markWords, StateMark } from './StateMark';
import { Thumb } from './Thumb';
import { Told } from './Told';

/** More thumbnails than this are only counted: nobody looks through a thousand. */
const MOST_THUMBS = 240;
const THUMB = 40;

/** The selected group: how large, which images, and what to do with it. */
export function SelectionPanel(): JSX.Element {
  const { store } = useApp();
  const selected = store.selected.value.length;
  const { kind, dropped } = store.selection.value;
  if (kind === 'none')
    return (
      <Panel title="Selection" grow>
        <div class="idle">
          <p>
            <b>Click an image</b> to select it with its {number(store.k.value)} nearest.
          </p>
        </div>
        <KSlider />
      </Panel>
    );
  return (
    <Panel
      title="Selection"
      grow
      aside={
        <span class="tabular" data-testid="selection-count">
          {plural(selected, 'image')}
          {dropped.size > 0 ? ` · ${dropped.size} dropped` : ''}
        </span>
      }
    >
      <KSlider />
      <GridOrder />
      <Ask />
      <Grid />
    </Panel>
  );
}

function KSlider(): JSX.Element | null {
  const { store, actions } = useApp();
  const { kind } = store.selection.value;
  if (!['none', 'neighbors', 'single'].includes(kind)) return null;
  const most = Math.min(MAX_K, Math.max(1, (store.samples.value?.count ?? 2) - 1));
  const k = Math.min(store.k.value, most);
  const forecast = kind === 'neighbors' ? store.forecast.value : null;
  return (
    <>
      <Slider
        label="k"
        tight
        hint="How many nearest neighbours belong to the group ([ and ])"
        min={1}
        max={most}
        value={k}
        testId="k-slider"
        mark={forecast?.bestK ?? undefined}
        onInput={actions.setK}
      >
        <input
          class="number"
          type="number"
          min={1}
          max={most}
          value={k}
          aria-label="k, number of neighbours"
          data-testid="k-input"
          onChange={(event) => actions.setK(event.currentTarget.valueAsNumber)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
          }}
        />
      </Slider>
      <NearIn />
      {forecast && <ForecastLine forecast={forecast} />}
    </>
  );
}

/** Where neighbours are looked for. */
function NearIn(): JSX.Element {
  const { store, actions } = useApp();
  return (
    <div class="near-in">
      <span class="muted">near in</span>
      <Segments
        label="Near in"
        value={store.space.value}
        options={[
          { value: 'embedding', text: 'picture', hint: 'The nearest in the embedding, as it stands' },
          { value: 'features', text: 'features', hint: 'The nearest in the features that it is made from' },
        ]}
        onChange={actions.setSpace}
      />
    </div>
  );
}

/** What guidance expects of the group. */
function ForecastLine({ forecast: { purity, bestK } }: { forecast: Forecast }): JSX.Element | null {
  const { actions } = useApp();
  if (purity === null && bestK === null) return null;
  return (
    <p class="note tabular" data-testid="forecast">
      {purity !== null && (
        <>
          predicted purity <b>{Math.round(100 * purity)} %</b>
        </>
      )}
      {bestK !== null && (
        <>
          {purity === null ? '' : ' · '}
          <button type="button" class="link" onClick={() => actions.setK(bestK)}>
            best k {number(bestK)}
          </button>
        </>
      )}
    </p>
  );
}

/** The one obvious next step, and how to leave. */
function Ask(): JSX.Element {
  const { store, actions } = useApp();
  const labeled = store.labeledInSelection.value;
  const selected = store.selected.value.length;
  const { classes } = store.labelState.value;
  const last = classes.find((each) => each.id === store.lastClass.value);
  const replace = store.overwrite.value;
  const target = replace ? selected : selected - labeled;
  return (
    <div class="ask">
      <div class="buttons">
        {target === 0 ? (
          <button
            type="button"
            class="primary wide"
            title="Select the densest unlabelled group (G)"
            data-testid="next-group"
            onClick={() => actions.run('densest')}
          >
            Next group <kbd>G</kbd>
          </button>
        ) : last ? (
          <button
            type="button"
            class="primary wide"
            title={`Label ${plural(target, 'image')} ${last.name} (Enter)`}
            data-testid="repeat-label"
            onClick={() => actions.applyClass(last.id)}
          >
            <Told words="Label" name={last.name} />
            <kbd>⏎</kbd>
          </button>
        ) : (
          <Hint classes={classes.length} />
        )}
        <IconButton
          icon="pages"
          label="Look through it page by page"
          keys="R"
          testId="review-selection"
          onClick={() => actions.run('review')}
        />
        <button
          type="button"
          class="plain"
          title="Clear the selection (Esc)"
          data-testid="clear-selection"
          onClick={() => actions.run('clearSelection')}
        >
          Clear
        </button>
      </div>
      {store.places.value && <InPicture />}
      {labeled > 0 && (
        <label class="check" title="Labelled images keep their labels unless this is ticked">
          <input
            type="checkbox"
            checked={replace}
            data-testid="overwrite"
            onChange={(event) => actions.setOverwrite(event.currentTarget.checked)}
          />
          <span>
            Replace labels <span class="muted">({number(labeled)} labelled already)</span>
          </span>
        </label>
      )}
    </div>
  );
}

/** Of objects: where they are, and what else is there. */
function InPicture(): JSX.Element {
  const { actions } = useApp();
  return (
    <div class="in-picture">
      <button
        type="button"
        class="quiet"
        title="Open the whole picture that it is a part of (O)"
        data-testid="open-place"
        onClick={() => actions.run('place')}
      >
        <Icon name="place" /> Whole picture <kbd>O</kbd>
      </button>
      <button
        type="button"
        class="quiet"
        title="Select all that is in the same picture (E)"
        data-testid="select-in-picture"
        onClick={() => actions.run('selectPicture')}
      >
        All in it <kbd>E</kbd>
      </button>
    </div>
  );
}

/** Nothing was labelled yet, so there is no label to repeat. */
function Hint({ classes }: { classes: number }): JSX.Element {
  if (classes === 0) return <p class="next">What are they? Type a name above.</p>;
  const range = classes === 1 ? '1' : `1 … ${Math.min(9, classes)}`;
  return (
    <p class="next">
      Press <kbd>{range}</kbd> to label them.
    </p>
  );
}

/** Only where dropChances are known. */
function GridOrder(): JSX.Element | null {
  const { store, actions } = useApp();
  if (!store.forecast.value || store.forecast.value.dropChances.size === 0) return null;
  return (
    <div class="near-in">
      <span class="muted">order</span>
      <Segments
        label="Order"
        value={store.gridOrder.value}
        options={[
          { value: 'near', text: 'nearest', hint: 'As near as they are to the focus' },
          { value: 'unlikely', text: 'doubtful', hint: 'Those likely not to belong first' },
        ]}
        onChange={actions.setGridOrder}
      />
    </div>
  );
}

function Grid(): JSX.Element {
  const { store } = useApp();
  const rows = store.gridRows.value;
  const hidden = rows.length - MOST_THUMBS;
  return (
    <div class="grid-scroll">
      <div class="grid" data-testid="selection-grid">
        {rows.slice(0, MOST_THUMBS).map((row) => (
          <GridItem key={row} row={row} />
        ))}
      </div>
      {hidden > 0 && <p class="note">and {number(hidden)} more</p>}
    </div>
  );
}

function GridItem({ row }: { row: number }): JSX.Element {
  const { store, actions } = useApp();
  const { focus, dropped } = store.selection.value;
  const label = store.labels.value[row] ?? UNLABELED;
  const info = store.classById.value.get(label);
  const out = dropped.has(row);
  const name = short(store.samples.value?.sample_ids[row] ?? String(row));
  const state = store.marks.value.states[row] ?? 0;
  const words = markWords(info?.name, state);
  const classes = ['thumb', out && 'out', row === focus && 'focus', info && 'labeled']
    .filter(Boolean)
    .join(' ');
  return (
    <button
      type="button"
      class={classes}
      style={info ? { '--class': info.color } : {}}
      title={`${out ? 'Restore' : 'Drop'} ${name}${words ? ` (${words})` : ''}`}
      aria-pressed={!out}
      aria-label={words ? `${name}, ${words}` : name}
      data-testid="thumb"
      data-row={row}
      onClick={() => actions.toggleRow(row)}
    >
      <Thumb row={row} size={THUMB} />
      <StateMark state={state} />
    </button>
  );
}
