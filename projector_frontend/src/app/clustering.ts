import { batch, effect } from '@preact/signals';
import type { Client } from '../api/client';
import type { SamplesAnswer } from '../api/types';
import { clustersFrom, resolutionAt, type Cluster } from '../state/clusters';
import { UNLABELED } from '../state/labels';
import type { Store } from '../state/store';
import type { Reviewing } from './reviewing';
import type { Selecting } from './selecting';
import { sentence, toast } from './toasts';

/** How long the server may take to find clusters, seconds. */
const WAIT_S = 25;

/** Groups of the whole set: where to begin when nothing is known. */
export class Clustering {
  private samples: SamplesAnswer | null = null;

  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly selecting: Selecting,
    private readonly reviewing: Reviewing,
  ) {
    effect(() => {
      if (store.samples.value !== this.samples) {
        this.samples = store.samples.value;
        this.close();
      }
    });
  }

  /** K: the list of clusters, in the place of the one to verify; or puts it away. */
  toggle(): void {
    const { clusters, toVerify } = this.store;
    const covered = toVerify.value !== null;
    toVerify.value = null;
    if (!clusters.value) void this.find();
    else if (!covered) this.close();
  }

  /** Finer or coarser ones. */
  setStep(step: number): void {
    this.store.clusterStep.value = step;
    void this.find();
  }

  /** Selects what has no label in a cluster; `add` to what is selected already. */
  select(cluster: Cluster, add: boolean): void {
    const { store } = this;
    const labels = store.labels.value;
    const open = cluster.rows.filter((row) => labels[row] === UNLABELED);
    this.selecting.takeCluster(Int32Array.from(open), add);
  }

  lookThrough(cluster: Cluster): void {
    this.reviewing.openRows('cluster', cluster.rows, `cluster ${cluster.number + 1}`);
  }

  /** Leaves a cluster out of the list until clusters are looked for again. */
  skip(cluster: Cluster): void {
    const { store } = this;
    store.skippedClusters.value = new Set(store.skippedClusters.value).add(cluster.number);
  }

  private close(): void {
    batch(() => {
      this.store.clusters.value = null;
      this.store.skippedClusters.value = new Set();
    });
  }

  private async find(): Promise<void> {
    const { store, client } = this;
    const { value: run } = store.run;
    const { value: tensor } = store.tensor;
    const { value: samples } = store.samples;
    if (run === null || tensor === null || !samples || store.findingClusters.value) return;
    store.findingClusters.value = true;
    try {
      // Whoever drags a slider asks for many: the last one counts.
      for (let step = -1; step !== store.clusterStep.value;) {
        step = store.clusterStep.value;
        const answer = await client.clusters(run, tensor, resolutionAt(step), WAIT_S);
        if (store.samples.value !== samples) return;
        batch(() => {
          store.clusters.value = clustersFrom(answer);
          store.skippedClusters.value = new Set();
        });
      }
    } catch (error) {
      toast(store, sentence(error), 'bad');
    } finally {
      store.findingClusters.value = false;
    }
  }
}
