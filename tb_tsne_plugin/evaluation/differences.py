"""What policy, groups and suggestions give: differences between methods on the same folds, with their errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from tb_tsne_plugin.evaluation.asking import MODES
from tb_tsne_plugin.evaluation.methods import GUIDED, POLICIES, RANDOM, split_method

PAIR = ["run", "features", "fold"]
"""What two curves must share to be compared."""
PARTS = ["policy", "groups", "suggestions", "guided"]
"""What a difference is put down to; the last holds a policy against guidance."""
ALL = "(all runs)"
"""Stands for all runs together."""
COLUMNS = ["part", "method", "against", "run", "mean", "standard_error", "pairs"]


class Comparison(NamedTuple):
    """One method held against another."""

    part: str
    """One of `PARTS`."""
    policy: str
    mode: str
    other_policy: str
    other_mode: str


def counted_actions(table: pd.DataFrame) -> pd.DataFrame:
    """The table of `LearningTables.actions` with a column `counted`.

    A curve that never came to its target counts as the actions it was tried for: its mean is then a lower bound.
    """
    return table.assign(counted=table["actions"].fillna(table["tried"]))


def comparisons() -> Iterator[Comparison]:
    """All there can be: each changes one thing."""
    for policy in POLICIES:
        for mode in MODES:
            if policy != RANDOM:
                yield Comparison("policy", policy, mode, RANDOM, mode)
            if policy != GUIDED:
                yield Comparison("guided", policy, mode, GUIDED, mode)
        yield Comparison("groups", policy, "groups", policy, "names")
        yield Comparison("suggestions", policy, "suggestions", policy, "names")
        yield Comparison("groups", policy, "groups+suggestions", policy, "suggestions")
        yield Comparison("suggestions", policy, "groups+suggestions", policy, "groups")


def difference_table(table: pd.DataFrame) -> pd.DataFrame:
    """Paired differences in actions to the target.

    Args:
      table: That of `LearningTables.actions`.

    Returns:
      One row for each comparison of methods that are in the table, and run, and one for all runs; columns as in
      `COLUMNS`: mean of the method's actions less the other's, over the pairs of folds, and its standard error (missing
      for a single pair).
    """
    counted = counted_actions(table)
    found = {name: split_method(name) for name in counted["method"].unique()}
    known = {key: counted[counted["method"] == name] for name, key in found.items() if key}
    rows: list[list[object]] = []
    for one in comparisons():
        method, other = known.get((one.policy, one.mode)), known.get((one.other_policy, one.other_mode))
        if method is None or other is None:
            continue
        names = f"{one.policy}:{one.mode}", f"{one.other_policy}:{one.other_mode}"
        pairs = method.merge(other, on=PAIR, suffixes=("", "_other"), validate="one_to_one")
        differences = pairs["counted"] - pairs["counted_other"]
        for run in [*dict.fromkeys(pairs["run"]), ALL]:
            part = differences if run == ALL else differences[pairs["run"] == run]
            error = part.std(ddof=1) / np.sqrt(len(part)) if len(part) > 1 else None
            rows.append([one.part, *names, run, part.mean(), error, len(part)])
    return pd.DataFrame(rows, columns=COLUMNS)
