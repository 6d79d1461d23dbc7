"""Columns of states in tables, beside the columns of labels: what they are called, and what they say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from tb_tsne_plugin.labels.model import STATES, State
from tb_tsne_plugin.runs import Run
from tb_tsne_plugin.runs.class_names import shown
from tb_tsne_plugin.runs.format import LABEL, STATE, counted, unused_name
from tb_tsne_plugin.runs.given_tables import folded_name
from tb_tsne_plugin.runs.metadata import Metadata

_WORDS: dict[str, State] = {state: state for state in STATES}


class States(NamedTuple):
    """What the cells of a column say.

    Attributes:
      by_row: The state of each row; None where it says none.
      notes: Sentences on what could not be understood.
    """

    by_row: list[State | None]
    notes: list[str]


def state_columns(columns: Iterable[str], there: Mapping[str, Collection[str]]) -> dict[str, str]:
    """The name of the column of states beside each label column.

    Args:
      columns: Label columns.
      there: The cells of each column that a table has already. One of another meaning keeps its name, and ours gets
        the next that is free.

    Returns:
      Names by label column.
    """
    taken = {*columns, *(name for name, cells in there.items() if not _is_ours(cells))}
    found: dict[str, str] = {}
    for column in columns:
        found[column] = unused_name(_name_beside(column), taken)
        taken.add(found[column])
    return found


def states_beside(column: str, table: Mapping[str, Collection[str]], taken: Collection[str] = ()) -> str | None:
    """The column of states beside a label column in a table, whoever wrote it.

    Args:
      column: The label column.
      table: The cells of each column.
      taken: Columns that hold something else, whatever is in them. So does one that has states beside itself.

    Returns:
      Its name; None where there is none.
    """
    wanted = folded_name(_name_beside(column))
    form = re.compile(rf"{re.escape(wanted)}(~\d+)?")
    likely = [
        name
        for name in table
        if form.fullmatch(folded_name(name)) and name not in taken and _name_beside(name) not in table
    ]
    # One that holds states and nothing else is meant, if there is one; of one that somebody edited some cells may not.
    return min(likely, key=lambda name: not _is_ours(table[name]), default=None)


def holds_states(column: str, table: Mapping[str, Collection[str]]) -> bool:
    """Whether a column was written beside one of labels: its words are no classes."""
    form = re.fullmatch(rf"(?:(.+)_)?{STATE}(?:~\d+)?", column)
    if form is None or column not in table or not _is_ours(table[column]):
        return False
    beside = form[1] or LABEL
    return beside in table and states_beside(beside, table) == column


def read_states(cells: Sequence[str], column: str) -> States:
    """What the cells of a column say.

    Args:
      cells: One a row.
      column: Its name, for messages.
    """
    words = [cell.strip().casefold() for cell in cells]
    unknown = [cell for cell, word in zip(cells, words, strict=True) if word and word not in _WORDS]
    notes = []
    if unknown:
        notes.append(
            f"{counted(len(unknown), 'cell')} of the column {column!r} {'says' if len(unknown) == 1 else 'say'} no "
            f"state, the first {shown(unknown[0])}: passed over."
        )
    return States([_WORDS.get(word) for word in words], notes)


def labels_given(run: Run, column: str) -> tuple[dict[str, str], dict[str, State]]:
    """The labels that a run came with: class name and state by sample id.

    Raises:
      RunError: If metadata cannot be read.
    """
    states: dict[str, State] = {}
    for tensor in {each.metadata_key: each for each in run.tensors}.values():
        if holds_states(column, tensor.metadata.columns):
            return {}, {}
        states = {**states_given(tensor.metadata, column), **states}
    return run.labels(column), states


def states_given(metadata: Metadata, column: str) -> dict[str, State]:
    """The states that metadata says beside a label column, by sample id: those that the label alone does not tell."""
    name = states_beside(column, metadata.columns, of_other_meaning(metadata))
    if name is None:
        return {}
    rows = zip(metadata.sample_ids, read_states(metadata.columns[name], name).by_row, strict=True)
    return {sample_id: state for sample_id, state in rows if state not in (None, "unlabeled", "labeled")}


def of_other_meaning(metadata: Metadata) -> set[str]:
    """The columns of metadata that hold no states, whatever they are called."""
    return {name for name, cells in metadata.columns.items() if not _is_ours(cells)}


def _name_beside(column: str) -> str:
    return STATE if column == LABEL else f"{column}_{STATE}"


def _is_ours(cells: Collection[str]) -> bool:
    """Whether a column may be one that we wrote: it holds states and nothing else."""
    return set(cells) <= {"", *STATES}
