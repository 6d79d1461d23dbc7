"""One whole gradient (attraction, repulsion, Z): ours against scikit-learn's Barnes-Hut, time and error, interleaved.

Positions are those of our own t-SNE of clustered features after 250 and 1,000 epochs. scikit-learn's `TSNE(3)` computes
with 2 degrees of freedom (a power that ours need not take) and is timed so; with 1, as in the paper, it is faster, and
its error is that against the exact gradient.

    python benchmarks/bench_gradient.py [--sizes 3000,10000] [--rounds 15]
"""

from __future__ import annotations

import argparse

import numpy as np
import scipy.sparse as sp
from common import clustered, header, in_turn, row, save
from numpy.typing import NDArray
from sklearn.manifold import _barnes_hut_tsne

from tb_tsne_plugin.tsne import Embedding, Parameters, compute_affinities, gradient, initial_positions
from tb_tsne_plugin.tsne.attraction import attract, padded
from tb_tsne_plugin.tsne.barnes_hut import BarnesHut
from tb_tsne_plugin.tsne.parameters import EXACT_UP_TO
from tb_tsne_plugin.tsne.repulsion import repel_exact

THETA = 0.5


def scikit_learn_gradient(P: sp.csr_matrix, rows: NDArray[np.float32], out: NDArray[np.float32], dof: int) -> None:
    """Fills scikit-learn's gradient at (N, 3) positions."""
    _barnes_hut_tsne.gradient(
        P.data, rows, P.indices.astype(np.int64), P.indptr.astype(np.int64), out, THETA, 3, 0,
        dof=dof, compute_error=False, num_threads=2,
    )  # fmt: skip


def relative_errors(P: sp.csr_matrix, rows: NDArray[np.float32]) -> tuple[float, float]:
    """Error of our gradient and of scikit-learn's, in the exact one's length."""
    exact, _ = gradient(P, rows.astype(np.float64))
    ours, _ = gradient(P, rows, method="barnes_hut", theta=THETA)
    theirs = np.zeros_like(rows)
    scikit_learn_gradient(P, rows, theirs, dof=1)
    length = np.linalg.norm(exact)
    return float(np.linalg.norm(ours - exact) / length), float(np.linalg.norm(4.0 * theirs - exact) / length)


def compare(n: int, epochs: int, rounds: int) -> dict[str, float]:
    """Milliseconds and errors of one gradient at the positions after some epochs."""
    features = clustered(n)
    affinities = compute_affinities(features, 20.0)
    embedding = Embedding(affinities, initial_positions(features, 3), Parameters())
    embedding.step(epochs)
    Y, P = embedding.positions.copy(), padded(affinities.P)
    random = np.random.default_rng(0)
    labels = np.where(random.random(n) < 0.5, np.arange(n) % 20, -1).astype(np.int32)
    none = np.full(n, -1, dtype=np.int32)
    rate, zero = (labels >= 0).astype(np.float32), np.zeros(n, dtype=np.float32)
    forces, z_rows = np.empty_like(Y), np.empty(n, dtype=np.float32)
    exact = n <= EXACT_UP_TO
    trees = BarnesHut(), BarnesHut()

    def ours(which: int, labels: NDArray[np.int32], rate: NDArray[np.float32], emphasis: float) -> None:
        attract(P.indptr, P.indices, P.data, Y, forces)
        if exact:
            repel_exact(Y, labels, rate, emphasis, forces, z_rows)
        else:
            trees[which](Y, labels, rate, emphasis, THETA, forces, z_rows)

    rows = np.ascontiguousarray(Y.T)
    theirs = np.zeros((n, 3), dtype=np.float32)
    times = in_turn(
        {
            "ours": lambda: ours(0, none, zero, 0.0),
            "labelled": lambda: ours(1, labels, rate, 0.1),
            "sklearn": lambda: scikit_learn_gradient(affinities.P, rows, theirs, 2),
            "sklearn dof 1": lambda: scikit_learn_gradient(affinities.P, rows, theirs, 1),
        },
        rounds,
    )
    our_error, their_error = relative_errors(affinities.P, rows) if n <= 20_000 else (np.nan, np.nan)
    return {**times, "error": our_error, "sklearn error": their_error}


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/gradient.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1369,3000,10000,60000")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    results = []
    columns = ("ours, ms", "20 classes, half labelled", "scikit-learn, ms", "dof 1", "ratio", "dof 1")
    header("N", "epoch", *columns, "error", "scikit-learn's")
    for n in map(int, arguments.sizes.split(",")):
        for epochs in (250, 1000) if n < 50_000 else (500,):
            found = compare(n, epochs, arguments.rounds if n < 50_000 else 3)
            results.append({"n": n, "epochs": epochs, **found})
            ours, peers = found["ours"], (found["sklearn"], found["sklearn dof 1"])
            times = (f"{ours:.2f}", f"x {found['labelled'] / ours:.2f}", *(f"{peer:.0f}" for peer in peers))
            errors = (f"{found['error']:.1e}", f"{found['sklearn error']:.1e}")
            row(f"{n:,}", f"{epochs:,}", *times, *(f"{peer / ours:.0f}" for peer in peers), *errors)
    save("gradient", results)


if __name__ == "__main__":
    main()
