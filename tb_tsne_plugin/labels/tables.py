"""Labels as tables, files with a row a sample: the download, the run's own metadata file, a table to import."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from tb_tsne_plugin.labels.errors import InvalidEdit
from tb_tsne_plugin.labels.failures import translated_failures
from tb_tsne_plugin.labels.rules import checked_name
from tb_tsne_plugin.labels.store import LabelStore
from tb_tsne_plugin.runs import Run, RunError, Tensor
from tb_tsne_plugin.runs.format import (
    ID_COLUMNS,
    LABEL,
    SAMPLE_ID,
    UNLABELED,
    TableError,
    format_table,
    parse_table,
)
from tb_tsne_plugin.runs.metadata import Metadata

_UNSEEN = r"\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""Blanks, and what has no width at all: a program may drop either before it looks at a cell."""
_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
"""Where a formula begins; in East Asia's full width and in small forms too, which a program may take for the same."""
_BEGINS_A_CELL = re.compile(f"""[{_UNSEEN}]*["{_SIGNS}]""")
"""A formula, or a quote, which a spreadsheet takes away and then finds one."""
_BEGINS_A_CELL_LATER = re.compile(f"""([,;|][{_UNSEEN}]*)(?=["{_SIGNS}])""")
"""The same after what a spreadsheet may take for the end of a cell: LibreOffice takes commas and semicolons too."""
_ENDS_A_LINE = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+|[\0\t]")


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
        return {LABEL: metadata.labels_in()}, 0
    snapshots = {column: LabelStore(store.database, store.run, column, store.place).snapshot() for column in columns}
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
    if len(columns) < 2 and SAMPLE_ID not in columns:
        # The stock Projector reads a header only above two columns or more.
        columns = {SAMPLE_ID: metadata.sample_ids, **columns}
    for column, named in names.items():
        columns[column] = [named.get(sample_id, UNLABELED) for sample_id in metadata.sample_ids]
    if spreadsheet:
        columns = {_harmless(name): [_harmless(cell) for cell in cells] for name, cells in columns.items()}
    return format_table(columns)


def save_labels(run: Run, tensor: Tensor, names: Mapping[str, Mapping[str, str]]) -> str:
    """Writes the current labels into a run's metadata file, whole or not at all.

    Args:
      run: The run.
      tensor: Features of it, whose metadata file is meant.
      names: Class name by sample id, for each label column.

    Returns:
      The file's name. Before its first change it is copied to the same name with `.original`.

    Raises:
      InvalidEdit: If the run has no metadata file, or one that is not to be written.
      LabelsNotStored: If it cannot be written; the old one is then untouched.
    """
    if not tensor.has_metadata:
        raise InvalidEdit("This run has no metadata file to save labels into; download the TSV instead.")
    table = labeled_table(tensor.metadata, names)
    with translated_failures(advice="download the TSV instead"):
        try:
            return run.save_metadata(tensor, table.encode("utf-8"))
        except RunError as error:
            raise InvalidEdit(f"{error} Download the TSV instead.") from None


def read_table(raw: bytes, metadata: Metadata, column: str = LABEL) -> dict[str, str | None]:
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
        columns = parse_table(raw, "The table")
    except TableError as error:
        raise InvalidEdit(str(error)) from None
    first_line = 2
    if len(columns) == 1:
        first_line, cells = 1, columns[LABEL]
        if cells and cells[0] == column and len(cells) == len(metadata.sample_ids) + 1:
            first_line, cells = 2, cells[1:]
    elif column in columns:
        cells = columns[column]
    else:
        raise InvalidEdit(f"The table has no column {column!r}; it has {', '.join(columns)}.")
    ids = _ids(columns, len(cells), metadata)
    found: dict[str, str | None] = {}
    for line, (sample_id, cell) in enumerate(zip(ids, cells, strict=True), start=first_line):
        if sample_id in found:
            raise InvalidEdit(f"The table names {sample_id!r} more than once (line {line}).")
        found[sample_id] = _name(cell, line)
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


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for text, whole; with an apostrophe before each place that it would not."""
    text = _BEGINS_A_CELL_LATER.sub(r"\1'", _ENDS_A_LINE.sub(" ", cell))
    return f"'{text}" if _BEGINS_A_CELL.match(text) else text


def _ids(columns: Mapping[str, Sequence[str]], rows: int, metadata: Metadata) -> Sequence[str]:
    for name in ID_COLUMNS:
        if name not in columns:
            continue
        values = columns[name]
        if name == SAMPLE_ID:
            return values
        own = metadata.columns.get(name, [])
        if len(set(own)) == len(own) > 0:
            by_value = dict(zip(own, metadata.sample_ids, strict=True))
            return [by_value.get(value, value) for value in values]
    if rows != len(metadata.sample_ids):
        raise InvalidEdit(
            f"The table has no column that names the samples, and {rows:,} rows for "
            f"{len(metadata.sample_ids):,} samples."
        )
    return metadata.sample_ids


def _name(cell: str, line: int) -> str | None:
    if cell.strip().casefold() in ("", UNLABELED):
        return None
    try:
        return checked_name(cell)
    except InvalidEdit as error:
        raise InvalidEdit(f"Line {line}: {error}") from None
