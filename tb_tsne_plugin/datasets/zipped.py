"""A dataset that is a folder as one archive, made while it is sent: of all pictures only one is held at a time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.model import File, Sample

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The same archive for the same dataset, whenever it is made."""


def _no_picture(_: Sample) -> bytes:
    raise DatasetError("Nobody said where the images are.")


def zipped(files: Sequence[File], content: Callable[[Sample], bytes] = _no_picture) -> Iterator[bytes]:
    """The bytes of an archive, file by file.

    Args:
      files: What lies in it.
      content: The bytes of a sample's picture.

    Raises:
      DatasetError: If there is none; what was made until then is no whole archive.
    """
    tail = _Tail()
    with zipfile.ZipFile(tail, "w") as archive:  # type: ignore[call-overload]  # it has all of a file that is needed
        for file in files:
            entry = zipfile.ZipInfo(file.name, _EARLIEST)
            entry.external_attr = 0o644 << 16
            if isinstance(file.content, Sample):
                archive.writestr(entry, content(file.content))  # stored: pictures are compressed already
            else:
                archive.writestr(entry, file.content, zipfile.ZIP_DEFLATED)
            yield tail.taken()
    yield tail.taken()


class _Tail:
    """The end of a file whose beginning is gone: `zipfile` goes back no further than to where the last entry begins."""

    def __init__(self) -> None:
        self._gone = 0
        self._held = io.BytesIO()

    def taken(self) -> bytes:
        """What was written since it was taken last."""
        found = self._held.getvalue()
        self._gone += len(found)
        self._held = io.BytesIO()
        return found

    def write(self, data: bytes) -> int:
        return self._held.write(data)

    def tell(self) -> int:
        return self._gone + self._held.tell()

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        assert whence == io.SEEK_SET, "an archive is written from its beginning"
        return self._gone + self._held.seek(place - self._gone)

    def seekable(self) -> bool:
        return True

    def flush(self) -> None:
        pass
