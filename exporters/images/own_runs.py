"""Tells the files of runs from somebody's images: tiles and sprite sheets are no images, photos beside them are."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable
from pathlib import PurePath

import msgspec

from exporters.errors import some_of
from tb_tsne_plugin.runs.format import (
    CONFIG_NAME,
    MADE_BY,
    METADATA_NAME,
    REPORT_NAME,
    TILES_FOLDER,
    TILES_NAME,
    clean_text,
)

STAGING = ".exporting"
"""Where an export writes before it is finished."""
MAX_BYTES = 256 * 2**20
"""Of a report, or a config."""

# What the plugin, TensorBoard and exports keep beside the files that an export's report lists: no pictures.
_BESIDE = re.compile(
    "|".join(re.escape(name) for name in (CONFIG_NAME, REPORT_NAME))
    + rf"|{re.escape(METADATA_NAME)}(\.original)?|orphaned_labels\.tsv|labels\.sqlite.*|events\.out\.tfevents.*"
    + r"|.+\.(positions\.tsv|bookmarks\.json)"
)
_TILES = re.compile(rf"{re.escape(TILES_NAME)}|{re.escape(TILES_FOLDER)}/[0-9]{{4,}}\.jpg")
_PATH = re.compile(r"""_path\s*:\s*(["'])(.+?)\1""")
# What systems, packers and network storage (Synology, QNAP) leave beside people's files, thumbnails and what was thrown
# away; like files whose names begin with a dot, nobody sees them.
_SYSTEM = {
    *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "__macosx", "icon\r", "lost+found"),
    *("$recycle.bin", "recycler", "system volume information"),
    *("@eadir", "@__thumb", "#recycle", "@recycle", "#snapshot", "@recently-snapshot", "@tmp"),
}

Reader = Callable[[str, str], "bytes | None"]
"""Gives the content of a file from its folder, by the path below that of the images, and its name; None if there is
none."""


class _Origin(msgspec.Struct):
    """All that must be right of a report: who made the run, and of which files."""

    made_by: str = ""
    files: list[object] = []


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name, without what is above it, is nothing that people mean."""
    return name.startswith(".") or name.lower() in _SYSTEM


def is_hidden_path(name: str) -> bool:
    """Whether any step of a relative path is hidden."""
    return any(is_hidden(part) for part in PurePath(name).parts)


def files_of_report(content: bytes) -> list[str] | None:
    """Names of the files of an export, as its report tells; None where it is no report of ours."""
    try:
        # `json` alone keeps the lone surrogates of file names that are no text.
        origin = msgspec.convert(json.loads(content), _Origin)
    except (ValueError, RecursionError):
        return None
    return [name for name in origin.files if isinstance(name, str)] if origin.made_by == MADE_BY else None


class Runs:
    """The runs that lie in a folder of images.

    Args:
        read: Reads one of their files.

    Attributes:
        found: Those that a file was found to belong to, by name; not the folder itself.
    """

    def __init__(self, read: Reader):
        self._read = read
        self._known: dict[str, Callable[[str], bool] | None] = {}
        self.found: set[str] = set()

    def holds(self, name: str) -> bool:
        """Whether a file belongs to a run; its path below that of the images."""
        parts = name.split("/")
        for depth in range(len(parts)):
            folder = "/".join(parts[:depth])
            if folder not in self._known:
                self._known[folder] = self._run_in(folder)
            is_own = self._known[folder]
            if is_own is not None and is_own("/".join(parts[depth:])):
                self.found |= {folder} - {""}
                return True
        return False

    def _run_in(self, folder: str) -> Callable[[str], bool] | None:
        """Tells, by their names in a folder, which files are its run's; None where it holds none."""
        config, report = self._read(folder, CONFIG_NAME), self._read(folder, REPORT_NAME)
        listed = None if report is None else files_of_report(report)
        if config is None and listed is None:
            return None
        own = {*(listed or ()), *_paths_in(config or b"")}
        has_tiles = listed is None and self._read(folder, TILES_NAME) is not None

        def is_own(name: str) -> bool:
            return name in own or bool(_BESIDE.fullmatch(name)) or (has_tiles and bool(_TILES.fullmatch(name)))

        return is_own

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence that names those that were met, if any was."""
        if not self.found:
            return ()
        names = some_of([clean_text(name) for name in sorted(self.found)])
        what = "holds a run, whose" if len(self.found) == 1 else "hold runs, whose"
        return (f"{names} {what} own files are passed over.",)


def without_runs(names: Iterable[str], runs: Runs) -> list[str]:
    """Those of some files that belong to no run and are not hidden."""
    return [name for name in names if not is_hidden_path(name) and not runs.holds(name)]


def _paths_in(config: bytes) -> set[str]:
    """What a projector_config.pbtxt names; as the plugin does, by the last part too where it was written elsewhere."""
    paths = {posixpath.normpath(path) for _, path in _PATH.findall(config.decode("utf-8", "replace"))}
    return paths | {posixpath.basename(path) for path in paths}
