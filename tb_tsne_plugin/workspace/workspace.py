"""A log dir's runs with all that we keep of them: labels, sessions, checkpoints; and what an edit sets in motion."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock

from tb_tsne_plugin.labels import Database, LabelStore
from tb_tsne_plugin.labels.errors import ColumnMissing, LabelError
from tb_tsne_plugin.labels.model import Change, Edit, Person, State
from tb_tsne_plugin.labels.readers import Reader
from tb_tsne_plugin.labels.rules import import_change, initial_snapshot
from tb_tsne_plugin.labels.state_columns import labels_given
from tb_tsne_plugin.labels.store import DEFAULT_COLUMN
from tb_tsne_plugin.labels.watch import RevisionWatch
from tb_tsne_plugin.live import Session, Sessions
from tb_tsne_plugin.live.checkpoint import CheckpointFile
from tb_tsne_plugin.runs import Run, RunError, Tensor, find_run, run_names
from tb_tsne_plugin.runs.logdirs import LogDirs
from tb_tsne_plugin.terminal import logger_named
from tb_tsne_plugin.workspace.crew import Crew
from tb_tsne_plugin.workspace.errors import FeaturesChanged, NoSession, UnknownColumn
from tb_tsne_plugin.workspace.label_stores import LabelStores

logger = logger_named(__name__)

CHECKPOINTS = ".tsne"


class Workspace:
    """One log dir, or several served as one. Safe from several threads; other processes may work on the same labels."""

    def __init__(self, logdir: Path | LogDirs, stores: LabelStores | None = None) -> None:
        """Names the log dir; nothing is read yet.

        Args:
          logdir: The log dir, or several.
          stores: Where labels live; by default beside each run.
        """
        self.logdirs = LogDirs.of(logdir)
        self.stores = LabelStores() if stores is None else stores
        self.sessions = Sessions()
        self.crew = Crew()
        self._watches: dict[tuple[Database, str, str], RevisionWatch] = {}
        self._lock = Lock()

    def read_by(self, reader: Reader) -> Workspace:
        """The same log dir with no other label columns than somebody can read: any other is as if it were not there."""
        found = copy.copy(self)
        found.stores = self.stores.read_by(reader)
        return found

    def run_names(self) -> list[str]:
        """The names of all runs, readable or not."""
        return run_names(self.logdirs)

    def run(self, name: str) -> Run:
        """The run of a name.

        Raises:
          UnknownRun: If there is none.
        """
        return find_run(self.logdirs, name)

    def notes_on(self, run: Run) -> list[str]:
        """What is to be known of where a run is."""
        if self.logdirs.hold(run.folder):
            return []
        return ["The log dir holds only a link to this run: it lies elsewhere, with what is written into its folder."]

    def labels(self, run: Run, column: str = DEFAULT_COLUMN) -> LabelStore:
        """A label column of a run; the first one need not be there yet, and is not made.

        Raises:
          UnknownColumn: If there is no such column.
          LabelError: If that cannot be found out.
        """
        store = self.stores.of(run, column)
        if column != DEFAULT_COLUMN and not store.exists:
            raise UnknownColumn(run.name, column)
        return store

    def create_labels(self, run: Run) -> LabelStore:
        """The first label column of a run; it is made if there is none, with the labels that the run came with.

        Raises:
          LabelError: If it cannot be made.
        """
        store = self.stores.of(run)
        store.create(*labels_given(run, store.column))
        return store

    def planned_import(
        self,
        run: Run,
        column: str,
        names: Mapping[str, str | None],
        states: Mapping[str, State],
        *,
        only_unlabeled: bool,
    ) -> tuple[Change, int]:
        """What an import of labels would change now, and the revision now.

        Args:
          run: The run.
          column: The label column's name.
          names: Class name by sample id; None clears.
          states: State by sample id, of those whose state is said.
          only_unlabeled: Leave alone whatever is anything but unlabeled.

        Raises:
          UnknownColumn: If there is no such column.
          LabelError: If the labels cannot be read.
        """
        store = self.labels(run, column)
        if store.exists:
            return store.planned_import(names, states, only_unlabeled=only_unlabeled), store.revision()
        start = initial_snapshot(*labels_given(run, column))
        next_id = len(start.classes) + 1
        change = import_change(
            names,
            states,
            classes=start.classes,
            next_class_id=next_id,
            current=start.marks,
            only_unlabeled=only_unlabeled,
        )
        return change, start.revision

    def edit(self, run: Run, column: str, make: Callable[[LabelStore], Edit]) -> Edit:
        """Makes an edit of a label column, and tells it to everybody who waits for one and to the running t-SNEs.

        Args:
          run: The run.
          column: The label column's name.
          make: Makes the edit.

        Returns:
          The edit, which is stored durably by then.

        Raises:
          UnknownColumn: If there is no such column.
          LabelError: If the edit is not made.
        """
        store = self.stores.of(run, column)
        try:
            made = make(store)
        except ColumnMissing:  # asking beforehand would cost every edit a transaction
            self.labels(run, column)
            raise
        self.watch(store).tell(made.revision)
        self.sync_labels(run, (column, made))
        return made

    def changes_since(self, run: Run, column: str, revision: int, wait: float, person: Person | None = None) -> Edit:
        """What changed in a label column since a revision, as one edit.

        Args:
          run: The run.
          column: The label column's name.
          revision: What the caller has.
          wait: How many seconds to wait for a change.
          person: Who asks.
        """
        store = self.stores.of(run, column)
        if wait > 0:
            # What is not there for whoever asks must not end their waiting either.
            is_there = column == DEFAULT_COLUMN or store.exists
            watch = self.watch(store) if is_there else RevisionWatch(store.revision)
            watch.wait(revision, wait)
        edit = self._changes_since(run, column, revision, person)
        if edit.revision != revision:
            self.sync_labels(run)
        return edit

    def _changes_since(self, run: Run, column: str, revision: int, person: Person | None = None) -> Edit:
        edit = self.stores.of(run, column).changes_since(revision, person)
        if edit.store or column != DEFAULT_COLUMN:
            return edit
        start = initial_snapshot(*labels_given(run, column))
        return replace(edit, changes=dict(start.marks), classes=start.classes)

    def ignored(self, run: Run, column: str) -> list[str]:
        """The ids of the samples that are ignored in a label column; of labels that cannot be read, none."""
        try:
            marks = self._changes_since(run, column, -1).changes
        except (LabelError, RunError):
            return []
        return [sample_id for sample_id, mark in marks.items() if mark.state == "ignored"]

    def watch(self, store: LabelStore) -> RevisionWatch:
        """Who waits for a column's next edit."""
        key = (store.database, store.run, store.column)
        with self._lock:
            return self._watches.setdefault(key, RevisionWatch(store.sibling(store.column, None).revision))

    def session(self, run: Run, tensor: Tensor, *, may_be_outdated: bool = False) -> Session:
        """The session on some features.

        Args:
          run: The run.
          tensor: The features.
          may_be_outdated: Whether one on features that are no longer the run's will do.

        Raises:
          NoSession: If none was started.
          FeaturesChanged: If its features are no longer the run's; it is ended then.
        """
        session = self.sessions.get(run.name, tensor.name)
        if session is None:
            raise NoSession("The t-SNE is not running; start it.")
        if session.version != tensor.version:
            session.outdate()
            if not may_be_outdated:
                raise FeaturesChanged("The run was exported again; load it again and start the t-SNE.")
        return session

    def checkpoint(self, run: Run, tensor: Tensor) -> CheckpointFile:
        """Where a session's state is kept: in a hidden folder beside the labels."""
        name = hashlib.blake2b(tensor.name.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
        return CheckpointFile(*self.stores.kept_below(run, f"{CHECKPOINTS}/{name}.npz"))

    def sync_labels(self, run: Run, made: tuple[str, Edit] | None = None) -> None:
        """Tells a run's sessions all labels they have not heard of, whoever gave them.

        Labels that cannot be read keep no t-SNE from running.

        Args:
          run: The run.
          made: A label column and an edit of it just made: what it changed need not be read again. One that changed no
            label tells nothing of its revision, which may be somebody else's edit.
        """

        def changes_since(column: str, revision: int) -> Edit:
            return self._changes_since(run, column, revision)

        def given_in(column: str) -> dict[str, int]:
            return self.stores.of(run, column).label_revisions()

        for session in self.sessions.of_run(run.name):
            try:
                session.sync_labels(changes_since, made, given_in)
            except (LabelError, RunError) as error:
                # It goes on with what it has, and hears the rest when labels can be read again.
                logger.warning("The t-SNE of %r was not told the labels: %s", run.name, error)

    def close(self) -> None:
        """Ends all sessions."""
        self.sessions.close()
