"""Pictures of one size in a file, memory-mapped: as many as the disk holds, in hardly any memory."""

from __future__ import annotations

from types import TracebackType
from typing import BinaryIO

import numpy as np

from exporters.images.renditions import Bytes
from exporters.run.unfinished import cut


class PictureFile:
    """Square RGB pictures, one after the other; as a context it closes the file.

    Args:
        file: Open for reading and writing.
        name: What to call it in messages.
        side: Width and height of the pictures in pixels.
        rows: How many pictures it holds already that count; the rest is cut off.

    Raises:
        ExportError: If it does not hold so many.
    """

    def __init__(self, file: BinaryIO, name: str, side: int, rows: int = 0):
        self.side = side
        self.rows = rows
        self._file = file
        cut(file, rows * side * side * 3, name)

    def __enter__(self) -> PictureFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def append(self, pictures: Bytes) -> None:
        """Writes (n, side, side, 3) uint8."""
        self._file.write(np.ascontiguousarray(pictures).data)
        self._file.flush()
        self.rows += len(pictures)

    def read(self) -> Bytes:
        """All pictures, (rows, side, side, 3) uint8, mapped from the file."""
        if self.rows == 0:
            return np.zeros((0, self.side, self.side, 3), np.uint8)
        pictures = np.memmap(self._file, np.uint8, "r", shape=(self.rows, self.side, self.side, 3))
        self._file.seek(0, 2)
        return pictures
