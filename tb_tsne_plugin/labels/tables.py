"""Reading and writing the tables within one transaction: rows in, plain values out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from tb_tsne_plugin.labels.edits import Change, ClassChange, ClassInfo, LabelChange, UndoState, undo_state
from tb_tsne_plugin.labels.schema import class_changes, classes, edits, label_changes, labels

BATCH = 5_000


def _batches(values: Iterable[str]) -> Iterable[list[str]]:
    """Cuts a long list of ids: SQLite takes at most 32,766 parameters."""
    iterator = iter(values)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def current_revision(connection: Connection) -> int:
    """The newest edit's number; 0 before the first."""
    return int(connection.execute(select(func.coalesce(func.max(edits.c.revision), 0))).scalar_one())


def find_op(connection: Connection, op_id: str) -> Any | None:
    """The edit that was stored under an `op_id`, or None."""
    return connection.execute(select(edits).where(edits.c.op_id == op_id)).first()


def read_undo_state(connection: Connection) -> UndoState:
    """What can be undone and redone now."""
    rows = connection.execute(select(edits.c.revision, edits.c.kind, edits.c.target).order_by(edits.c.revision))
    return undo_state((row.revision, row.kind, row.target) for row in rows)


def read_classes(connection: Connection) -> list[ClassInfo]:
    """All classes, in order."""
    rows = connection.execute(select(classes).order_by(classes.c.position, classes.c.id))
    return [ClassInfo(row.id, row.name, row.color, row.position) for row in rows]


def class_revision(connection: Connection, class_id: int) -> int:
    """The revision that last changed a class."""
    return int(connection.execute(select(classes.c.revision).where(classes.c.id == class_id)).scalar_one())


def next_class_id(connection: Connection) -> int:
    """An id that no class ever had."""
    return int(connection.execute(select(func.coalesce(func.max(class_changes.c.class_id), 0))).scalar_one()) + 1


def read_labels_of(connection: Connection, sample_ids: Sequence[str]) -> dict[str, tuple[int | None, int]]:
    """Class and revision of those of the samples that ever had a label."""
    found: dict[str, tuple[int | None, int]] = {}
    for batch in _batches(sample_ids):
        for row in connection.execute(select(labels).where(labels.c.sample_id.in_(batch))):
            found[row.sample_id] = (row.class_id, row.revision)
    return found


def read_all_labels(connection: Connection) -> dict[str, int]:
    """Class by sample id, of all labelled samples."""
    rows = connection.execute(select(labels.c.sample_id, labels.c.class_id).where(labels.c.class_id.is_not(None)))
    return {row.sample_id: row.class_id for row in rows}


def samples_of_class(connection: Connection, class_id: int) -> list[str]:
    """All samples of a class."""
    rows = connection.execute(select(labels.c.sample_id).where(labels.c.class_id == class_id))
    return list(rows.scalars())


def labels_changed_since(connection: Connection, revision: int) -> dict[str, int | None]:
    """Class now of every sample that changed after a revision."""
    rows = connection.execute(select(labels.c.sample_id, labels.c.class_id).where(labels.c.revision > revision))
    return {row.sample_id: row.class_id for row in rows}


def read_change(connection: Connection, revision: int) -> Change:
    """What an edit changed."""
    label_rows = connection.execute(select(label_changes).where(label_changes.c.revision == revision))
    class_rows = connection.execute(select(class_changes).where(class_changes.c.revision == revision))
    return Change(
        tuple(LabelChange(row.sample_id, row.before, row.after) for row in label_rows),
        tuple(ClassChange(row.class_id, _decoded(row.before), _decoded(row.after)) for row in class_rows),
    )


def append(connection: Connection, revision: int, change: Change, entry: dict[str, Any]) -> None:
    """Appends an edit to the history, and folds it into the current labels and classes.

    Args:
      connection: A transaction that holds the write lock.
      revision: Its number.
      change: What it changes.
      entry: Its further columns of `edits`.
    """
    connection.execute(insert(edits).values(revision=revision, count=len(change.labels), **entry))
    if change.labels:
        logged = [
            {"revision": revision, "sample_id": sample_id, "before": before, "after": after}
            for sample_id, before, after in change.labels
        ]
        connection.execute(insert(label_changes), logged)
        for batch in _batches(item.sample_id for item in change.labels):
            connection.execute(delete(labels).where(labels.c.sample_id.in_(batch)))
        folded = [{"sample_id": row["sample_id"], "class_id": row["after"], "revision": revision} for row in logged]
        connection.execute(insert(labels), folded)
    for class_id, before, after in change.classes:
        connection.execute(
            insert(class_changes).values(
                revision=revision, class_id=class_id, before=_encoded(before), after=_encoded(after)
            )
        )
        connection.execute(delete(classes).where(classes.c.id == class_id))
        if after is not None:
            connection.execute(insert(classes).values(revision=revision, **asdict(after)))


def _encoded(info: ClassInfo | None) -> str | None:
    return None if info is None else json.dumps(asdict(info))


def _decoded(text: str | None) -> ClassInfo | None:
    return None if text is None else ClassInfo(**json.loads(text))
