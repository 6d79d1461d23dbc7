"""Tables of the report: ours, with the paper's figures in brackets where it has any."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from tb_tsne_plugin.evaluation import finishing
from tb_tsne_plugin.evaluation.active_learning import LABELS_A_CLASS
from tb_tsne_plugin.evaluation.asking import MODE_TITLES, MODES
from tb_tsne_plugin.evaluation.differences import ALL, PARTS, counted_actions, difference_table
from tb_tsne_plugin.evaluation.methods import POLICIES, method_title
from tb_tsne_plugin.evaluation.paper import ACTIONS_TO_80, NEIGHBOR_ACCURACY, feature_title, run_title
from tb_tsne_plugin.evaluation.settings import parse_setting, setting_title


def embedding_report(table: pd.DataFrame) -> str:
    """Table 1: features by runs."""
    means = table.groupby(["run", "features"], sort=False)[["mean", "deviation"]].mean() * 100
    runs, stages = _in_order(table, "run"), _in_order(table, "features")

    def cell(features: str, run: str) -> str:
        if (run, features) not in means.index:
            return ""
        mean, deviation = means.loc[(run, features)]
        return _beside(f"{mean:.0f}±{deviation:.0f}", NEIGHBOR_ACCURACY.get((run, features)))

    averages = {name: [value for run in runs if (value := _mean(means, run, name)) is not None] for name in stages}
    rows = [
        [feature_title(name), *(cell(name, run) for run in runs), f"{sum(averages[name]) / len(averages[name]):.0f}"]
        for name in stages
    ]
    return _markdown(["features", *map(run_title, runs), "average"], rows)


def labeling_report(table: pd.DataFrame, budgets: tuple[int, ...] = (50, 100, 200)) -> str:
    """Labels after some actions, and actions until everything is labelled: means over the folds."""
    keys = ["run", "features", "setting", "fold"]
    last = table.groupby(keys, sort=False).last()
    columns = {
        f"labels at {budget} actions": table[table["actions"] <= budget].groupby(keys, sort=False)["labels"].max()
        for budget in budgets
    }
    columns["samples"] = last["labels"]
    columns["actions until all are labelled"] = last["actions"]
    means = pd.DataFrame(columns).groupby(level=keys[:3], sort=False).mean()
    rows = [
        [run_title(run), feature_title(features), setting_title(parse_setting(setting)), *(f"{v:.0f}" for v in values)]
        for (run, features, setting), values in zip(means.index, means.to_numpy(), strict=True)
    ]
    return _markdown(["run", "features", "setting", *means.columns], rows)


def actions_report(table: pd.DataFrame) -> str:
    """Table 2: methods by runs and features."""
    runs, stages, methods = (_in_order(table, name) for name in ("run", "features", "method"))
    places = [
        (run, name) for run in runs for name in stages if ((table["run"] == run) & (table["features"] == name)).any()
    ]
    counted = counted_actions(table).assign(missed=table["actions"].isna())
    groups = counted.groupby(["run", "features", "method"], sort=False)
    means, missed = groups["counted"].mean(), groups["missed"].any()

    def cell(run: str, features: str, method: str) -> str:
        bound = "> " if missed[run, features, method] else ""
        paper = ACTIONS_TO_80.get((run, features, method))
        return _beside(f"{bound}{means[run, features, method]:.0f}", paper)

    rows = []
    for method in methods:
        average = sum(means[run, features, method] for run, features in places) / len(places)
        ours = [(run, features, method) for run, features in places]
        paper = [ACTIONS_TO_80[key] for key in ours if key in ACTIONS_TO_80]
        beside = f"{sum(paper) / len(paper):.0f}" if len(paper) == len(ours) else None
        bound = "> " if any(missed[key] for key in ours) else ""
        cells = [cell(run, features, method) for run, features in places]
        rows.append([method_title(method), *cells, _beside(f"{bound}{average:.0f}", beside)])
    heads = [f"{run_title(run)} {feature_title(features)}" for run, features in places]
    return _markdown(["method", *heads, "average"], rows)


def accuracy_report(table: pd.DataFrame) -> str:
    """Accuracy in per cent after as many actions as 1, 2, 5 and 10 single names a class: means over runs and folds."""
    columns = [name for name in (f"accuracy_{n}" for n in LABELS_A_CLASS) if table[name].notna().all()]
    places = ["run", "features"]
    means = table.groupby([*places, "method"], sort=False)[[*columns, "full_accuracy"]].mean()
    means = 100 * means.groupby(level="method", sort=False).mean()
    rows = [[method_title(method), *(f"{means.loc[method, name]:.1f}" for name in columns)] for method in means.index]
    all_labels = ["all labels", *[""] * (len(columns) - 1), f"{means['full_accuracy'].iloc[0]:.1f}"]
    return _markdown(["method", *(name.removeprefix("accuracy_") for name in columns)], [*rows, all_labels])


def difference_report(table: pd.DataFrame) -> str:
    """What policy, groups and suggestions give, and each policy against guidance; empty where nothing can be compared.

    Args:
      table: That of `LearningTables.actions`.

    Returns:
      A table of policies; "mean ± standard error" of paired differences in actions, over all runs and folds.
    """
    found = difference_table(table)
    found = found[found["run"] == ALL]
    cells: dict[str, dict[tuple[str, str], str]] = {}
    for row in found.itertuples():
        policy, _ = row.method.split(":")
        _, mode = row.against.split(":")
        cells.setdefault(policy, {})[row.part, mode] = _with_error(row.mean, row.standard_error)
    heads = [(part, mode) for part in PARTS for mode in MODES if any((part, mode) in row for row in cells.values())]
    rows = [[POLICIES[name][0], *(cells[name].get(head, "") for head in heads)] for name in POLICIES if name in cells]
    return _markdown(["policy", *(f"{part}: {MODE_TITLES[mode]}" for part, mode in heads)], rows) if rows else ""


def finishing_report(table: pd.DataFrame) -> str:
    """Actions as a share of the images: policies by runs; and how many of the labels accepted unseen were right."""
    runs, stages, policies = (_in_order(table, name) for name in ("run", "features", "policy"))
    groups = table.groupby(["run", "features", "policy"], sort=False)
    means, reached, precision = (
        groups["actions_share"].mean(),
        groups["reached"].all(),
        groups["precision_unseen"].mean(),
    )
    places = [(run, name) for run in runs for name in stages if (run, name, policies[0]) in means.index]
    rows = []
    for policy in policies:
        keys = [(*place, policy) for place in places]
        cells = [("" if reached[key] else "> ") + f"{means[key]:.3f}" for key in keys]
        average = ("" if all(reached[key] for key in keys) else "> ") + f"{means[keys].mean():.3f}"
        known = [precision[key] for key in keys if pd.notna(precision[key])]
        rows.append([finishing.POLICIES[policy][0], *cells, average, f"{sum(known) / len(known):.3f}" if known else ""])
    heads = [f"{run_title(run)} {feature_title(features)}" for run, features in places]
    return _markdown(["policy", *heads, "average", "right of those accepted unseen"], rows)


def _mean(means: pd.DataFrame, run: str, features: str) -> float | None:
    return float(means.loc[(run, features), "mean"]) if (run, features) in means.index else None


def _with_error(mean: float, error: float) -> str:
    return f"{mean:+.1f}" if pd.isna(error) else f"{mean:+.1f} ± {error:.1f}"


def _beside(ours: str, paper: object | None) -> str:
    return ours if paper is None else f"{ours} [{paper}]"


def _in_order(table: pd.DataFrame, column: str) -> list[str]:
    return list(dict.fromkeys(table[column]))


def _markdown(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), *([*row] for row in rows)]
    text = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join([text[0], "|" + " --- |" * len(lines[0]), *text[1:]])
