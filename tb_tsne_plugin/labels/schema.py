"""The tables of a label store, and the engine that keeps SQLite's promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, Text, create_engine, event
from sqlalchemy.pool import NullPool

SCHEMA_VERSION = 1
BUSY_SECONDS = 5.0

metadata = MetaData()

about = Table("about", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))
"""The schema's version."""

edits = Table(
    "edits",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("op_id", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("target", Integer),
    Column("author", String(128), nullable=False),
    Column("time", String(32), nullable=False),
    Column("class_id", Integer),
    Column("count", Integer, nullable=False),
    Column("summary", Text, nullable=False),
    Column("selection", Text),
)
"""The history: appended to, never changed."""

label_changes = Table(
    "label_changes",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("sample_id", String(256), primary_key=True),
    Column("before", Integer),
    Column("after", Integer),
)

class_changes = Table(
    "class_changes",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("class_id", Integer, primary_key=True, autoincrement=False),
    Column("before", Text),
    Column("after", Text),
)

labels = Table(
    "labels",
    metadata,
    Column("sample_id", String(256), primary_key=True),
    Column("class_id", Integer),
    Column("revision", Integer, nullable=False),
)
"""The fold of `label_changes`, kept in the same transaction. A cleared sample stays, with no class: its revision tells
a late edit that somebody was here."""

classes = Table(
    "classes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(128), nullable=False),
    Column("color", String(7), nullable=False),
    Column("position", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
)
"""The fold of `class_changes`."""


def sqlite_engine(path: Path) -> Engine:
    """An engine on an SQLite file; nothing is opened yet.

    A transaction begun with the execution option `write` takes the write lock at once, so that what it reads is still
    true when it writes. Rollback journal and EXTRA synchronisation: WAL does not work on network disks, and EXTRA keeps
    the promise that a commit survives a power cut.

    Args:
      path: The database file.

    Returns:
      The engine.
    """
    # No pool: opening takes a fraction of a millisecond, and a file that was replaced is noticed.
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # sqlite3 would begin transactions by its own rules
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA synchronous=EXTRA")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
