"""A whole t-SNE: `SemiSupervisedTSNE.fit_transform` against scikit-learn's `TSNE`, as many epochs, 3-D.

scikit-learn computes with 2 degrees of freedom in 3-D; its costs are those of another model then. The last row makes it
use 1, as ours and the paper do, so that the costs, all computed over all pairs, compare.

    python benchmarks/bench_whole.py [--samples 3000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from common import clustered, header, row, save, seconds
from numpy.typing import NDArray
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

from tb_tsne_plugin.tsne import SemiSupervisedTSNE, compute_affinities, gradient

EPOCHS, PERPLEXITY, THETA, D, GROUPS = 1000, 20.0, 0.5, 512, 30


class PaperTSNE(TSNE):  # type: ignore[misc]  # scikit-learn has no types
    """scikit-learn's t-SNE with 1 degree of freedom."""

    def _tsne(self, P: Any, degrees_of_freedom: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._tsne(P, 1, *args, **kwargs)


def four_nearest(positions: NDArray[np.float32], groups: NDArray[np.integer[Any]]) -> float:
    """Share of the 4 nearest neighbours in the embedding that are of the same group, in per cent."""
    found = NearestNeighbors(n_neighbors=5).fit(positions).kneighbors(return_distance=False)[:, :4]
    return float(100 * (groups[found] == groups[:, None]).mean())


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/whole.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    n = arguments.samples
    features, groups = 0.08 * clustered(n, D, GROUPS), np.arange(n) % GROUPS
    features += 1.0 * np.random.default_rng(1).standard_normal(features.shape)  # groups overlap
    P: sp.csr_matrix = compute_affinities(features, PERPLEXITY).P
    shared: dict[str, Any] = {"n_components": 3, "perplexity": PERPLEXITY, "init": "pca", "random_state": 0}
    theirs = {**shared, "angle": THETA, "max_iter": EPOCHS, "n_jobs": 2}
    makers: dict[str, Callable[[], Any]] = {
        "ours": lambda: SemiSupervisedTSNE(**shared, theta=THETA, n_epochs=EPOCHS),
        "scikit-learn": lambda: TSNE(**theirs),
        "scikit-learn, dof 1": lambda: PaperTSNE(**theirs),
    }
    SemiSupervisedTSNE(**shared, theta=THETA, n_epochs=20).fit(features)  # compiles
    times: dict[str, list[float]] = {name: [] for name in makers}
    positions: dict[str, NDArray[np.float32]] = {}
    for _ in range(arguments.rounds):
        for name, make in makers.items():
            spent, positions[name] = seconds(lambda: make().fit_transform(features))  # noqa: B023 (called at once)
            times[name].append(spent)
    header("", "seconds", "ratio", "KL (all pairs, dof 1)", "4-NN accuracy, %")
    results = {}
    for name in makers:
        cost = gradient(P, positions[name].astype(np.float64))[1]
        median, accuracy = statistics.median(times[name]), four_nearest(positions[name], groups)
        results[name] = {"seconds": median, "cost": cost, "accuracy": accuracy}
        row(name, f"{median:.2f}", f"{median / results['ours']['seconds']:.0f}", f"{cost:.4f}", f"{accuracy:.1f}")
    save("whole", results)


if __name__ == "__main__":
    main()
