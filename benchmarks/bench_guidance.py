"""How long guidance takes, beside a running t-SNE of the same samples: what is refreshed, and what is asked for.

Features of width 128 in 10 overlapping groups, 20 % labelled. *recalibrating* also fits how sure suggestions may be,
which happens when a fifth more labels have come in. *next steps* come with every refresh; groups to verify, second
looks, the chances of the labels given (for the standing) and clusters when somebody asks. The t-SNE runs in a process
of its own, as in the plugin.

    python benchmarks/bench_guidance.py [--samples 3000 100000] [--rounds 20]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Event

import numpy as np
from common import header, row, save, seconds
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation import start
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.next_steps import next_steps
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
    seen, batches = np.arange(n) % 2 == 0, np.where(labels >= 0, np.arange(n) // 200, -1)
    guidance = guide.guidance(positions, labels)
    asked: dict[str, Callable[[], object]] = {
        "next steps": partial(next_steps, labels, guidance.suggestions, guidance.candidates, batches),
        "group issues": partial(guide.group_issues, labels, batches, None, seen),
        "second looks": partial(guide.second_looks, labels, seen),
        "chances": partial(guide.label_chances, labels),
        "clusters": guide.clusters,
    }
    times: dict[str, list[float]] = {name: [] for name in ("refresh", "calibrating", *asked)}
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
        for name, ask in asked.items():
            elapsed, _ = seconds(ask)
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
    names = ["refresh", "next steps", "calibrating", "group issues", "second looks", "chances", "clusters", "preparing"]
    header("samples", *(f"{name}, ms" for name in names))
    results = {}
    for n in arguments.samples:
        found = results[n] = measure(n, arguments.rounds if n < 50_000 else max(arguments.rounds // 4, 1))
        row(f"{n:,}", *(f"{found[name]:,.0f}" for name in names))
    save("guidance", results)


if __name__ == "__main__":
    main()
