import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { openClusters, RESOLUTION_STEPS, type Cluster } from '../state/clusters';
import { number, plural } from '../state/format';
import { UNLABELED } from '../state/labels';
import { useApp } from './actions';
import { IconButton, Panel, Slider } from './controls';
import { Guess } from './Guess';
import { Thumb } from './Thumb';
import { useSpanInView } from './windowing';

const THUMBS = 3;
const THUMB = 30;
/** Of a line of the list, CSS pixels. */
const LINE = 42;

/** Groups of the whole set: to begin with, when nothing is known. */
export function ClustersPanel(): JSX.Element {
  const { store, actions } = useApp();
  const all = store.clusters.value ?? [];
  const open = openClusters(all, store.labels.value, store.skippedClusters.value);
  return (
    <Panel
      title="Clusters"
      aside={
        <>
          <span class="tabular muted">{number(open.length)} open</span>{' '}
          <button
            type="button"
            class="link"
            data-testid="close-clusters"
            onClick={() => actions.run('clusters')}
          >
            Done
          </button>
        </>
      }
    >
      <div class="cluster-step">
        <Slider
          label="few"
          tight
          hint="How fine the clusters are: to the right there are more, and smaller ones"
          min={0}
          max={RESOLUTION_STEPS}
          value={store.clusterStep.value}
          testId="cluster-step"
          onInput={actions.setClusterStep}
        >
          <span class="muted">many</span>
        </Slider>
      </div>
      {open.length === 0 ? (
        <p class="note">Nothing is left in these clusters. A finer set may show more.</p>
      ) : (
        <List clusters={open} />
      )}
    </Panel>
  );
}

function List({ clusters }: { clusters: readonly Cluster[] }): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  const { first, end } = useSpanInView(list, clusters.length, LINE);
  return (
    <ol class="candidates clusters" ref={list} data-testid="clusters">
      <li style={{ height: first * LINE }} aria-hidden="true" />
      {clusters.slice(first, end).map((cluster) => (
        <Line key={cluster.number} cluster={cluster} />
      ))}
      <li style={{ height: (clusters.length - end) * LINE }} aria-hidden="true" />
    </ol>
  );
}

function Line({ cluster }: { cluster: Cluster }): JSX.Element {
  const { store, actions } = useApp();
  const { rows, classId, purity } = cluster;
  const labels = store.labels.value;
  const open = rows.filter((row) => labels[row] === UNLABELED);
  const info = classId === null ? undefined : store.classById.value.get(classId);
  const current = store.selection.value.kind === 'cluster' && store.selected.value.includes(open[0] ?? -1);
  return (
    <li class="cluster" style={{ height: LINE }}>
      <button
        type="button"
        class={current ? 'candidate current' : 'candidate'}
        aria-pressed={current}
        title={`Select what has no label in it; with Shift, besides what is selected${info ? `\n${info.name}` : ''}`}
        data-testid="cluster"
        data-number={cluster.number}
        onClick={(event) => actions.selectCluster(cluster, event.shiftKey)}
      >
        <span class="strip">
          {open.slice(0, THUMBS).map((row) => (
            <Thumb key={row} row={row} size={THUMB} />
          ))}
        </span>
        <span class="words tabular">
          {plural(open.length, 'image')}
          <Guess info={info} share={purity} unknown="not known yet" />
        </span>
      </button>
      <IconButton
        icon="pages"
        label="Look through this cluster"
        testId="look-through-cluster"
        onClick={() => actions.lookThroughCluster(cluster)}
      />
      <IconButton
        icon="close"
        label="Pass this cluster over"
        testId="skip-cluster"
        onClick={() => actions.skipCluster(cluster)}
      />
    </li>
  );
}
