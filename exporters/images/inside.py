"""Whether a file lies in the folder that a person named: links, and rows of tables, may lead anywhere."""

from __future__ import annotations

import os
from pathlib import Path

OUTSIDE = "lies outside of the folder (--outside takes it)"


class Inside:
    """All that lies in a folder, wherever links lead on the way.

    A folder of images may have come from anybody; what it leads to outside of itself would be copied into a run, which
    others may get to see.

    Args:
        folder: The folder, taken as its path leads to it.
        outside: Whether what lies elsewhere is meant as well.
    """

    def __init__(self, folder: Path, outside: bool = False):
        self._outside = outside
        self._root = os.path.realpath(folder)
        self._real: dict[str, str] = {}

    def holds(self, path: Path) -> bool:
        """Whether a path leads to what lies in the folder, or what lies elsewhere is meant too."""
        if self._outside:
            return True
        folder, name = os.path.split(path)
        if name in ("", ".", "..") or os.path.islink(path):
            real = _real(path)
        else:
            real = os.path.join(self._real_folder(folder), name)
        return real == self._root or real.startswith(os.path.join(self._root, ""))

    def _real_folder(self, folder: str) -> str:
        """Looked up once for all files of a folder."""
        if folder not in self._real:
            self._real[folder] = _real(folder)
        return self._real[folder]


def _real(path: str | os.PathLike[str]) -> str:
    """Where links lead; nowhere if there are so many of them that no system would follow."""
    try:
        return os.path.realpath(path)
    except RecursionError:
        return ""
