"""How long the next best groups and the suggestions take, beside a running t-SNE of the same samples.

Features of width 128 in 10 overlapping groups, 20 % labelled. *recalibrating* also fits how sure suggestions may be,
which happens when a fifth more labels have come in. The t-SNE runs in a process of its own, as in the plugin.

    python benchmarks/bench_guidance.py [--samples 3000 100000] [--rounds 20]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
from functools import partial
from multiprocessing.synchronize import Event

import numpy as np
from common import header, row, save, seconds
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation import start
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.live.worker import NICENESS
from tb_tsne_plugin.tsne import Parameters, compute_affinities

CLASSES, WIDTH = 10, 128


def draw(n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(N, D) features and the labels of a fifth."""
    random = np.random.default_rng(0)
    group = np.arange(n) % CLASSES
    features = random.standard_normal((n, WIDTH)) + 2 * random.standard_normal((CLASSES, WIDTH))[group]
    return features.astype(np.float32), np.where(np.arange(n) // CLASSES % 5 == 0, group, -1)


def run_tsne(n: int, running: Event) -> None:
    """Steps until the process is ended."""
    os.nice(NICENESS)
    embedding = start(draw(n)[0], Parameters())
    while True:
        embedding.step(1)
        running.set()


def measure(n: int, rounds: int) -> dict[str, float]:
    """Median milliseconds of each."""
    features, labels = draw(n)
    P = compute_affinities(features, Parameters().perplexity).P
    prepared, guide = seconds(lambda: Guide(features, P))
    positions = np.random.default_rng(0).standard_normal((3, n)).astype(np.float32)
    context = multiprocessing.get_context("spawn")
    running = context.Event()
    worker = context.Process(target=run_tsne, args=(n, running), daemon=True)
    worker.start()
    running.wait()
    times: dict[str, list[float]] = {"refresh": [], "calibrating": []}
    for number in range(rounds + 1):  # the first compiles
        # A fifth fewer labels, then all of them: the suggestions are calibrated again at each.
        fewer = labels.copy()
        fewer[: n // 4] = -1
        for given in (fewer, labels):
            for name, task in (
                ("refresh", partial(guide.guidance, positions, given)),
                ("calibrating", partial(guide.calibrate, given)),
            ):
                elapsed, _ = seconds(task)
                if number:
                    times[name].append(1000 * elapsed)
    worker.terminate()
    worker.join()
    return {"preparing": 1000 * prepared, **{name: statistics.median(found) for name, found in times.items()}}


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/guidance.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, nargs="+", default=[3_000, 100_000])
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    header("samples", "refresh, ms", "calibrating, ms", "preparing once, ms")
    results = {}
    for n in arguments.samples:
        found = results[n] = measure(n, arguments.rounds if n < 50_000 else max(arguments.rounds // 4, 1))
        row(f"{n:,}", *(f"{found[name]:,.0f}" for name in ("refresh", "calibrating", "preparing")))
    save("guidance", results)


if __name__ == "__main__":
    main()
