"""One whole gradient (attraction, repulsion, Z): ours against scikit-learn's Barnes-Hut, in the same run, interleaved.

Positions are those of our own t-SNE of clustered features after 250 and 1,000 epochs. scikit-learn's `TSNE(3)` computes
with 2 degrees of freedom (a power that ours need not take) and is timed so; with 1, as in the paper, it is faster.

    python benchmarks/bench_gradient.py [--sizes 3000,10000] [--repeats 15]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.manifold import _barnes_hut_tsne

from tb_tsne_plugin.tsne import Embedding, Parameters, compute_affinities, initial_positions
from tb_tsne_plugin.tsne.attraction import attract, padded
from tb_tsne_plugin.tsne.barnes_hut import BarnesHut
from tb_tsne_plugin.tsne.parameters import EXACT_UP_TO
from tb_tsne_plugin.tsne.repulsion import repel_exact

THETA = 0.5
WARM, TIMED = 4, 4
RESULTS = Path(__file__).resolve().parent / "results"


def clustered(n: int) -> np.ndarray:
    """(N, 64) features in 50 groups."""
    random = np.random.default_rng(0)
    return (random.standard_normal((n, 64)) + 3.0 * random.standard_normal((50, 64))[np.arange(n) % 50]).astype(
        np.float32
    )


def measure(work: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median milliseconds of each, taken in turns.

    The first calls of a turn do not count: scikit-learn and numba have thread pools of their own, and the one that has
    just worked goes on spinning for some milliseconds.
    """
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeats):
        for name, do in work.items():
            for call in range(WARM + TIMED):
                began = time.perf_counter()
                do()
                if call >= WARM:
                    times[name].append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(found) for name, found in times.items()}


def compare(n: int, epochs: int, repeats: int) -> dict[str, float]:
    """Milliseconds of one gradient at the positions after some epochs."""
    features = clustered(n)
    affinities = compute_affinities(features, 20.0)
    embedding = Embedding(affinities, initial_positions(features, 3), Parameters())
    embedding.step(epochs)
    Y, P = embedding.columns.copy(), padded(affinities.P)
    random = np.random.default_rng(0)
    labels = np.where(random.random(n) < 0.5, np.arange(n) % 20, -1).astype(np.int32)
    none = np.full(n, -1, dtype=np.int32)
    rate, zero = (labels >= 0).astype(np.float32), np.zeros(n, dtype=np.float32)
    forces, z_rows = np.empty_like(Y), np.empty(n, dtype=np.float32)
    exact = n <= EXACT_UP_TO
    trees = BarnesHut(), BarnesHut()

    def ours(which: int, labels: np.ndarray, rate: np.ndarray, emphasis: float) -> None:
        attract(P.indptr, P.indices, P.data, Y, forces)
        if exact:
            repel_exact(Y, labels, rate, emphasis, forces, z_rows)
        else:
            trees[which](Y, labels, rate, emphasis, THETA, forces, z_rows)

    rows = np.ascontiguousarray(Y.T)
    plain, theirs = affinities.P, np.zeros((n, 3), dtype=np.float32)

    def scikit_learn(dof: int) -> None:
        _barnes_hut_tsne.gradient(
            plain.data, rows, plain.indices.astype(np.int64), plain.indptr.astype(np.int64), theirs, THETA, 3, 0,
            dof=dof, compute_error=False, num_threads=2,
        )  # fmt: skip

    return measure(
        {
            "ours": lambda: ours(0, none, zero, 0.0),
            "labelled": lambda: ours(1, labels, rate, 0.1),
            "sklearn": lambda: scikit_learn(2),
            "sklearn dof 1": lambda: scikit_learn(1),
        },
        repeats,
    )


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/gradient.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1369,3000,10000,60000")
    parser.add_argument("--repeats", type=int, default=15)
    arguments = parser.parse_args()
    results = []
    print("| N | epoch | ours, ms | 20 classes, half labelled | scikit-learn, ms | dof 1 | ratio | ratio, dof 1 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for n in map(int, arguments.sizes.split(",")):
        for epochs in (250, 1000):
            found = compare(n, epochs, arguments.repeats if n < 50_000 else 2)
            results.append({"n": n, "epochs": epochs, **found})
            ratios = found["sklearn"] / found["ours"], found["sklearn dof 1"] / found["ours"]
            print(
                f"| {n:,} | {epochs:,} | {found['ours']:.2f} | x {found['labelled'] / found['ours']:.2f} | "
                f"{found['sklearn']:.0f} | {found['sklearn dof 1']:.0f} | {ratios[0]:.0f} | {ratios[1]:.0f} |",
                flush=True,
            )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "gradient.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
