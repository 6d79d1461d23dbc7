"""The tables of a label database. One database holds any number of label columns, of one run or of many."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

SCHEMA_VERSION = 2
MAX_ID_LENGTH = 512

metadata = MetaData()


def _column_id() -> Column[int]:
    return Column("column_id", Integer, primary_key=True, autoincrement=False)


about = Table("about", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))
"""The schema's version."""

label_columns = Table(
    "label_columns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", String(MAX_ID_LENGTH), nullable=False),
    Column("name", String(128), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("undo_top", Integer),
    Column("redo_top", Integer),
    Column("next_class_id", Integer, nullable=False),
    UniqueConstraint("run", "name"),
)
"""Every label column and where its history stands. Writers lock its row, so that edits follow one another."""

edits = Table(
    "edits",
    metadata,
    _column_id(),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("op_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("target", Integer),
    Column("author", String(128), nullable=False),
    Column("time", String(32), nullable=False),
    Column("class_id", Integer),
    Column("count", Integer, nullable=False),
    Column("summary", Text, nullable=False),
    Column("selection", Text),
    Column("undo_top", Integer),
    Column("redo_top", Integer),
    UniqueConstraint("column_id", "op_id"),
    Index("edits_by_target", "column_id", "target"),
)
"""The history: appended to, never changed. `undo_top` and `redo_top` are what could be undone and redone after it."""

label_changes = Table(
    "label_changes",
    metadata,
    _column_id(),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("sample_id", String(MAX_ID_LENGTH), primary_key=True),
    Column("before", Integer),
    Column("after", Integer),
    sqlite_with_rowid=False,
)

class_changes = Table(
    "class_changes",
    metadata,
    _column_id(),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("class_id", Integer, primary_key=True, autoincrement=False),
    Column("before", Text),
    Column("after", Text),
)

labels = Table(
    "labels",
    metadata,
    _column_id(),
    Column("sample_id", String(MAX_ID_LENGTH), primary_key=True),
    Column("class_id", Integer),
    Column("revision", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""The fold of `label_changes`, kept in the same transaction. A cleared sample stays, with no class: its revision tells
a late edit that somebody was here."""

classes = Table(
    "classes",
    metadata,
    _column_id(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(128), nullable=False),
    Column("color", String(7), nullable=False),
    Column("position", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
)
"""The fold of `class_changes`."""
