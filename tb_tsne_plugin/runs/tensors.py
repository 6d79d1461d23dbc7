"""Reads features: raw float32 with a shape from the config, or tab-separated text."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained

MAX_TEXT_BYTES = 1 << 28
MAX_SAMPLES = 1 << 22
MAX_FEATURES = 1 << 20
"""Of one sample: those of an image of 1,024 x 1,024 pixels."""
_MAX_LINE = 32 * MAX_FEATURES
_SHOWN = 200
_PIECE = 1 << 20


def bytes_shape(folder: Path, tensor_path: str, declared: list[int]) -> tuple[int, int]:
    """The shape of a `.bytes` tensor, checked against the file's size before anything is read.

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
    _check_shape(tensor_path, declared[0], declared[1])
    expected = declared[0] * declared[1] * 4
    with open_contained(folder, tensor_path) as file:
        actual = os.fstat(file.fileno()).st_size
    if actual != expected:
        raise RunError(
            f"{tensor_path} has {actual:,} bytes, but {declared[0]:,} x {declared[1]:,} float32 take {expected:,}."
        )
    return declared[0], declared[1]


def read_bytes(folder: Path, tensor_path: str, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Reads a `.bytes` tensor.

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


def read_text(folder: Path, tensor_path: str) -> NDArray[np.float32]:
    """Reads a tab-separated tensor, one sample a line.

    Args:
      folder: The run's folder.
      tensor_path: What the config says.

    Returns:
      (N, D) features.

    Raises:
      RunError: If it is not a table of numbers.
    """
    with open_contained(folder, tensor_path) as file:
        if os.fstat(file.fileno()).st_size > MAX_TEXT_BYTES:
            raise RunError(f"{tensor_path} is larger than 256 MiB of text; write it as .bytes.")
        columns = file.readline(_MAX_LINE).count(b"\t") + 1
        file.seek(0)
        # Counted by us: told a number of rows, numpy would take memory for that many before it reads the first.
        _check_shape(tensor_path, sum(piece.count(b"\n") for piece in iter(lambda: file.read(_PIECE), b"")), columns)
        file.seek(0)
        try:
            values = np.loadtxt(file, dtype=np.float32, delimiter="\t", ndmin=2)
        except ValueError as error:
            raise RunError(f"{tensor_path} is not a table of numbers: {str(error)[:_SHOWN]}.") from None
    _check_shape(tensor_path, *values.shape)
    return values


def _check_shape(name: str, rows: int, size: int) -> None:
    if rows > MAX_SAMPLES or size > MAX_FEATURES:
        raise RunError(
            f"{name} has {rows:,} samples of {size:,} features; at most {MAX_SAMPLES:,} of {MAX_FEATURES:,} can be "
            "opened."
        )
