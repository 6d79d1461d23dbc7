"""Puts a run's files in place together: they are written aside, and appear whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import msgspec

from exporters.errors import ExportError
from exporters.run.events import EVENT_SUFFIX
from exporters.run.journal import JOURNAL, check_plan, write_plan
from exporters.run.report import REPORT, read_files
from tb_tsne_plugin.runs.folder import Folder, replace_file, sync
from tb_tsne_plugin.runs.format import (
    ARCHIVE_NAME,
    CONFIG_NAME,
    METADATA_NAME,
    TILES_FOLDER,
    TILES_NAME,
)

ORPHANS = "orphaned_labels.tsv"
SPRITES = ("sprite.png", "sprite.jpg")
STAGING = ".exporting"
LOCK, MANIFEST = "lock", "publishing.json"
# What an export may remove: outputs of an earlier one. Labels (labels.sqlite, metadata.tsv*) are never among them.
_REMOVABLE = re.compile(
    rf"[^/\\]+\.bytes|events\.out\.tfevents\.[^/\\]+{re.escape(EVENT_SUFFIX)}|{TILES_FOLDER}/\d{{4,}}\.jpg|"
    + "|".join(re.escape(name) for name in (*SPRITES, ORPHANS, TILES_NAME, ARCHIVE_NAME))
)


class _Manifest(msgspec.Struct):
    """What is left to do once everything is written.

    Attributes:
        put: Files to put into place: the name in the staging folder by the name in the run's folder, in order.
        remove: Files of an earlier export to remove.
    """

    put: dict[str, str]
    remove: list[str]


class RunFolder:
    """The folder of one run, as a context: nothing in it changes before `publish`.

    Files are written in `.exporting` inside the folder (hence on the same disk), under names that neither TensorBoard
    nor the plugin takes for a run. `publish` removes an earlier run's projector_config.pbtxt, exchanges the files,
    and puts the new projector_config.pbtxt in last: killed at any moment, the folder holds the old run, the new run,
    or no run that anybody would list, and never loses a label. The next export into it sweeps up what was left.

    With a plan the export can go on after an interruption: Ctrl+C, a kill or a full disk leave `.exporting` behind
    where it holds a journal, and a folder entered with `resume` and the same plan finds its own files there.

    Args:
        folder: The run's folder.
        outputs: Names of the files that will be written, besides those of every run.
        plan: What the export is to be, as far as its rows and features depend on it (JSON); None if it cannot go on.
        resume: Whether to go on with what an interrupted export of the same plan left.

    Attributes:
        earlier: Names of the files of the export that stood there before; None where there was none of ours.
        resumed: Whether there was something to go on with.

    Raises:
        ExportError: On entering, if the folder cannot be written, another export is writing to it, or it holds files
            of these names that no export of ours made, or the plan differs. On leaving with an OSError (a full disk),
            in its place.
    """

    def __init__(
        self, folder: Path, outputs: Sequence[str], plan: Mapping[str, object] | None = None, resume: bool = False
    ):
        self.folder = folder
        self.earlier: list[str] | None = None
        self.resumed = False
        self._outputs = [CONFIG_NAME, METADATA_NAME, *outputs]
        self._plan = plan
        self._resume = resume
        self._staging = folder / STAGING
        self._staged: dict[str, Path] = {}
        self._made: list[Path] = []
        self._lock: int | None = None

    def __enter__(self) -> RunFolder:
        try:
            self.earlier = read_files(self.folder)
            if not (self._resume and (self._staging / MANIFEST).exists()):
                self._refuse_foreign_files()
            self._made = _make_folders(self._staging)
            self._take_lock()
            self.resumed = self._plan is not None and self._resume and check_plan(self._staging, self._plan)
            if not self.resumed:
                self._sweep()
                if self._plan is not None:
                    write_plan(self._staging, self._plan)
        except OSError as error:
            self._leave()
            raise ExportError(
                f"{self.folder} cannot be written ({error.strerror}): choose another --logdir."
            ) from error
        except ExportError:
            self._unlock()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        can_go_on = self._plan is not None and (self._staging / JOURNAL).exists()
        if can_go_on and error is not None and (self.resumed or not isinstance(error, ExportError)):
            self._unlock()
        else:
            self._leave()
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            again = "--resume goes on from there" if can_go_on else "run the export again"
            raise ExportError(f"Writing the run {self.folder} failed ({reason}); {again}.") from error

    def stage(self, name: str) -> Path:
        """Where to write the file that shall be called `name`."""
        # No name that TensorBoard takes for an event file, and no sub-folders.
        return self._staged.setdefault(name, self.scratch(name.replace("tfevents", "tf").replace("/", "_") + ".part"))

    def scratch(self, name: str) -> Path:
        """Where to keep something until the export ends."""
        return self._staging / name

    def publish(self, report: Callable[[Sequence[str]], str]) -> None:
        """Puts everything staged into place.

        A file of an earlier export that this one does not write is removed.

        Args:
            report: Gives the text of the report, from the names of all files.
        """
        names = [REPORT, *(name for name in self._staged if name != CONFIG_NAME), CONFIG_NAME]
        # File names that are no text come back as they are when the report is read.
        self.stage(REPORT).write_text(report(names), encoding="utf-8", errors="backslashreplace")
        for path in self._staged.values():
            with path.open("r+b") as file:
                sync(file.fileno())
        stale = [name for name in self.earlier or [] if name not in names and _REMOVABLE.fullmatch(name)]
        manifest = _Manifest({name: self._staged[name].name for name in names}, stale)
        replace_file(self.scratch(MANIFEST), json.dumps(msgspec.to_builtins(manifest)).encode())
        self.put_in_place()

    @property
    def is_publishing(self) -> bool:
        """Whether an interrupted export had come as far as putting its files into place."""
        return self.resumed and self.scratch(MANIFEST).exists()

    def put_in_place(self) -> None:
        """Does what the manifest of `publish` says; may be repeated after an interruption at any point."""
        manifest = msgspec.convert(json.loads(self.scratch(MANIFEST).read_bytes()), _Manifest)
        (self.folder / CONFIG_NAME).unlink(missing_ok=True)
        Folder(self.folder).sync()
        for name in manifest.remove:
            (self.folder / name).unlink(missing_ok=True)
        for name, part in manifest.put.items():
            target = self.folder / name
            if name == CONFIG_NAME:
                Folder(self.folder).sync()
            target.parent.mkdir(exist_ok=True)
            if (self._staging / part).exists():
                os.replace(self._staging / part, target)
        Folder(self.folder).sync()
        with suppress(OSError):
            (self.folder / TILES_FOLDER).rmdir()  # Empty if this export has no pages and an earlier one had.
        self._made.clear()

    def _refuse_foreign_files(self) -> None:
        if self.folder.exists() and not self.folder.is_dir():
            raise ExportError(f"{self.folder} is a file: give a folder as --logdir.")
        if self.earlier is None:
            foreign = [name for name in [*self._outputs, REPORT] if (self.folder / name).exists()]
            if foreign:
                raise ExportError(
                    f"{self.folder} already holds {foreign[0]}, which tb-tsne did not write: choose another --logdir."
                )

    def _take_lock(self) -> None:
        self._lock = os.open(self._staging / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            import fcntl
        except ImportError:  # Windows: two exports into one folder at a time are the user's own affair there.
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = None
            raise ExportError(f"Another export is writing to {self.folder}: wait for it to end.") from None
        except OSError:
            return  # A network disk without locks.

    def _sweep(self) -> None:
        for path in self._staging.iterdir():
            if path.name != LOCK:
                path.unlink()

    def _unlock(self) -> None:
        """Lets go of the folder and leaves everything as it is."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _leave(self) -> None:
        """Removes the staging folder, and folders made for a run that did not come about."""
        if self._lock is not None:
            shutil.rmtree(self._staging, ignore_errors=True)
            self._unlock()
        with suppress(OSError):
            for folder in reversed(self._made):
                if folder != self._staging or folder.exists():
                    folder.rmdir()


def _make_folders(folder: Path) -> list[Path]:
    missing = [path for path in [folder, *folder.parents] if not path.exists()][::-1]
    made: list[Path] = []
    try:
        for path in missing:
            path.mkdir(exist_ok=True)
            made.append(path)
    except OSError:
        for path in reversed(made):
            path.rmdir()
        raise
    return made
