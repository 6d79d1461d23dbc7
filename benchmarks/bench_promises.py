"""Whether what guidance promises holds: what *A* accepts, which groups it doubts, and what it says is right.

Runs with true labels are labelled by the emulated person of `tb-tsne evaluate finishing`, who goes where guidance says.

*accepting*: after 20, 40 and 60 guided actions, of each class sixty of its suggestions of 90 % and more are drawn at
random and looked at; the largest part of which the look says that it is right enough is accepted. *expecting*: how many
of the next page, and of all that is open, are said to be right, with and without what was found on the pages before.
*groups*: one group in twenty, one at least, was misnamed as a whole; how many of the labels in such groups are in the
first five groups to verify. *standing*: whether the share of right labels is at least what is said, at five stages,
without and with 5 % of strays overlooked, with and without something accepted unseen.

    python benchmarks/bench_promises.py RUN... [--folds 5] [--first 5] [--seed 0]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import header, row, save
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.finishing import ACCEPTED_FROM, Desk, Habits, Helper, follow, sure_rows
from tb_tsne_plugin.evaluation.folds import stratified_folds
from tb_tsne_plugin.guidance.looks import Look, look_at, surest_part
from tb_tsne_plugin.guidance.standing import standing
from tb_tsne_plugin.live.outcomes import Outcomes
from tb_tsne_plugin.runs.run import Run
from tb_tsne_plugin.tsne import Parameters

AFTER = (20, 40, 60)
STAGES = (0.2, 0.4, 0.6, 0.8, 1.0)
FIRST = 5
MISNAMED = 0.05


class Part:
    """A training subset of a run."""

    def __init__(self, run: str, fold: int, X: NDArray[np.float32], truth: NDArray[np.int64]) -> None:
        """Prepares."""
        self.run, self.fold, self.X, self.truth = run, fold, X, truth

    def desk(self, seed: int = 0, **habits: float) -> Desk:
        """A person at a fresh desk."""
        found = Habits(**{"share": 1.0, **habits})  # type: ignore[arg-type]
        return Desk(self.truth, found, np.random.default_rng([self.fold, seed]))

    def helper(self) -> Helper:
        """Guidance that knows nothing yet."""
        return Helper(self.X, Parameters(random_state=self.fold))


def accepting(part: Part) -> Iterator[dict[str, Any]]:
    """What a look lets through after some guided actions, and how much of it is right."""
    desk, helper = part.desk(), part.helper()
    for actions in AFTER:
        while desk.actions < actions:
            follow(desk, helper, helper.steps(desk)[0])
        suggestions = helper.guide.suggest(desk.labels, desk.batches)
        sure = desk.open[suggestions.confidence[desk.open] >= ACCEPTED_FROM]
        right = suggestions.labels[sure] == part.truth[sure]
        accepted = right_of_those = 0
        for rows in sure_rows(desk, suggestions):
            places = look_at(len(rows), part.fold)
            wrong = suggestions.labels[rows] != part.truth[rows]
            unseen = np.setdiff1d(
                np.arange(surest_part(suggestions.confidence[rows], places, wrong[places]).size), places
            )
            accepted, right_of_those = accepted + len(unseen), right_of_those + int((~wrong[unseen]).sum())
        yield {
            "actions": actions,
            "suggested": len(sure),
            "right of those": right.mean() if len(sure) else None,
            "accepted": accepted,
            "right": right_of_those / accepted if accepted else None,
        }


def expecting(part: Part) -> Iterator[dict[str, Any]]:
    """How many of a page, and of all that is open, are expected to be right, and are."""
    desk, helper, outcomes = part.desk(), part.helper(), Outcomes()
    while len(desk.open):
        step = helper.steps(desk)[0]
        suggestions = helper.guide.suggest(desk.labels, desk.batches)
        labels = desk.labels.copy()  # compared with the next ones
        outcomes.take("label", np.arange(len(labels)), labels, desk.states)
        corrected = outcomes.corrected(suggestions, labels)
        if step.kind == "page" and len(suggestions.classes) > 1:
            page, right = step.rows[: step.shown], suggestions.labels == part.truth
            known = len(desk.labels) - len(desk.open)
            yield {
                "labelled": float(np.ceil(10 * known / len(desk.labels)) / 10),
                "page right": float(right[page].mean()),
                "said": float(suggestions.confidence[page].mean()),
                "said after what was seen": float(corrected.confidence[page].mean()),
                "open right": float(right[desk.open].mean()),
                "said of it": float(suggestions.confidence[desk.open].mean()),
                "of it after what was seen": float(corrected.confidence[desk.open].mean()),
            }
        follow(desk, helper, step)


def groups(part: Part, draws: int = 5) -> Iterator[dict[str, Any]]:
    """How many labels of misnamed groups are in the first five groups, once everything is labelled."""
    desk, helper = part.desk(), part.helper()
    while len(desk.open):
        follow(desk, helper, helper.steps(desk)[0])
    together = np.where(desk.seen, -1, desk.batches)
    numbers, sizes = np.unique(together, return_counts=True)
    at = numbers[(numbers >= 0) & (sizes > 1)]
    classes = np.unique(part.truth)
    for draw in range(draws):
        random = np.random.default_rng([part.fold, draw])
        misnamed = random.choice(at, max(1, round(MISNAMED * len(at))), replace=False)
        labels = desk.labels.copy()
        for group in misnamed:
            label = labels[together == group][0]
            labels[together == group] = random.choice(classes[classes != label])
        wrong = labels != desk.labels
        first = helper.guide.group_issues(labels, desk.batches, seen=desk.seen)[:FIRST]
        found = sum(int(wrong[issue.rows].sum()) for issue in first)
        yield {"groups": len(at), "misnamed": len(misnamed), "found": found / wrong.sum()}


def standings(part: Part) -> Iterator[dict[str, Any]]:
    """Whether the interval holds."""
    for overlook in (0.0, 0.05):
        for accepts in (False, True):
            desk, helper, looks = part.desk(1, overlook=overlook), part.helper(), list[Look]()
            for stage in STAGES:
                while len(desk.open) and (desk.labels >= 0).mean() < stage:
                    follow(desk, helper, helper.steps(desk)[0])
                if accepts and stage == STAGES[1]:
                    looks += helper.accept(desk)
                chances = helper.guide.label_chances(desk.labels)
                said = standing(
                    desk.states, chances, int((desk.accepted & (desk.states == 1)).sum()), looks, desk.n_strays
                )
                known = desk.labels >= 0
                share = float((desk.labels == part.truth)[known].mean())
                yield {
                    "overlook": overlook,
                    "accepts": accepts,
                    "stage": stage,
                    "share": share,
                    "least": said.least,
                    "right": said.right,
                    "holds": said.least <= share + 1e-9,
                    "width": 1.0 - said.least,
                }


def parts(arguments: argparse.Namespace) -> list[Part]:
    """The training subsets of all runs."""
    found = []
    for folder in arguments.runs:
        tensor = Run(folder.name, folder).tensor(arguments.features)
        X = np.asarray(tensor.features(), dtype=np.float32)
        _, truth = np.unique(tensor.metadata.columns[arguments.true_labels], return_inverse=True)
        for fold, split in enumerate(stratified_folds(truth, arguments.folds, arguments.seed)[: arguments.first]):
            found.append(Part(folder.name, fold, X[split.train], truth[split.train].astype(np.int64)))
    return found


def tell(table: pd.DataFrame, by: list[str], columns: list[str]) -> None:
    """Prints means."""
    header(*by, *columns)
    for key, means in table.groupby(by, sort=False)[columns]:
        row(*(key if isinstance(key, tuple) else (key,)), *(f"{value:.3f}" for value in means.mean(numeric_only=True)))


STUDIES: dict[str, tuple[Callable[[Part], Iterator[dict[str, Any]]], list[str], list[str]]] = {
    "accepting": (accepting, ["run", "actions"], ["suggested", "right of those", "accepted", "right"]),
    "expecting": (
        expecting,
        ["labelled"],
        [
            "page right",
            "said",
            "said after what was seen",
            "open right",
            "said of it",
            "of it after what was seen",
        ],
    ),
    "groups": (groups, ["run"], ["groups", "misnamed", "found"]),
    "standing": (standings, ["overlook", "accepts", "stage"], ["share", "right", "least", "holds", "width"]),
}


def main() -> None:
    """Emulates, prints tables, and writes benchmarks/results/promises.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--features", default="im")
    parser.add_argument("--true-labels", default="true_label")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--first", type=int, help="of the folds only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--studies", nargs="+", default=list(STUDIES), choices=list(STUDIES))
    arguments = parser.parse_args()
    results = {}
    for name in arguments.studies:
        study, by, columns = STUDIES[name]
        rows = [{"run": part.run, "fold": part.fold, **found} for part in parts(arguments) for found in study(part)]
        table = pd.DataFrame(rows)
        print(f"\n{name}, {len(table)} rows")
        tell(table, by, columns)
        if name == "standing":
            print(f"the interval holds in {table['holds'].mean():.3f}; mean width {table['width'].mean():.4f}")
        results[name] = rows
    save("promises", results)


if __name__ == "__main__":
    main()
