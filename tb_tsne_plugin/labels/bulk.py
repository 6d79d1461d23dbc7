"""Many rows at a time, at the driver's own speed.

SQLAlchemy works out every row's parameters anew, which takes longer than the database does. Here it compiles a
statement once for each dialect, and the driver gets plain rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, Table, bindparam, insert, select
from sqlalchemy.sql.compiler import SQLCompiler

from tb_tsne_plugin.labels.schema import labels

AT_ONCE = 500
"""Ids in one statement: databases take some tens of thousands of parameters at most, SQLite before 3.32 only 999."""


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts rows.

    Args:
      connection: A transaction.
      table: The table.
      columns: Names of the columns that the rows have.
      rows: Values, in the order of the columns.
    """
    if rows:
        statement, arranged = _insert(connection.dialect, table, tuple(columns))
        connection.exec_driver_sql(statement, [arranged(row) for row in rows])


def select_labels(connection: Connection, column_id: int, sample_ids: Sequence[str]) -> Iterator[Any]:
    """Sample id, class and revision of those samples that ever had a label."""
    statement, arranged = _select(connection.dialect)
    for begin in range(0, len(sample_ids), AT_ONCE):
        batch = sample_ids[begin : begin + AT_ONCE]
        padded = [*batch, *[batch[-1]] * (AT_ONCE - len(batch))]
        # All rows at once: fetched one by one they take four times as long.
        yield from connection.exec_driver_sql(statement, arranged((column_id, *padded))).all()


_Arranged = Callable[[tuple[Any, ...]], Any]


@lru_cache
def _insert(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[str, _Arranged]:
    return _compiled(dialect, insert(table).values({name: bindparam(f"p_{name}") for name in columns}), columns)


@lru_cache
def _select(dialect: Dialect) -> tuple[str, _Arranged]:
    names = tuple(str(number) for number in range(AT_ONCE))
    query = select(labels.c.sample_id, labels.c.class_id, labels.c.revision).where(
        labels.c.column_id == bindparam("p_column"), labels.c.sample_id.in_([bindparam(f"p_{name}") for name in names])
    )
    return _compiled(dialect, query, ("column", *names))


def _compiled(dialect: Dialect, statement: Executable, names: Sequence[str]) -> tuple[str, _Arranged]:
    """A statement as the driver wants it, and what puts values, in the order of the names, where it wants them."""
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    assert isinstance(compiled, SQLCompiler)
    if not compiled.positional:
        keys = [f"p_{name}" for name in names]
        return str(compiled), lambda values: dict(zip(keys, values, strict=True))
    places = [[f"p_{name}" for name in names].index(key) for key in compiled.positiontup or ()]
    if places == list(range(len(names))):
        return str(compiled), lambda values: values
    return str(compiled), lambda values: tuple(values[place] for place in places)
