"""A folder of this machine, or one behind an address that fsspec can read and write, as `s3://bucket/folder`."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import unquote

from exporters.errors import ExportError
from tb_tsne_plugin.runs.folder import Folder, is_temporary

_FILE = "file://"


@dataclass(frozen=True)
class Storage:
    """Files by their names below a place. Whoever has it may give it to another process.

    Every failure is an OSError whose `strerror` says what is wrong, whatever store it is.

    Attributes:
        place: A path, or an address.
    """

    place: str

    def __str__(self) -> str:
        return self.place

    @property
    def folder(self) -> Folder | None:
        """The folder, if it is one of this machine."""
        if self.place.startswith(_FILE):
            return Folder(unquote(self.place[len(_FILE) :], errors="surrogateescape"))
        return None if "://" in self.place else Folder(self.place)

    def at(self, name: str) -> str:
        """A file's path or address."""
        return f"{self.place.rstrip('/')}/{name}"

    def open(self, name: str) -> BinaryIO:
        """A file, open for reading anywhere in it."""
        folder = self.folder
        if folder is not None:
            return folder.open(name)
        with self._files() as (files, below):
            opened: BinaryIO = files.open(f"{below}/{name}", "rb")
            return opened

    def read(self, name: str, most: int) -> bytes:
        """A file's content; of one that is longer, a byte more than `most`."""
        with _failures(), self.open(name) as file:
            return file.read(most + 1)

    def names(self) -> list[str]:
        """Sorted names of the files directly in it; none where there is no such folder."""
        folder = self.folder
        try:
            if folder is not None:
                return folder.names()
            with self._files() as (files, below):
                return sorted(path.rsplit("/", 1)[-1] for path in files.ls(below, detail=False, refresh=True))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def make(self) -> None:
        """Makes the folder, where that is something to make."""
        folder = self.folder
        if folder is not None:
            folder.make_folders("")

    def replace(self, name: str, content: bytes) -> None:
        """Writes a file: in a folder whole or not at all, in an object store by one put, which is the same."""
        folder = self.folder
        if folder is not None:
            folder.replace(name, content)
            return
        with self._files() as (files, below):
            files.pipe_file(f"{below}/{name}", content)

    def tidy(self) -> None:
        """Removes what writers of files left that were killed; nobody may be writing now."""
        folder = self.folder
        if folder is not None:
            for name in folder.names():
                if is_temporary(name, name[1:].rsplit(".", 2)[0]):
                    folder.remove(name)

    @contextmanager
    def _files(self) -> Iterator[tuple[Any, str]]:
        """Behind an address: what reads and writes there, and the path that names are below."""
        with _failures():
            files, path = fsspec().core.url_to_fs(self.place)
            yield files, path.rstrip("/")


def fsspec() -> Any:
    """The library.

    Raises:
        ExportError: If it is not installed.
    """
    try:
        import fsspec as found
    except ImportError:
        raise ExportError("Addresses need fsspec: pip install 'tb-tsne[cluster]'.") from None
    return found


@contextmanager
def _failures() -> Iterator[None]:
    """Makes one kind of error of those that every store has of its own."""
    try:
        yield
    except ExportError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:
            raise
        if isinstance(error, FileNotFoundError):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from error
        said = str(error).strip().splitlines() or [""]
        raise OSError(errno.EIO, f"{type(error).__name__}: {said[0][:200]}") from error
