"""Parquet, by pyarrow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About, match
from tb_tsne_plugin.datasets.model import Dataset, File, Given, Read, Written
from tb_tsne_plugin.datasets.tables import table_columns
from tb_tsne_plugin.labels.model import State
from tb_tsne_plugin.labels.state_columns import read_states, states_beside
from tb_tsne_plugin.labels.tables import NOTHING, TableLabels
from tb_tsne_plugin.runs.format import BOX, FILE_COLUMNS, SAMPLE_ID, UNLABELED


def written(dataset: Dataset) -> Written:
    """The table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ours = len(dataset.columns)
    columns: dict[str, Sequence[Any]] = dict(table_columns(dataset))
    for place, name in enumerate(columns):
        if name == dataset.column:
            columns[name] = [None if cell == UNLABELED else cell for cell in columns[name]]
        elif place >= ours or name in dataset.giver_columns:  # the split, what is suggested, who nobody knows
            columns[name] = [None if cell == NOTHING else cell for cell in columns[name]]
        if name in BOX or (place >= ours and name.startswith("suggestion_probability")):
            columns[name] = _numbers(columns[name])
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return Written([File("", file.getvalue())], len(dataset.samples))


def read(files: GivenFiles, about: About) -> TableLabels:
    """The labels in a column of a table that names the samples."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Not by `read_table`: while a thread that it starts still runs, the command would end by SIGABRT.
        table = pq.ParquetFile(pa.BufferReader(files.read())).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{files.name} is no Parquet file: {str(error).splitlines()[0]}") from None
    columns = {name: _texts(table.column(place).to_pylist()) for place, name in enumerate(table.column_names)}
    if about.column not in columns:
        raise DatasetError(f"{files.name} has no column {about.column!r}; it has {', '.join(columns)}.")
    empty = [""] * table.num_rows
    named = next((columns[name] for name in FILE_COLUMNS if name in columns), empty)
    if SAMPLE_ID not in columns and named is empty:
        raise DatasetError(f"{files.name} has no column {SAMPLE_ID} or file that names the samples.")
    beside = states_beside(about.column, columns, about.label_columns)
    states: list[State | None] = [None] * table.num_rows
    if beside is not None:
        states = list(read_states(columns[beside], beside).by_row)
    rows = zip(columns[about.column], columns.get(SAMPLE_ID, empty), named, states, strict=True)
    return match(Read([Given(label, key, file, state=state) for label, key, file, state in rows]), about)


def _numbers(cells: Sequence[str | None]) -> Sequence[Any]:
    """Cells as numbers, where all are."""
    try:
        return [None if cell is None else float(cell) for cell in cells]
    except ValueError:
        return cells


def _texts(values: Sequence[Any]) -> list[str]:
    return ["" if value is None else str(value) for value in values]
