"""Labels as a table: the download, and the run's own metadata file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tb_tsne_plugin.labels.errors import InvalidEdit
from tb_tsne_plugin.labels.failures import translated_failures
from tb_tsne_plugin.labels.store import LabelStore
from tb_tsne_plugin.runs.files import replace_file
from tb_tsne_plugin.runs.metadata import LABEL_COLUMN, UNLABELED_WORD, Metadata

ORIGINAL_SUFFIX = ".original"
FORMULA_STARTS = ("=", "+", "-", "@")


def names_by_column(store: LabelStore, metadata: Metadata) -> tuple[dict[str, dict[str, str]], int]:
    """The current labels of a run, for `labeled_table` and `save_labels`.

    Args:
      store: Any label column of the run.
      metadata: The run's metadata, whose own labels count where there is no store yet.

    Returns:
      Class name by sample id for each label column, and the revision of the first column.
    """
    columns = store.columns()
    if not columns:
        return {LABEL_COLUMN: metadata.labels_in()}, 0
    snapshots = {column: LabelStore(store.database, store.run, column).snapshot() for column in columns}
    return {column: snapshot.names() for column, snapshot in snapshots.items()}, snapshots[columns[0]].revision


def labeled_table(metadata: Metadata, names: Mapping[str, Mapping[str, str]], *, spreadsheet: bool = False) -> str:
    """All metadata columns, with the current labels in each label column.

    Args:
      metadata: The run's metadata.
      names: Class name by sample id, for each label column.
      spreadsheet: Put an apostrophe before what a spreadsheet would run as a formula.

    Returns:
      Tab-separated text with a header; `unlabeled` where there is no label, so that no cell is empty.
    """
    columns = dict(metadata.columns)
    if len(columns) < 2 and "sample_id" not in columns:
        # The stock Projector reads a header only above two columns or more.
        columns = {"sample_id": metadata.sample_ids, **columns}
    for column, named in names.items():
        columns[column] = [named.get(sample_id, UNLABELED_WORD) for sample_id in metadata.sample_ids]
    rows = [tuple(columns), *zip(*columns.values(), strict=True)]
    if spreadsheet:
        rows = [tuple(f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in row) for row in rows]
    return "\n".join("\t".join(row) for row in rows) + "\n"


def save_labels(metadata_file: Path | None, metadata: Metadata, names: Mapping[str, Mapping[str, str]]) -> str:
    """Writes the current labels into a run's metadata file, whole or not at all.

    Args:
      metadata_file: The file; None where the run has none.
      metadata: What it holds.
      names: Class name by sample id, for each label column.

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
            replace_file(original, metadata_file.read_bytes())
        replace_file(metadata_file, labeled_table(metadata, names).encode("utf-8"))
    return metadata_file.name
