"""Fits the constants of guidance's suggestions, on the features of several networks, and tells what each is worth.

Each run (with true labels) is a problem many times over: few to many labels, drawn at random; the models learn of
them, and are asked about all other samples. The loss is minus the log of the probability of the true class.

*weights*: what the four models count for is fitted to the sets named by `--chosen`, on each network alone and on all
together, and then stands on every set, beside the constants in use: a weight that is tied to one network loses on the
others. *one at a time*: each of the other constants halved and doubled, the weights as they are in use.

    python benchmarks/fit_guidance.py mobilenet=RUNS/A vgg16=RUNS/B --chosen cifar10,flowers,monkeys [--draws 2]

A folder is of one network, and holds a run for each set, by its name.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from common import header, row, save
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from tb_tsne_plugin.evaluation.datasets import normalized
from tb_tsne_plugin.guidance import components, discriminant, graph, kernel, suggestions
from tb_tsne_plugin.guidance.suggestions import Suggester
from tb_tsne_plugin.runs.run import Run
from tb_tsne_plugin.tsne import compute_affinities

LABELS = (20, 60, 0.05, 0.2, 0.5)
"""How many are given: a number, or a share of all."""
PERPLEXITY = 20.0
IN_USE = suggestions.DEFAULT_TEMPERATURE * np.array(
    [suggestions.WALK, suggestions.REMEMBERED, suggestions.SHAPED, suggestions.LINEAR]
)
MODELS = ("walk", "kernel", "discriminant", "ridge")
ONE_AT_A_TIME = {
    "damping of the walk": (suggestions, "DAMPING"),
    "steps of the walk": (suggestions, "STEPS"),
    "neighbours": (graph, "N_NEIGHBORS"),
    "prior of the walk": (suggestions, "PRIOR"),
    "penalty of the ridge": (suggestions, "PENALTY"),
    "penalty of the kernel": (kernel, "PENALTY"),
    "shrinkage of the discriminant": (discriminant, "SHRINKAGE"),
    "prior labels of the discriminant": (discriminant, "PRIOR_LABELS"),
    "components": (components, "N_COMPONENTS"),
}


class Set(NamedTuple):
    """The samples of a set as a network sees them."""

    network: str
    name: str
    features: NDArray[np.float32]  # (N, D)
    truth: NDArray[np.int64]  # (N,)
    affinities: sp.csr_matrix  # (N, N)


class Problem(NamedTuple):
    """Labels, and what each model says of all other samples."""

    network: str
    name: str
    scores: NDArray[np.float32]  # (4, M, C) of each of MODELS, without its weight
    truth: NDArray[np.int64]  # (M,) columns; -1 where no sample of the class was labelled


def sets(networks: dict[str, Path]) -> Iterator[Set]:
    """Every run of every folder."""
    for network, folder in networks.items():
        for path in sorted(path for path in folder.iterdir() if path.is_dir()):
            tensor = Run(path.name, path).tensor("im")
            X = normalized(np.asarray(tensor.features(), dtype=np.float32))
            _, truth = np.unique(tensor.metadata.columns["true_label"], return_inverse=True)
            yield Set(network, path.name, X, truth, compute_affinities(X, PERPLEXITY).P)


def problems(of: Set, draws: int) -> Iterator[Problem]:
    """A set's problems."""
    inputs = components.Components(of.features, components.N_COMPONENTS)(of.features)
    suggester = Suggester(inputs, graph.build_graph(of.affinities, graph.N_NEIGHBORS))
    for draw in range(draws):
        for amount in LABELS:
            n = int(amount if amount >= 1 else amount * len(of.truth))
            rows = np.sort(np.random.default_rng([draw, n]).choice(len(of.truth), n, replace=False))
            classes, columns = np.unique(of.truth[rows], return_inverse=True)
            models = suggester._models(rows, columns, len(classes))
            others = np.setdiff1d(np.arange(len(of.truth)), rows)
            arriving = models.arriving[others]
            if models.linear is None or models.discriminant is None or models.kernel is None:
                continue
            prior = suggestions.PRIOR
            walk = np.log((arriving + prior / len(classes)) / (arriving.sum(axis=1, keepdims=True) + prior))
            found = [
                walk,
                *(model.scores(inputs[others]) for model in (models.kernel, models.discriminant, models.linear)),
            ]
            place = np.searchsorted(classes, of.truth[others]).clip(max=len(classes) - 1)
            known = classes[place] == of.truth[others]
            yield Problem(of.network, of.name, np.array(found, dtype=np.float32), np.where(known, place, -1))


def quality(problem: Problem, weights: NDArray[np.float64]) -> tuple[float, float]:
    """Loss on the samples whose class is known of, and the share of all that is suggested wrong."""
    chances = log_softmax(np.tensordot(weights, problem.scores, axes=1), axis=1)
    known = problem.truth >= 0
    right = chances.argmax(axis=1) == problem.truth
    return float(-chances[known, problem.truth[known]].mean()), float(1 - right.mean())


def mean_quality(of: list[Problem], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Loss and share of wrong suggestions, each set and network counting the same."""
    each: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for problem in of:
        each.setdefault((problem.network, problem.name), []).append(quality(problem, weights))
    return np.asarray(np.mean([np.mean(found, axis=0) for found in each.values()], axis=0))


def fit(of: list[Problem]) -> NDArray[np.float64]:
    """The weights of the least loss."""
    found = minimize(lambda logs: mean_quality(of, np.exp(logs))[0], np.log(IN_USE), method="Nelder-Mead")
    return np.asarray(np.exp(found.x))


def main() -> None:
    """Runs both studies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--chosen", default="cifar10,flowers,monkeys")
    parser.add_argument("--draws", type=int, default=2)
    given = parser.parse_args()
    networks = {name: Path(folder) for name, _, folder in (one.partition("=") for one in given.networks)}
    chosen = set(given.chosen.split(","))
    every = list(sets(networks))
    known = [problem for one in every for problem in problems(one, given.draws)]

    def those(network: str | None, part: str) -> list[Problem]:
        held_out = part == "held out"
        return [p for p in known if network in (None, p.network) and (p.name not in chosen) == held_out]

    columns = [(network, part) for network in networks for part in ("chosen", "held out")]
    header("weights", *MODELS, *(f"{network}, {part}: loss, wrong" for network, part in columns))
    weights = {"in use": IN_USE}
    weights |= {f"fitted on {network}": fit(those(network, "chosen")) for network in networks}
    weights["fitted on all"] = fit(those(None, "chosen"))
    results: dict[str, object] = {}
    for name, found in weights.items():
        scores = [mean_quality(those(*column), found) for column in columns]
        row(name, *(f"{w:.3g}" for w in found), *(f"{loss:.3f}, {100 * wrong:.1f} %" for loss, wrong in scores))
        results[name] = {"weights": found.tolist(), "quality": [score.tolist() for score in scores]}
    print()
    header("constant", "value", *(f"{network}: loss, wrong" for network in networks))
    for title, (module, name) in ONE_AT_A_TIME.items():
        usual = getattr(module, name)
        for value in (0.6, usual, 0.9) if name == "DAMPING" else (type(usual)(usual / 2), usual, 2 * usual):
            scores = [mean_quality(again(every, module, name, value, network), IN_USE) for network in networks]
            row(title, f"{value:g}", *(f"{loss:.3f}, {100 * wrong:.1f} %" for loss, wrong in scores))
            results[f"{name} {value:g}"] = [score.tolist() for score in scores]
    save("fit_guidance", results)


def again(every: list[Set], module: object, name: str, value: float, network: str) -> list[Problem]:
    """The problems of a network's sets with another constant."""
    usual = getattr(module, name)
    setattr(module, name, value)
    try:
        return [problem for one in every if one.network == network for problem in problems(one, 1)]
    finally:
        setattr(module, name, usual)


if __name__ == "__main__":
    main()
