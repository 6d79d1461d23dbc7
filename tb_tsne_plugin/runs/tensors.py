"""Reads features: raw float32 with a shape from the config, NumPy's own files, or numbers as text.

Which of these a file is, is told by what it holds: people call them `vectors`, `emb.vec` or `vec.bin`.
"""

from __future__ import annotations

import codecs
import io
import os
import re
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained

MAX_TEXT_BYTES = 1 << 28
MAX_SAMPLES = 1 << 22
MAX_FEATURES = 1 << 20
"""Of one sample: those of an image of 1,024 x 1,024 pixels."""
NPY = b"\x93NUMPY"
_MAX_LINE = 32 * MAX_FEATURES
_SHOWN = 200
_PIECE = 1 << 20
_LOOKED_AT = 1 << 12
_TEXT = frozenset(range(0x20, 0x7F)) | frozenset(b"\t\r\n")
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Features(NamedTuple):
    """Features that were read whole.

    Attributes:
      values: (N, D) features.
      notes: Sentences on what was guessed or left out.
    """

    values: NDArray[np.float32]
    notes: list[str]


def is_raw(folder: Path, tensor_path: str, declared: list[int]) -> bool:
    """Whether a file holds plain float32, for which the config must give the shape.

    Args:
      folder: The run's folder.
      tensor_path: What the config says.
      declared: `tensor_shape` of the config.

    Raises:
      RunError: If the file cannot be opened.
    """
    with open_contained(folder, tensor_path) as file:
        head = file.read(_LOOKED_AT)
        size = os.fstat(file.fileno()).st_size
    if head.startswith((NPY, *_MARKS)):
        return False
    if not _TEXT.issuperset(head):
        return True
    # Numbers of three characters and what stands between them take as many bytes as float32.
    fits = len(declared) == 2 and size == 4 * declared[0] * declared[1]
    return fits and not _are_numbers(re.split(rb"[\t,; ]+", head.split(b"\n")[0].strip()))


def bytes_shape(folder: Path, tensor_path: str, declared: list[int]) -> tuple[int, int]:
    """The shape of raw features, checked against the file's size before anything is read.

    Args:
      folder: The run's folder.
      tensor_path: What the config says.
      declared: `tensor_shape` of the config.

    Returns:
      (N, D).

    Raises:
      RunError: If the shape is not two positive numbers, or does not fit the file.
    """
    if len(declared) != 2 or declared[1] == 0:
        raise RunError(f"{tensor_path}: tensor_shape must be two sizes (samples, features), not {list(declared)}.")
    check_shape(tensor_path, declared[0], declared[1])
    expected = declared[0] * declared[1] * 4
    with open_contained(folder, tensor_path) as file:
        actual = os.fstat(file.fileno()).st_size
    if actual != expected:
        raise RunError(
            f"{tensor_path} has {actual:,} bytes, but {declared[0]:,} x {declared[1]:,} float32 take {expected:,}."
        )
    return declared[0], declared[1]


def read_bytes(folder: Path, tensor_path: str, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Reads raw features.

    Args:
      folder: The run's folder.
      tensor_path: What the config says.
      shape: (N, D), from `bytes_shape`.

    Returns:
      (N, D) features.

    Raises:
      RunError: If the file changed its size meanwhile.
    """
    with open_contained(folder, tensor_path) as file:
        values = np.fromfile(file, dtype="<f4")
    if values.size != shape[0] * shape[1]:
        raise RunError(f"{tensor_path} changed while it was read; try again.")
    return values.reshape(shape).astype(np.float32, copy=False)


def read_parsed(folder: Path, tensor_path: str) -> Features:
    """Reads features that are not raw: NumPy's format, or text with a sample a line.

    Args:
      folder: The run's folder.
      tensor_path: What the config says.

    Raises:
      RunError: If they are neither, or too many.
    """
    with open_contained(folder, tensor_path) as file:
        start = file.read(len(NPY))
        file.seek(0)
        return _read_npy(file, tensor_path) if start == NPY else _read_text(file, tensor_path)


def check_shape(name: str, rows: int, size: int) -> None:
    """Refuses more than can be opened.

    Raises:
      RunError: In that case; the message begins with the name.
    """
    if rows > MAX_SAMPLES or size > MAX_FEATURES:
        raise RunError(
            f"{name} has {rows:,} samples of {size:,} features; at most {MAX_SAMPLES:,} of {MAX_FEATURES:,} can be "
            "opened."
        )


def _read_npy(file: BinaryIO, name: str) -> Features:
    try:
        version = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = read_header(file)
    except ValueError as error:
        raise RunError(f"{name} is not a NumPy file that can be read: {str(error)[:_SHOWN]}.") from None
    if len(shape) != 2 or min(shape) < 1 or dtype.kind not in "fiub":
        raise RunError(f"{name} must hold rows x values of numbers, not {dtype} of shape {shape}.")
    check_shape(name, *shape)
    count = shape[0] * shape[1]
    if os.fstat(file.fileno()).st_size - file.tell() != count * dtype.itemsize:
        raise RunError(f"{name} is cut short: its header tells of {shape[0]:,} x {shape[1]:,} values of {dtype}.")
    values = np.fromfile(file, dtype=dtype, count=count).reshape(shape, order="F" if by_columns else "C")
    with np.errstate(over="ignore"):
        return Features(np.ascontiguousarray(values, dtype=np.float32), [])


def _read_text(file: BinaryIO, name: str) -> Features:
    if os.fstat(file.fileno()).st_size > MAX_TEXT_BYTES:
        raise RunError(f"{name} is larger than 256 MiB of text; write it as .bytes.")
    file, notes = _as_ascii(file, name), []
    start, first = _next_line(file)
    separator = next((mark for mark in (b"\t", b";", b",") if mark in first.rstrip()), b" ")
    columns = len(first.split()) if separator == b" " else first.count(separator) + 1
    # Counted by us: told a number of rows, numpy would take memory for that many before it reads the first.
    file.seek(start)
    check_shape(name, sum(piece.count(b"\n") for piece in iter(lambda: file.read(_PIECE), b"")), columns)
    file.seek(start)
    if not _are_numbers(_cells(first, separator)):
        notes.append(f"{name} begins with a line that is no numbers, which is taken for names of the features.")
        file.readline(_MAX_LINE)
    begin, data = _next_line(file)
    if not data:
        raise RunError(f"{name} holds no numbers.")
    file.seek(begin)
    ends_early = data.rstrip(b"\r\n ").endswith(separator)
    if b'"' in data or ends_early or (separator != b"," and b"," in data):
        file = io.BytesIO(_plain_numbers(file.read(), separator))
    delimiter = None if separator == b" " else separator.decode()
    try:
        values = np.loadtxt(file, dtype=np.float32, delimiter=delimiter, ndmin=2, comments=None)
    except ValueError as error:
        raise RunError(f"{name} is not a table of numbers: {str(error)[:_SHOWN]}.") from None
    check_shape(name, *values.shape)
    return Features(values, notes)


def _next_line(file: BinaryIO) -> tuple[int, bytes]:
    """Where the next line with anything on it begins, and the line; an empty one at the end."""
    while True:
        begin = file.tell()
        line = file.readline(_MAX_LINE)
        if line.strip() or not line:
            return begin, line


def _as_ascii(file: BinaryIO, name: str) -> BinaryIO:
    """The text behind its byte order mark; one in UTF-16 in bytes that numpy reads."""
    start = file.read(3)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        file.seek(0)
        try:
            return io.BytesIO(file.read().decode("utf-16").encode())
        except UnicodeError:
            raise RunError(f"{name} begins as UTF-16 text, but cannot be read as such.") from None
    if start != codecs.BOM_UTF8:
        file.seek(0)
    return file


def _cells(line: bytes, separator: bytes) -> list[bytes]:
    return _plain_numbers(line, separator).replace(separator, b" ").split()


def _plain_numbers(text: bytes, separator: bytes) -> bytes:
    """Numbers without quotes, with points for decimal commas, and without separators at the ends of lines."""
    text = text.replace(b'"', b"")
    if separator != b",":
        text = text.replace(b",", b".")
    return re.sub(rb"[%b ]+(?=\r?(\n|$))" % re.escape(separator), b"", text)


def _are_numbers(cells: list[bytes]) -> bool:
    try:
        return bool([float(cell) for cell in cells])
    except ValueError:
        return False
