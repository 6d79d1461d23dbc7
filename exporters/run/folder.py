"""Puts a run's files in place together: they are written aside, and appear whole or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from exporters.errors import ExportError
from exporters.images.own_runs import STAGING
from exporters.run.events import EVENT_PREFIX, EVENT_SUFFIX
from exporters.run.journal import JOURNAL, check_plan, read_plan, write_plan
from exporters.run.report import read_files, read_report
from exporters.run.unfinished import damaged, parse, read_whole
from tb_tsne_plugin.runs.folder import Folder, UnsafeFile, sync
from tb_tsne_plugin.runs.format import (
    ARCHIVE_NAME,
    CONFIG_NAME,
    LEFT_OUT_NAME,
    METADATA_NAME,
    REPORT_NAME,
    TILES_FOLDER,
    TILES_NAME,
    WHOLES_NAME,
)

ORPHANS = "orphaned_labels.tsv"
SPRITES = ("sprite.png", "sprite.jpg")
LOCK, MANIFEST = "lock", "publishing.json"
_PAGES_AND_EVENTS = (
    rf"{re.escape(EVENT_PREFIX)}[^/\\]+{re.escape(EVENT_SUFFIX)}|{re.escape(TILES_FOLDER)}/[0-9]{{4,}}\.jpg"
)
# What an export may remove: outputs of an earlier one. Labels (labels.sqlite, metadata.tsv*) are never among them.
_REMOVABLE = re.compile(
    rf"[^/\\]+\.bytes|{_PAGES_AND_EVENTS}|"
    + "|".join(re.escape(name) for name in (*SPRITES, ORPHANS, LEFT_OUT_NAME, TILES_NAME, ARCHIVE_NAME, WHOLES_NAME))
)


class _Manifest(msgspec.Struct):
    """What is left to do once everything is written.

    Attributes:
        put: Files to put into place: the name in the scratch folder by the name in the run's folder, in order.
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

    The folder may have come from anybody, and `.exporting` with it. Whoever calls an export names the folder, so a
    link there is followed; below it everything goes through a `Folder`, and only names that this export itself would
    write are put, however many others a manifest holds.

    Args:
        folder: The run's folder.
        outputs: Names of the files that will be written, besides those of every run.
        plan: What the export is to be, as far as its rows and features depend on it (JSON); None if it cannot go on.
        resume: Whether to go on with what an interrupted export of the same plan left.

    Attributes:
        run: The run's folder.
        scratch: Where to keep something until the export ends.
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
        self.run = Folder(folder)
        self.scratch = Folder(folder, STAGING)
        self.earlier: list[str] | None = None
        self.resumed = False
        self._outputs = [CONFIG_NAME, METADATA_NAME, *outputs, REPORT_NAME, LEFT_OUT_NAME, ORPHANS]
        self._plan = plan
        self._resume = resume
        self._staged: dict[str, str] = {}
        self._made: list[Path] = []
        self._lock: BinaryIO | None = None

    def __enter__(self) -> RunFolder:
        try:
            self._refuse_foreign_files()
            self._made = _make_folders(self.run.path)
            self.run.make_folder(STAGING)
            self._take_lock()
            self.resumed = self._plan is not None and self._resume and check_plan(self.scratch, self._plan)
            if not self.resumed:
                self._sweep()
                if self._plan is not None:
                    write_plan(self.scratch, self._plan)
        except OSError as error:
            self._leave()
            raise ExportError(
                f"{self.run.path} cannot be written ({error.strerror}): choose another --logdir."
            ) from error
        except ExportError:
            self._unlock()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        can_go_on = self._plan is not None and self._is_kept(JOURNAL)
        if can_go_on and error is not None and (self.resumed or not isinstance(error, ExportError)):
            self._unlock()
        else:
            self._leave()
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            again = "--resume goes on from there" if can_go_on else "run the export again"
            raise ExportError(f"Writing the run {self.run.path} failed ({reason}); {again}.") from error

    def stage(self, name: str) -> BinaryIO:
        """A new, empty file that shall be called `name`, open for writing.

        Raises:
            ExportError: If a file of that name stands there already, which no export of ours made.
        """
        self._refuse_foreign(name)
        return self.fresh(self._part(name))

    def stage_again(self, name: str) -> BinaryIO:
        """The file that shall be called `name`, as an earlier session left it, or a new one; open for changing."""
        return self.scratch.update(self._part(name))

    def fresh_to_read(self, name: str) -> BinaryIO:
        """As `stage`, open for reading too."""
        self._refuse_foreign(name)
        self.scratch.remove(self._part(name))
        return self.stage_again(name)

    def stage_whole(self, name: str, content: bytes) -> None:
        """Writes the file that shall be called `name`."""
        with self.stage(name) as file:
            file.write(content)

    def fresh(self, name: str) -> BinaryIO:
        """A new, empty file in the scratch folder, open for writing, in place of what an earlier session left there."""
        self.scratch.remove(name)
        return self.scratch.create(name)

    def publish(self, report: Callable[[Sequence[str]], str], kept: Sequence[str] = ()) -> None:
        """Puts everything staged into place.

        A file of an earlier export that this one does not write is removed.

        Args:
            report: Gives the text of the report, from the names of all files.
            kept: Files of the earlier export that are the run's as they are.

        Raises:
            ExportError: If something stands in the way of a file, or it was not written; the old run is then untouched.
        """
        names = [REPORT_NAME, *(name for name in self._staged if name != CONFIG_NAME), CONFIG_NAME]
        # File names that are no text come back as they are when the report is read.
        told = [*names[:-1], *(name for name in kept if name not in names), CONFIG_NAME]
        self.stage_whole(REPORT_NAME, report(told).encode("utf-8", "backslashreplace"))
        for part in self._staged.values():
            with self.scratch.update(part) as file:
                sync(file.fileno())
        stale = [name for name in self.earlier or [] if name not in told and self._is_removable(name)]
        manifest = _Manifest({name: self._staged[name] for name in names}, stale)
        self._check(manifest)
        self.scratch.replace(MANIFEST, json.dumps(msgspec.to_builtins(manifest)).encode())
        self._put(manifest)

    @property
    def is_publishing(self) -> bool:
        """Whether an interrupted export had come as far as putting its files into place."""
        return self.resumed and self._is_kept(MANIFEST)

    def put_in_place(self) -> None:
        """Does what the manifest of `publish` says; may be repeated after an interruption at any point.

        Raises:
            ExportError: If it names anything that is no output of this export, or something stands in the way.
        """
        try:
            manifest = parse(read_whole(self.scratch, MANIFEST), _Manifest)
        except ValueError as error:
            raise damaged(f"{MANIFEST}: {error}") from error
        self._check(manifest)
        self._put(manifest)

    def _put(self, manifest: _Manifest) -> None:
        if self.scratch.kind(manifest.put[CONFIG_NAME]) is not None:  # It comes last: without it all was done before.
            self.run.remove(CONFIG_NAME)
            self.run.sync()
        for name in manifest.remove:
            self.run.remove(name)
        for name in [*(name for name in manifest.put if name != CONFIG_NAME), CONFIG_NAME]:
            if name == CONFIG_NAME:
                self.run.sync()
            folder, slash, _ = name.rpartition("/")
            if slash:
                self.run.make_folder(folder)
            part = f"{STAGING}/{manifest.put[name]}"
            if self.run.kind(part) is not None:
                self.run.rename(part, name)
        self.run.sync()
        with suppress(OSError):
            self.run.remove_folder(TILES_FOLDER)  # Empty if this export has no pages and an earlier one had.
        self._made.clear()

    def _check(self, manifest: _Manifest) -> None:
        """Refuses a manifest that is not of this export, or cannot be carried out to the end."""
        allowed = {*self._outputs, *self._staged}
        for name, part in manifest.put.items():
            if (name not in allowed and not re.fullmatch(_PAGES_AND_EVENTS, name)) or part != _part_name(name):
                raise damaged(f"{MANIFEST} names what is no file of this export")
            written, standing = self.scratch.kind(part), self._standing(name)
            if written not in (None, "file") or (written is None and standing is None):
                raise damaged(f"{name} was not written")
            if written is not None and standing is not None:
                self._refuse_foreign(name)
        if not {REPORT_NAME, CONFIG_NAME, METADATA_NAME} <= manifest.put.keys():
            raise damaged(f"{MANIFEST} is no whole run's")
        if not all(_REMOVABLE.fullmatch(name) for name in manifest.remove):
            raise damaged(f"{MANIFEST} removes what is no file of an export")
        for name in manifest.remove:
            self._standing(name)

    def _standing(self, name: str) -> str | None:
        """What stands where a file shall be put or removed: a file, or nothing.

        Raises:
            UnsafeFile: If it is anything else.
        """
        kind = self.run.kind(name)
        if kind not in (None, "file"):
            self.run.open(name).close()  # says what it is
        return kind

    def _part(self, name: str) -> str:
        return self._staged.setdefault(name, _part_name(name))

    def _is_kept(self, name: str) -> bool:
        with suppress(OSError):
            return self.scratch.kind(name) is not None
        return False

    def _is_removable(self, name: str) -> bool:
        with suppress(OSError):
            return _REMOVABLE.fullmatch(name) is not None and self.run.kind(name) == "file"
        return False

    def _refuse_foreign_files(self) -> None:
        path = self.run.path
        if path.exists() and not path.is_dir():
            raise ExportError(f"{path} is a file: give a folder as --logdir.")
        self.earlier = read_files(self.run)
        there = [name for name in self._outputs if self.run.kind(name) is not None]
        if self.earlier is None:
            for name in there:
                self._refuse_foreign(name)
        for name in there:
            self._standing(name)
        if self.run.kind(TILES_FOLDER) is not None:
            self.run.names(TILES_FOLDER)  # no link, no file

    def _refuse_foreign(self, name: str) -> None:
        """Refuses to put a file in place of one that is nothing of an export's."""
        ours = (ORPHANS,) if self.earlier is None else (ORPHANS, REPORT_NAME, *self.earlier)
        if name not in ours and self.run.kind(name) is not None:
            raise ExportError(
                f"{self.run.path} already holds {name}, which tb-tsne did not write: choose another --logdir."
            )

    def _take_lock(self) -> None:
        self._lock = self.scratch.update(LOCK)
        try:
            import fcntl
        except ImportError:  # Windows: two exports into one folder at a time are the user's own affair there.
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._unlock()
            raise ExportError(f"Another export is writing to {self.run.path}: wait for it to end.") from None
        except OSError:
            return  # A network disk without locks.

    def _sweep(self) -> None:
        for name in self.scratch.names():
            if name != LOCK:
                if self.scratch.kind(name) == "folder":
                    raise UnsafeFile(f"{STAGING}/{name}", "a folder, which no export makes there")
                self.scratch.remove(name)

    def _unlock(self) -> None:
        """Lets go of the folder and leaves everything as it is."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _leave(self) -> None:
        """Removes the scratch folder, and folders made for a run that did not come about."""
        with suppress(OSError):
            if self._lock is not None:
                for name in self.scratch.names():
                    with suppress(OSError):
                        self.scratch.remove(name)
                self._unlock()
            self.run.remove_folder(STAGING)
        with suppress(OSError):
            for folder in reversed(self._made):
                folder.rmdir()


def finish_publishing(folder: Path) -> None:
    """Finishes an export into a folder that was interrupted while it put its files into place.

    Raises:
        ExportError: If what it left is damaged.
    """
    scratch = Folder(folder, STAGING)
    with suppress(OSError):
        if scratch.kind(MANIFEST) is None or (plan := read_plan(scratch)) is None:
            return
        tensors = [f"{name}.bytes" for name in read_report(Folder(folder)).tensors]
        with RunFolder(folder, [*tensors, *SPRITES, TILES_NAME, ARCHIVE_NAME, WHOLES_NAME], plan, True) as unfinished:
            if unfinished.is_publishing:
                unfinished.put_in_place()


def _part_name(name: str) -> str:
    """The name in the scratch folder: none that TensorBoard takes for an event file's, and no sub-folders."""
    return name.replace("tfevents", "tf").replace("/", "_") + ".part"


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
