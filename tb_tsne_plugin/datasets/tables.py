"""What the formats that are tables hold."""

from __future__ import annotations

from tb_tsne_plugin.datasets.model import Dataset
from tb_tsne_plugin.labels.tables import NOTHING, harmless_columns
from tb_tsne_plugin.runs.format import unused_name

SPLIT, SUGGESTION, PROBABILITY = "split", "suggestion", "suggestion_probability"


def table_columns(dataset: Dataset) -> dict[str, list[str]]:
    """The run's metadata with its labels and states; the split and suggestions in columns behind, where wanted."""
    columns = {name: list(cells) for name, cells in dataset.columns.items()}
    if dataset.shares:
        columns[unused_name(SPLIT, columns)] = [sample.split or NOTHING for sample in dataset.samples]
    if dataset.suggests:
        suggested = [sample.suggestion for sample in dataset.samples]
        columns[unused_name(SUGGESTION, columns)] = [each.label if each else NOTHING for each in suggested]
        columns[unused_name(PROBABILITY, columns)] = [
            f"{each.probability:.4f}" if each else NOTHING for each in suggested
        ]
    return harmless_columns(columns) if dataset.spreadsheet else columns
