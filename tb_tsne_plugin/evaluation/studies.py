"""The evaluations: which jobs each is made of, and the tidy tables that come out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from tb_tsne_plugin.evaluation.active_learning import LABELS_A_CLASS, TARGET_SHARE, Point, accuracy_after, actions_to
from tb_tsne_plugin.evaluation.datasets import Dataset
from tb_tsne_plugin.evaluation.finishing import Habits, find_policy
from tb_tsne_plugin.evaluation.folds import N_FOLDS
from tb_tsne_plugin.evaluation.jobs import Execute, Job, run_jobs
from tb_tsne_plugin.evaluation.methods import find_method
from tb_tsne_plugin.evaluation.settings import parse_setting
from tb_tsne_plugin.evaluation.work import Result
from tb_tsne_plugin.runs.folder import Folder

JOBS = "jobs"
_F_STUDY = ["f=0", "f=0.01:ramp=1", "f=0.1:ramp=1", "f=0.1:ramp=10", "f=0.1:ramp=50", "f=1:ramp=10"]
STUDIES: dict[str, list[str]] = {
    "presets": ["unsupervised", "slight", "strong"],
    "f": [f"{setting}:r=0:s=250" for setting in _F_STUDY],
    "r": [f"f=0.01:ramp=1:r={r}:s=250" for r in ("0", "0.1", "0.5", "1")],
    "s": [f"f=0.01:ramp=1:r=0.1:s={s}" for s in (150, 200, 250, 300, 400)],
}
"""The parameter studies of the paper's Figure 4, by name."""


def panels_of(names: list[str]) -> dict[str, list[str]]:
    """Settings by the panel of the figure that compares them: each study has one, single settings share one.

    Args:
      names: Studies and settings.

    Returns:
      Settings by panel; a setting of two studies is in both.
    """
    panels: dict[str, list[str]] = {}
    for name in names:
        study = name if name in STUDIES else "settings"
        panels.setdefault(study, []).extend(STUDIES.get(name, [name]))
    return {study: list(dict.fromkeys(settings)) for study, settings in panels.items()}


@dataclass(frozen=True)
class Plan:
    """What all evaluations share.

    Attributes:
      datasets: On what.
      out: Where results go.
      execute: How jobs are run.
      folds: How many folds.
      seed: Of everything random.
    """

    datasets: list[Dataset]
    out: Path
    execute: Execute
    folds: int = N_FOLDS
    seed: int = 0

    def run(self, work: str, title: str, cases: list[dict[str, Any]]) -> list[tuple[dict[str, Any], Result]]:
        """Does some work for every dataset, case and fold.

        Args:
          work: A name in `WORK`.
          title: What the progress bar says.
          cases: Arguments, one dict a case.

        Returns:
          For each: the columns that say which it is (run, features, fold and the case), and the result.
        """
        jobs, columns = [], []
        for dataset, case, fold in product(self.datasets, cases, range(self.folds)):
            arguments = {**case, "fold": fold, "folds": self.folds, "seed": self.seed}
            jobs.append(Job(work, dataset, arguments))
            columns.append({"run": dataset.run, "features": dataset.features, **case, "fold": fold})
        return self.run_jobs(title, jobs, columns)

    def run_jobs(
        self, title: str, jobs: list[Job], columns: list[dict[str, Any]]
    ) -> list[tuple[dict[str, Any], Result]]:
        """Runs jobs, each with the columns that say which it is."""
        Folder(self.out).make_folder(JOBS)
        return list(zip(columns, run_jobs(jobs, Folder(self.out, JOBS), self.execute, title), strict=True))


def embedding_table(plan: Plan, setting: str = "unsupervised", epochs: int = 1000) -> pd.DataFrame:
    """Table 1: one row for each run, features and fold; columns samples, mean, deviation (shares, over samples)."""
    found = plan.run("embedding", "4-NN accuracy", [{"setting": setting, "epochs": epochs}])
    return pd.DataFrame([{**columns, **result} for columns, result in found]).drop(columns=["setting", "epochs"])


def labeling_table(plan: Plan, settings: list[str]) -> pd.DataFrame:
    """Figure 4: one row a query; columns epoch, actions and labels (so far), labels_per_action (their ratio).

    Args:
      plan: What all evaluations share.
      settings: Settings of `parse_setting`.

    Returns:
      The table, with the columns run, features, setting and fold.
    """
    for setting in settings:
        parse_setting(setting)
    found = plan.run("labeling", "labelling", [{"setting": setting} for setting in settings])
    table = pd.concat([pd.DataFrame({**columns, **result}) for columns, result in found], ignore_index=True)
    return table.assign(labels_per_action=table["labels"] / table["actions"])


@dataclass(frozen=True)
class LearningTables:
    """Figure 5 and Table 2.

    Attributes:
      curves: One row a training; run, features, judge, method, fold, actions, labels, accuracy (on the validation
        rows).
      actions: One row a curve; run, features, judge, method, fold, full_accuracy, target, actions (to the target;
        missing where it was not reached), tried (the last action count), accuracy_1, accuracy_2, … (after as many
        actions as so many single names a class; missing where the curve ends before).
    """

    curves: pd.DataFrame
    actions: pd.DataFrame


def learning_tables(
    plan: Plan, methods: list[str], *, judge: str = "network", at_least: int = 100, at_most: int = 1000
) -> LearningTables:
    """Runs active learning.

    Args:
      plan: What all evaluations share.
      methods: Names of `find_method`.
      judge: A name in `JUDGES`.
      at_least: Actions that every curve reaches, for the figure.
      at_most: Actions at which a curve that has not come to its target ends.

    Returns:
      The tables.
    """
    for method in methods:
        find_method(method)
    full = {
        (columns["run"], columns["features"], columns["fold"]): result["accuracy"]
        for columns, result in plan.run("full_accuracy", "all labels", [{"judge": judge}])
    }
    jobs, columns, n_classes = [], [], []
    for dataset, method, fold in product(plan.datasets, methods, range(plan.folds)):
        where = {"run": dataset.run, "features": dataset.features, "judge": judge, "method": method, "fold": fold}
        accuracy = full[dataset.run, dataset.features, fold]
        budget = {"target": TARGET_SHARE * accuracy, "at_least": at_least, "at_most": at_most}
        how = {"judge": judge, "method": method, **budget}
        arguments = {"fold": fold, "folds": plan.folds, "seed": plan.seed, **how}
        jobs.append(Job("active_learning", dataset, arguments))
        n_classes.append(int(dataset.labels.max()) + 1)
        columns.append({**where, "full_accuracy": accuracy, "target": budget["target"]})
    found = plan.run_jobs("active learning", jobs, columns)
    curves = [pd.DataFrame({**_place(columns), **result}) for columns, result in found]
    actions = [
        {**columns, **_reached(result, columns["target"], classes)}
        for (columns, result), classes in zip(found, n_classes, strict=True)
    ]
    return LearningTables(pd.concat(curves, ignore_index=True), pd.DataFrame(actions))


def _place(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: columns[name] for name in ("run", "features", "judge", "method", "fold")}


def _reached(result: Result, target: float, n_classes: int) -> dict[str, Any]:
    points = [Point(*values) for values in zip(result["actions"], result["labels"], result["accuracy"], strict=True)]
    after = {f"accuracy_{n}": accuracy_after(points, n * n_classes, n_classes) for n in LABELS_A_CLASS}
    return {"actions": actions_to(points, target), "tried": points[-1].actions, **after}


@dataclass(frozen=True)
class FinishingTables:
    """What finishing the job takes.

    Attributes:
      curves: One row an action; run, features, policy, fold, actions, looks, labels, right_share (of all images).
      actions: One row a job; run, features, policy, fold, share (the aim), actions, looks, actions_share (of the number
        of images), right_share (at the end), reached, unseen (labels accepted unseen), precision_unseen.
    """

    curves: pd.DataFrame
    actions: pd.DataFrame


def finishing_tables(plan: Plan, policies: list[str], habits: Habits) -> FinishingTables:
    """Lets an emulated person finish every training subset.

    Args:
      plan: What all evaluations share.
      policies: Names of `find_policy`.
      habits: The person's.

    Returns:
      The tables.
    """
    for policy in policies:
        find_policy(policy)
    cases = [{"policy": policy, **habits._asdict()} for policy in policies]
    curves, actions = [], []
    for columns, result in plan.run("finishing", "finishing", cases):
        place = {name: columns[name] for name in ("run", "features", "policy", "fold")}
        n, right = result["samples"], [right / result["samples"] for right in result["right"]]
        counted = {name: result[name] for name in ("actions", "looks", "labels")}
        curves.append(pd.DataFrame({**place, **counted, "right_share": right}))
        actions.append(
            {
                **place,
                "share": habits.share,
                "actions": result["actions"][-1],
                "looks": result["looks"][-1],
                "actions_share": result["actions"][-1] / n,
                "right_share": right[-1],
                "reached": result["reached"],
                "unseen": result["unseen"],
                "precision_unseen": result["unseen_right"] / result["unseen"] if result["unseen"] else None,
            }
        )
    return FinishingTables(pd.concat(curves, ignore_index=True), pd.DataFrame(actions))
