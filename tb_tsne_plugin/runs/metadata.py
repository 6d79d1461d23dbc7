"""Reads metadata.tsv: columns, sample ids, and the labels that came with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained
from tb_tsne_plugin.runs.format import ID_COLUMNS, LABEL, SAMPLE_ID, UNLABELED, TableError, parse_table

MAX_METADATA_BYTES = 1 << 28


@dataclass(frozen=True)
class Metadata:
    """A run's metadata, in row order.

    Attributes:
      columns: Values by column name, every list N long.
      sample_ids: N stable, distinct names.
      notes: Sentences for the user about what is unusual.
      is_numbered: Whether the names are row numbers, for want of better ones.
    """

    columns: dict[str, list[str]]
    sample_ids: list[str]
    notes: list[str]
    is_numbered: bool = False

    def labels_in(self, column: str = LABEL) -> dict[str, str]:
        """The labels in a column, by sample id; unlabelled samples are left out."""
        values = self.columns.get(column, [])
        pairs = zip(self.sample_ids, values, strict=False)
        return {sample_id: label for sample_id, label in pairs if label not in ("", UNLABELED)}


def read_metadata(folder: Path, metadata_path: str, n_samples: int) -> Metadata:
    """Reads and checks a metadata file.

    Args:
      folder: The run's folder.
      metadata_path: What the config says; empty where there is none.
      n_samples: How many rows there must be.

    Returns:
      The metadata; without a file, row numbers serve as ids and a note says so.

    Raises:
      RunError: If the rows do not match, or names occur twice.
    """
    if not metadata_path:
        return _without_ids({}, n_samples, "There is no metadata")
    with open_contained(folder, metadata_path) as file:
        raw = file.read(MAX_METADATA_BYTES + 1)
    if len(raw) > MAX_METADATA_BYTES:
        raise RunError(f"{metadata_path} is larger than 256 MiB.")
    try:
        header, rows = parse_table(raw, metadata_path)
    except TableError as error:
        raise RunError(str(error)) from None
    if len(rows) != n_samples:
        raise RunError(f"{metadata_path} has {len(rows):,} rows, but there are {n_samples:,} samples.")
    columns = {name: [row[position] for row in rows] for position, name in enumerate(header)}
    return _identified(columns, n_samples, metadata_path)


def _identified(columns: dict[str, list[str]], n_samples: int, name: str) -> Metadata:
    for column in ID_COLUMNS:
        ids = columns.get(column)
        if ids is None:
            continue
        if len(set(ids)) == n_samples and all(ids):
            notes = [] if column == SAMPLE_ID else [f"No sample_id column: samples are named by {column}."]
            return Metadata(columns, ids, notes)
        if column == SAMPLE_ID:
            first = next(value for value in ids if not value or ids.count(value) > 1)
            raise RunError(f"{name}: the sample_id {first!r} occurs more than once or is empty.")
    return _without_ids(columns, n_samples, "No column names each sample")


def _without_ids(columns: dict[str, list[str]], n_samples: int, why: str) -> Metadata:
    note = f"{why}: labels follow the row numbers, so keep the order of the rows when exporting again."
    return Metadata(columns, [f"row-{row}" for row in range(n_samples)], [note], is_numbered=True)
