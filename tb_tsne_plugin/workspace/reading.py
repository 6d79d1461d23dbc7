"""Labels for scripts and notebooks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tb_tsne_plugin.labels.model import UNMARKED
from tb_tsne_plugin.labels.state_columns import state_columns
from tb_tsne_plugin.labels.store import DEFAULT_COLUMN
from tb_tsne_plugin.labels.tables import snapshots_of
from tb_tsne_plugin.runs.format import SAMPLE_ID, UNLABELED
from tb_tsne_plugin.workspace.errors import UnknownColumn
from tb_tsne_plugin.workspace.opening import open_workspace

if TYPE_CHECKING:
    import pandas as pd


def read_labels(
    run_dir: str | os.PathLike[str],
    column: str = DEFAULT_COLUMN,
    *,
    states: bool = False,
    tensor: str | None = None,
    labels_dir: str | os.PathLike[str] | None = None,
    labels_db: str | None = None,
    logdir: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """A run's metadata with the current labels.

    Labels are looked for where TensorBoard keeps them: beside the run, or as `labels_dir` or `labels_db` say (or the
    environment variables TB_TSNE_LABELS_DIR and TB_TSNE_LABELS_DB).

    Args:
      run_dir: The run's folder: the one with `projector_config.pbtxt`.
      column: A label column that the run must have; every other one is read too.
      states: Whether what became of each sample is told as well: unlabeled, labeled, seen, verified, unsure or ignored.
      tensor: Features by name, whose samples are meant where features have metadata of their own; by default the first.
      labels_dir: What TensorBoard was given as `--tsne_labels_dir`.
      labels_db: What TensorBoard was given as `--tsne_labels_db`.
      logdir: What TensorBoard was given as `--logdir`, or as `--logdir_spec`; with `labels_dir` or `labels_db`, where
        it cannot be told.

    Returns:
      One row a sample, in the features' order, indexed by `sample_id`; `label`, and each further label column, is
      `unlabeled` where there is none, as for what was set aside. With `states`, a column `state` (`NAME_state` for
      further label columns) beside each.

    Raises:
      RunError: If the folder holds no run that can be read, or no such features.
      LabelsPlaceUnknown: If it cannot be known where the run's labels live.
      UnknownColumn: If the run has no such label column.
      LabelsNotStored: If the label store cannot be read.
    """
    import pandas as pd

    workspace, run = open_workspace(run_dir, labels_dir=labels_dir, labels_db=labels_db, logdir=logdir)
    metadata = (run.tensors[0] if tensor is None else run.tensor(tensor)).metadata
    by_column = snapshots_of(workspace.stores.of(run), run)
    if column not in by_column:
        raise UnknownColumn(run.name, column)
    beside = state_columns(by_column, metadata.columns)
    current = (SAMPLE_ID, *by_column, *beside.values())
    columns = {name: values for name, values in metadata.columns.items() if name not in current}
    frame = pd.DataFrame(columns, index=pd.Index(metadata.sample_ids, name=SAMPLE_ID))
    for name, snapshot in by_column.items():
        labels = snapshot.names()
        frame[name] = [labels.get(sample_id, UNLABELED) for sample_id in metadata.sample_ids]
        if states:
            known = snapshot.states()
            frame[beside[name]] = [known.get(sample_id, UNMARKED.state) for sample_id in metadata.sample_ids]
    return frame
