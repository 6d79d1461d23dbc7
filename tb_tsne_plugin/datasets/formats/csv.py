"""A table with commas between its cells (RFC 4180)."""

from __future__ import annotations

from tb_tsne_plugin.datasets.csv_text import csv_text
from tb_tsne_plugin.datasets.formats import tsv
from tb_tsne_plugin.datasets.model import Dataset, File, Written
from tb_tsne_plugin.datasets.tables import table_columns

read = tsv.read


def written(dataset: Dataset) -> Written:
    """The table."""
    columns = table_columns(dataset)
    return Written([File("", csv_text(columns, zip(*columns.values(), strict=True)))], len(dataset.samples))
