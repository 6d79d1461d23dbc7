"""metadata.tsv: a header and one line a sample, without anything that the stock Projector stumbles over."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from exporters.errors import ExportError

Columns: TypeAlias = "dict[str, list[str]]"

SAMPLE_ID, FILE, LABEL, TRUE_LABEL = "sample_id", "file", "label", "true_label"
UNLABELED = "unlabeled"
NOTHING = "-"
MAX_LABEL = 128
# C0, C1, line and paragraph separators, direction controls, and the lone surrogates of undecodable file names.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)


def clean_cell(value: object, empty: str = NOTHING) -> str:
    """A value as a cell: control characters become `_`, an empty or missing one becomes `empty`."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return empty
    text = _UNSAFE.sub("_", str(value)).strip()
    return text or empty


def clean_label(value: object) -> str:
    """A label as a cell of at most 128 characters; `unlabeled` where there is none."""
    return clean_cell(value, UNLABELED)[:MAX_LABEL]


def clean_unique(values: Iterable[object]) -> list[str]:
    """Cells that stay different where cleaning makes two of them equal (`a_b`, `a_b~2`)."""
    seen: set[str] = set()
    cells: list[str] = []
    for value in values:
        cell = plain = clean_cell(value)
        number = 1
        while cell in seen:
            number += 1
            cell = f"{plain}~{number}"
        seen.add(cell)
        cells.append(cell)
    return cells


def format_table(columns: Mapping[str, Sequence[str]]) -> str:
    """The text of a TSV file: the names, then the rows; cells must be clean already."""
    lines = ["\t".join(columns), *("\t".join(row) for row in zip(*columns.values(), strict=True))]
    return "\n".join(lines) + "\n"


def read_table(path: Path) -> Columns:
    """Reads a TSV file with a header; a byte order mark and Windows line ends are accepted, quotes mean nothing.

    Returns:
        The columns by name, in the file's order, all of the same length.

    Raises:
        ExportError: If it cannot be read, is not UTF-8, or a line has too many or too few cells.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").rstrip("\n").split("\n")
    except OSError as error:
        raise ExportError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise ExportError(f"{path} is not UTF-8 text: save it as TSV in UTF-8.") from None
    header = lines[0].split("\t")
    rows: list[list[str]] = []
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            rows.append(line.split("\t"))
            if len(rows[-1]) != len(header):
                raise ExportError(f"{path}, line {number}: {len(rows[-1])} cells under {len(header)} column names.")
    if len(set(header)) != len(header):
        raise ExportError(f"{path}: two columns have the same name.")
    return {name: [row[number] for row in rows] for number, name in enumerate(header)}
