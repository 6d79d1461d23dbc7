"""Pictures of one size in a file, memory-mapped: as many as the disk holds, in hardly any memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from exporters.images.renditions import Bytes


class PictureFile:
    """Square RGB pictures, one after the other.

    Args:
        path: The file; made if it is missing.
        side: Width and height of the pictures in pixels.
        rows: How many pictures it holds already that count; the rest is cut off.
    """

    def __init__(self, path: Path, side: int, rows: int = 0):
        self.side = side
        self.rows = rows
        self._path = path
        with path.open("ab") as file:
            file.truncate(rows * self._bytes)

    @property
    def _bytes(self) -> int:
        return self.side * self.side * 3

    def append(self, pictures: Bytes) -> None:
        """Writes (n, side, side, 3) uint8."""
        with self._path.open("ab") as file:
            file.write(np.ascontiguousarray(pictures).data)
        self.rows += len(pictures)

    def read(self) -> Bytes:
        """All pictures, (rows, side, side, 3) uint8, mapped from the file."""
        if self.rows == 0:
            return np.zeros((0, self.side, self.side, 3), np.uint8)
        return np.memmap(self._path, np.uint8, "r", shape=(self.rows, self.side, self.side, 3))
