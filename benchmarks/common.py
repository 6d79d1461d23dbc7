"""What the engine's benchmarks share: features, fair timing, tables and results."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

RESULTS = Path(__file__).resolve().parent / "results"
WARM_SECONDS, TIMED = 0.03, 4


def clustered(n: int, d: int = 64, groups: int = 50) -> NDArray[np.float32]:
    """(N, D) normal features in groups."""
    random = np.random.default_rng(0)
    centers = 3.0 * random.standard_normal((groups, d))
    return (random.standard_normal((n, d)) + centers[np.arange(n) % groups]).astype(np.float32)


def network_like(n: int, d: int, latent: int = 12, groups: int = 100) -> NDArray[np.float32]:
    """(N, D) features as of a network: groups of few degrees of freedom, through two random ReLU layers."""
    random = np.random.default_rng(0)
    z = (
        random.standard_normal((n, latent))
        + 2.0 * random.standard_normal((groups, latent))[random.integers(0, groups, n)]
    )
    hidden = np.maximum(z @ random.standard_normal((latent, 256)), 0)
    return np.maximum(hidden @ random.standard_normal((256, d)) / 16, 0).astype(np.float32)


def in_turn(work: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each, taken in turns.

    The first calls of a turn do not count: scikit-learn, openTSNE and numba have thread pools of their own, and the one
    that has just worked goes on spinning for some milliseconds.
    """
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, do in work.items():
            warm = time.perf_counter() + WARM_SECONDS
            while time.perf_counter() < warm:
                do()
            for _ in range(TIMED):
                began = time.perf_counter()
                do()
                times[name].append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(found) for name, found in times.items()}


def seconds(do: Callable[[], T]) -> tuple[float, T]:
    """How long one call takes, and its result."""
    began = time.perf_counter()
    result = do()
    return time.perf_counter() - began, result


def row(*cells: object) -> None:
    """Prints a row of a Markdown table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def header(*cells: str) -> None:
    """Prints the head of a Markdown table."""
    row(*cells)
    row(*["---"] * len(cells))


def save(name: str, results: object) -> None:
    """Writes benchmarks/results/NAME.json."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=1))
