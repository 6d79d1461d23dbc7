"""metadata.tsv: a header and one line a sample, without anything that the stock Projector stumbles over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from exporters.errors import ExportError
from tb_tsne_plugin.runs.class_names import clean_label
from tb_tsne_plugin.runs.format import UNLABELED, TableError, clean_text, parse_table, unused_name

Columns: TypeAlias = "dict[str, list[str]]"

NOTHING = "-"


def clean_cell(value: object, empty: str = NOTHING) -> str:
    """A value as a cell; an empty or missing one becomes `empty`."""
    return empty if is_missing(value) else clean_text(str(value)) or empty


def label_cell(value: object) -> str:
    """A label as a cell: the class name that it stands for; `unlabeled` where it says that there is none."""
    return UNLABELED if is_missing(value) else clean_label(str(value)) or UNLABELED


def clean_unique(values: Iterable[object]) -> list[str]:
    """Cells that stay different where cleaning makes two of them equal (`a_b`, `a_b~2`)."""
    seen: set[str] = set()
    cells: list[str] = []
    for value in values:
        cell = unused_name(clean_cell(value), seen)
        seen.add(cell)
        cells.append(cell)
    return cells


def read_table(content: bytes, name: str) -> Columns:
    """Reads a table with a header; quotes mean nothing, and blank lines are passed over.

    Args:
        content: The file's bytes.
        name: What to call it in messages.

    Returns:
        The columns by name, in the file's order, all of the same length.

    Raises:
        ExportError: If it is not text, or a line has too many or too few cells.
    """
    try:
        return parse_table(content, name, skip_blank_lines=True)
    except TableError as error:
        raise ExportError(str(error)) from None


def is_missing(value: object) -> bool:
    """Whether a cell is empty in anybody's table: None, NaN of any library, `pandas.NA`, `NaT`."""
    if value is None:
        return True
    try:
        return bool(value != value)  # noqa: PLR0124 (so is NaN of every library, and NaT)
    except (TypeError, ValueError):  # pandas.NA says neither yes nor no, and an array says it for each of its values
        return type(value).__name__ == "NAType"
