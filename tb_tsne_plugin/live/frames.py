"""Frames between the worker and TensorBoard: a memory-mapped file of a few slots, the latest wins.

The worker writes a frame into the slot after the last one, then announces it on its pipe (the pipe orders memory
between the two processes). A reader copies the announced slot; if the worker came round to it meanwhile, the number in
the header no longer is the one announced.
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

SLOTS = 4
HEADER = struct.Struct("<IIIHH")
"""Frame number, epoch, label revision, dimensions, 0: 16 bytes."""

MAX_DIMENSIONS = 3


class Frame(NamedTuple):
    """The embedding at one epoch.

    Attributes:
      number: Counts frames from 1.
      epoch: The epoch it shows.
      revision: The label revision it was computed with.
      positions: (d, N).
    """

    number: int
    epoch: int
    revision: int
    positions: NDArray[np.float32]

    def encoded(self) -> bytes:
        """The frame as it goes over the wire (docs/http_api.md)."""
        header = HEADER.pack(self.number, self.epoch, self.revision, len(self.positions), 0)
        return header + np.ascontiguousarray(self.positions, dtype="<f4").tobytes()


def decoded(encoded: bytes) -> Frame:
    """The frame that was encoded."""
    number, epoch, revision, dimensions, _ = HEADER.unpack_from(encoded)
    positions = np.frombuffer(encoded, dtype="<f4", offset=HEADER.size)
    return Frame(number, epoch, revision, positions.reshape(dimensions, -1))


class FrameBuffer:
    """The file of slots, mapped by the worker (who writes) or by TensorBoard (who reads)."""

    def __init__(self, file: BinaryIO, n_samples: int) -> None:
        """Maps the file.

        Args:
          file: Open for reading and writing; it may be closed afterwards.
          n_samples: N.

        Raises:
          OSError: If there is no room for it.
        """
        self._n_samples = n_samples
        self._slot_size = HEADER.size + 4 * MAX_DIMENSIONS * n_samples
        size = SLOTS * self._slot_size
        if os.fstat(file.fileno()).st_size < size:
            _grow(file, size)
        self._map = mmap.mmap(file.fileno(), size)

    def write(self, frame: Frame) -> None:
        """Writes a frame into its slot; announce it afterwards."""
        encoded = frame.encoded()
        start = (frame.number % SLOTS) * self._slot_size
        self._map[start : start + len(encoded)] = encoded

    def read(self, number: int) -> bytes | None:
        """The encoded frame of a number, or None if it has been overwritten, or the file is no longer mapped."""
        if self._map.closed:
            return None
        start = (number % SLOTS) * self._slot_size
        dimensions = HEADER.unpack_from(self._map, start)[3]
        encoded = self._map[start : start + HEADER.size + 4 * dimensions * self._n_samples]
        # Looked at after the copy: a frame that is written writes its header first.
        return encoded if HEADER.unpack_from(self._map, start)[0] == number else None

    def close(self) -> None:
        """Unmaps the file, which is gone then if nobody else has it mapped."""
        self._map.close()


def _grow(file: BinaryIO, size: int) -> None:
    """Takes the room on the disk: writing into a map where there is none ends a process."""
    file.truncate(size)
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):  # not every file system can
                raise
