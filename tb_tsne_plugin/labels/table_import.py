"""Reads labels out of a table: our own download, a spreadsheet, the stock Projector's edited metadata."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tb_tsne_plugin.labels.classes import checked_name
from tb_tsne_plugin.labels.errors import InvalidEdit
from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.metadata import ID_COLUMNS, LABEL_COLUMN, UNLABELED_WORD, Metadata, parse_table


def read_table(raw: bytes, metadata: Metadata, column: str = LABEL_COLUMN) -> dict[str, str | None]:
    """The label of every row of a table.

    Rows name their samples in a column that the run has too (`sample_id`, else another id column with distinct values);
    a table without one, such as the stock Projector's `metadata-edited.tsv` of a run without ids, must have a row for
    each sample, in order.

    Args:
      raw: Tab-separated text with a header; one column alone may come without.
      metadata: The run's metadata.
      column: The column to take labels from.

    Returns:
      Class name by name of the sample, None where a cell is empty or `unlabeled`. Some may not be the run's.

    Raises:
      InvalidEdit: If the table cannot be read, or a label cannot be a class's name; the message says which line.
    """
    try:
        header, rows = parse_table(raw, "The table")
    except RunError as error:
        raise InvalidEdit(str(error)) from None
    first_line = 2
    if len(header) == 1:
        first_line = 1
        if rows and rows[0] == [column] and len(rows) == len(metadata.sample_ids) + 1:
            rows, first_line = rows[1:], 2
    elif column not in header:
        raise InvalidEdit(f"The table has no column {column!r}; it has {', '.join(header)}.")
    place = header.index(column) if column in header else 0
    ids = _ids(header, rows, metadata)
    found: dict[str, str | None] = {}
    for line, (sample_id, row) in enumerate(zip(ids, rows, strict=True), start=first_line):
        if sample_id in found:
            raise InvalidEdit(f"The table names {sample_id!r} more than once (line {line}).")
        found[sample_id] = _name(row[place], line)
    return found


def about_run(
    found: Mapping[str, str | None], known: Collection[str], *, clear: bool
) -> tuple[dict[str, str | None], list[str]]:
    """What of a table can be imported.

    Args:
      found: From `read_table`.
      known: The run's sample ids.
      clear: Whether cells without a label clear.

    Returns:
      Class name (None clears) by sample id, and the ids that the run does not have.
    """
    names = {key: name for key, name in found.items() if key in known and (name is not None or clear)}
    return names, [key for key in found if key not in known]


def _ids(header: Sequence[str], rows: Sequence[Sequence[str]], metadata: Metadata) -> Sequence[str]:
    for name in ("sample_id", *ID_COLUMNS):
        if name not in header:
            continue
        values = [row[header.index(name)] for row in rows]
        if name == "sample_id":
            return values
        own = metadata.columns.get(name, [])
        if len(set(own)) == len(own) > 0:
            by_value = dict(zip(own, metadata.sample_ids, strict=True))
            return [by_value.get(value, value) for value in values]
    if len(rows) != len(metadata.sample_ids):
        raise InvalidEdit(
            f"The table has no column that names the samples, and {len(rows):,} rows for "
            f"{len(metadata.sample_ids):,} samples."
        )
    return metadata.sample_ids


def _name(cell: str, line: int) -> str | None:
    if cell.strip().casefold() in ("", UNLABELED_WORD):
        return None
    try:
        return checked_name(cell)
    except InvalidEdit as error:
        raise InvalidEdit(f"Line {line}: {error}") from None
