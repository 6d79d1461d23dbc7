"""Writes what an evaluation found: tidy CSV, figures, TensorBoard scalars, and a report of all that a folder holds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tb_tsne_plugin.evaluation import plots, tables
from tb_tsne_plugin.evaluation.scalars import write_curves
from tb_tsne_plugin.evaluation.studies import LearningTables

EMBEDDING, LABELING, CURVES, ACTIONS = "embedding.csv", "labeling.csv", "learning_curves.csv", "actions_to_80.csv"
LABELING_FIGURE, LEARNING_FIGURE = "labeling.png", "active_learning.png"
REPORT = "report.md"
SCALARS = "scalars"


def save_embedding(out: Path, table: pd.DataFrame) -> None:
    """Writes Table 1."""
    table.to_csv(out / EMBEDDING, index=False)
    _write_report(out)


def save_labeling(out: Path, table: pd.DataFrame, panels: dict[str, list[str]]) -> None:
    """Writes Figure 4, with the settings of each panel compared in one."""
    table.to_csv(out / LABELING, index=False)
    plots.save(plots.labeling_figure(table, panels), out / LABELING_FIGURE)
    write_curves(out / SCALARS, table, "setting", "epoch", "labels_per_action")
    _write_report(out)


def save_learning(out: Path, found: LearningTables) -> None:
    """Writes Table 2 and Figure 5."""
    found.curves.to_csv(out / CURVES, index=False)
    found.actions.to_csv(out / ACTIONS, index=False)
    plots.save(plots.learning_figure(found.curves), out / LEARNING_FIGURE)
    write_curves(out / SCALARS, found.curves, "method", "actions", "accuracy")
    _write_report(out)


def _write_report(out: Path) -> None:
    """Tells everything that the folder's tables hold, whichever command wrote them."""
    parts = ["# Evaluation", "In square brackets: what the paper reports for VGG-16."]
    if (out / EMBEDDING).exists():
        table = pd.read_csv(out / EMBEDDING, dtype={"run": str, "features": str})
        folds = table["fold"].nunique()
        parts += [
            "## Embedding quality (the paper's Table 1)",
            "4-NN accuracy in the unsupervised t-SNE in per cent: for each sample the share of its 4 nearest "
            "neighbours that are of its class; mean ± standard deviation over samples, averaged over "
            f"{folds} training subsets.",
            tables.embedding_report(table),
        ]
    if (out / LABELING).exists():
        table = pd.read_csv(out / LABELING, dtype={"run": str, "features": str})
        parts += [
            "## Labelling efficiency (the paper's Figure 4)",
            f"Algorithm 1 until everything is labelled; means over {table['fold'].nunique()} training subsets.",
            f"![Labels per action]({LABELING_FIGURE})",
            tables.labeling_report(table),
        ]
    if (out / ACTIONS).exists():
        table = pd.read_csv(out / ACTIONS, dtype={"run": str, "features": str})
        parts += [
            "## Active learning (the paper's Table 2 and Figure 5)",
            "Actions until the validation accuracy is 80 % of that of a classifier trained on every training label; "
            f'means over {table["fold"].nunique()} folds. ">" marks a mean in which a fold never came there.',
            tables.actions_report(table),
            f"![Validation accuracy against actions]({LEARNING_FIGURE})",
        ]
    (out / REPORT).write_text("\n\n".join(parts) + "\n", encoding="utf-8")
