"""Text with commas between cells: written with quotes where they are needed, and read as it was written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from tb_tsne_plugin.datasets.errors import DatasetError


def csv_text(header: Iterable[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def csv_rows(raw: bytes, name: str, *needed: str) -> list[dict[str, str]]:
    """The rows of a table, each by column.

    Args:
      raw: The file's bytes.
      name: What to call it in messages.
      needed: Columns that it must have.

    Raises:
      DatasetError: If it is no such table.
    """
    try:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{name} is no CSV in UTF-8: {error}.") from None
    header = rows[0] if rows else []
    if lacking := [column for column in needed if column not in header]:
        raise DatasetError(f"{name} has no column {lacking[0]!r}.")
    return [dict(zip(header, [*row, *[""] * (len(header) - len(row))], strict=False)) for row in rows[1:] if row]
