"""Newcomers to a picture that stands, beside a whole new t-SNE: seconds, and how well they have their own as neighbors.

Drawn features with classes that overlap, as of a network. The share of newcomers whose four nearest samples are mostly
of their class is told in the features, as placed, after some epochs of settling, and after a whole new t-SNE.

    python benchmarks/bench_add.py [--sizes 10000+1000,100000+10000] [--dims 2]
"""

from __future__ import annotations

import argparse

import numpy as np
from common import header, row, save, seconds
from numpy.typing import NDArray

from tb_tsne_plugin.tsne import Embedding, Parameters, compute_affinities, initial_positions
from tb_tsne_plugin.tsne.affinities import Conditioning
from tb_tsne_plugin.tsne.neighbors import neighbors_among
from tb_tsne_plugin.tsne.placement import place_by_features

D, LATENT, CLASSES, K, PERPLEXITY, EPOCHS, SETTLED = 64, 12, 40, 4, 20.0, 1000, 100


def drawn(n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(n, D) features of few degrees of freedom, through two random ReLU layers, and the class of each."""
    random = np.random.default_rng(0)
    classes = random.integers(0, CLASSES, n)
    z = random.standard_normal((n, LATENT)) + 1.3 * random.standard_normal((CLASSES, LATENT))[classes]
    hidden = np.maximum(z @ random.standard_normal((LATENT, 256)), 0)
    return np.maximum(hidden @ random.standard_normal((256, D)) / 16, 0).astype(np.float32), classes


def agreement(places: NDArray[np.float32], classes: NDArray[np.int64], newcomers: int) -> float:
    """The share of newcomers, the last rows, of whose nearest others most are of their class."""
    _, near = neighbors_among(places[-newcomers:], places, K + 1)
    votes = classes[near[:, 1:]]
    most = [np.bincount(each, minlength=CLASSES).argmax() for each in votes]
    return float(np.mean(np.equal(most, classes[-newcomers:])))


def whole(features: NDArray[np.float32], dims: int) -> Embedding:
    """A t-SNE from its beginning."""
    affinities = compute_affinities(features, PERPLEXITY)
    embedding = Embedding(affinities, initial_positions(features, dims), Parameters(n_components=dims))
    embedding.step(EPOCHS)
    return embedding


def settled(features: NDArray[np.float32], stood: Embedding, placed: NDArray[np.float32], dims: int) -> Embedding:
    """The picture with newcomers, some epochs later."""
    affinities = compute_affinities(features, PERPLEXITY)
    embedding = Embedding(affinities, initial_positions(features, dims), Parameters(n_components=dims))
    momentum, n = embedding.momentum_state(), stood.n_samples
    for everywhere, theirs in zip(momentum, stood.momentum_state(), strict=True):
        everywhere[:, :n] = theirs
    momentum[0][:, n:] = placed
    embedding.resume(EPOCHS, *momentum)
    embedding.step(SETTLED)
    return embedding


def measure(n: int, newcomers: int, dims: int) -> dict[str, float]:
    """Seconds and agreement of each way."""
    features, classes = drawn(n + newcomers)
    whole(features[:2000], dims)  # compiles
    place_by_features(features[:9], features[:99], np.zeros((dims, 99), np.float32))
    stood = whole(features[:n], dims)
    known = Conditioning.of(features[:n], "euclidean")
    place_s, placed = seconds(lambda: place_by_features(known(features[n:]), known(features[:n]), stood.positions))
    settle_s, after = seconds(lambda: settled(features, stood, placed, dims))
    whole_s, new = seconds(lambda: whole(features, dims))
    moved = np.linalg.norm(after.positions[:, :n] - stood.positions, axis=0)
    joined = np.concatenate([stood.positions_by_sample, placed.T])
    return {
        "n": n,
        "newcomers": newcomers,
        "place s": place_s,
        "settle s": settle_s,
        "whole s": whole_s,
        "features": agreement(features, classes, newcomers),
        "placed": agreement(joined, classes, newcomers),
        "settled": agreement(after.positions_by_sample, classes, newcomers),
        "whole": agreement(new.positions_by_sample, classes, newcomers),
        "moved": float(np.median(moved) / stood.positions.std()),
    }


def main() -> None:
    """Measures, prints a table and writes benchmarks/results/add.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000+1000,100000+10000")
    parser.add_argument("--dims", type=int, default=2)
    arguments = parser.parse_args()
    columns = ("place s", "settle s", "whole s", "features", "placed", "settled", "whole", "moved")
    header("samples", "newcomers", *columns)
    results = []
    for sizes in arguments.sizes.split(","):
        n, newcomers = map(int, sizes.split("+"))
        found = measure(n, newcomers, arguments.dims)
        results.append(found)
        row(f"{n:,}", f"{newcomers:,}", *(f"{found[name]:.3g}" for name in columns))
    save("add", results)


if __name__ == "__main__":
    main()
