"""One epoch from 1,000 to 1,000,000 samples, ours in 3-D and 2-D beside scikit-learn and openTSNE, and the memory.

Every size runs in a process of its own: affinities of 64 features at perplexity 20, some epochs, then the gradient
(attraction, repulsion, Z) at theta 0.5 in turn with the peers'. Draws docs/images/scale.svg from the results.

    python benchmarks/bench_scale.py [--sizes 1000,3000,...] [--plot-only]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import RESULTS, clustered, header, in_turn, row, save

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
PEERS_UP_TO = {"sklearn 3-D": 100_000, "openTSNE Barnes-Hut 2-D": 300_000, "exact 3-D": 100_000}
THETA, D, PERPLEXITY = 0.5, 64, 20.0
PLOT = Path(__file__).resolve().parents[1] / "docs" / "images" / "scale.svg"


def measure(n: int) -> dict[str, float]:
    """Milliseconds of one gradient of n samples, seconds of the affinities, and the peak memory before the peers'."""
    import openTSNE.tsne as peer
    from bench_gradient import scikit_learn_gradient

    from tb_tsne_plugin.tsne import Embedding, Parameters, compute_affinities, initial_positions
    from tb_tsne_plugin.tsne.repulsion import repel_exact

    features = clustered(n, D, max(n // 200, 20))
    began = time.perf_counter()
    affinities = compute_affinities(features, PERPLEXITY)
    found: dict[str, float] = {"n": n, "affinities s": time.perf_counter() - began}
    epochs = 500 if n <= 10_000 else 300 if n <= 100_000 else 30
    embeddings = {}
    for dims in (3, 2):
        parameters = Parameters(n_components=dims, theta=THETA)
        embeddings[dims] = Embedding(affinities, initial_positions(features, dims), parameters)
        embeddings[dims].step(epochs)
    found["peak GiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    space, plane = (np.ascontiguousarray(embeddings[dims].positions_by_sample) for dims in (3, 2))
    P, theirs = affinities.P, np.zeros_like(space)
    P64, wide, positions = P.astype(np.float64), plane.astype(np.float64), embeddings[3].positions.copy()
    none, zero = np.full(n, -1, np.int32), np.zeros(n, np.float32)
    forces, z_rows = positions.copy(), zero.copy()
    grid = {"n_interpolation_points": 3, "min_num_intervals": 50, "ints_in_interval": 1}
    work: dict[str, Callable[[], object]] = {
        "ours 3-D": embeddings[3].step,
        "ours 2-D": embeddings[2].step,
        "exact 3-D": lambda: repel_exact(positions, none, zero, 0.0, forces, z_rows),
        "sklearn 3-D": lambda: scikit_learn_gradient(P, space, theirs, 2),
        "openTSNE Barnes-Hut 2-D": lambda: peer.kl_divergence_bh(wide, P64, 1, {"theta": THETA}, n_jobs=2),
        "openTSNE FFT 2-D": lambda: peer.kl_divergence_fft(wide, P64, 1, grid, n_jobs=2),
    }
    work = {name: do for name, do in work.items() if n <= PEERS_UP_TO.get(name, n)}
    return {**found, **in_turn(work, 5 if n <= 30_000 else 2 if n <= 100_000 else 1)}


def plot(results: list[dict[str, float]]) -> None:
    """Epoch time against N, log-log, with the all-pairs limit."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "scale"
    from matplotlib import pyplot as plt

    styles = {
        "ours 3-D": ("#e8710a", "-", "this project, 3-D"),
        "ours 2-D": ("#0072b2", "-", "this project, 2-D"),
        "sklearn 3-D": ("#e8710a", "--", "scikit-learn Barnes-Hut, 3-D"),
        "openTSNE Barnes-Hut 2-D": ("#0072b2", "--", "openTSNE Barnes-Hut, 2-D"),
        "openTSNE FFT 2-D": ("#56b4e9", ":", "openTSNE FFT, 2-D"),
    }
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    for name, (color, line, label) in styles.items():
        points = [(found["n"], found[name]) for found in results if name in found]
        axes.plot(*zip(*points, strict=True), line, color=color, marker="o", markersize=4, label=label)
    pairs = max(found["n"] ** 2 / found["exact 3-D"] for found in results if "exact 3-D" in found)
    sizes = np.array([found["n"] for found in results])
    axes.plot(sizes, sizes.astype(float) ** 2 / pairs, color="#9aa3b0", linewidth=1,
              label=f"all pairs, {pairs * 1000 / 1e9:.0f} billion a second")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="samples", ylabel="milliseconds an epoch", ylim=(0.05, None))
    axes.grid(which="major", color="#e3e6ea")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(PLOT, metadata={"Date": None})


def main() -> None:
    """Measures, prints a table, writes benchmarks/results/scale.json and the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--plot-only", action="store_true", help="draw the results there are")
    arguments = parser.parse_args()
    if arguments.only:
        print(json.dumps(measure(arguments.only)))
        return
    if arguments.plot_only:
        plot(json.loads((RESULTS / "scale.json").read_text()))
        return
    columns = ("ours 3-D", "sklearn 3-D", "ours 2-D", "openTSNE Barnes-Hut 2-D", "openTSNE FFT 2-D")
    header("N", *columns, "affinities s", "peak GiB")
    results = []
    for n in arguments.sizes.split(","):
        answer = subprocess.run([sys.executable, __file__, "--only", n], check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(answer.stdout.splitlines()[-1])
        results.append(found)
        times = [f"{found[name]:.4g}" if name in found else "" for name in columns]
        row(f"{int(n):,}", *times, f"{found['affinities s']:.1f}", f"{found['peak GiB']:.1f}")
    save("scale", results)
    plot(results)


if __name__ == "__main__":
    main()
