"""What a saved classifier says of further images: whether it agrees with the page, and is right as often as it says.

A random half of a run's samples, with 10, 50 or all labels of each class, is what people worked with; the saved model,
by onnxruntime, labels the other half. *as the page*: of the samples at hand without a label, the share for which it
names the class that the page suggests; and by how much their probabilities differ in the mean. *as computed here*: the
largest difference, over the other half, to what tb-tsne itself computes of the same labels. *calibration error*: the
expected one, of 15 bins, on the other half. Means over the seeds.

    python benchmarks/bench_classifier.py RUN … [--seeds 3]

Runs are exports with --true-labels.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from common import header, row, save
from numpy.typing import NDArray

from tb_tsne_plugin.classifier.model import build_model
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.suggestions import Suggester
from tb_tsne_plugin.runs import open_run
from tb_tsne_plugin.tsne import Parameters, compute_affinities

LABELS = (10, 50, None)
"""Of each class; None for all."""
BINS = 15


def calibration_error(confidence: NDArray[np.floating[Any]], right: NDArray[np.bool_]) -> float:
    """The expected one: how far apart confidence and accuracy are, by bins of confidence, weighted by their sizes."""
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    parts = [place == each for each in np.unique(place)]
    return float(sum(part.mean() * abs(confidence[part].mean() - right[part].mean()) for part in parts))


def measure(
    features: NDArray[np.float32], true: NDArray[np.integer[Any]], each: int | None, seed: int, guide: Guide, half: int
) -> dict[str, float]:
    """The figures of one draw of labels among the first `half` samples."""
    random = np.random.default_rng(seed)
    labels = np.full(half, -1)
    for number in np.unique(true):
        rows = random.permutation(np.flatnonzero(true[:half] == number))[:each]
        labels[rows] = number
    learned = guide.suggester.for_further_samples(labels)
    page = guide.suggester.suggest(labels)
    model = build_model(guide.components, learned, [str(number) for number in learned.classes])
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"features": features})
    here = learned(guide.components(features[half:])).probabilities
    unlabeled = labels < 0
    confidence, right = found[half:].max(axis=1), learned.classes[found[half:].argmax(axis=1)] == true[half:]
    apart = np.abs(found[:half].max(axis=1) - page.confidence)
    same = found[:half].argmax(axis=1) == page.probabilities.argmax(axis=1)
    return {
        "as the page": float(same[unlabeled].mean()) if unlabeled.any() else np.nan,
        "probabilities apart": float(apart[unlabeled].mean()) if unlabeled.any() else np.nan,
        "as computed here": float(np.abs(found[half:] - here).max()),
        "accuracy": float(right.mean()),
        "confidence": float(confidence.mean()),
        "calibration error": calibration_error(confidence, right),
    }


def measured(folder: Path, seeds: int) -> dict[int | None, dict[str, float]]:
    """The mean figures of a run, by the labels of each class."""
    tensor = open_run(folder).tensors[0]
    true = np.unique(tensor.metadata.columns["true_label"], return_inverse=True)[1]
    features = np.asarray(tensor.features())
    found: dict[int | None, list[dict[str, float]]] = {each: [] for each in LABELS}
    for seed in range(seeds):
        order, half = np.random.default_rng(seed).permutation(len(true)), len(true) // 2
        drawn = features[order]
        guide = Guide(drawn[:half], compute_affinities(drawn[:half], Parameters().perplexity).P)
        for each in LABELS:
            guide.suggester = Suggester(guide.inputs, guide.graph)  # that was not calibrated yet
            found[each].append(measure(drawn, true[order], each, seed, guide, half))
    return {
        each: {name: float(np.mean([one[name] for one in many])) for name in many[0]} for each, many in found.items()
    }


def share(value: float) -> str:
    """A share as people read it; empty where there is nothing to have a share in."""
    return "" if np.isnan(value) else f"{100 * value:.1f} %"


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/classifier.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    header(
        "set",
        "labels a class",
        "as the page",
        "probabilities apart",
        "accuracy",
        "confidence",
        "calibration error",
        "as computed here",
    )
    results = {}
    for folder in arguments.runs:
        results[folder.name] = measured(folder, arguments.seeds)
        for each, one in results[folder.name].items():
            page, accuracy, confidence = (share(one[name]) for name in ("as the page", "accuracy", "confidence"))
            apart = "" if np.isnan(one["probabilities apart"]) else f"{one['probabilities apart']:.3f}"
            error, here = f"{one['calibration error']:.3f}", f"{one['as computed here']:.0e}"
            row(folder.name, each or "all", page, apart, accuracy, confidence, error, here)
    save("classifier", results)


if __name__ == "__main__":
    main()
