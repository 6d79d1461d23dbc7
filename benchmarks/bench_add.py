"""Newcomers to a picture that stands, beside a whole new t-SNE: seconds, and how well they have their own as neighbors.

Drawn features with classes that overlap, as of a network. The share of newcomers whose four nearest samples are mostly
of their class is told in the features, as placed, once the picture has settled, and after a whole new t-SNE; besides
how far samples that stood have moved meanwhile, as a share of the picture's standard deviation (median). "CPU s" is the
time of all cores together, which hardly depends on what else the machine does.

    python benchmarks/bench_add.py [--sizes 10000+1000,100000+10000] [--dims 2]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from common import header, row, save
from numpy.typing import NDArray

from tb_tsne_plugin.live.preparation import prepare
from tb_tsne_plugin.live.runner import WAKE_EPOCHS
from tb_tsne_plugin.tsne import Embedding, Parameters, compute_affinities, initial_positions
from tb_tsne_plugin.tsne.affinities import Conditioning
from tb_tsne_plugin.tsne.finite_rows import FiniteRows
from tb_tsne_plugin.tsne.neighbors import neighbors_among
from tb_tsne_plugin.tsne.placement import place_by_features

D, LATENT, CLASSES, K, PERPLEXITY, EPOCHS = 64, 12, 40, 4, 20.0, 1000


_Made = TypeVar("_Made")


def timed(make: Callable[[], _Made]) -> tuple[float, float, _Made]:
    """Seconds, seconds of all cores together, and what was made."""
    began, cpu = time.perf_counter(), time.process_time()
    made = make()
    return time.perf_counter() - began, time.process_time() - cpu, made


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


def settled(features: NDArray[np.float32], stood: Embedding, dims: int) -> Embedding:
    """The picture with newcomers once it has settled, as in a session of a run that has grown."""
    rows, parameters = FiniteRows(features), Parameters(n_components=dims, perplexity=PERPLEXITY)
    is_newcomer = np.arange(len(features)) >= stood.n_samples
    prepared = prepare(rows, features, parameters, lambda _stage: None)
    prepared.go_on(rows.without(is_newcomer), stood.epoch, *stood.momentum_state())
    prepared.embedding.gentle_until = stood.epoch + WAKE_EPOCHS
    prepared.embedding.step(WAKE_EPOCHS)
    return prepared.embedding


def measure(n: int, newcomers: int, dims: int) -> dict[str, float]:
    """Seconds and agreement of each way."""
    features, classes = drawn(n + newcomers)
    whole(features[:2000], dims)  # compiles
    place_by_features(features[:9], features[:99], np.zeros((dims, 99), np.float32), PERPLEXITY)
    stood = whole(features[:n], dims)
    known = Conditioning.of(features[:n], "euclidean")
    place_s, place_cpu, placed = timed(
        lambda: place_by_features(known(features[n:]), known(features[:n]), stood.positions, PERPLEXITY)
    )
    settle_s, settle_cpu, after = timed(lambda: settled(features, stood, dims))
    whole_s, whole_cpu, new = timed(lambda: whole(features, dims))
    moved = np.linalg.norm(after.positions[:, :n] - stood.positions, axis=0)
    joined = np.concatenate([stood.positions_by_sample, placed.T])
    return {
        "n": n,
        "newcomers": newcomers,
        "place s": place_s,
        "place CPU s": place_cpu,
        "settle s": settle_s,
        "settle CPU s": settle_cpu,
        "whole s": whole_s,
        "whole CPU s": whole_cpu,
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
    times = [f"{what} {unit}" for what in ("place", "settle", "whole") for unit in ("s", "CPU s")]
    columns = (*times, "features", "placed", "settled", "whole", "moved")
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
