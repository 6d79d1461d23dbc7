"""Puts a run's files in place together: they are written aside, and appear whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from exporters.errors import ExportError

CONFIG = "projector_config.pbtxt"
METADATA = "metadata.tsv"
REPORT = "export_report.json"
ORPHANS = "orphaned_labels.tsv"
EVENT_SUFFIX = ".tb-tsne"
MADE_BY = "tb-tsne"
STAGING = ".exporting"
LOCK = "lock"
# What an export may remove: outputs of an earlier one. Labels (labels.sqlite, metadata.tsv*) are never among them.
_REMOVABLE = re.compile(
    r"[^/\\]+\.bytes|sprite\.(png|jpg)|events\.out\.tfevents\.[^/\\]+\.tb-tsne|orphaned_labels\.tsv"
)


class RunFolder:
    """The folder of one run, as a context: nothing in it changes before `publish`.

    Files are written in `.exporting` inside the folder (hence on the same disk), under names that neither TensorBoard
    nor the plugin takes for a run. `publish` removes an earlier run's projector_config.pbtxt, exchanges the files,
    and puts the new projector_config.pbtxt in last: killed at any moment, the folder holds the old run, the new run,
    or no run that anybody would list, and never loses a label. The next export into it sweeps up what was left.

    Raises:
        ExportError: On entering, if the folder cannot be written, another export is writing to it, or it holds files
            of these names that no export of ours made. On leaving with an OSError (a full disk), in its place.
    """

    def __init__(self, folder: Path, outputs: Sequence[str]):
        self.folder = folder
        self.earlier: dict[str, Any] | None = None
        self._outputs = [CONFIG, METADATA, *outputs]
        self._staging = folder / STAGING
        self._staged: dict[str, Path] = {}
        self._made: list[Path] = []
        self._lock: int | None = None

    def __enter__(self) -> RunFolder:
        self.earlier = read_report(self.folder)
        self._refuse_foreign_files()
        try:
            self._made = _make_folders(self._staging)
            self._take_lock()
            self._sweep()
        except OSError as error:
            self._leave()
            raise ExportError(
                f"{self.folder} cannot be written ({error.strerror}): choose another --logdir."
            ) from error
        except ExportError:
            self._made.clear()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._leave()
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise ExportError(f"Writing the run {self.folder} failed ({reason}); run the export again.") from error

    def stage(self, name: str) -> Path:
        """Where to write the file that shall be called `name`."""
        return self._staged.setdefault(name, self._staging / f"{len(self._staged):02d}.part")

    def publish(self, report: dict[str, Any]) -> None:
        """Puts everything staged into place, with `report` (a JSON object, to which the file names are added).

        A file of an earlier export that this one does not write is removed.
        """
        names = [REPORT, *(name for name in self._staged if name != CONFIG), CONFIG]
        text = json.dumps({"made_by": MADE_BY, **report, "files": names}, indent=1, ensure_ascii=False)
        self.stage(REPORT).write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
        for path in self._staged.values():
            _sync(path)
        config = self.folder / CONFIG
        config.unlink(missing_ok=True)
        _sync(self.folder)
        for name in (self.earlier or {}).get("files", []):
            if isinstance(name, str) and name not in names and _REMOVABLE.fullmatch(name):
                (self.folder / name).unlink(missing_ok=True)
        for name in names:
            if name == CONFIG:
                _sync(self.folder)
            os.replace(self._staged[name], self.folder / name)
        _sync(self.folder)
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

    def _leave(self) -> None:
        """Removes the staging folder, and folders made for a run that did not come about."""
        if self._lock is not None:
            shutil.rmtree(self._staging, ignore_errors=True)
            os.close(self._lock)
            self._lock = None
        with suppress(OSError):
            for folder in reversed(self._made):
                if folder != self._staging or folder.exists():
                    folder.rmdir()


def read_report(run_dir: Path) -> dict[str, Any] | None:
    """The report of the export that made this run, or None where there is none of ours."""
    try:
        report = json.loads((run_dir / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return report if isinstance(report, dict) and report.get("made_by") == MADE_BY else None


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


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
