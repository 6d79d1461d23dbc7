"""The file of a label store, looked at before SQLite opens it.

SQLite opens a database and its journal by name, follows links, plays back whatever journal it finds, and deletes the
file that a journal names. In a folder that came from somebody else all of these may have been planted. So before every
connection: what lies there is what we would have made ourselves, or nothing is touched.

The store's own bytes are read through SQLite only. A file that is opened and closed beside it takes from this process
all locks that SQLite holds on it (the rule of POSIX), and two writers would meet in one file.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any
from urllib.parse import quote

from tb_tsne_plugin.labels.errors import LabelsNotStored, StoreMissing
from tb_tsne_plugin.labels.failures import DAMAGED, ELSEWHERE, UNWRITABLE
from tb_tsne_plugin.labels.stopwatch import STEPS_BETWEEN_LOOKS, Stopwatch, bytes_on_disk
from tb_tsne_plugin.labels.store_schema import check_schema, read_schema
from tb_tsne_plugin.runs.folder import Folder, UnsafeFile, check_single

MAX_VALUE_BYTES = 200_000
"""Far above anything that we store: the longest is how samples were selected, some kilobytes."""
_MAX_REHEARSED_BYTES = 1 << 30
_MAY_HAVE_HOLES_BYTES = 1 << 26
_MOST_PRESSED = 16
"""File systems that compress, or that say late what a file takes, let a store look as if it had holes."""

_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""How a journal begins. One that ends with it names a super-journal, which joins the journals of several databases."""
_NEVER_OURS = ("-wal", "-shm")
"""SQLite reads these beside any store."""
_TO_ROLLBACK_JOURNAL = (
    "another program's, and tb-tsne never makes one; close that program, or turn the store back by "
    "sqlite3 labels.sqlite 'PRAGMA journal_mode=DELETE'"
)
_MOST_IDLE = 8
_SHARED = (
    "Labels are neither read nor stored here: {name} is a file with more than one name (hard links, as `cp -al` and "
    "rsnapshot make them), and an edit would change it under all of them; give it a file of its own by "
    "`cp -p {name} x && mv x {name}` in its folder."
)


class StoreFile:
    """An SQLite file below a folder, which need not be there yet.

    Attributes:
      folder: The folder that its user, or a walk over the log dir, answers for; what lies below may be anybody's.
      name: The file below it.
      path: Where it is.
    """

    def __init__(self, folder: Folder, name: str) -> None:
        """Names the file; nothing is opened yet."""
        self.folder = folder
        self.name = name
        self.path = folder.path / name
        self._address = f"file:{quote(os.fsencode(self.path.absolute()))}"
        self._known: tuple[int, int] | None = None
        self._made: list[Any] | None = None

    def look(self) -> os.stat_result | None:
        """What there is of the store; None where there is none.

        Raises:
          UnsafeFile: If it, or what SQLite would take for a part of it, is not as we make it.
          LabelsNotStored: If it has further names.
          OSError: If it cannot be looked at.
        """
        there = self.folder.beside(self.name, ("", "-journal", *_NEVER_OURS))
        for suffix in _NEVER_OURS:
            if suffix in there:
                raise UnsafeFile(self.name + suffix, _TO_ROLLBACK_JOURNAL)
        if "-journal" in there:
            check_single(f"{self.name}-journal", there["-journal"])
            self._check_journal()
        return self._own(there.get(""))

    def status(self) -> os.stat_result | None:
        """What there is under the store's name, unopened; None where there is nothing. Raises as `look` does."""
        return self._own(self.folder.beside(self.name, ("",)).get(""))

    def _own(self, found: os.stat_result | None) -> os.stat_result | None:
        """What there is under the store's name, if that is a file of its own."""
        if found is not None:
            if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
                raise LabelsNotStored(_SHARED.format(name=self.name.rpartition("/")[2]))
            check_single(self.name, found)
        return found

    def make(self) -> None:
        """Makes an empty file, and the folders that it lies in, where there are none.

        Raises:
          LabelsNotStored: If nothing may be made there.
          OSError: If they cannot be made.
        """
        try:
            self._make()
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EROFS):
                raise LabelsNotStored(UNWRITABLE.format(advice=ELSEWHERE)) from error
            raise

    def _make(self) -> None:
        self.folder.make_folders(self.name.rpartition("/")[0])
        if self.look() is None:
            with suppress(FileExistsError):  # another process was first
                self.folder.create(self.name).close()

    def connect(self, busy_seconds: float) -> StoreConnection:
        """A connection to the store, if it is one of ours; a file is never made.

        Args:
          busy_seconds: How long to wait for others who write.

        Raises:
          StoreMissing: If it is gone.
          LabelsNotStored: If it is a database of another program.
          OSError, sqlite3.Error: If it cannot be opened.
        """
        found = self.look()
        if found is None:
            raise StoreMissing
        identity = (found.st_dev, found.st_ino)
        if found.st_size and identity != self._known:
            self._find_out_whose(found, busy_seconds)
            self._known = identity
        idle = _idle.take(self)
        if idle is not None:
            if idle.state == state_of(found):
                return idle
            idle.end()
        connection = self._connected("mode=rw", busy_seconds)
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA synchronous=EXTRA")
        connection.execute("PRAGMA fullfsync=ON")
        connection.execute("PRAGMA checkpoint_fullfsync=ON")
        connection.give_back = self._keep
        return connection

    def _keep(self, connection: StoreConnection) -> None:
        """Keeps a connection for the next transaction: opening takes longer than a short one.

        It is used again only if the file is as it was then. One that was copied over it, under the same inode, must not
        meet pages of the one before.
        """
        with suppress(OSError, LabelsNotStored):
            found = self.status()
            if found is not None and not connection.in_transaction:
                connection.state = state_of(found)
                _idle.keep(self, connection)
                return
        connection.end()

    def check(self, connection: sqlite3.Connection, *, to_be_filled: bool = False) -> None:
        """Looks whether the store is ours.

        Args:
          connection: A transaction.
          to_be_filled: Whether it may be empty.

        Raises:
          StoreMissing: If it is empty.
          LabelsNotStored: If it is not ours.
        """
        made = read_schema(connection)
        if not made and to_be_filled:
            return
        if not made and self.path.stat().st_size == 0:
            raise StoreMissing
        if made != self._made:
            check_schema(connection, made, self.name.rpartition("/")[2])
            self._made = made

    def _check_journal(self) -> None:
        """Refuses a journal that names a super-journal: SQLite would delete what it names, wherever that is."""
        name = f"{self.name}-journal"
        with suppress(FileNotFoundError), self.folder.open(name) as journal:
            size = journal.seek(0, os.SEEK_END)
            journal.seek(max(0, size - len(_JOURNAL_MAGIC)))
            if journal.read() == _JOURNAL_MAGIC:
                raise UnsafeFile(name, "no journal of ours: it names another file, which SQLite would delete")

    def _find_out_whose(self, before: os.stat_result, busy_seconds: float) -> None:
        """Refuses a store that is not ours or not whole, before anything is opened in a way that could change it."""
        _check_holes(before)
        try:
            # Neither locks nor journals: nothing at all happens to the file.
            self._check_once("mode=ro&immutable=1", busy_seconds)
            return
        except (LabelsNotStored, sqlite3.Error, UnicodeDecodeError):
            journal = self.folder.status(f"{self.name}-journal")
            now = self.look()
            if journal is None and now is not None and state_of(before) == state_of(now):
                raise
        # It is being written, or whoever wrote it was killed: as it lies there it need not make sense.
        try:
            self._check_once("mode=ro", busy_seconds)
        except sqlite3.OperationalError as error:
            if "readonly" not in str(error):
                raise
            self._rehearse()  # there is a journal to play back, which takes a connection that may write

    def _check_once(self, how: str, busy_seconds: float) -> None:
        with closing(self._connected(how, busy_seconds)) as connection:
            connection.execute("BEGIN")
            self.check(connection)
            connection.stopwatch.restart()
            self._check_whole(connection)

    def _check_whole(self, connection: sqlite3.Connection) -> None:
        """Refuses a store whose pages are not each used once, or whose indexes are not those of its tables.

        A page that is free and in use too would be written over by an edit, and with it labels that are stored. Pages
        that are used again and again make of a small file gigabytes to read and to sort, and so do indexes that name a
        row again and again. SQLite finds all that by itself; 100,000 labels take it some 30 milliseconds.
        """
        found = self.status()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page_size,) = connection.execute("PRAGMA page_size").fetchone()
        if found is None or found.st_size != pages * page_size:
            raise LabelsNotStored(DAMAGED)
        if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise LabelsNotStored(DAMAGED)

    def _rehearse(self) -> None:
        """Looks at a copy whose journal was played back.

        Nobody holds a lock on a store whose journal waits to be played back, so its bytes can be read.
        """
        with TemporaryDirectory() as place:
            copy = StoreFile(Folder(place), "store")
            for suffix in ("-journal", ""):
                with self.folder.open(self.name + suffix) as source, copy.folder.create(copy.name + suffix) as target:
                    found = os.fstat(source.fileno())
                    _check_holes(found)
                    if found.st_size > _MAX_REHEARSED_BYTES:
                        raise LabelsNotStored(DAMAGED)
                    shutil.copyfileobj(source, target, 1 << 20)
            copy.look()
            with suppress(StoreMissing):  # it was being made, and nothing is left
                copy._check_once("mode=rw", 0)

    def _connected(self, how: str, busy_seconds: float) -> StoreConnection:
        connection = sqlite3.connect(
            f"{self._address}?{how}",
            timeout=busy_seconds,
            isolation_level=None,  # sqlite3 would begin transactions by its own rules
            check_same_thread=False,
            factory=StoreConnection,
            uri=True,
        )
        connection.limit(self.path)
        return connection


class _Idle:
    """The connections that wait for the next transaction: one a file, and only of the files that were used last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[StoreFile, StoreConnection] = {}

    def take(self, file: StoreFile) -> StoreConnection | None:
        with self._lock:
            return self._kept.pop(file, None)

    def keep(self, file: StoreFile, connection: StoreConnection) -> None:
        with self._lock:
            too_many = [self._kept.pop(file)] if file in self._kept else []
            if len(self._kept) >= _MOST_IDLE:
                too_many.append(self._kept.pop(next(iter(self._kept))))
            self._kept[file] = connection
        for each in too_many:
            each.end()


_idle = _Idle()


class StoreConnection(sqlite3.Connection):
    """A connection without what a store of ours never needs and a planted one might use.

    Attributes:
      stopwatch: Ends a statement that computes for too long.
      give_back: Takes it instead of its being closed; None where nobody does.
      state: How the file was when it was given back.
    """

    stopwatch: Stopwatch
    give_back: Callable[[StoreConnection], None] | None = None
    state: tuple[int, ...] = ()

    def close(self) -> None:
        """Gives it back to its file, where there is one."""
        if self.give_back is None:
            super().close()
        else:
            self.give_back(self)

    def end(self) -> None:
        """Closes it."""
        super().close()

    def limit(self, path: Path) -> None:
        """Limits what the file at a path can do to us."""
        self.stopwatch = Stopwatch(path)
        self.set_progress_handler(self.stopwatch.is_over, STEPS_BETWEEN_LOOKS)
        self.execute("PRAGMA trusted_schema=OFF")
        self.execute("PRAGMA cell_size_check=ON")
        self.execute("PRAGMA mmap_size=0")
        self.execute("PRAGMA temp_store=MEMORY")  # of a whole store no more is sorted than it has
        if sys.version_info >= (3, 11):
            self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
            self.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        if sys.version_info >= (3, 12):
            self.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)


def state_of(found: os.stat_result) -> tuple[int, ...]:
    """What changes when a file does, or another takes its place."""
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _check_holes(found: os.stat_result) -> None:
    """Refuses a file that says to be far larger than it is: a copy of it would be."""
    if found.st_size > max(_MAY_HAVE_HOLES_BYTES, _MOST_PRESSED * bytes_on_disk(found)):
        raise LabelsNotStored(DAMAGED)
