"""Affinities of many samples: ours against openTSNE's (approximate neighbours), with the recall of both.

python benchmarks/bench_affinities.py [--samples 60000] [--features 512]
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np
import scipy.sparse as sp
from common import clustered, header, network_like, row, save, seconds
from numpy.typing import NDArray

from tb_tsne_plugin.tsne import compute_affinities
from tb_tsne_plugin.tsne.affinities import NEIGHBORS_PER_PERPLEXITY

PERPLEXITY, ASKED = 20.0, 1000


def recall(P: sp.csr_matrix, features: NDArray[np.float32]) -> float:
    """Share of the true neighbours of some samples that P holds."""
    k = round(NEIGHBORS_PER_PERPLEXITY * PERPLEXITY)
    centered = features - features.mean(axis=0)
    asked = np.random.default_rng(0).choice(len(features), ASKED, replace=False)
    lengths = (centered**2).sum(axis=1)
    distances = lengths[None] - 2.0 * centered[asked] @ centered.T
    distances[np.arange(ASKED), asked] = np.inf
    true = np.argpartition(distances, k, axis=1)[:, :k]
    held = [P.indices[P.indptr[i] : P.indptr[i + 1]] for i in asked]
    return float(np.mean([np.isin(*pair).mean() for pair in zip(true, held, strict=True)]))


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/affinities.json."""
    from openTSNE.affinity import PerplexityBasedNN

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=60_000)
    parser.add_argument("--features", type=int, default=512)
    arguments = parser.parse_args()
    n, d = arguments.samples, arguments.features
    compute_affinities(clustered(40_000, 8), PERPLEXITY)  # compiles
    header("features", "ours, s", "recall", "openTSNE, s", "recall", "ratio")
    results = []
    for name, features in (("network-like", network_like(n, d)), ("normal groups", clustered(n, d))):
        ours, affinities = seconds(partial(compute_affinities, features, PERPLEXITY))
        theirs, other = seconds(partial(PerplexityBasedNN, features, perplexity=PERPLEXITY, n_jobs=2, random_state=0))
        found = recall(affinities.P, features), recall(sp.csr_matrix(other.P), features)
        results.append({"features": name, "ours": ours, "openTSNE": theirs, "recall": found})
        row(name, f"{ours:.1f}", f"{found[0]:.3f}", f"{theirs:.1f}", f"{found[1]:.3f}", f"{theirs / ours:.1f}")
    save("affinities", results)


if __name__ == "__main__":
    main()
