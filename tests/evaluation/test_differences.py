"""Paired differences against sums made by hand, and the tables that tell them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tb_tsne_plugin.evaluation.differences import ALL, difference_table
from tb_tsne_plugin.evaluation.tables import accuracy_report, difference_report

ACTIONS: dict[str, dict[str, list[float | None]]] = {
    "randselect": {"flowers": [80, 100], "signs": [60, 60]},
    "uherding": {"flowers": [50, 60], "signs": [40, None]},
    "uherding:groups": {"flowers": [40, 40], "signs": [40, 40]},
    "guided-stop": {"flowers": [30, 40], "signs": [40, 50]},
    "kernel": {"flowers": [10, 10], "signs": [10, 10]},
}


def table() -> pd.DataFrame:
    rows = [
        {
            **{"run": run, "features": "im", "judge": "linear", "method": method, "fold": fold},
            **{"full_accuracy": 0.9, "target": 0.72, "actions": actions, "tried": actions or 70},
            **{
                "accuracy_1": 0.3,
                "accuracy_2": 0.4,
                "accuracy_5": 0.5 + 0.1 * fold,
                "accuracy_10": None if fold else 0.8,
            },
        }
        for method, runs in ACTIONS.items()
        for run, folds in runs.items()
        for fold, actions in enumerate(folds)
    ]
    return pd.DataFrame(rows)


def row(part: str, method: str, against: str, run: str) -> list[float]:
    found = difference_table(table())
    key = (found["part"] == part) & (found["method"] == method) & (found["against"] == against) & (found["run"] == run)
    return [float(value) for value in found[key][["mean", "standard_error", "pairs"]].to_numpy(dtype=float)[0]]


def test_differences_are_paired_by_run_and_fold() -> None:
    # 50-80, 60-100 | 40-60, and 70 tried for what was never reached: 70-60.
    differences = np.array([-30.0, -40.0, -20.0, 10.0])
    expected = [differences.mean(), differences.std(ddof=1) / 2, 4]
    assert row("policy", "uherding:names", "randselect:names", ALL) == pytest.approx(expected)
    assert row("policy", "uherding:names", "randselect:names", "flowers") == pytest.approx([-35, 5, 2])
    assert row("groups", "uherding:groups", "uherding:names", ALL)[0] == pytest.approx((-10 - 20 + 0 - 30) / 4)
    assert row("guided", "uherding:groups", "guided:groups", "signs") == pytest.approx([-5, 5, 2])


def test_only_what_differs_in_one_thing_is_compared() -> None:
    found = difference_table(table())
    assert set(zip(found["method"], found["against"], strict=True)) == {
        ("uherding:names", "randselect:names"),
        ("uherding:groups", "uherding:names"),
        ("uherding:groups", "guided:groups"),
    }
    assert difference_table(table()[lambda all_: all_["method"] == "kernel"]).empty
    assert difference_report(table()[lambda all_: all_["method"] == "kernel"]) == ""


def test_one_pair_has_no_error() -> None:
    single = table()[lambda all_: (all_["run"] == "signs") & (all_["fold"] == 0)]
    assert difference_table(single)["standard_error"].isna().all()
    assert "| UHerding | -20.0 | +0.0 | +0.0 |" in difference_report(single)


def test_the_report_has_a_line_for_each_policy() -> None:
    head, _, *lines = difference_report(table()).splitlines()
    assert head == "| policy | policy: single names | groups: single names | guided: groups |"
    assert lines == ["| UHerding | -20.0 ± 10.8 | -15.0 ± 6.5 | +0.0 ± 4.1 |"]


def test_accuracy_is_told_as_far_as_all_curves_go() -> None:
    head, _, *lines = accuracy_report(table()).splitlines()
    assert head == "| method | 1 | 2 | 5 |"
    assert lines[0] == "| RandSelect | 30.0 | 40.0 | 55.0 |"
    assert lines[-1] == "| all labels |  |  | 90.0 |"
