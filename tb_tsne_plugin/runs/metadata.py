"""Reads metadata.tsv: columns, sample ids, and the labels that came with it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained

MAX_METADATA_BYTES = 1 << 28
ID_COLUMNS = ("sample_id", "id", "file", "filename", "path")
LABEL_COLUMN = "label"
UNLABELED_WORD = "unlabeled"


@dataclass(frozen=True)
class Metadata:
    """A run's metadata, in row order.

    Attributes:
      columns: Values by column name, every list N long.
      sample_ids: N stable, distinct names.
      notes: Sentences for the user about what is unusual.
    """

    columns: dict[str, list[str]]
    sample_ids: list[str]
    notes: list[str]

    def labels_in(self, column: str = LABEL_COLUMN) -> dict[str, str]:
        """The labels in a column, by sample id; unlabelled samples are left out."""
        values = self.columns.get(column, [])
        pairs = zip(self.sample_ids, values, strict=False)
        return {sample_id: label for sample_id, label in pairs if label not in ("", UNLABELED_WORD)}


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
    header, rows = parse_table(raw, metadata_path)
    if len(rows) != n_samples:
        raise RunError(f"{metadata_path} has {len(rows):,} rows, but there are {n_samples:,} samples.")
    columns = {name: [row[position] for row in rows] for position, name in enumerate(header)}
    return _identified(columns, n_samples, metadata_path)


def parse_table(raw: bytes, name: str) -> tuple[list[str], list[list[str]]]:
    """Splits a metadata file into its header and rows; one column has no header (TensorBoard's rule).

    Args:
      raw: The file's bytes: UTF-8, or UTF-16 with a byte order mark.
      name: The file's name, for messages.

    Returns:
      Column names, and rows of as many values.

    Raises:
      RunError: If it is not text, a row has another number of values, or a column name occurs twice.
    """
    encoding = "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise RunError(f"{name} is not UTF-8 text.") from None
    # Only \n and \r\n end a line: str.splitlines would also split at characters that a value may hold.
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    if not lines or "\t" not in lines[0]:
        return [LABEL_COLUMN], [[line] for line in lines]
    header, *rows = (line.split("\t") for line in lines)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise RunError(f"{name}, line {number}: {len(row)} values, but there are {len(header)} columns.")
    repeated = sorted({column for column in header if header.count(column) > 1})
    if repeated:
        raise RunError(f"{name} has the column {repeated[0]!r} more than once.")
    return header, rows


def _identified(columns: dict[str, list[str]], n_samples: int, name: str) -> Metadata:
    for column in ID_COLUMNS:
        ids = columns.get(column)
        if ids is None:
            continue
        if len(set(ids)) == n_samples and all(ids):
            notes = [] if column == "sample_id" else [f"No sample_id column: samples are named by {column}."]
            return Metadata(columns, ids, notes)
        if column == "sample_id":
            first = next(value for value in ids if not value or ids.count(value) > 1)
            raise RunError(f"{name}: the sample_id {first!r} occurs more than once or is empty.")
    return _without_ids(columns, n_samples, "No column names each sample")


def _without_ids(columns: dict[str, list[str]], n_samples: int, why: str) -> Metadata:
    note = f"{why}: labels follow the row numbers, so keep the order of the rows when exporting again."
    return Metadata(columns, [f"row-{row}" for row in range(n_samples)], [note])
