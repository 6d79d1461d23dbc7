"""SQLite stores of earlier schemas, read without a change to them: as copies in memory, which are migrated there."""

from __future__ import annotations

import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, StaticPool, create_engine, event, update

from tb_tsne_plugin.labels.errors import LabelsNotStored
from tb_tsne_plugin.labels.identity import NOT_YET
from tb_tsne_plugin.labels.migrations import IDENTIFIED, migrate, schema_version
from tb_tsne_plugin.labels.sql import label_runs
from tb_tsne_plugin.labels.stopwatch import restart_at_statements
from tb_tsne_plugin.labels.store_file import StoreConnection, state_of

MOST_BYTES = 1 << 30
"""Of the stores that there are copies of in this process: a hundred times what 100,000 labels take."""
PATIENCE = 20
"""How many times the usual the statements of a migration may take."""
_TOO_LARGE = (
    "The label store was made by an older version of tb-tsne and is too large to be read before it is brought up to "
    "date; that happens when somebody who may edit opens the run."
)


class EarlierStore:
    """A copy, in memory, of a store. Safe from several threads, which take turns."""

    def __init__(self, source: sqlite3.Connection, path: Path, found: os.stat_result) -> None:
        """Copies a store and migrates the copy.

        Args:
          source: A transaction that reads it.
          path: Where it is.
          found: What its file is meanwhile.

        Raises:
          LabelsNotStored: If it is too large, or damaged.
        """
        if found.st_size > MOST_BYTES:
            raise LabelsNotStored(_TOO_LARGE)
        self.size = found.st_size
        self._state = state_of(found)
        self._turn = Lock()
        memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, factory=_InMemory)
        source.backup(memory)
        memory.limit(path)
        self._engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: memory)
        restart_at_statements(self._engine)
        event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        memory.stopwatch.patience = PATIENCE
        with self.read() as connection:
            version = schema_version(connection)
            migrate(connection)
            if version < IDENTIFIED:
                connection.execute(update(label_runs).values(identity=NOT_YET))
        memory.stopwatch.patience = 1

    def is_of(self, found: os.stat_result) -> bool:
        """Whether a file is still what was copied."""
        return self._state == state_of(found)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction."""
        with self._turn, self._engine.connect() as connection, connection.begin():
            yield connection


class EarlierStores:
    """The copies of this process that were read last, as many as `MOST_BYTES` allows. Safe from several threads."""

    def __init__(self) -> None:
        """Begins with none."""
        self._copies: OrderedDict[Path, EarlierStore] = OrderedDict()
        self._lock = Lock()

    def find(self, path: Path, found: os.stat_result | None) -> EarlierStore | None:
        """The copy of a store as it is now, if there is one; an outdated one is forgotten."""
        with self._lock:
            copy = self._copies.pop(path, None)
            if copy is None or found is None or not copy.is_of(found):
                return None
            self._copies[path] = copy
            return copy

    def keep(self, path: Path, copy: EarlierStore) -> None:
        """Keeps a copy, and forgets those that were read longest ago where all are too large."""
        with self._lock:
            self._copies[path] = copy
            while sum(each.size for each in self._copies.values()) > MOST_BYTES:
                self._copies.popitem(last=False)


class _InMemory(StoreConnection):
    """Closed by whoever reads it last."""

    def __del__(self) -> None:
        self.close()
