"""Where labels live: beside each run, below a folder, or in a database.

The server, every command and `read_labels` ask here, so that the same options lead to the same labels everywhere:

    labels_dir   D/<the run's path below the log dir>/labels.sqlite
    labels_db    the database, under the run's path below the log dir
    neither      <the run's folder>/labels.sqlite

What is found by the run's name alone may be another log dir's (`places`); what is in the run's folder is the run's.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Literal

from tb_tsne_plugin.labels import Database, LabelStore
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.labels.readers import Reader
from tb_tsne_plugin.labels.store import DEFAULT_COLUMN
from tb_tsne_plugin.runs import Run
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.workspace.errors import LabelsPlaceUnknown
from tb_tsne_plugin.workspace.places import RunPlace

DIR_VARIABLE = "TB_TSNE_LABELS_DIR"
DB_VARIABLE = "TB_TSNE_LABELS_DB"


class LabelStores:
    """The label stores of a log dir's runs."""

    def __init__(self, labels_dir: Path | None = None, labels_db: str | None = None) -> None:
        """Names the place; nothing is opened yet.

        Args:
          labels_dir: The folder below which the labels of every run are kept.
          labels_db: URL of the database where they are kept.
        """
        self._labels_dir = labels_dir
        self._labels_db = labels_db
        self._databases: dict[Path | str, Database] = {}
        self._admitted: dict[tuple[str, Path], set[str]] = {}
        self._lock = Lock()
        self._reader: Reader | None = None

    def read_by(self, reader: Reader) -> LabelStores:
        """The same stores with no other label columns than somebody can read."""
        found = copy.copy(self)
        found._reader = reader
        return found

    @classmethod
    def chosen(cls, labels_dir: str | os.PathLike[str] | None, labels_db: str | None) -> LabelStores:
        """The place that options name; where they name none, the environment does.

        Args:
          labels_dir: A folder; None or empty for none.
          labels_db: A database's URL; None or empty for none.

        Raises:
          LabelsPlaceUnknown: If both are named.
        """
        named = "a folder and a database for the labels are both given"
        if not labels_dir and not labels_db:
            labels_dir, labels_db = os.environ.get(DIR_VARIABLE), os.environ.get(DB_VARIABLE)
            named = f"{DIR_VARIABLE} and {DB_VARIABLE} are both set"
        if labels_dir and labels_db:
            raise LabelsPlaceUnknown(f"Labels live in one place, but {named}; take one of them away.")
        return cls(Path(labels_dir).expanduser() if labels_dir else None, labels_db or None)

    @property
    def kept_in(self) -> Literal["run", "dir", "database"]:
        """What kind of place it is."""
        if self._labels_db is not None:
            return "database"
        return "run" if self._labels_dir is None else "dir"

    @property
    def name(self) -> str:
        """The place in messages; a database's URL may hold a password."""
        return "the label database" if self._labels_dir is None else str(self._labels_dir)

    def of(self, run: Run, column: str = DEFAULT_COLUMN) -> LabelStore:
        """A label column of a run, which may not be there yet."""
        place = None
        if self.kept_in != "run":
            with self._lock:
                place = RunPlace(run, self._admitted.setdefault((run.name, run.folder), set()))
        return LabelStore(*self._kept(run), column, place, self._reader)

    def kept_below(self, run: Run, name: str) -> tuple[Folder, str]:
        """Where a file of ours that belongs to a run is kept: a folder that the user chose, and the name below it."""
        if self._labels_dir is None:
            return Folder(run.folder), name
        return Folder(self._labels_dir), (PurePosixPath(run.name) / name).as_posix()

    def hold(self, run: Run) -> bool:
        """Whether there are labels under the run's name, whoever's they are.

        Raises:
          LabelsBusy, LabelsNotStored: If that cannot be found out.
        """
        return bool(LabelStore(*self._kept(run)).columns())

    def _kept(self, run: Run) -> tuple[Database, str]:
        """The database, and the run's name in it."""
        if self._labels_db is not None:
            return self._database(self._labels_db), run.name
        return self._database(*self.kept_below(run, STORE_NAME)), ""

    def _database(self, where: Folder | str, name: str = "") -> Database:
        key = where if isinstance(where, str) else where.path / name
        with self._lock:
            found = self._databases.get(key)
            if found is None:
                found = self._databases[key] = Database(where, name)
            return found
