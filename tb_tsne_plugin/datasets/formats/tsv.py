"""A table with tabs between its cells: what the page downloads."""

from __future__ import annotations

from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.matching import About
from tb_tsne_plugin.datasets.model import Dataset, File, Written
from tb_tsne_plugin.datasets.tables import table_columns
from tb_tsne_plugin.labels.tables import TableLabels, read_table
from tb_tsne_plugin.runs.format import format_table


def written(dataset: Dataset) -> Written:
    """The table."""
    text = format_table(table_columns(dataset))
    return Written([File("", text.encode("utf-8"))], len(dataset.samples))


def read(files: GivenFiles, about: About) -> TableLabels:
    """The labels of any table, whatever stands between its cells."""
    return read_table(files.read(), about.metadata, about.column, about.current, about.label_columns)
