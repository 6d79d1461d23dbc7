"""Text with commas or tabs between cells: written with quotes where they are needed, and read as it was written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.text_given import given_text


def csv_text(header: Iterable[str], rows: Iterable[Sequence[str]], between: str = ",") -> bytes:
    """A table as UTF-8.

    Args:
      header: The names of the columns.
      rows: The cells of each row.
      between: What stands between cells.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=between, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def csv_rows(raw: bytes, name: str, *needed: str, between: str = ",", otherwise: str = "") -> list[dict[str, str]]:
    """The rows of a table, each by column.

    Args:
      raw: The file's bytes.
      name: What to call it in messages.
      needed: Columns that it must have.
      between: What stands between cells.
      otherwise: The encoding of what is no UTF-8 and has no byte order mark, where there may be such.

    Raises:
      DatasetError: If it is no such table.
    """
    try:
        text = _decoded(raw, otherwise)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{name} is no CSV in UTF-8: {error}.") from None
    header = rows[0] if rows else []
    if lacking := [column for column in needed if column not in header]:
        raise DatasetError(f"{name} has no column {lacking[0]!r}.")
    return [dict(zip(header, [*row, *[""] * (len(header) - len(row))], strict=False)) for row in rows[1:] if row]


def _decoded(raw: bytes, otherwise: str) -> str:
    try:
        return given_text(raw).text
    except UnicodeDecodeError:
        if not otherwise:
            raise
        return raw.decode(otherwise)
