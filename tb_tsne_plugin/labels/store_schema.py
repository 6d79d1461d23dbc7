"""Whether an SQLite file is a label store: exactly the tables that we make, and nothing beside them.

A trigger would change or drop what is stored, a view or a generated column compute for as long as it likes, another
index hide rows, and all of them run as soon as a table is used. A store that holds anything of the kind is not used.
What we make is found by making it, in memory: with today's schema, and with the oldest one and the migrations.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, create_engine

from tb_tsne_plugin.labels.errors import LabelsNotStored
from tb_tsne_plugin.labels.failures import ELSEWHERE
from tb_tsne_plugin.labels.migrations import CREATE_1, MIGRATIONS, NEWER
from tb_tsne_plugin.labels.sql import SCHEMA_VERSION, VERSION_KEY, about, schema

Made: TypeAlias = frozenset[tuple[str, str, str, str]]
"""Type, name, table and statement of everything that a database was made of."""

_MADE = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_MANY = 100
"""More things than any version of our schema has."""


def read_schema(connection: sqlite3.Connection) -> list[Any]:
    """What a database says that it is made of; not all of it where that is more than any store of ours."""
    return connection.execute(_MADE).fetchmany(_MANY)


def check_schema(connection: sqlite3.Connection, rows: list[Any], name: str) -> None:
    """Looks whether a database is a label store of this or an earlier version.

    Args:
      connection: A transaction.
      rows: Its schema, as read.
      name: The file, in messages.

    Raises:
      LabelsNotStored: If it is something else, or holds more than we made.
    """
    made = _made(rows)
    if made == _todays(SCHEMA_VERSION) or made in _earlier():
        return
    if not any(item[:2] == ("table", about.name) for item in made & _todays(SCHEMA_VERSION)):
        raise LabelsNotStored(f"{name} is a database of another program; move it away, or {ELSEWHERE}.")
    query = f"SELECT value FROM {about.name} WHERE key = ?"
    version = connection.execute(query, (VERSION_KEY,)).fetchone()
    if version and re.fullmatch("[0-9]{1,9}", str(version[0]), re.ASCII) and int(version[0]) > SCHEMA_VERSION:
        raise LabelsNotStored(NEWER)
    raise LabelsNotStored(
        f"{name} was changed by another program: its tables are not as tb-tsne makes them, or more is there beside "
        "them (triggers, views, indexes); restore it from a backup."
    )


def _made(rows: Iterable[Any]) -> Made:
    return frozenset(
        (str(kind), str(name), str(table), "" if text is None else _normal(str(text)))
        for kind, name, table, text in rows
    )


def _normal(statement: str) -> str:
    """A statement however it was written: SQLite keeps blanks, line breaks and needless quotes as they were typed."""
    bare = re.sub(r'"(\w+)"', r"\1", statement)
    return re.sub(r" ?([(),]) ?", r"\1", re.sub(r"\s+", " ", bare)).strip()


@lru_cache(maxsize=2)
def _todays(version: int) -> Made:
    """What a new store is made of."""
    with create_engine("sqlite://").connect() as connection:
        schema.create_all(connection)
        return _made_of(connection)


def _earlier() -> Iterator[Made]:
    """What stores of the earlier versions are made of, and one of today's that was once the oldest."""
    with create_engine("sqlite://").connect() as connection:
        for statement in CREATE_1:
            connection.exec_driver_sql(statement)
        yield _made_of(connection)
        for version in range(2, SCHEMA_VERSION + 1):
            MIGRATIONS[version](connection)
            made = _made_of(connection)
            yield made
            yield _without_defaults(made)


def _without_defaults(made: Made) -> Made:
    """The same made at once: only columns that are added to a table with rows have a default."""
    return frozenset((kind, name, table, text.replace(" DEFAULT 0", "")) for kind, name, table, text in made)


def _made_of(connection: Connection) -> Made:
    return _made(connection.exec_driver_sql(_MADE))
