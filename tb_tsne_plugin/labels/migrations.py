"""Stores of earlier schemas, brought to ours: step by step, in one transaction, with a copy made first.

A store in a file is migrated by whoever first writes to it, and a copy in memory for whoever only reads it (`earlier`);
one on a server by whoever uses it first. So nothing else needs to know an earlier schema. Until the transaction has
ended, and whatever ends it, the store is what it was. What a step does, with names and types of its own time, must stay
as it is for ever: `sql.schema` describes the newest schema only.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from typing import BinaryIO

from sqlalchemy import Connection, select, text, update

from tb_tsne_plugin.labels.errors import LabelsNotStored
from tb_tsne_plugin.labels.failures import DAMAGED
from tb_tsne_plugin.labels.sql import SCHEMA_VERSION, VERSION_KEY, about
from tb_tsne_plugin.runs.folder import Folder, is_temporary, sync, temporary_name

NEWER = "The label store was made by a newer version of tb-tsne; install a newer tb-tsne."


def schema_version(connection: Connection) -> int:
    """The version of a store's schema.

    Raises:
      LabelsNotStored: If it is newer than ours, or says nothing.
    """
    said = connection.execute(select(about.c.value).where(about.c.key == VERSION_KEY)).scalar()
    if not isinstance(said, str) or not said.isdecimal() or int(said) < 1:
        raise LabelsNotStored(DAMAGED)
    if int(said) > SCHEMA_VERSION:
        raise LabelsNotStored(NEWER)
    return int(said)


def migrate(connection: Connection, folder: Folder | None = None, name: str = "") -> None:
    """Brings a store to our schema, if it is not there yet.

    Args:
      connection: A transaction that keeps all other writers out.
      folder: Where the SQLite file is, of which a copy is made first; None for a server, whose administrator makes
        them.
      name: The file below that folder.

    Raises:
      LabelsNotStored: If it is newer than ours.
    """
    found = schema_version(connection)
    if found == SCHEMA_VERSION:  # another process was first
        return
    if folder is not None:
        _back_up(folder, name, f"{name}.version-{found}.backup")
    for version in range(found + 1, SCHEMA_VERSION + 1):
        MIGRATIONS[version](connection)
    connection.execute(update(about).where(about.c.key == VERSION_KEY).values(value=str(SCHEMA_VERSION)))


def _back_up(folder: Folder, name: str, backup: str) -> None:
    """Copies a store that nobody else writes to, and brings the copy onto the disk."""
    inside, _, last = backup.rpartition("/")
    way = f"{inside}/" if inside else ""
    for other in folder.names(inside):
        if is_temporary(other, last):  # of somebody who was killed at it
            folder.remove(way + other)
    unfinished = way + temporary_name(last)
    try:
        with folder.create(unfinished) as written:
            _copy(folder, name, unfinished, written)
        folder.rename(unfinished, backup)
    except BaseException:
        with suppress(OSError):
            folder.remove(unfinished)
        raise
    folder.sync(inside)


def _copy(folder: Folder, name: str, to: str, written: BinaryIO) -> None:
    found = folder.status(name)
    if found is not None:
        os.fchmod(written.fileno(), found.st_mode & 0o777)
    address = (folder.path / name).absolute().as_uri()
    with (
        closing(sqlite3.connect(f"{address}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(folder.path / to)) as target,
    ):
        target.execute("PRAGMA journal_mode=OFF")  # a copy that is not finished is thrown away
        source.backup(target)
    sync(written.fileno())


CREATE_1 = (
    "CREATE TABLE about (key VARCHAR(64) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (key))",
    """CREATE TABLE edits (
        revision INTEGER NOT NULL, op_id VARCHAR(64) NOT NULL, kind VARCHAR(16) NOT NULL, target INTEGER,
        author VARCHAR(128) NOT NULL, time VARCHAR(32) NOT NULL, class_id INTEGER, count INTEGER NOT NULL,
        summary TEXT NOT NULL, selection TEXT, PRIMARY KEY (revision), UNIQUE (op_id))""",
    """CREATE TABLE label_changes (
        revision INTEGER NOT NULL, sample_id VARCHAR(256) NOT NULL, "before" INTEGER, "after" INTEGER,
        PRIMARY KEY (revision, sample_id))""",
    """CREATE TABLE class_changes (
        revision INTEGER NOT NULL, class_id INTEGER NOT NULL, "before" TEXT, "after" TEXT,
        PRIMARY KEY (revision, class_id))""",
    """CREATE TABLE labels (
        sample_id VARCHAR(256) NOT NULL, class_id INTEGER, revision INTEGER NOT NULL, PRIMARY KEY (sample_id))""",
    """CREATE TABLE classes (
        id INTEGER NOT NULL, name VARCHAR(128) NOT NULL, color VARCHAR(7) NOT NULL, position INTEGER NOT NULL,
        revision INTEGER NOT NULL, PRIMARY KEY (id))""",
)
"""The first schema, which every later one can have come from."""
_CREATE_2 = (
    """CREATE TABLE label_columns (
        id INTEGER NOT NULL, run VARCHAR(512) NOT NULL, name VARCHAR(128) NOT NULL, revision INTEGER NOT NULL,
        undo_top INTEGER, redo_top INTEGER, next_class_id INTEGER NOT NULL,
        PRIMARY KEY (id), UNIQUE (run, name))""",
    """CREATE TABLE edits (
        column_id INTEGER NOT NULL, revision INTEGER NOT NULL, op_id VARCHAR(64) NOT NULL, kind VARCHAR(16) NOT NULL,
        target INTEGER, author VARCHAR(128) NOT NULL, time VARCHAR(32) NOT NULL, class_id INTEGER,
        count INTEGER NOT NULL, summary TEXT NOT NULL, selection TEXT, undo_top INTEGER, redo_top INTEGER,
        PRIMARY KEY (column_id, revision), UNIQUE (column_id, op_id))""",
    "CREATE INDEX edits_by_target ON edits (column_id, target)",
    """CREATE TABLE label_changes (
        column_id INTEGER NOT NULL, revision INTEGER NOT NULL, sample_id VARCHAR(512) NOT NULL,
        "before" INTEGER, "after" INTEGER,
        PRIMARY KEY (column_id, revision, sample_id)) WITHOUT ROWID""",
    """CREATE TABLE class_changes (
        column_id INTEGER NOT NULL, revision INTEGER NOT NULL, class_id INTEGER NOT NULL, "before" TEXT, "after" TEXT,
        PRIMARY KEY (column_id, revision, class_id))""",
    """CREATE TABLE labels (
        column_id INTEGER NOT NULL, sample_id VARCHAR(512) NOT NULL, class_id INTEGER, revision INTEGER NOT NULL,
        PRIMARY KEY (column_id, sample_id)) WITHOUT ROWID""",
    """CREATE TABLE classes (
        column_id INTEGER NOT NULL, id INTEGER NOT NULL, name VARCHAR(128) NOT NULL, color VARCHAR(7) NOT NULL,
        position INTEGER NOT NULL, revision INTEGER NOT NULL,
        PRIMARY KEY (column_id, id))""",
)
_COPIED_1 = {
    "edits": "revision, op_id, kind, target, author, time, class_id, count, summary, selection",
    "label_changes": 'revision, sample_id, "before", "after"',
    "class_changes": 'revision, class_id, "before", "after"',
    "labels": "sample_id, class_id, revision",
    "classes": "id, name, color, position, revision",
}


def _to_version_2(connection: Connection) -> None:
    """Room for many label columns; what can be undone and redone is kept, not worked out from the whole history.

    Version 1 was only ever kept in SQLite files, and held the one label column of one run.
    """
    for name in _COPIED_1:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {name}_1")
    for statement in _CREATE_2:
        connection.exec_driver_sql(statement)
    for name, columns in _COPIED_1.items():
        connection.exec_driver_sql(f"INSERT INTO {name} (column_id, {columns}) SELECT 1, {columns} FROM {name}_1")
        connection.exec_driver_sql(f"DROP TABLE {name}_1")
    rows = connection.exec_driver_sql("SELECT revision, kind, target FROM edits ORDER BY revision").all()
    tops = _replayed((revision, kind, target) for revision, kind, target in rows)
    if tops:
        connection.exec_driver_sql(
            "UPDATE edits SET undo_top = ?, redo_top = ? WHERE revision = ?",
            [(undo, redo, revision) for revision, (undo, redo) in tops.items()],
        )
    newest = max(tops, default=0)
    connection.exec_driver_sql(
        "INSERT INTO label_columns (id, run, name, revision, undo_top, redo_top, next_class_id) "
        "SELECT 1, '', 'label', ?, ?, ?, coalesce(max(class_id), 0) + 1 FROM class_changes",
        (newest, *tops.get(newest, (None, None))),
    )


def _replayed(history: Iterable[tuple[int, str, int | None]]) -> dict[int, tuple[int | None, int | None]]:
    """What could be undone and redone after each edit, by the rules of version 1.

    Args:
      history: Revision, kind and target of each edit, in order. An import is where everything starts: it stays.

    Returns:
      The revisions that undo and redo would take next, by the revision of the edit.
    """
    undoable: list[int] = []
    redoable: list[int] = []
    tops: dict[int, tuple[int | None, int | None]] = {}
    for revision, kind, target in history:
        if kind == "undo" and target is not None:
            undoable.pop()
            redoable.append(target)
        elif kind == "redo" and target is not None:
            redoable.pop()
            undoable.append(target)
        elif kind != "import":
            undoable.append(revision)
            redoable.clear()
        tops[revision] = (undoable[-1] if undoable else None, redoable[-1] if redoable else None)
    return tops


_CREATE_3 = (
    "CREATE TABLE label_runs (run VARCHAR(512) NOT NULL, identity VARCHAR(32) NOT NULL, PRIMARY KEY (run))",
    "CREATE TABLE label_places (run VARCHAR(512) NOT NULL, place TEXT NOT NULL, samples INTEGER NOT NULL)",
    "CREATE INDEX label_places_by_run ON label_places (run)",
    "ALTER TABLE edits ADD COLUMN content VARCHAR(32)",
)


def _to_version_3(connection: Connection) -> None:
    """An identity for every run's labels, the places of its folder, and what each edit was asked for.

    Where the run's folder is, nobody knows yet: whoever edits next says it.
    """
    for statement in _CREATE_3:
        connection.exec_driver_sql(statement)
    for run in connection.execute(text("SELECT DISTINCT run FROM label_columns")).scalars().all():
        given = {"run": run, "identity": secrets.token_hex(16)}
        connection.execute(text("INSERT INTO label_runs (run, identity) VALUES (:run, :identity)"), given)


_CREATE_4 = (
    "ALTER TABLE label_changes ADD COLUMN state_before INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE label_changes ADD COLUMN state_after INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE labels ADD COLUMN state INTEGER NOT NULL DEFAULT 0",
    'UPDATE label_changes SET state_before = 1 WHERE "before" IS NOT NULL',
    'UPDATE label_changes SET state_after = 1 WHERE "after" IS NOT NULL',
    "UPDATE labels SET state = 1 WHERE class_id IS NOT NULL",
)


def _to_version_4(connection: Connection) -> None:
    """A state for every sample: 1, labeled, for what has a class. Whether somebody saw it, nobody knows."""
    for statement in _CREATE_4:
        connection.exec_driver_sql(statement)


_CREATE_5 = (
    """CREATE TABLE edits_5 (
        column_id INTEGER NOT NULL, revision INTEGER NOT NULL, op_id VARCHAR(64) NOT NULL, kind VARCHAR(16) NOT NULL,
        target INTEGER, author VARCHAR(128) NOT NULL, time VARCHAR(32) NOT NULL, class_id INTEGER,
        count INTEGER NOT NULL, summary TEXT NOT NULL, selection TEXT, content VARCHAR(32), client VARCHAR(64) NOT NULL,
        touched TEXT, PRIMARY KEY (column_id, revision), UNIQUE (column_id, op_id))""",
    """CREATE TABLE label_columns_5 (
        id INTEGER NOT NULL, run VARCHAR(512) NOT NULL, name VARCHAR(128) NOT NULL, revision INTEGER NOT NULL,
        next_class_id INTEGER NOT NULL, PRIMARY KEY (id), UNIQUE (run, name))""",
)
_COPIED_4 = {
    "edits": "column_id, revision, op_id, kind, target, author, time, class_id, count, summary, selection, content",
    "label_columns": "id, run, name, revision, next_class_id",
}
_ALTER_5 = (
    "ALTER TABLE edits DROP COLUMN undo_top",
    "ALTER TABLE edits DROP COLUMN redo_top",
    "ALTER TABLE edits ADD COLUMN client VARCHAR(64) DEFAULT '' NOT NULL",
    "ALTER TABLE edits ALTER COLUMN client DROP DEFAULT",
    "ALTER TABLE edits ADD COLUMN touched TEXT",
    "ALTER TABLE label_columns DROP COLUMN undo_top",
    "ALTER TABLE label_columns DROP COLUMN redo_top",
)
_INDEX_5 = "CREATE INDEX edits_by_author ON edits (column_id, author, revision)"


def _to_version_5(connection: Connection) -> None:
    """What tells people of one name apart, and whose samples an edit changed; of earlier edits nobody knows either.

    What undo and redo take next is each person's own, and follows from the history.
    """
    if connection.dialect.name != "sqlite":
        for statement in (*_ALTER_5, _INDEX_5):
            connection.exec_driver_sql(statement)
        return
    # SQLite before 3.35 drops no columns.
    for statement in _CREATE_5:
        connection.exec_driver_sql(statement)
    for name, columns in _COPIED_4.items():
        more = (", client", ", ''") if name == "edits" else ("", "")
        copied = f"INSERT INTO {name}_5 ({columns}{more[0]}) SELECT {columns}{more[1]} FROM {name}"
        for statement in (copied, f"DROP TABLE {name}", f"ALTER TABLE {name}_5 RENAME TO {name}"):
            connection.exec_driver_sql(statement)
    for statement in ("CREATE INDEX edits_by_target ON edits (column_id, target)", _INDEX_5):
        connection.exec_driver_sql(statement)


_CREATE_6 = (
    """CREATE TABLE leases (
        column_id INTEGER NOT NULL, client VARCHAR(64) NOT NULL, tag VARCHAR(64) NOT NULL,
        author VARCHAR(128) NOT NULL, op_id VARCHAR(64) NOT NULL, kind VARCHAR(16) NOT NULL, class_id INTEGER,
        count INTEGER NOT NULL, sample_ids TEXT NOT NULL, until BIGINT NOT NULL,
        PRIMARY KEY (column_id, client, tag))""",
    "ALTER TABLE label_columns ADD COLUMN owner VARCHAR(128)",
    "ALTER TABLE label_columns ADD COLUMN blind INTEGER",
    "UPDATE label_columns SET blind = 0",
)


def _to_version_6(connection: Connection) -> None:
    """Room for what is given out to people, so that no two do the same; and for whose a label column is."""
    for statement in _CREATE_6:
        connection.exec_driver_sql(statement)


IDENTIFIED = 3
"""Since which version labels have an identity."""
MIGRATIONS: dict[int, Callable[[Connection], None]] = {
    2: _to_version_2,
    3: _to_version_3,
    4: _to_version_4,
    5: _to_version_5,
    6: _to_version_6,
}
"""What brings a store to each version from the one before it. A new one also raises `sql.SCHEMA_VERSION` by one."""
