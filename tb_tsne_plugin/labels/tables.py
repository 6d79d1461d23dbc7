"""Reading and writing one label column's rows within a transaction: rows in, plain values out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from tb_tsne_plugin.labels.bulk import insert_rows, select_labels
from tb_tsne_plugin.labels.edits import Change, ClassChange, ClassInfo, LabelChange
from tb_tsne_plugin.labels.schema import class_changes, classes, edits, label_changes, label_columns, labels

# What every edit asks for, built once: building a statement takes three times as long as carrying it out.
_HEAD = select(label_columns).where(
    label_columns.c.run == bindparam("of_run"), label_columns.c.name == bindparam("named")
)
_LOCKED_HEAD = _HEAD.with_for_update()
_OP = select(edits).where(edits.c.column_id == bindparam("head_id"), edits.c.op_id == bindparam("op_id"))
_CLASSES = select(classes).where(classes.c.column_id == bindparam("head_id")).order_by(classes.c.position, classes.c.id)
_CLASS = select(classes.c.name, classes.c.revision).where(
    classes.c.column_id == bindparam("head_id"), classes.c.id == bindparam("class_id")
)
_MOVE_ON = update(label_columns).where(label_columns.c.id == bindparam("head_id"))
_JUST_LOGGED = (label_changes.c.column_id == bindparam("head_id"), label_changes.c.revision == bindparam("at"))
_FORGET_OUTDATED = delete(labels).where(
    labels.c.column_id == bindparam("head_id"),
    labels.c.sample_id.in_(select(label_changes.c.sample_id).where(*_JUST_LOGGED)),
)
_FOLD = insert(labels).from_select(
    [labels.c.column_id, labels.c.sample_id, labels.c.class_id, labels.c.revision],
    select(label_changes.c.column_id, label_changes.c.sample_id, label_changes.c.after, label_changes.c.revision).where(
        *_JUST_LOGGED
    ),
)


class Head(NamedTuple):
    """Where a label column stands.

    Attributes:
      id: Its number in the database.
      revision: The newest edit's number; 0 before the first.
      undo_top: The revision that undo would take back; None where there is nothing to undo.
      redo_top: The revision that redo would make again; None where there is nothing to redo.
      next_class_id: An id that no class ever had.
    """

    id: int
    revision: int
    undo_top: int | None
    redo_top: int | None
    next_class_id: int


def read_head(connection: Connection, run: str, name: str, *, lock: bool = False) -> Head | None:
    """Where a column stands; None where there is no such column.

    Args:
      connection: A transaction.
      run: The run it belongs to.
      name: Its name.
      lock: Make other writers of this column wait for this transaction's end (SQLite locks the whole file anyway).
    """
    row = connection.execute(_LOCKED_HEAD if lock else _HEAD, {"of_run": run, "named": name}).first()
    return None if row is None else Head(row.id, row.revision, row.undo_top, row.redo_top, row.next_class_id)


def add_column(connection: Connection, run: str, name: str) -> None:
    """Adds an empty column."""
    connection.execute(insert(label_columns).values(run=run, name=name, revision=0, next_class_id=1))


def read_columns(connection: Connection, run: str) -> list[str]:
    """The names of a run's columns, oldest first."""
    query = select(label_columns.c.name).where(label_columns.c.run == run).order_by(label_columns.c.id)
    return list(connection.execute(query).scalars())


def find_op(connection: Connection, column_id: int, op_id: str) -> Any | None:
    """The edit that was stored under an `op_id`, or None."""
    return connection.execute(_OP, {"head_id": column_id, "op_id": op_id}).first()


def read_edit(connection: Connection, column_id: int, revision: int) -> Any:
    """The row of an edit."""
    return connection.execute(select(edits).where(edits.c.column_id == column_id, edits.c.revision == revision)).one()


def last_undo_of(connection: Connection, column_id: int, target: int) -> int:
    """The revision of the newest undo of an edit."""
    query = select(func.max(edits.c.revision)).where(
        edits.c.column_id == column_id, edits.c.target == target, edits.c.kind == "undo"
    )
    return int(connection.execute(query).scalar_one())


def undone_among(connection: Connection, column_id: int, revisions: Sequence[int]) -> set[int]:
    """Those of some edits that are undone now, and not redone."""
    query = (
        select(edits.c.target, edits.c.kind)
        .where(edits.c.column_id == column_id, edits.c.target.in_(revisions), edits.c.kind.in_(("undo", "redo")))
        .order_by(edits.c.revision)
    )
    last = {row.target: row.kind for row in connection.execute(query)}
    return {target for target, kind in last.items() if kind == "undo"}


def read_classes(connection: Connection, column_id: int) -> list[ClassInfo]:
    """All classes, in order."""
    rows = connection.execute(_CLASSES, {"head_id": column_id})
    return [ClassInfo(row.id, row.name, row.color, row.position) for row in rows]


def read_class(connection: Connection, column_id: int, class_id: int) -> tuple[str, int] | None:
    """A class's name and the revision that last changed it; None where there is no such class."""
    row = connection.execute(_CLASS, {"head_id": column_id, "class_id": class_id}).first()
    return None if row is None else (row.name, row.revision)


def read_labels_of(
    connection: Connection, column_id: int, sample_ids: Sequence[str]
) -> dict[str, tuple[int | None, int]]:
    """Class and revision of those of the samples that ever had a label."""
    return {key: (now, revision) for key, now, revision in select_labels(connection, column_id, sample_ids)}


def read_all_labels(connection: Connection, column_id: int) -> dict[str, int]:
    """Class by sample id, of all labelled samples."""
    query = select(labels.c.sample_id, labels.c.class_id).where(
        labels.c.column_id == column_id, labels.c.class_id.is_not(None)
    )
    return _by_sample(connection, query)


def read_label_revisions(connection: Connection, column_id: int) -> dict[str, int]:
    """The edit that gave each labelled sample its label."""
    query = select(labels.c.sample_id, labels.c.revision).where(
        labels.c.column_id == column_id, labels.c.class_id.is_not(None)
    )
    return _by_sample(connection, query)


def samples_of_class(connection: Connection, column_id: int, class_id: int) -> list[str]:
    """All samples of a class."""
    query = select(labels.c.sample_id).where(labels.c.column_id == column_id, labels.c.class_id == class_id)
    return list(connection.execute(query).scalars())


def labels_changed_since(connection: Connection, column_id: int, revision: int) -> dict[str, int | None]:
    """Class now of every sample that changed after a revision."""
    if revision < 1:  # all that ever changed: the fold has it, without the way there
        everything = select(labels.c.sample_id, labels.c.class_id).where(labels.c.column_id == column_id)
        return _by_sample(connection, everything)
    query = (
        select(label_changes.c.sample_id, label_changes.c.after)
        .where(label_changes.c.column_id == column_id, label_changes.c.revision > revision)
        .order_by(label_changes.c.revision)
    )
    return _by_sample(connection, query)


def read_change(connection: Connection, column_id: int, revision: int) -> Change:
    """What an edit changed."""
    of_labels = select(label_changes).where(
        label_changes.c.column_id == column_id, label_changes.c.revision == revision
    )
    of_classes = select(class_changes).where(
        class_changes.c.column_id == column_id, class_changes.c.revision == revision
    )
    return Change(
        tuple(LabelChange(row.sample_id, row.before, row.after) for row in connection.execute(of_labels)),
        tuple(
            ClassChange(row.class_id, _decoded(row.before), _decoded(row.after))
            for row in connection.execute(of_classes)
        ),
    )


def change_since(connection: Connection, column_id: int, revision: int) -> Change:
    """What all edits after a revision changed, taken together."""
    of_labels = (
        select(label_changes)
        .where(label_changes.c.column_id == column_id, label_changes.c.revision > revision)
        .order_by(label_changes.c.revision)
    )
    of_classes = (
        select(class_changes)
        .where(class_changes.c.column_id == column_id, class_changes.c.revision > revision)
        .order_by(class_changes.c.revision)
    )
    samples: dict[str, tuple[int | None, int | None]] = {}
    for row in connection.execute(of_labels):
        samples[row.sample_id] = (samples.get(row.sample_id, (row.before,))[0], row.after)
    infos: dict[int, tuple[str | None, str | None]] = {}
    for row in connection.execute(of_classes):
        infos[row.class_id] = (infos.get(row.class_id, (row.before,))[0], row.after)
    return Change(
        tuple(LabelChange(key, before, after) for key, (before, after) in samples.items() if before != after),
        tuple(ClassChange(key, _decoded(old), _decoded(new)) for key, (old, new) in infos.items() if old != new),
    )


def append(connection: Connection, head: Head, change: Change, entry: dict[str, Any]) -> None:
    """Appends an edit to the history, and folds it into the current labels and classes.

    Args:
      connection: A transaction that holds the write lock.
      head: The column as it stands after the edit.
      change: What the edit changes.
      entry: Its further columns of `edits`.
    """
    tops = {"undo_top": head.undo_top, "redo_top": head.redo_top}
    row = {**entry, **tops, "column_id": head.id, "revision": head.revision, "count": len(change.labels)}
    connection.execute(insert(edits), row)
    _append_labels(connection, head, change.labels)
    for class_id, before, after in change.classes:
        logged = {"class_id": class_id, "before": _encoded(before), "after": _encoded(after)}
        connection.execute(insert(class_changes).values(column_id=head.id, revision=head.revision, **logged))
        connection.execute(delete(classes).where(classes.c.column_id == head.id, classes.c.id == class_id))
        if after is not None:
            connection.execute(insert(classes).values(column_id=head.id, revision=head.revision, **asdict(after)))
    stands = {**tops, "revision": head.revision, "next_class_id": head.next_class_id}
    connection.execute(_MOVE_ON, {"head_id": head.id, **stands})


def _append_labels(connection: Connection, head: Head, changed: Sequence[LabelChange]) -> None:
    if not changed:
        return
    logged = [(head.id, head.revision, item.sample_id, item.before, item.after) for item in changed]
    insert_rows(connection, label_changes, ("column_id", "revision", "sample_id", "before", "after"), logged)
    # Folded by the database, from what was just logged: nothing is sent twice, and the two cannot differ.
    for statement in (_FORGET_OUTDATED, _FOLD):
        connection.execute(statement, {"head_id": head.id, "at": head.revision})


def _by_sample(connection: Connection, query: Select[Any]) -> dict[str, Any]:
    """The second column by the first; of a sample's several rows the last counts."""
    # Many rows at a time, unpacked: one by one and by name they take three times as long.
    return {sample_id: value for rows in connection.execute(query).partitions(1_000) for sample_id, value in rows}


def _encoded(info: ClassInfo | None) -> str | None:
    return None if info is None else json.dumps(asdict(info))


def _decoded(text: str | None) -> ClassInfo | None:
    return None if text is None else ClassInfo(**json.loads(text))
