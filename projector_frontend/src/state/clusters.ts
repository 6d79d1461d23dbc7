import type { ClustersAnswer } from '../api/types';
import { UNLABELED } from './labels';

/** A group of the whole set that was found without a label, in rows. */
export interface Cluster {
  /** Its place among those found; the largest has the first. */
  number: number;
  /** The most typical first. */
  rows: readonly number[];
  /** The class that most of it has, or probably has, and what share; null where nothing is known. */
  classId: number | null;
  purity: number;
}

export function clustersFrom(answer: ClustersAnswer): Cluster[] {
  return answer.clusters.map(({ rows, class_id: classId, purity }, number) => ({
    number,
    rows,
    classId,
    purity,
  }));
}

/** Those in which something has no label yet, and that were not passed over. */
export function openClusters(
  clusters: readonly Cluster[],
  labels: Int32Array,
  skipped: ReadonlySet<number>,
): Cluster[] {
  return clusters.filter(
    ({ number, rows }) => !skipped.has(number) && rows.some((row) => labels[row] === UNLABELED),
  );
}

/** Resolutions that a slider stops at, from few clusters to many: each a quarter more than the one before. */
const STEPS = 31;
const FINEST = 20;

export const RESOLUTION_STEPS = STEPS - 1;

export function resolutionAt(step: number): number {
  const smallest = 0.02;
  return Number((smallest * (FINEST / smallest) ** (step / RESOLUTION_STEPS)).toPrecision(3));
}
