"""What the commands that learn from labels share: a run's samples with their labels, and a guide through them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from tb_tsne_plugin.cli.run_options import (
    RunOptions,
    check_out,
    existing_labels,
    finite_rows,
    label_numbers,
    labels_now,
    tensor_of,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tb_tsne_plugin.guidance.guide import Guide
    from tb_tsne_plugin.labels import LabelStore
    from tb_tsne_plugin.runs.run import Tensor


class Labeled(NamedTuple):
    """A run's samples that have finite features, with their labels."""

    tensor: Tensor
    ids: list[str]  # (n,)
    files: list[str]  # (n,) their ids where there are none
    features: NDArray[np.float32]  # (n, D)
    names: list[str]  # of the classes, by number
    labels: NDArray[np.int32]  # (n,) class numbers, -1 where there is none
    batches: NDArray[np.int32]  # (n,) the edit that gave each label
    states: NDArray[np.uint8]  # (n,) what became of each (`guidance.states`)


def read_labeled(options: RunOptions, name: str | None, column: str, out: Path | None = None) -> Labeled:
    """A run's labels as numbers; before anything is computed, it is seen whether a file can be written.

    Raises:
      RunError: If that file is one of the run's own.
      click.ClickException: If there are too few to learn from.
    """
    workspace, run = options.open()
    check_out(run, out)
    tensor = tensor_of(run, name)
    return labeled(tensor, existing_labels(workspace, run, column), options.folder)


def labeled(tensor: Tensor, store: LabelStore, folder: Path) -> Labeled:
    """The same of features and a label column that are open.

    Raises:
      click.ClickException: If there are too few labels to learn from.
    """
    import numpy as np

    from tb_tsne_plugin.labels.model import UNMARKED
    from tb_tsne_plugin.runs.format import FILE

    features = tensor.features()
    rows = finite_rows(features)
    snapshot = labels_now(tensor, store)
    names, labels = label_numbers(tensor, snapshot)
    labels = labels[rows.embedded]
    if len(np.unique(labels[labels >= 0])) < 2:
        raise click.ClickException(
            f"{folder} has labels of fewer than two classes; label some images in TensorBoard first."
        )
    revisions = store.label_revisions()
    everything = tensor.metadata.sample_ids
    every_file = tensor.metadata.columns.get(FILE, everything)
    ids, files = [everything[row] for row in rows.embedded], [every_file[row] for row in rows.embedded]
    batches = np.array([revisions.get(sample_id, -1) for sample_id in ids], dtype=np.int32)
    states = np.array([snapshot.marks.get(sample_id, UNMARKED).number for sample_id in ids], dtype=np.uint8)
    return Labeled(tensor, ids, files, rows.of(features), names, labels, batches, states)


def guide_of(found: Labeled) -> Guide:
    """A guide through a run's samples."""
    from tb_tsne_plugin.guidance.guide import Guide
    from tb_tsne_plugin.tsne import Parameters, compute_affinities

    return Guide(found.features, compute_affinities(found.features, Parameters().perplexity).P)
