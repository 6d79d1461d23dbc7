"""Labels of the run that stood there before: no export loses one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from exporters.errors import ExportError
from exporters.run.metadata import Columns, label_cell, read_table
from exporters.run.unfinished import read_whole
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import FILE, LABEL, SAMPLE_ID, SET_ASIDE, STATE, STATES, UNLABELED, unused_name


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


class _Known(NamedTuple):
    """What an earlier table says of a sample that somebody decided about."""

    file: str
    label: str
    state: str


class KeptLabels(NamedTuple):
    """What becomes of the labels of an earlier run.

    Attributes:
        labels: The new `label` column; with it one of states, where the earlier run had one.
        kept: How many of its labels are the earlier run's.
        orphans: The samples with a label, or set aside, that the new export does not have (`sample_id`, `file`, and the
            same columns).
    """

    labels: Columns
    kept: int
    orphans: Columns


def keep_labels(columns: Columns, earlier: Sequence[Columns]) -> KeptLabels:
    """Carries labels over from tables of the run that stood there before, by sample id, with their states.

    A label given earlier stands above the new export's own; `unlabeled` does not.

    Args:
        columns: The new metadata. A column `state` of another meaning stays, and the states stand in `state~2` then.
        earlier: Older tables with `sample_id` and `label`, the most trusted first.
    """
    known: dict[str, _Known] = {}
    for table in earlier:
        if SAMPLE_ID in table and LABEL in table:
            for sample_id, of in _decided(table):
                known.setdefault(sample_id, of)
    samples = columns[SAMPLE_ID]
    present = set(samples)
    kept = {sample_id: of for sample_id, of in known.items() if sample_id in present and of.label != UNLABELED}
    orphans = {sample_id: of for sample_id, of in known.items() if sample_id not in present}
    labels = {
        LABEL: [
            kept[sample_id].label if sample_id in kept else own
            for sample_id, own in zip(samples, columns[LABEL], strict=True)
        ]
    }
    lost: Columns = {
        SAMPLE_ID: list(orphans),
        FILE: [of.file for of in orphans.values()],
        LABEL: [of.label for of in orphans.values()],
    }
    if any(map(_state_column, earlier)):
        name = _state_column(columns) or unused_name(STATE, columns)
        given = columns.get(name) or map(_state_of, labels[LABEL])
        labels[name] = [
            known[sample_id].state if sample_id in known else state
            for sample_id, state in zip(samples, given, strict=True)
        ]
        lost[STATE] = [of.state for of in orphans.values()]
    return KeptLabels(labels, len(kept), lost)


def _decided(table: Columns) -> Iterator[tuple[str, _Known]]:
    """The samples of a table that have a label or are set aside."""
    labels = [label_cell(value) for value in table[LABEL]]
    named = _state_column(table)
    states = [""] * len(labels) if named is None else table[named]
    for sample_id, file, label, state in zip(
        table[SAMPLE_ID], table.get(FILE, table[SAMPLE_ID]), labels, states, strict=True
    ):
        if state in SET_ASIDE or label != UNLABELED:
            yield sample_id, _Known(file, label, _state_of(label) if state in ("", UNLABELED) else state)


def _state_column(table: Columns) -> str | None:
    """The column with the label store's states: not one of another meaning, nor a label column with states itself."""
    numbered = (name for name in table if re.fullmatch(rf"{STATE}(~\d+)?", name) and f"{name}_{STATE}" not in table)
    return next((name for name in numbered if set(table[name]) <= {"", *STATES}), None)


def _state_of(label: str) -> str:
    return UNLABELED if label == UNLABELED else "labeled"


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
