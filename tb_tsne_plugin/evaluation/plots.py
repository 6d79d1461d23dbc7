"""The paper's figures 4 and 5 from the tidy tables: means over folds, with bands of one standard deviation."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tb_tsne_plugin.evaluation.active_learning import ACTIONS_A_STEP
from tb_tsne_plugin.evaluation.finishing import POLICIES
from tb_tsne_plugin.evaluation.methods import PAPER_METHODS, TSNE, method_title
from tb_tsne_plugin.evaluation.paper import feature_title, run_title
from tb_tsne_plugin.evaluation.settings import parse_setting, setting_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart by every kind of colour vision; each has its own dashes and marker besides.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F")
DASHES = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)), (0, (7, 2)), "-", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
PANEL = (3.3, 2.7)
LEGEND_ENTRY = 2.2
"""Inches that a method's name and its line take, unless the name is long."""
LEGEND_MARK, LEGEND_LETTER = 0.6, 0.06
"""Inches that the line and the gaps take, and a letter of the name."""
LEGEND_LINE, USUAL_LINES = 0.2, 4
"""Inches that a line of the legend takes, and how many there is room for anyway."""


def labeling_figure(table: pd.DataFrame, panels: dict[str, list[str]]) -> Figure:
    """Figure 4: labels per action so far, over labelling epochs; one row a feature stage, one column a run and panel.

    Args:
      table: The table of `labeling_table`.
      panels: The settings that a panel compares, by its name.

    Returns:
      The figure.
    """
    runs, stages = list(dict.fromkeys(table["run"])), list(dict.fromkeys(table["features"]))
    columns = [(run, panel) for run in runs for panel in panels]
    figure, axes = _grid(len(stages), len(columns), "Labels per action")
    for row, features in enumerate(stages):
        for axis, (run, panel) in zip(axes[row], columns, strict=True):
            part = table[(table["run"] == run) & (table["features"] == features)]
            for number, setting in enumerate(panels[panel]):
                found = part[part["setting"] == setting]
                if len(found):
                    epochs, values = aligned(found, "epoch", "labels_per_action", step=1)
                    _draw(axis, epochs, values, number, setting_title(parse_setting(setting)))
            axis.set_title(f"{run_title(run)} ({feature_title(features)})", fontsize=10)
            axis.set_xscale("function", functions=(np.sqrt, np.square))
    # Every curve falls, so there is room at the right end; every run has the same settings.
    for axis in axes[0][: len(panels)]:
        axis.legend(fontsize=7, loc="upper right")
    _label(axes, "Epoch", "Labels per action")
    return figure


def learning_figure(curves: pd.DataFrame) -> Figure:
    """Figure 5: validation accuracy against actions, one row a run.

    The first column compares the feature stages under the last t-SNE method, where there are several; then come the
    methods, one column a stage.
    """
    runs, stages = list(dict.fromkeys(curves["run"])), list(dict.fromkeys(curves["features"]))
    methods = list(dict.fromkeys(curves["method"]))
    shared = next((method for method in reversed(methods) if method.startswith(TSNE)), methods[-1])
    compares = len(stages) > 1
    figure, axes = _grid(len(runs), len(stages) + compares, "Validation accuracy against actions")
    if compares:
        for row, run in enumerate(runs):
            _learning_panel(axes[row, 0], curves[(curves["run"] == run) & (curves["method"] == shared)], "features")
            axes[row, 0].set_title(f"{run_title(run)}: {method_title(shared)}", fontsize=10)
            axes[row, 0].legend(fontsize=7, loc="lower right")
    for (row, run), (column, features) in _cells(runs, stages):
        axis = axes[row, column + compares]
        part = curves[(curves["run"] == run) & (curves["features"] == features)]
        _learning_panel(axis, part, "method")
        axis.set_title(f"{run_title(run)} ({feature_title(features)})", fontsize=10)
    _label(axes, "Actions", "Validation accuracy")
    handles, names = axes[0, -1].get_legend_handles_labels()
    # As many beside each other as the figure is wide enough for, and room for the lines below each other.
    entry = max(LEGEND_ENTRY, LEGEND_MARK + LEGEND_LETTER * max(map(len, names)))
    columns = min(len(names), max(int(figure.get_figwidth() // entry), 1))
    figure.set_figheight(figure.get_figheight() + LEGEND_LINE * max(-(-len(names) // columns) - USUAL_LINES, 0))
    figure.legend(handles, names, loc="outside lower center", ncols=columns, fontsize=8)
    return figure


def finishing_figure(curves: pd.DataFrame) -> Figure:
    """Share of images with the right label against actions, one row a feature stage, one column a run."""
    runs, stages = list(dict.fromkeys(curves["run"])), list(dict.fromkeys(curves["features"]))
    figure, axes = _grid(len(stages), len(runs), "Images with the right label against actions")
    for (row, features), (column, run) in _cells(stages, runs):
        axis = axes[row, column]
        part = curves[(curves["run"] == run) & (curves["features"] == features)]
        for number, policy in enumerate(dict.fromkeys(part["policy"])):
            actions, values = aligned(part[part["policy"] == policy], "actions", "right_share", ACTIONS_A_STEP)
            _draw(axis, actions, values, number, POLICIES[policy][0])
        axis.set_title(f"{run_title(run)} ({feature_title(features)})", fontsize=10)
    _label(axes, "Actions", "Share of images")
    handles, names = axes[0, -1].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=max(1, len(runs) // 2), fontsize=8)
    return figure


def _learning_panel(axis: Any, part: pd.DataFrame, by: str) -> None:
    for number, name in enumerate(dict.fromkeys(part[by])):
        found = part[part[by] == name]
        actions, values = aligned(found, "actions", "accuracy", step=ACTIONS_A_STEP)
        known = PAPER_METHODS.index(name) if name in PAPER_METHODS else number
        title = method_title(name) if by == "method" else feature_title(name)
        _draw(axis, actions, values, known, title, markers=True)


def aligned(found: pd.DataFrame, x: str, y: str, step: int) -> tuple[np.ndarray, np.ndarray]:
    """(n,) places and (folds, n) values at them, between the points of each fold, as far as every fold goes."""
    folds = [(part[x].to_numpy(), part[y].to_numpy()) for _, part in found.groupby("fold")]
    first, last = max(places[0] for places, _ in folds), min(places[-1] for places, _ in folds)
    first = -(-first // step) * step
    places = np.arange(first, last + 1, step) if first <= last else np.array([last])
    return places, np.array([np.interp(places, known, values) for known, values in folds])


def _draw(axis: Any, x: np.ndarray, values: np.ndarray, number: int, label: str, *, markers: bool = False) -> None:
    # Beyond eight, a colour comes again with other dashes.
    color, dashes = COLORS[number % len(COLORS)], DASHES[(number + number // len(COLORS)) % len(DASHES)]
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    marker = MARKERS[number % len(MARKERS)] if markers else None
    axis.plot(x, mean, color=color, linestyle=dashes, linewidth=1.4, label=label, marker=marker, markersize=3)
    axis.fill_between(x, mean - deviation, mean + deviation, color=color, alpha=0.12, linewidth=0)


def _cells(rows: list[str], columns: list[str]) -> list[tuple[tuple[int, str], tuple[int, str]]]:
    return [(row, column) for row in enumerate(rows) for column in enumerate(columns)]


def _grid(rows: int, columns: int, title: str) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(PANEL[0] * columns, 5.0), PANEL[1] * rows + 1.2), layout="constrained")
    figure.suptitle(title, fontsize=12)
    return figure, figure.subplots(rows, columns, squeeze=False)


def _label(axes: Any, x: str, y: str) -> None:
    for axis in axes.flat:
        axis.grid(True, linewidth=0.4, alpha=0.5)
        axis.tick_params(labelsize=8)
    for axis in axes[-1]:
        axis.set_xlabel(x, fontsize=9)
    for axis in axes[:, 0]:
        axis.set_ylabel(y, fontsize=9)


def png(figure: Figure) -> bytes:
    """A figure as a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=150)
    return file.getvalue()
