"""What it costs suggestions that the walk is looked at from a sample only: the share that is right, with and without.

Drawn sets of three kinds: overlapping groups; what a network says of a hundred groups, ten to a class; near copies of
few pictures. Labels are drawn at random; all other samples are asked about. *all* looks at every sample.

    python benchmarks/bench_reduction.py [--samples 20000] [--kept 0.2 0.02] [--labels 100 1000 5000] [--draws 3]
"""

from __future__ import annotations

import argparse

import numpy as np
from common import header, network_like, row, save
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.reduction import reduce_graph
from tb_tsne_plugin.guidance.suggestions import Suggester
from tb_tsne_plugin.tsne import Parameters, compute_affinities

CLASSES = 10


def draw(kind: str, n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(N, D) features and (N,) true classes."""
    random = np.random.default_rng(0)
    if kind == "network":
        # The group of each sample is what `network_like` draws for it.
        again = np.random.default_rng(0)
        again.standard_normal((n, 12)), again.standard_normal((100, 12))
        return network_like(n, 64), again.integers(0, 100, n) % CLASSES
    if kind == "groups":
        group = random.integers(0, CLASSES, n)
        return (random.standard_normal((n, 16)) + 1.3 * random.standard_normal((CLASSES, 16))[group]).astype(
            "f4"
        ), group
    pictures = random.standard_normal((n // 40, 24))
    true = (pictures[:, :3] @ random.standard_normal((3, CLASSES))).argmax(axis=1)
    of = random.integers(0, len(pictures), n)
    return (pictures[of] + 0.35 * random.standard_normal((n, 24))).astype("f4"), true[of]


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/reduction.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--kept", type=float, nargs="+", default=[0.2, 0.02])
    parser.add_argument("--labels", type=int, nargs="+", default=[100, 1_000, 5_000])
    parser.add_argument("--draws", type=int, default=3)
    options = parser.parse_args()
    header("set", "labels", "all, % right", *(f"{share:.0%} kept" for share in options.kept))
    results = {}
    for kind in ("groups", "network", "copies"):
        features, true = draw(kind, options.samples)
        guide = Guide(features, P := compute_affinities(features, Parameters().perplexity).P)
        reductions = [None, *(reduce_graph(guide.graph, P, round(share * options.samples)) for share in options.kept)]
        suggesters = [Suggester(guide.inputs, guide.graph, reduction) for reduction in reductions]
        for count in options.labels:
            right: list[list[float]] = [[] for _ in suggesters]
            for number in range(options.draws):
                labels = np.full(options.samples, -1)
                given = np.random.default_rng(number).permutation(options.samples)[:count]
                labels[given] = true[given]
                for found, suggester in zip(right, suggesters, strict=True):
                    found.append(float((suggester.suggest(labels).labels == true)[labels < 0].mean()))
            results[f"{kind} {count}"] = means = [100 * float(np.mean(found)) for found in right]
            row(kind, f"{count:,}", f"{means[0]:.1f}", *(f"{mean:.1f}" for mean in means[1:]))
    save("reduction", results)


if __name__ == "__main__":
    main()
