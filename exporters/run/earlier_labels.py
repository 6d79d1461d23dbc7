"""Labels of the run that stood there before: no export loses one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from exporters.errors import ExportError
from exporters.run.metadata import Columns, label_cell, read_table
from exporters.run.unfinished import read_whole
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import FILE, LABEL, SAMPLE_ID, UNLABELED


def with_earlier_ids(samples: Sequence[str], earlier: Sequence[Columns]) -> list[str]:
    """The ids of samples, in the Unicode form that the run that stood there before has them in: labels go by them."""
    known = {sample_id for table in earlier for sample_id in table.get(SAMPLE_ID, [])}
    forms = {_composed(sample_id): sample_id for sample_id in known if not sample_id.isascii()}
    found = [
        sample_id if sample_id.isascii() or sample_id in known else forms.get(_composed(sample_id), sample_id)
        for sample_id in samples
    ]
    return found if len(set(found)) == len(found) else list(samples)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


class KeptLabels(NamedTuple):
    """What becomes of the labels of an earlier run.

    Attributes:
        labels: The new `label` column.
        kept: How many of its labels are the earlier run's.
        orphans: The labeled samples that the new export does not have (`sample_id`, `file`, `label`).
    """

    labels: list[str]
    kept: int
    orphans: Columns


def keep_labels(columns: Columns, earlier: Sequence[Columns]) -> KeptLabels:
    """Carries labels over from tables of the run that stood there before, by sample id.

    A label given earlier stands above the new export's own; `unlabeled` does not.

    Args:
        columns: The new metadata.
        earlier: Older tables with `sample_id` and `label`, the most trusted first.
    """
    known: dict[str, tuple[str, str]] = {}
    for table in earlier:
        if SAMPLE_ID in table and LABEL in table:
            files = table.get(FILE, table[SAMPLE_ID])
            for sample_id, file, value in zip(table[SAMPLE_ID], files, table[LABEL], strict=True):
                label = label_cell(value)
                if label != UNLABELED:
                    known.setdefault(sample_id, (file, label))
    samples = columns[SAMPLE_ID]
    labels = [
        known[sample_id][1] if sample_id in known else own
        for sample_id, own in zip(samples, columns[LABEL], strict=True)
    ]
    present = set(samples)
    orphans = {sample_id: of for sample_id, of in known.items() if sample_id not in present}
    return KeptLabels(
        labels,
        len(known) - len(orphans),
        {
            SAMPLE_ID: list(orphans),
            FILE: [file for file, _ in orphans.values()],
            LABEL: [label for _, label in orphans.values()],
        },
    )


def earlier_tables(run: Folder, names: Sequence[str]) -> list[Columns]:
    """Reads those of the named tables that exist in the run.

    Raises:
        ExportError: If one cannot be understood: overwriting it could lose labels.
    """
    try:
        there = [name for name in names if run.kind(name) is not None]
        return [read_table(read_whole(run, name), str(run.path / name)) for name in there]
    except ExportError as error:
        raise ExportError(f"{error} Its labels would be lost: repair it or move it away first.") from error
