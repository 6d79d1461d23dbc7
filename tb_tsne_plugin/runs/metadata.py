"""Reads metadata.tsv: columns, sample ids, and the labels that came with it."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tb_tsne_plugin.runs.class_names import clean_labels
from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import read_contained
from tb_tsne_plugin.runs.format import ID_COLUMNS, LABEL, SAMPLE_ID, TableError, counted, parse_table, unused_name
from tb_tsne_plugin.runs.given_tables import read_given_table
from tb_tsne_plugin.runs.report import made_by_us

MAX_METADATA_BYTES = 1 << 28
MAX_GIVEN_BYTES = 1 << 24
"""Of metadata that the stock Projector could not read."""
GIVEN_LABEL = "given_label"
"""What a column `label` is called here that holds no classes: labels given here must not take its place."""

# So few different values are classes, whatever they are: a small run may have an image of each class.
_FEW = 64
MOST_CLASSES = 200
"""So many are made of what a run of somebody else comes with; more are made by an import, which asks."""
_GAPS = 1.5
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./](\d{4}|\d\d)\b", re.ASCII)
_TOLD_FROM = 1_000


@dataclass(frozen=True)
class Metadata:
    """A run's metadata, in row order.

    Attributes:
      columns: Values by column name, every list N long.
      sample_ids: N stable, distinct names.
      notes: Sentences for the user about what is unusual.
      is_numbered: Whether the names are row numbers, for want of better ones.
      is_ours: Whether it was written by us: its labels are classes, for somebody chose them.
    """

    columns: dict[str, list[str]]
    sample_ids: list[str]
    notes: list[str]
    is_numbered: bool = False
    is_ours: bool = False

    def labels_in(self, column: str = LABEL) -> dict[str, str]:
        """Class names of a column's labels by sample id, without unlabelled samples; none where it holds no classes."""
        names = clean_labels(self.columns.get(column, [])).names
        if _no_classes(names, is_meant=self.is_ours) is not None:
            return {}
        return {key: name for key, name in zip(self.sample_ids, names, strict=False) if name is not None}

    def memory(self) -> int:
        """About how many bytes of memory it takes: told from some cells of each column, for many are one object."""
        return sum(_memory(values) for values in (*self.columns.values(), self.sample_ids))


def read_metadata(folder: Path, metadata_path: str, n_samples: int, prefix: str = "") -> Metadata:
    """Reads and checks a metadata file.

    Args:
      folder: The run's folder.
      metadata_path: What the config says; empty where there is none.
      n_samples: How many rows there must be.
      prefix: What to put before numbers that name samples, as other features have samples of the same numbers.

    Returns:
      The metadata; without a file, row numbers serve as ids and a note says so. Where the column `label` holds no
      classes, a note says so and it is called `given_label`.

    Raises:
      RunError: If the rows do not match, or names occur twice.
    """
    if not metadata_path:
        return _without_ids({}, n_samples, "There is no metadata", prefix)
    columns, notes = _read(read_contained(folder, metadata_path, MAX_METADATA_BYTES), metadata_path, n_samples)
    is_ours = made_by_us(folder)
    cleaned = clean_labels(columns.get(LABEL, []))
    if (why := _no_classes(cleaned.names, is_meant=is_ours)) is not None:
        given = unused_name(GIVEN_LABEL, columns)
        columns = {given if name == LABEL else name: cells for name, cells in columns.items()}
        notes.append(
            f"The column {LABEL!r} holds {why}, not classes, and is shown as {given!r}; import {metadata_path} as a "
            "table to make a class of each."
        )
    else:
        notes += cleaned.notes
    found = _identified(columns, n_samples, metadata_path, prefix)
    return replace(found, notes=[*found.notes, *notes], is_ours=is_ours)


def _read(raw: bytes, name: str, n_samples: int) -> tuple[dict[str, list[str]], list[str]]:
    """The columns: of a table as the stock Projector has it, else of one as people have them, if its rows fit."""
    short: list[int] = []
    try:
        columns = parse_table(raw, name, rows=n_samples, short=short)
    except TableError as error:
        understood = _understood(raw, name, n_samples)
        if understood is None:
            raise RunError(str(error)) from None
        return understood
    if not short:
        return columns, []
    rows = counted(len(short), "row")
    return columns, [f"{name} has {rows} with fewer values than columns, the first in line {short[0]:,}."]


def _understood(raw: bytes, name: str, n_samples: int) -> tuple[dict[str, list[str]], list[str]] | None:
    """The columns of a table as people have them; None where it is none with a row for each sample."""
    lines = raw.count(b"\n") + 1
    # What cannot fit is not taken apart: a run that does not open is asked for again and again.
    if len(raw) > MAX_GIVEN_BYTES or not n_samples <= lines <= 2 * n_samples + 16:
        return None
    try:
        table = read_given_table(raw, name, (*ID_COLUMNS, LABEL), n_samples)
    except TableError:
        return None
    is_unknown = len(table.columns) == 1 and table.find(("", LABEL, *ID_COLUMNS)) is None
    if len(table.lines) != n_samples or is_unknown:
        return None
    note = f"{name} is not as the stock Projector reads it (tabs, UTF-8 and a row a line), and was understood."
    return {column or LABEL: cells for column, cells in table.columns.items()}, [note, *table.notes]


def _identified(columns: dict[str, list[str]], n_samples: int, name: str, prefix: str) -> Metadata:
    for column in ID_COLUMNS:
        ids = columns.get(column)
        if ids is None:
            continue
        if len(set(ids)) == n_samples and all(ids):
            notes = [] if column == SAMPLE_ID else [f"No sample_id column: samples are named by {column}."]
            if prefix and column != SAMPLE_ID and all(map(str.isdecimal, ids)):
                ids = [prefix + number for number in ids]
            return Metadata(columns, ids, notes)
        if column == SAMPLE_ID:
            counts = Counter(ids)
            first = next(value for value in ids if not value or counts[value] > 1)
            raise RunError(f"{name}: the sample_id {first!r} occurs more than once or is empty.")
    return _without_ids(columns, n_samples, "No column names each sample", prefix)


def _without_ids(columns: dict[str, list[str]], n_samples: int, why: str, prefix: str) -> Metadata:
    note = f"{why}: labels follow the row numbers, so keep the order of the rows when exporting again."
    return Metadata(columns, [f"{prefix}row-{row}" for row in range(n_samples)], [note], is_numbered=True)


def _no_classes(names: Sequence[str | None], *, is_meant: bool = False) -> str | None:
    """What a column of labels holds that holds no classes: words, numbers or days in their variety; else None.

    Args:
      names: Class name of each sample, None where there is none.
      is_meant: Whether somebody chose these labels as classes, however many there are.
    """
    different = {name for name in names if name is not None}
    count = len(different)
    if count <= _FEW:
        return None
    if 10 * count > 9 * len(names):
        return f"{count:,} different values in {len(names):,} rows"
    if is_meant:
        return None
    if all(map(_NUMBER.fullmatch, different)) and not _are_codes(different):
        return f"{count:,} different numbers"
    if all(map(_DAY.match, different)):
        return f"{count:,} different days"
    return f"{count:,} different values in {len(names):,} rows" if count > MOST_CLASSES else None


def _are_codes(numbers: Collection[str]) -> bool:
    """Whether numbers number classes: whole ones nearly from the first on, most of them there."""
    values = sorted(float(number) for number in numbers)
    is_dense = values[-1] - values[0] < _GAPS * len(values)
    return is_dense and 0 <= values[0] <= 2 and all(value.is_integer() for value in values)


def _memory(values: Sequence[str]) -> int:
    looked_at = values[:: max(1, len(values) // _TOLD_FROM)]
    different = {id(cell): sys.getsizeof(cell) for cell in looked_at}
    return sys.getsizeof(values) + sum(different.values()) * len(values) // max(1, len(looked_at))
