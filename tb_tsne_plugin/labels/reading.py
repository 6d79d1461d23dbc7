"""Labels for scripts and notebooks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.labels.store import LabelStore
from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.metadata import LABEL_COLUMN, UNLABELED_WORD
from tb_tsne_plugin.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd


def read_labels(run_dir: str | os.PathLike[str], labels_dir: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """A run's metadata with the current labels.

    Args:
      run_dir: The run's folder: the one with `projector_config.pbtxt`.
      labels_dir: The folder of this run's `labels.sqlite`, where TensorBoard keeps labels elsewhere.

    Returns:
      One row a sample, in the features' order, indexed by `sample_id`; `label` is `unlabeled` where there is none.

    Raises:
      RunError: If the folder holds no run that can be read.
      LabelsNotStored: If the label store cannot be read.
    """
    import pandas as pd

    folder = Path(run_dir)
    if not folder.is_dir():
        raise RunError(f"There is no folder {os.fspath(run_dir)!r}.")
    metadata = Run(folder.name, folder).tensors[0].metadata
    store = LabelStore(Path(labels_dir or folder) / STORE_NAME)
    names = store.snapshot().names() if store.exists else metadata.labels_in()
    columns = {name: values for name, values in metadata.columns.items() if name not in ("sample_id", LABEL_COLUMN)}
    frame = pd.DataFrame(columns, index=pd.Index(metadata.sample_ids, name="sample_id"))
    frame[LABEL_COLUMN] = [names.get(sample_id, UNLABELED_WORD) for sample_id in metadata.sample_ids]
    return frame
