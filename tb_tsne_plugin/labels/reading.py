"""Labels for scripts and notebooks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.labels.store import LabelStore
from tb_tsne_plugin.labels.tsv import names_by_column
from tb_tsne_plugin.runs.discovery import open_run
from tb_tsne_plugin.runs.metadata import UNLABELED_WORD, Metadata

if TYPE_CHECKING:
    import pandas as pd


def current_names(store: LabelStore, metadata: Metadata) -> dict[str, str]:
    """Class name by sample id: the store's, or those that the run came with where there is no store yet."""
    return store.snapshot().names() if store.exists else metadata.labels_in()


def read_labels(run_dir: str | os.PathLike[str], labels_dir: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """A run's metadata with the current labels.

    Args:
      run_dir: The run's folder: the one with `projector_config.pbtxt`.
      labels_dir: The folder of this run's `labels.sqlite`, where TensorBoard keeps labels elsewhere.

    Returns:
      One row a sample, in the features' order, indexed by `sample_id`; `label`, and each further label column, is
      `unlabeled` where there is none.

    Raises:
      RunError: If the folder holds no run that can be read.
      LabelsNotStored: If the label store cannot be read.
    """
    import pandas as pd

    metadata = open_run(Path(run_dir)).tensors[0].metadata
    by_column, _ = names_by_column(LabelStore(Path(labels_dir or run_dir) / STORE_NAME), metadata)
    columns = {name: values for name, values in metadata.columns.items() if name not in ("sample_id", *by_column)}
    frame = pd.DataFrame(columns, index=pd.Index(metadata.sample_ids, name="sample_id"))
    for column, names in by_column.items():
        frame[column] = [names.get(sample_id, UNLABELED_WORD) for sample_id in metadata.sample_ids]
    return frame
