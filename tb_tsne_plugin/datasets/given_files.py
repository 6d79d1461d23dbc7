"""A file or a folder that the user named to be read: a dataset, or their own annotations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.runs.folder import Folder

MAX_FILE_BYTES = 1 << 31
MAX_DEPTH = 32


class GivenFiles:
    """What lies under a path. Inside a folder no link is followed, and nothing read there leads anywhere else."""

    def __init__(self, path: Path) -> None:
        """Names the file or folder; nothing is read yet.

        Raises:
          DatasetError: If there is nothing.
        """
        self.path = path
        self.is_folder = path.is_dir()
        if not self.is_folder and not path.exists():
            raise DatasetError(f"{path} is not there.")
        self._folder = Folder(path)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.name or str(self.path)

    def above(self) -> GivenFiles:
        """The folder that it is in."""
        return GivenFiles(self.path.absolute().parent)

    def holds(self, name: str) -> bool:
        """Whether there is a file of a name in the folder."""
        try:
            return self.is_folder and self._folder.kind(name) == "file"
        except OSError:
            return False

    def read(self, name: str = "") -> bytes:
        """The bytes of a file in the folder; of the file itself without a name.

        Raises:
          DatasetError: If it cannot be read.
        """
        shown = f"{self.name}/{name}" if name else self.name
        try:
            with self._folder.open(name) if name else self.path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise DatasetError(f"{shown} cannot be read: {error.strerror}.") from None
        if len(content) > MAX_FILE_BYTES:
            raise DatasetError(f"{shown} is larger than {MAX_FILE_BYTES >> 30} GiB.")
        return content

    def json(self, name: str = "") -> Any:
        """The value in a JSON file.

        Raises:
          DatasetError: If it cannot be read, or is none.
        """
        try:
            return json.loads(self.read(name))
        except (ValueError, RecursionError):
            raise DatasetError(f"{f'{self.name}/{name}' if name else self.name} is no JSON.") from None

    def names(self, suffix: str = "") -> list[str]:
        """The files below the folder, sorted; hidden ones are passed over.

        Args:
          suffix: What their names end with.

        Raises:
          DatasetError: If the folder cannot be read.
        """
        try:
            found = sorted(name for name in self._walk("", 0) if name.lower().endswith(suffix))
        except OSError as error:
            raise DatasetError(f"{self.name} cannot be read: {error.strerror}.") from None
        return found

    def _walk(self, folder: str, depth: int) -> Iterator[str]:
        for each in self._folder.names(folder):
            name = f"{folder}/{each}" if folder else each
            kind = None if each.startswith(".") or not _is_text(each) else self._folder.kind(name)
            if kind == "file":
                yield name
            elif kind == "folder" and depth < MAX_DEPTH:
                yield from self._walk(name, depth + 1)


def _is_text(name: str) -> bool:
    """Whether a name can be told: one that is no UTF-8 names nothing that a run knows."""
    return not any("\ud800" <= character <= "\udfff" for character in name)
