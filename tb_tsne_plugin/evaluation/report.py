"""Writes what an evaluation found: tidy CSV, figures, TensorBoard scalars, and a report of all that a folder holds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tb_tsne_plugin.evaluation import plots, tables
from tb_tsne_plugin.evaluation.differences import difference_table
from tb_tsne_plugin.evaluation.errors import EvaluationError
from tb_tsne_plugin.evaluation.judges import JUDGE_TITLES
from tb_tsne_plugin.evaluation.scalars import write_curves
from tb_tsne_plugin.evaluation.studies import FinishingTables, LearningTables
from tb_tsne_plugin.runs.folder import Folder

EMBEDDING, LABELING, CURVES, ACTIONS = "embedding.csv", "labeling.csv", "learning_curves.csv", "actions_to_80.csv"
FINISHING, FINISHING_CURVES, FINISHING_FIGURE = "finishing.csv", "finishing_curves.csv", "finishing.png"
LABELING_FIGURE, LEARNING_FIGURE = "labeling.png", "active_learning.png"
DIFFERENCES = "differences.csv"
REPORT = "report.md"


def save_embedding(out: Path, table: pd.DataFrame) -> None:
    """Writes Table 1."""
    folder = Folder(out)
    folder.replace(EMBEDDING, _csv(table))
    _write_report(folder)


def save_labeling(out: Path, table: pd.DataFrame, panels: dict[str, list[str]]) -> None:
    """Writes Figure 4, with the settings of each panel compared in one."""
    folder = Folder(out)
    folder.replace(LABELING, _csv(table))
    folder.replace(LABELING_FIGURE, plots.png(plots.labeling_figure(table, panels)))
    write_curves(folder, table, "setting", "epoch", "labels_per_action")
    _write_report(folder)


def save_learning(out: Path, found: LearningTables) -> None:
    """Writes Table 2 and Figure 5, and what differs between methods."""
    folder = Folder(out)
    folder.replace(CURVES, _csv(found.curves))
    folder.replace(ACTIONS, _csv(found.actions))
    folder.replace(DIFFERENCES, _csv(difference_table(found.actions)))
    folder.replace(LEARNING_FIGURE, plots.png(plots.learning_figure(found.curves)))
    write_curves(folder, found.curves, "method", "actions", "accuracy")
    _write_report(folder)


def save_finishing(out: Path, found: FinishingTables) -> None:
    """Writes what finishing takes, by policy."""
    folder = Folder(out)
    folder.replace(FINISHING_CURVES, _csv(found.curves))
    folder.replace(FINISHING, _csv(found.actions))
    folder.replace(FINISHING_FIGURE, plots.png(plots.finishing_figure(found.curves)))
    write_curves(folder, found.curves, "policy", "actions", "right_share")
    _write_report(folder)


def _embedding_part(table: pd.DataFrame) -> list[str]:
    folds = table["fold"].nunique()
    return [
        "## Embedding quality (the paper's Table 1)",
        "4-NN accuracy in the unsupervised t-SNE in per cent: for each sample the share of its 4 nearest "
        "neighbours that are of its class; mean ± standard deviation over samples, averaged over "
        f"{folds} training subsets.",
        tables.embedding_report(table),
    ]


def _labeling_part(table: pd.DataFrame) -> list[str]:
    return [
        "## Labelling efficiency (the paper's Figure 4)",
        f"Algorithm 1 until everything is labelled; means over {table['fold'].nunique()} training subsets.",
        f"![Labels per action]({LABELING_FIGURE})",
        tables.labeling_report(table),
    ]


def _actions_part(table: pd.DataFrame) -> list[str]:
    return [
        "## Active learning (the paper's Table 2 and Figure 5)",
        f"Actions until the validation accuracy of {JUDGE_TITLES[table['judge'].iloc[0]]} is 80 % of what it is with "
        f'every training label; means over {table["fold"].nunique()} folds. ">" marks a mean in which a fold never '
        "came there.",
        tables.actions_report(table),
        f"![Validation accuracy against actions]({LEARNING_FIGURE})",
        "### Accuracy at so many labels a class",
        "Validation accuracy in per cent after as many actions as so many single names a class take; means over runs "
        "and folds.",
        tables.accuracy_report(table),
        *_differences(table),
    ]


def _differences(table: pd.DataFrame) -> list[str]:
    compared = tables.difference_report(table)
    if not compared:
        return []
    return [
        "### What policy, groups and suggestions give",
        "Differences in actions on the same folds, mean ± standard error over folds and runs; negative where it takes "
        "fewer. *policy*: this one less RandSelect, in the same mode; *groups*, *suggestions*: with them less without "
        "them; *guided*: this one less guidance, in the same mode. A curve that never came to its target counts as the "
        f"actions it was tried for. By run: {DIFFERENCES}.",
        compared,
    ]


def _finishing_part(table: pd.DataFrame) -> list[str]:
    share = float(table["share"].iloc[0])
    return [
        "## Finishing the job",
        f"Actions of an emulated person until {100 * share:g} % of all images carry the right label, as a share of the "
        f'number of images; means over {table["fold"].nunique()} training subsets. ">" marks a mean in which a fold '
        "never came there.",
        tables.finishing_report(table),
        f"![Share of images with the right label against actions]({FINISHING_FIGURE})",
    ]


PARTS = {EMBEDDING: _embedding_part, LABELING: _labeling_part, ACTIONS: _actions_part, FINISHING: _finishing_part}


def _write_report(folder: Folder) -> None:
    """Tells everything that the folder's tables hold, whichever command wrote them."""
    parts = ["# Evaluation", "In square brackets: what the paper reports for VGG-16."]
    for name, part in PARTS.items():
        try:
            with folder.open(name) as file:
                parts += part(pd.read_csv(file, dtype={"run": str, "features": str}))
        except FileNotFoundError:
            continue
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EvaluationError(f"{name} is no table of an evaluation ({error}): move it away.") from error
    folder.replace(REPORT, ("\n\n".join(parts) + "\n").encode())


def _csv(table: pd.DataFrame) -> bytes:
    return str(table.to_csv(index=False)).encode()
