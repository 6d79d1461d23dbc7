"""Where labels are kept: an SQLite file beside the run, or any database that SQLAlchemy reaches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from tb_tsne_plugin.labels.earlier import PATIENCE, EarlierStore, EarlierStores
from tb_tsne_plugin.labels.errors import LabelsBusy, LabelsNotStored, StoreMissing
from tb_tsne_plugin.labels.failures import BUSY, translated_failures
from tb_tsne_plugin.labels.migrations import migrate, schema_version
from tb_tsne_plugin.labels.sql import SCHEMA_VERSION, VERSION_KEY, about, schema
from tb_tsne_plugin.labels.stopwatch import restart_at_statements
from tb_tsne_plugin.labels.store_file import StoreFile
from tb_tsne_plugin.labels.store_rights import rights_problem
from tb_tsne_plugin.runs.folder import Folder

STORE_NAME = "labels.sqlite"
BUSY_SECONDS = 5.0
_TO_MIGRATE_A_COPY = "copy labels.sqlite to a folder that can be written"
CREATION_LOCK = 7456321
"""Any number, the same in every process of ours."""
_earlier_stores = EarlierStores()


class Database:
    """A label database. Safe from several threads, processes and machines; nothing is opened before it is used."""

    def __init__(self, where: Folder | Path | str, name: str = STORE_NAME) -> None:
        """Names the database.

        Args:
          where: An SQLite file, a URL as SQLAlchemy takes it (`postgresql://user@host/name`), or a folder that the
            user answers for.
          name: The SQLite file below that folder; no step to it may be a link.

        Raises:
          LabelsNotStored: If it is no URL, its driver is not there, or it is SQLite without a file.
        """
        place = where if isinstance(where, Folder | Path) else _parsed(where)
        self._file: StoreFile | None = None
        if isinstance(place, URL):
            try:
                self._engine = _server_engine(place)
            except (ImportError, NoSuchModuleError) as error:
                raise LabelsNotStored(f"There is no driver for {place.drivername} databases here ({error}).") from None
        else:
            folder = place if isinstance(place, Folder) else Folder(place.parent)
            self._file = StoreFile(folder, name if isinstance(place, Folder) else place.name)
            self._engine = _sqlite_engine(self._file)
        self._lock, self._writing, self._copying = Lock(), Lock(), Lock()
        self._has_tables = False
        self._is_current = False

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for a server."""
        return None if self._file is None else self._file.path

    @property
    def exists(self) -> bool:
        """Whether the database holds our tables.

        Raises:
          LabelsBusy, LabelsNotStored: If it cannot be reached, or was made by another version of this package.
        """
        if self._file is not None:
            with translated_failures():
                found = self._file.status()
                if found is not None and found.st_size > 0:
                    return True
                self._file.look()  # nothing yet; but nothing is made either where something was planted
                return False
        if not self._has_tables:
            with translated_failures(), self._engine.connect() as connection:
                self._has_tables = inspect(connection).has_table(about.name)
        return self._has_tables

    @property
    def is_current(self) -> bool:
        """Whether its tables are known to be of our schema: whoever read them knows."""
        return self._is_current

    def create(self) -> None:
        """Makes the tables where there are none.

        Raises:
          LabelsBusy, LabelsNotStored: If they cannot be made.
        """
        if self.exists:
            self.check_rights()
            return
        with translated_failures(), self._lock:
            if self._file is not None:
                self._file.make()
            with self._writing_transaction(fills=True) as connection:
                self.lock_creation(connection)  # another process may have been first
                if not inspect(connection).has_table(about.name):
                    schema.create_all(connection)
                    connection.execute(insert(about).values(key=VERSION_KEY, value=str(SCHEMA_VERSION)))

    def check_rights(self) -> None:
        """Looks whether this user may write to a file that is there.

        Raises:
          LabelsNotStored: If its rights do not let them, where those of its folder would.
        """
        with translated_failures():
            problem = None if self._file is None else rights_problem(self._file.folder, self._file.name)
        if problem is not None:
            raise LabelsNotStored(problem)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes; on SQLite it holds the write lock from its start.

        Raises:
          StoreMissing: If there is none.
          LabelsBusy: If others write for too long.
          LabelsNotStored: If the tables are of an earlier version, and cannot be migrated, or of a later one.
        """
        self._bring_up_to_date()
        with self._writing_transaction() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database throughout; raises as `write` does.

        A file is not changed by it: of one of an earlier version, a copy in memory is read.
        """
        earlier = self._earlier()
        with self._reading_transaction() if earlier is None else earlier.read() as connection:
            yield connection

    def lock_creation(self, connection: Connection) -> None:
        """Makes others who would create or migrate tables or columns wait for this transaction's end.

        SQLite's writers wait for one another anyway.
        """
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CREATION_LOCK})")

    def _bring_up_to_date(self) -> None:
        """Migrates the tables, if need be, before they are written to, or used at all on a server."""
        if self._is_current:
            return
        if not self.exists:
            raise StoreMissing
        with translated_failures(), self._reading_transaction() as connection:
            is_current = schema_version(connection) == SCHEMA_VERSION
        if not is_current:
            self._migrate()
        self._is_current = True

    def _earlier(self) -> EarlierStore | None:
        """What to read in place of a file of an earlier version; None where the tables themselves can be read."""
        if self._file is None:
            self._bring_up_to_date()
        if self._is_current:
            return None
        if self._file is None or not self.exists:
            raise StoreMissing
        with translated_failures(), self._copying:
            copy = _earlier_stores.find(self._file.path, self._file.status())
            if copy is not None:
                return copy
            with self._reading_transaction() as connection:
                self._is_current = schema_version(connection) == SCHEMA_VERSION
                found = self._file.status()
                if self._is_current or found is None:
                    return None
                opened: Any = connection.connection.driver_connection
                copy = EarlierStore(opened, self._file.path, found)
            _earlier_stores.keep(self._file.path, copy)
            return copy

    def _migrate(self) -> None:
        try:
            with (
                translated_failures(_TO_MIGRATE_A_COPY),
                self._writing_transaction(patience=PATIENCE) as connection,
            ):
                self.lock_creation(connection)
                if connection.dialect.name == "postgresql":
                    # Who edits by the earlier schema comes first, or finds out afterwards what happened meanwhile.
                    connection.exec_driver_sql("LOCK TABLE label_columns IN EXCLUSIVE MODE")
                if self._file is None:
                    migrate(connection)
                else:
                    migrate(connection, self._file.folder, self._file.name)
        except LabelsNotStored as error:
            raise LabelsNotStored(
                f"The label store was made by an older version of tb-tsne and could not be brought up to date. {error}"
            ) from error
        if self._file is not None:
            _earlier_stores.find(self._file.path, None)  # nobody needs the copy any more

    @contextmanager
    def _writing_transaction(self, *, fills: bool = False, patience: int = 1) -> Iterator[Connection]:
        options = {"write": True, "fills": fills, "patience": patience}
        with (
            self._by_rights(),
            self._turn(),
            self._engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _reading_transaction(self) -> Iterator[Connection]:
        options = {"write": False, **self._snapshot}
        with self._by_rights(), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def _by_rights(self) -> Iterator[None]:
        """Tells of a file's rights where these are why it could not be used: SQLite says the same of a folder."""
        try:
            yield
        except (DBAPIError, sqlite3.Error, OSError):
            self.check_rights()
            raise

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Lets the writers of this process wait for one another: SQLite would have each look again now and then."""
        if self._file is None:
            yield
            return
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise LabelsBusy(BUSY)
        try:
            yield
        finally:
            self._writing.release()

    @property
    def _snapshot(self) -> dict[str, Any]:
        return {} if self._file is not None else {"isolation_level": "REPEATABLE READ"}


def _parsed(text: str) -> URL | Path:
    """The address of a server, or the path of a file."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise LabelsNotStored("The label database's address is no URL; write it as KIND://HOST/NAME.") from None
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:") or url.database.startswith("file:") or url.query:
            raise LabelsNotStored("An SQLite database of labels is a file; write sqlite:///FILE.")
        return Path(url.database)
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _sqlite_engine(file: StoreFile) -> Engine:
    """An engine on an SQLite file, which is looked at before each connection and in each transaction (`StoreFile`).

    A transaction begun with the execution option `write` takes the write lock at once, so that what it reads is still
    true when it writes. Rollback journal and EXTRA synchronisation: WAL does not work on network disks, and EXTRA keeps
    the promise that a commit survives a power cut. macOS keeps it only with full synchronisation: an ordinary one there
    ends in the drive's cache.
    """
    # No pool but the file's own, which notices where it was replaced.
    engine = create_engine("sqlite://", poolclass=NullPool, creator=lambda: file.connect(BUSY_SECONDS))

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        options = connection.get_execution_options()
        opened = connection.connection.driver_connection
        opened.stopwatch.patience = options.get("patience", 1)
        opened.execute("BEGIN IMMEDIATE" if options.get("write", False) else "BEGIN")
        file.check(opened, to_be_filled=options.get("fills", False))

    restart_at_statements(engine)
    return engine


def _server_engine(url: URL) -> Engine:
    """An engine on a server; a writer waits for another as long as it would on SQLite."""
    engine = create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=24, pool_timeout=BUSY_SECONDS)
    if engine.dialect.name == "postgresql":

        @event.listens_for(engine, "connect")
        def _configure(connection: Any, _record: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{BUSY_SECONDS:g}s'")
                cursor.execute("SET synchronous_commit = on")
            connection.commit()

    return engine
