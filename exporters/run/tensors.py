"""The .bytes files: float32, little-endian, row by row, as TensorBoard reads them."""

from __future__ import annotations

import codecs
import re
from types import TracebackType
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError, ExportUsageError, some_of
from exporters.run.journal import NO_ROWS, TensorState
from exporters.run.unfinished import cut

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_HUGE = float(np.finfo(np.float32).max)


def check_tensor_name(name: str) -> None:
    """Refuses a name that cannot be a file's.

    Raises:
        ExportUsageError: In that case.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ExportUsageError(f"{name!r} cannot name features: use up to 64 letters, digits, _, - and dots.")


class TensorFile:
    """Writes one stage's features as they come.

    Args:
        name: The tensor's name, for messages.
        file: Open for reading and writing.
        state: What in the file counts already; the rest is cut off.

    Attributes:
        shape: (rows so far, width); the width is 0 before the first rows.
        bad_rows: The rows with values that cannot be written, counted from 0.

    Raises:
        ExportError: If the file does not hold what should count.
    """

    def __init__(self, name: str, file: BinaryIO, state: TensorState = NO_ROWS):
        self.name = name
        self.shape = state.shape
        self.bad_rows = list(state.bad_rows)
        self._file = file
        cut(file, 4 * self.shape[0] * self.shape[1], name)

    def __enter__(self) -> TensorFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def append(self, rows: npt.ArrayLike) -> None:
        """Writes (n, D) rows of numbers, D being the same every time.

        Raises:
            ExportError: If the shape does not fit.
        """
        values = np.asarray(rows)
        if values.ndim != 2 or values.shape[1] == 0:
            raise ExportError(f"{self.name}: features must be rows x values, not of shape {values.shape}.")
        if values.dtype.kind not in "fiub":
            raise ExportError(f"{self.name}: features must be real numbers, not {values.dtype}.")
        count, width = self.shape
        if width not in (0, values.shape[1]):
            raise ExportError(f"{self.name}: rows of {values.shape[1]} values follow rows of {width}.")
        usable = np.isfinite(values)
        if values.dtype.itemsize > 4:
            usable &= np.abs(values) <= _HUGE
        self.bad_rows += [count + int(row) for row in np.flatnonzero(~usable.all(axis=1))]
        self._file.write(np.ascontiguousarray(np.where(usable, values, 0), dtype="<f4").data)
        self.shape = (count + len(values), values.shape[1])

    def flush(self) -> TensorState:
        """Hands all rows so far to the operating system; they count in a file that is opened with what it returns."""
        self._file.flush()
        return TensorState(self.shape, [*self.bad_rows])

    def finish(self) -> None:
        """Closes the complete file.

        Raises:
            ExportError: If a row held NaN, infinity, or a number beyond float32.
        """
        self.check_values()
        keep_from_reading_as_text(self._file)
        self._file.close()

    def check_values(self) -> None:
        """Refuses values that cannot be written.

        Raises:
            ExportError: If a row held NaN, infinity, or a number beyond float32.
        """
        if self.bad_rows:
            raise ExportError(
                f"{self.name}: {len(self.bad_rows):,} of {self.shape[0]:,} rows hold NaN or infinite values "
                f"(counted from 0: {some_of(self.bad_rows)})."
            )


def keep_from_reading_as_text(file: BinaryIO) -> None:
    """Changes the first number by next to nothing if the file's first line happens to be valid text.

    The stock Projector opens every tensor as a TSV file first and takes it for binary only when that fails with a
    UnicodeDecodeError, which can happen no later than at the first newline byte. Features that begin with zeros
    (sparse ReLU outputs, black corners) pass as text up to there, and one such run hides its tab for all runs. A zero
    becomes -0.0, which equals it; another number's lowest byte becomes 0x80, a change below 2 parts in 100,000. Either
    byte sequence begins no valid UTF-8.

    Args:
        file: Little-endian float32, open for reading and writing; an empty one is left alone.
    """
    if not _first_line_is_text(file):
        return
    file.seek(0)
    first = file.read(4)
    if len(first) == 4:
        file.seek(0)
        file.write(b"\0\0\0\x80" if first == bytes(4) else b"\x80" + first[1:])


def _first_line_is_text(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    while chunk := file.read(2**16):
        line, newline, _ = chunk.partition(b"\n")
        try:
            decoder.decode(line, final=bool(newline))
        except UnicodeDecodeError:
            return False
        if newline:
            return True
    return True
