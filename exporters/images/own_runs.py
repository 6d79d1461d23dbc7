"""Tells folders that hold a run from those that hold somebody's images: tiles and sprite sheets are no images."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePath

from exporters.errors import some_of
from tb_tsne_plugin.runs.format import ARCHIVE_NAME, CONFIG_NAME, METADATA_NAME, TILES_FOLDER, TILES_NAME, clean_text

STAGING = ".exporting"
"""Where an export writes before it is finished."""
MARKS = (CONFIG_NAME, STAGING)
"""What a run, or an unfinished export of one, has in its folder."""

_OWN_FILE = re.compile(
    "|".join(re.escape(name) for name in (*MARKS, ARCHIVE_NAME, TILES_NAME))
    + rf"|{re.escape(TILES_FOLDER)}/.*|{re.escape(METADATA_NAME)}(\.original)?|orphaned_labels\.tsv|sprite\.(png|jpg)"
    + r"|.+\.bytes|export_report\.json|labels\.sqlite.*|events\.out\.tfevents.*|.+\.(positions\.tsv|bookmarks\.json)"
)
# What systems and packers leave beside people's files; like files whose names begin with a dot, nobody sees them.
_SYSTEM = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "$recycle.bin", "system volume information"}


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name, without what is above it, is nothing that people mean."""
    return name.startswith(".") or name.lower() in _SYSTEM


def is_hidden_path(name: str) -> bool:
    """Whether any step of a relative path is hidden."""
    return any(is_hidden(part) for part in PurePath(name).parts)


class Runs:
    """The runs that lie in a folder of images.

    Args:
        is_run: Whether a folder, by its path below that of the images, holds a run; "" is that folder itself.

    Attributes:
        found: Those that were met, by name; not the folder itself.
    """

    def __init__(self, is_run: Callable[[str], bool]):
        self._is_run = is_run
        self._known: dict[str, bool] = {}
        self.found: set[str] = set()

    def holds(self, name: str) -> bool:
        """Whether a file belongs to a run; its path below that of the images."""
        *folders, _ = name.split("/")
        for depth in range(1, len(folders) + 1):
            if self.is_run("/".join(folders[:depth])):
                return True
        return self._knows("") and _OWN_FILE.fullmatch(name) is not None

    def is_run(self, folder: str) -> bool:
        """Whether a folder below that of the images is a run."""
        if self._knows(folder):
            self.found.add(folder)
        return self._known[folder]

    def _knows(self, folder: str) -> bool:
        if folder not in self._known:
            self._known[folder] = self._is_run(folder)
        return self._known[folder]

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence that names those that were met, if any was."""
        if not self.found:
            return ()
        names = some_of([clean_text(name) for name in sorted(self.found)])
        what = "holds a run: it is" if len(self.found) == 1 else "hold runs: they are"
        return (f"{names} {what} not searched for images.",)


def without_runs(names: Iterable[str], runs: Runs) -> list[str]:
    """Those of some files that belong to no run and are not hidden."""
    return [name for name in names if not is_hidden_path(name) and not runs.holds(name)]
