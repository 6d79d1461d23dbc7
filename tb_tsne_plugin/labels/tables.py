"""Labels as tables, files with a row a sample: the download, the run's own metadata file, a table to import."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from tb_tsne_plugin.labels.errors import InvalidEdit
from tb_tsne_plugin.labels.failures import translated_failures
from tb_tsne_plugin.labels.model import NOBODY, SET_ASIDE, UNMARKED, Snapshot, State
from tb_tsne_plugin.labels.rules import initial_snapshot
from tb_tsne_plugin.labels.state_columns import (
    States,
    labels_given,
    of_other_meaning,
    read_states,
    state_columns,
    states_beside,
)
from tb_tsne_plugin.labels.store import LabelStore
from tb_tsne_plugin.runs import Run, RunError, Tensor
from tb_tsne_plugin.runs.class_names import clean_labels, shown
from tb_tsne_plugin.runs.format import (
    FILE,
    FILE_COLUMNS,
    LABEL,
    NAMING_COLUMNS,
    SAMPLE_ID,
    UNLABELED,
    TableError,
    clean_text,
    counted,
    format_table,
    unused_name,
)
from tb_tsne_plugin.runs.given_names import match_names
from tb_tsne_plugin.runs.given_tables import GivenTable, read_given_table
from tb_tsne_plugin.runs.metadata import Metadata

NOTHING = "-"
"""Where a cell would be empty: the stock Projector cannot read such a one."""
_UNSEEN = r"\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""Blanks, and what has no width at all: a program may drop either before it looks at a cell."""
_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
"""Where a formula begins; in East Asia's full width and in small forms too, which a program may take for the same."""
_FORMULA = f"""'*[{_UNSEEN}]*["{_SIGNS}]"""
"""A formula, or a quote, which a spreadsheet takes away and then finds one; apostrophes too, so that one more can be
told from them."""
_BEGINS_A_CELL = re.compile(_FORMULA)
_BEGINS_A_CELL_LATER = re.compile(f"""([,;|][{_UNSEEN}]*)(?='*["{_SIGNS}])""")
"""The same after what a spreadsheet may take for the end of a cell: LibreOffice takes commas and semicolons too."""
_MADE_HARMLESS = re.compile(f"'{_FORMULA}")
_MADE_HARMLESS_LATER = re.compile(f"""([,;|][{_UNSEEN}]*)'(?='*["{_SIGNS}])""")
_ENDS_A_LINE = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+|[\0\t]")


def snapshots_of(store: LabelStore, run: Run, *, givers: bool = False, blind: bool = True) -> dict[str, Snapshot]:
    """The current labels of a run, for `labeled_table` and `save_labels`.

    Args:
      store: Any label column of the run.
      run: The run, whose own labels count where there is no store yet.
      givers: Also who gave them.
      blind: Also of blind columns that the store's reader can read; `save_labels` writes none of them, for all to read.

    Returns:
      Labels and states for each label column, the oldest first.
    """
    columns = [each.name for each in store.label_columns() if blind or not each.is_blind]
    if not columns:
        snapshot = initial_snapshot(*labels_given(run, LABEL))
        return {LABEL: replace(snapshot, givers={}) if givers else snapshot}
    stores = {column: store.sibling(column, store.reader) for column in columns}
    return {column: each.snapshot(givers=givers) for column, each in stores.items()}


def current_names(store: LabelStore, run: Run) -> dict[str, str]:
    """Class name now by sample id of a label column, for `read_table`; the run's own labels where there is no store."""
    return store.snapshot().names() if store.exists else run.labels(store.column)


def labeled_table(metadata: Metadata, labels: Mapping[str, Snapshot], *, spreadsheet: bool = False) -> str:
    """All metadata columns, with the current labels in each label column, and the states in one beside it.

    Where the labels tell who gave them, so do two columns more.

    Args:
      metadata: The run's metadata.
      labels: Labels and states for each label column.
      spreadsheet: Put an apostrophe before what a spreadsheet would run as a formula.

    Returns:
      Tab-separated text with a header; `unlabeled` where there is no label, so that no cell is empty.
    """
    columns = labeled_columns(metadata, labels)
    return format_table(harmless_columns(columns) if spreadsheet else columns)


def labeled_columns(metadata: Metadata, labels: Mapping[str, Snapshot]) -> dict[str, list[str]]:
    """The columns of `labeled_table`."""
    columns = dict(metadata.columns)
    if len(columns) < 2 and SAMPLE_ID not in columns:
        # The stock Projector reads a header only above two columns or more.
        columns = {SAMPLE_ID: metadata.sample_ids, **columns}
    beside, who = state_columns(labels, columns), giver_columns(labels, columns)
    for column, snapshot in labels.items():
        names, states = snapshot.names(), snapshot.states()
        columns[column] = [names.get(sample_id, UNLABELED) for sample_id in metadata.sample_ids]
        columns[beside[column]] = [states.get(sample_id, UNMARKED.state) for sample_id in metadata.sample_ids]
        if snapshot.givers is not None:
            author, time = who[column]
            given = [snapshot.givers.get(sample_id, NOBODY) for sample_id in metadata.sample_ids]
            columns[author] = [clean_text(each.author) or NOTHING for each in given]
            columns[time] = [clean_text(each.time) or NOTHING for each in given]
    return columns


class GiverColumns(NamedTuple):
    """The columns of who gave labels, beside a label column.

    Attributes:
      author: The name of the column of who.
      time: That of when.
    """

    author: str
    time: str


def giver_columns(labels: Mapping[str, Snapshot], there: Mapping[str, Collection[str]]) -> dict[str, GiverColumns]:
    """What the columns of who gave labels are called, beside each label column that tells it.

    Args:
      labels: Labels and states for each label column.
      there: The cells of each column that a table has already; these keep their names.
    """
    taken = {*there, *labels, *state_columns(labels, there).values()}
    found = {}
    for column, snapshot in labels.items():
        if snapshot.givers is not None:
            found[column] = GiverColumns(*(unused_name(f"{column}_{what}", taken) for what in GiverColumns._fields))
            taken |= set(found[column])
    return found


def harmless_columns(columns: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Columns, names and cells, in which a spreadsheet finds no formula."""
    return {_harmless(name): [_harmless(cell) for cell in cells] for name, cells in columns.items()}


def save_labels(run: Run, tensor: Tensor, labels: Mapping[str, Snapshot]) -> str:
    """Writes the current labels into a run's metadata file, whole or not at all.

    Args:
      run: The run.
      tensor: Features of it, whose metadata file is meant.
      labels: Labels and states for each label column.

    Returns:
      The file's name. Before its first change it is copied to the same name with `.original`.

    Raises:
      InvalidEdit: If the run has no metadata file, or one that is not to be written.
      LabelsNotStored: If it cannot be written; the old one is then untouched.
    """
    if not tensor.has_metadata:
        raise InvalidEdit("This run has no metadata file to save labels into; download the TSV instead.")
    table = labeled_table(tensor.metadata, labels)
    with translated_failures(advice="download the TSV instead"):
        try:
            return run.save_metadata(tensor, table.encode("utf-8"))
        except RunError as error:
            raise InvalidEdit(f"{error} Download the TSV instead.") from None


class TableLabels(NamedTuple):
    """What a table says about a run.

    Attributes:
      names: Class name by name of the sample, None where the table says that there is no label. Some may not be the
        run's.
      notes: Sentences on what was guessed, matched by a part of its name, joined, cut or rewritten.
      states: State by name of the sample, of those of which the table says one.
    """

    names: dict[str, str | None]
    notes: list[str]
    states: dict[str, State]


def read_table(
    raw: bytes,
    metadata: Metadata,
    column: str = LABEL,
    current: Mapping[str, str] | None = None,
    label_columns: Collection[str] = (),
) -> TableLabels:
    """The label of every row of a table, and its state where the table has a column of states.

    Rows name their samples in a column that the run has too (`sample_id`, else another id column with distinct values),
    by the same names or others that `match_names` understands; a table without one, such as the stock Projector's
    `metadata-edited.tsv` of a run without ids, must have a row for each sample, in order.

    Args:
      raw: The file: tabs, commas, semicolons or bars between cells, with a header; one column alone may come without.
      metadata: The run's metadata.
      column: The column to take labels from.
      current: Class name now by sample id: a cell that is what our own download made of it changes nothing.
      label_columns: The run's label columns: none of them holds states, however it is called.

    Raises:
      InvalidEdit: If the table cannot be read, or names a sample twice with different labels or states; the message
        says which line.
    """
    current = current or {}
    n_samples = len(metadata.sample_ids)
    try:
        table = read_given_table(raw, "The table", (*NAMING_COLUMNS, column, _harmless(column)), n_samples)
    except TableError as error:
        raise InvalidEdit(str(error)) from None
    cells = table.columns[""] if "" in table.columns else _labels_in(table, column)
    ids, notes = _ids(table, len(cells), metadata)
    known = set(current.values())
    texts = [_as_meant(cell, current.get(sample_id), known) for sample_id, cell in zip(ids, cells, strict=True)]
    cleaned = clean_labels(texts, known)
    found: dict[str, str | None] = {}
    for line, sample_id, name in zip(table.lines, ids, cleaned.names, strict=True):
        if found.setdefault(sample_id, name) != name:
            raise InvalidEdit(f"The table names {sample_id!r} more than once, with different labels (line {line:,}).")
    states, more = _states_in(table, column, {*label_columns, *of_other_meaning(metadata)})
    said: dict[str, State] = {}
    for line, sample_id, state in zip(table.lines, ids, states, strict=False):
        if state is not None and said.setdefault(sample_id, state) != state:
            raise InvalidEdit(f"The table names {sample_id!r} more than once, with different states (line {line:,}).")
    if uncounted := [key for key, state in said.items() if state in SET_ASIDE and found[key] is not None]:
        more.append(
            f"{counted(len(uncounted), 'row')} with a label {'is' if len(uncounted) == 1 else 'are'} set aside by "
            f"{'its' if len(uncounted) == 1 else 'their'} state, so that the label does not count, the first "
            f"{shown(uncounted[0])}: empty the cell of the state where it shall."
        )
    return TableLabels(found, [*table.notes, *notes, *cleaned.notes, *more], said)


class Importable(NamedTuple):
    """What of a table can be imported into a run.

    Attributes:
      names: Class name by sample id; None clears.
      states: State by sample id, of those of which the table says one.
      unknown: The ids that the run does not have.
    """

    names: dict[str, str | None]
    states: dict[str, State]
    unknown: list[str]


def about_run(found: TableLabels, known: Collection[str], *, clear: bool) -> Importable:
    """What of a table can be imported.

    Args:
      found: From `read_table`.
      known: The run's sample ids.
      clear: Whether cells without a label clear.
    """
    names = {key: name for key, name in found.names.items() if key in known and (name is not None or clear)}
    states = {key: state for key, state in found.states.items() if key in known}
    return Importable(names, states, [key for key in found.names if key not in known])


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for text, whole; with an apostrophe before each place that it would not."""
    text = _BEGINS_A_CELL_LATER.sub(r"\1'", _ENDS_A_LINE.sub(" ", cell))
    return f"'{text}" if _BEGINS_A_CELL.match(text) else text


def _as_meant(cell: str, current: str | None, known: Collection[str]) -> str:
    """A cell without what our own download, or reading it, did to it: apostrophes, and quotes that are part of it.

    Args:
      cell: As it was read.
      current: What stands there now.
      known: All that may stand there, if nothing new does.
    """
    text = _MADE_HARMLESS_LATER.sub(r"\1", cell)
    text = text[1:] if _MADE_HARMLESS.match(text) else text
    forms = (cell, text, '"{}"'.format(cell.replace('"', '""')))
    if current in forms:
        return current
    return next((form for form in forms if form in known), text)


def _labels_in(table: GivenTable, column: str) -> list[str]:
    found = table.find((column, _harmless(column)))
    if found is None:
        raise InvalidEdit(f"The table has no column {column!r}; it has {', '.join(table.columns)}.")
    return table.columns[found]


def _states_in(table: GivenTable, column: str, taken: Collection[str]) -> States:
    """What a table says of states, in the column beside that of the labels."""
    named = {_as_meant(name, None, ()): cells for name, cells in table.columns.items()}
    found = states_beside(column, named, taken)
    return States([], []) if found is None else read_states(named[found], found)


def _ids(table: GivenTable, rows: int, metadata: Metadata) -> tuple[Sequence[str], list[str]]:
    """The sample that each row is about, and what was guessed about that.

    Raises:
      InvalidEdit: If no column names samples, and the rows cannot be taken for them in order.
    """
    best: _Naming | None = None
    for own_names, values in _candidates(table, metadata):
        naming = _named(values, own_names, metadata)
        if best is None or naming.known > best.known:
            best = naming
        if best.known == rows:
            break
    if best is not None and (best.known or table.find(NAMING_COLUMNS) is not None):
        return best.ids, best.notes
    if rows != len(metadata.sample_ids):
        raise InvalidEdit(
            f"The table has no column that names the samples, and {rows:,} rows for "
            f"{len(metadata.sample_ids):,} samples."
        )
    if unordered := next((name for name, values in table.columns.items() if _is_other_order(values)), None):
        raise InvalidEdit(
            f"The table has no column that names the samples, and by its column {unordered!r} the rows are in another "
            "order; sort them, or add a column sample_id or file."
        )
    if len(table.columns) == 1:
        return metadata.sample_ids, []
    return metadata.sample_ids, ["The table names no samples: its rows are taken for them in order."]


class _Naming(NamedTuple):
    """What a column of names says.

    Attributes:
      ids: The sample of each row; a name that the run does not know stands for itself.
      known: How many are the run's.
      notes: What was guessed.
    """

    ids: Sequence[str]
    known: int
    notes: list[str]


def _candidates(table: GivenTable, metadata: Metadata) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """The run's own names and a column of the table that may hold them, likely ones first."""
    for name in NAMING_COLUMNS:
        column = table.find((name,))
        own = metadata.sample_ids if name == SAMPLE_ID else _own_names(metadata, name)
        if column is not None and own is not None:
            yield own, table.columns[column]
    for own in filter(None, (metadata.sample_ids, _own_names(metadata, FILE))):
        known = set(own)
        for values in table.columns.values():
            if 2 * sum(value.strip() in known for value in values) > len(values):
                yield own, values


def _named(values: Sequence[str], own: Sequence[str], metadata: Metadata) -> _Naming:
    ids = dict(zip(own, metadata.sample_ids, strict=True))
    meant = [_as_meant(value, None, ids) for value in values]
    matched = match_names(meant, own)
    named = [matched.names.get(value, value) for value in meant]
    return _Naming([ids.get(name, name) for name in named], sum(name in ids for name in named), matched.notes)


def _is_other_order(values: Sequence[str]) -> bool:
    """Whether a column numbers the rows, but not one after the other."""
    if not all(value.isdecimal() for value in values):
        return False
    numbers = [int(value) for value in values]
    first = min(numbers, default=0)
    return first in (0, 1) and sorted(numbers) == list(range(first, first + len(numbers))) != numbers


def _own_names(metadata: Metadata, name: str) -> Sequence[str] | None:
    """The run's own column of a name, or of its images' files where the name is another word for them."""
    for own in (name, *FILE_COLUMNS) if name in FILE_COLUMNS else (name,):
        values = metadata.columns.get(own, [])
        if len(set(values)) == len(values) > 0:
            return values
    return None
