"""Labels as a table: the download, and the run's own metadata file."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from tb_tsne_plugin.labels.errors import InvalidEdit
from tb_tsne_plugin.labels.failures import translated_failures
from tb_tsne_plugin.runs.files import replace_file
from tb_tsne_plugin.runs.metadata import LABEL_COLUMN, UNLABELED_WORD, Metadata

ORIGINAL_SUFFIX = ".original"


def labeled_table(metadata: Metadata, names: Mapping[str, str]) -> str:
    """All metadata columns, with the current labels in `label`.

    Args:
      metadata: The run's metadata.
      names: Class name by sample id.

    Returns:
      Tab-separated text with a header; `unlabeled` where there is no label, so that no cell is empty.
    """
    columns = dict(metadata.columns)
    if len(columns) < 2 and "sample_id" not in columns:
        # The stock Projector reads a header only above two columns or more.
        columns = {"sample_id": metadata.sample_ids, **columns}
    columns[LABEL_COLUMN] = [names.get(sample_id, UNLABELED_WORD) for sample_id in metadata.sample_ids]
    rows = zip(*columns.values(), strict=True)
    return "\n".join(["\t".join(columns), *("\t".join(row) for row in rows)]) + "\n"


def save_labels(metadata_file: Path | None, metadata: Metadata, names: Mapping[str, str]) -> str:
    """Writes the current labels into a run's metadata file, whole or not at all.

    Args:
      metadata_file: The file; None where the run has none.
      metadata: What it holds.
      names: Class name by sample id.

    Returns:
      The file's name. Before its first change it is copied to the same name with `.original`.

    Raises:
      InvalidEdit: If the run has no metadata file.
      LabelsNotStored: If it cannot be written; the old one is then untouched.
    """
    if metadata_file is None:
        raise InvalidEdit("This run has no metadata file to save labels into; download the TSV instead.")
    original = metadata_file.with_name(metadata_file.name + ORIGINAL_SUFFIX)
    with translated_failures():
        if not original.exists():
            partial = original.with_name(f".{original.name}.tmp")
            shutil.copy2(metadata_file, partial)
            partial.replace(original)
        replace_file(metadata_file, labeled_table(metadata, names).encode("utf-8"))
    return metadata_file.name
