import { expect, test } from 'vitest';
import { clustersFrom, openClusters, RESOLUTION_STEPS, resolutionAt } from '../../src/state/clusters';

const CLUSTERS = clustersFrom({
  version: 'v',
  resolution: 1,
  column: 'label',
  revision: 1,
  clusters: [
    { class_id: 2, purity: 0.7, unlabeled: 1, rows: [3, 0] },
    { class_id: null, purity: 0, unlabeled: 1, rows: [2] },
    { class_id: 1, purity: 1, unlabeled: 0, rows: [1] },
  ],
});

test('clusters with something open are left, but for those passed over', () => {
  const labels = Int32Array.of(-1, 5, -1, 5);
  const numbers = (skipped: number[]): number[] =>
    openClusters(CLUSTERS, labels, new Set(skipped)).map((each) => each.number);
  expect(numbers([])).toEqual([0, 1]);
  expect(numbers([0])).toEqual([1]);
  expect(CLUSTERS[0]).toEqual({ number: 0, rows: [3, 0], classId: 2, purity: 0.7 });
});

test('each step of the slider is finer than the one before, within what the server takes', () => {
  const all = Array.from({ length: RESOLUTION_STEPS + 1 }, (_, step) => resolutionAt(step));
  expect(all.every((each, step) => step === 0 || each > (all[step - 1] ?? 0))).toBe(true);
  expect(all[0]).toBeGreaterThanOrEqual(0.01);
  expect(all.at(-1)).toBeLessThanOrEqual(100);
});
