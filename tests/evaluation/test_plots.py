"""Figures 4 and 5: everything that is drawn is named, and no name is cut off."""

from __future__ import annotations

import matplotlib.figure
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg

from tb_tsne_plugin.evaluation.asking import MODES
from tb_tsne_plugin.evaluation.methods import PAPER_METHODS, POLICIES
from tb_tsne_plugin.evaluation.plots import labeling_figure, learning_figure
from tb_tsne_plugin.evaluation.studies import panels_of


def legends(figure: matplotlib.figure.Figure) -> list[list[str]]:
    """What the legends say, which must be inside the figure."""
    FigureCanvasAgg(figure).draw()
    found = [*figure.legends, *(legend for axis in figure.axes if (legend := axis.get_legend()) is not None)]
    for legend in found:
        frame = legend.get_window_extent()
        assert frame.x0 >= 0
        assert frame.y0 >= 0
        assert frame.x1 <= figure.bbox.width
        assert frame.y1 <= figure.bbox.height
    return [[text.get_text() for text in legend.get_texts()] for legend in found]


def curves(settings: list[str], folds: int = 1) -> pd.DataFrame:
    """A table of labelling as the studies make it, flat."""
    rows = [
        {"run": "cifar10", "features": "im", "setting": setting, "fold": fold, "epoch": epoch, "labels_per_action": 9}
        for setting in dict.fromkeys(settings)
        for fold in range(folds)
        for epoch in (250, 300)
    ]
    return pd.DataFrame(rows)


def test_each_study_is_a_panel_with_its_own_legend() -> None:
    panels = panels_of(["f", "r", "s"])
    chosen = [setting for panel in panels.values() for setting in panel]
    figure = labeling_figure(curves(chosen, folds=2), panels)
    assert [len(names) for names in legends(figure)] == [6, 4, 5]
    assert [len(axis.get_lines()) for axis in figure.axes] == [6, 4, 5]
    assert legends(figure)[1][0] == "f=0.01, r=0, s=250"


def test_seven_methods_fit_below_one_panel() -> None:
    table = pd.DataFrame(
        [
            {"run": "signs", "features": "im", "method": method, "fold": fold, "actions": actions, "accuracy": 0.5}
            for method in PAPER_METHODS
            for fold in (0, 1)
            for actions in (10, 20)
        ]
    )
    (names,) = legends(learning_figure(table))
    assert len(names) == len(set(names)) == 7


def test_many_methods_leave_room_for_the_curves() -> None:
    methods = [f"{policy}:{mode}" for policy in POLICIES for mode in MODES]
    table = pd.DataFrame(
        [
            {"run": "signs", "features": "im", "method": method, "fold": 0, "actions": actions, "accuracy": 0.5}
            for method in methods
            for actions in (10, 20)
        ]
    )
    figure = learning_figure(table)
    (names,) = legends(figure)
    assert len(names) == len(methods)
    frame = figure.axes[0].get_window_extent()
    assert frame.height > 150


def test_no_two_of_many_settings_are_drawn_alike() -> None:
    settings = [f"f={number / 100}" for number in range(1, 17)]
    lines = labeling_figure(curves(settings), {"settings": settings}).axes[0].get_lines()
    dashes = [line._dash_pattern for line in lines]  # type: ignore[attr-defined]  # nothing public tells it
    assert len({(line.get_color(), str(dash)) for line, dash in zip(lines, dashes, strict=True)}) == 16
