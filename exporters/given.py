"""What Python callers hand in, of whatever library, as lists and NumPy arrays."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError, ExportUsageError


def as_matrix(name: str, rows: Any) -> npt.NDArray[Any]:
    """Features as an array.

    Args:
        name: What to call them in messages.
        rows: (N, D) numbers: an array, nested lists, a DataFrame, a sparse matrix, or another library's tensor.

    Returns:
        (N, D).

    Raises:
        ExportError: If they are no rows of numbers.
    """
    rows = _detached(rows.toarray() if hasattr(rows, "toarray") else rows)
    try:
        if isinstance(rows, np.ma.MaskedArray):
            rows = np.where(np.ma.getmaskarray(rows), np.nan, np.ma.getdata(rows))
        matrix = np.asarray(rows)
        if matrix.dtype == object and matrix.ndim == 1:  # a Series of arrays, a row each
            matrix = np.array([np.asarray(_detached(row), dtype=np.float64) for row in matrix])
        if matrix.dtype == object:  # a DataFrame's columns of several types
            matrix = matrix.astype(np.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise ExportError(f"{name}: features must be rows x values of numbers ({error}).") from None
    if matrix.ndim != 2:
        raise ExportError(f"{name}: features must be rows x values, not of shape {matrix.shape}.")
    return matrix


def as_list(values: Any, what: str = "what was given") -> list[Any]:
    """The items of a sequence, one by one and in order: of a list, an array, a Series whatever its index, a tensor.

    Args:
        values: The sequence.
        what: What to call it in messages.

    Raises:
        ExportUsageError: If it is none.
    """
    values = _detached(values)
    is_scalar = isinstance(values, (str, bytes, os.PathLike, Mapping, Set)) or not isinstance(values, Iterable)
    if is_scalar or getattr(values, "ndim", 1) == 0 or hasattr(values, "columns"):
        raise ExportUsageError(f"{what} must be a list, an array or a Series, not {type(values).__name__}.")
    if hasattr(values, "to_pylist"):  # pyarrow
        return list(values.to_pylist())
    if hasattr(values, "numpy") and not isinstance(values, np.ndarray):  # a tensor: its items would be tensors
        values = values.numpy()
    return [_plain(value) for value in values]


def as_columns(metadata: Any) -> dict[str, list[Any]]:
    """The columns of a table: a mapping of sequences, or a DataFrame of any library.

    Raises:
        ExportError: If it is none of these, or two columns have one name.
    """
    if isinstance(metadata, Mapping):
        names: Any = metadata
    elif hasattr(metadata, "reset_index"):  # pandas: an index with a name is a column like the others
        named = [name for name in metadata.index.names if name is not None and name not in metadata.columns]
        metadata = metadata.reset_index(named) if named else metadata
        names = metadata.columns
    else:
        names = getattr(metadata, "column_names", None) or getattr(metadata, "columns", None)
    if names is None:
        raise ExportUsageError("metadata must be a DataFrame, or a mapping of columns by name.")
    listed = list(names)
    if len(set(map(_name_of, listed))) < len(listed):
        raise ExportError("metadata has two columns of the same name.")
    return {_name_of(name): _as_column(metadata[name], _name_of(name)) for name in listed}


def _name_of(name: Any) -> str:
    """A column's name; one in several levels has them all."""
    return "_".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)


def _as_column(values: Any, name: str) -> list[Any]:
    """One value a row, also out of (N, 1) values."""
    cells = as_list(values, f"the metadata column {name}")
    shapes = {np.shape(cell) for cell in cells if isinstance(cell, np.ndarray)}
    if not shapes:
        return cells
    if shapes != {(1,)}:
        raise ExportError(f"the metadata column {name} must hold one value a row, not arrays of shape {shapes.pop()}.")
    return [_plain(cell[0]) if isinstance(cell, np.ndarray) else cell for cell in cells]


def as_plain_settings(settings: Mapping[str, Any]) -> dict[str, object]:
    """Settings as a report can keep them: what is no plain value is kept as its text.

    Raises:
        ExportUsageError: If they have no names.
    """
    if not isinstance(settings, Mapping):
        raise ExportUsageError("settings must be a mapping of values by name.")
    return {str(name): _as_json(value) for name, value in settings.items()}


def _as_json(value: Any) -> object:
    value = _plain(value)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return as_plain_settings(value)
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        return [_as_json(item) for item in _in_order(value)]
    return str(value)


def _in_order(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=str) if isinstance(values, (set, frozenset)) else list(values)


def _plain(value: Any) -> Any:
    """A cell: Python's text out of bytes and NumPy's, and a number out of another library's tensor of one number."""
    if value is np.ma.masked:
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, np.str_):
        return str(value)
    if isinstance(value, (str, np.generic, np.ndarray)) or not hasattr(value, "__array__"):
        return value
    found = np.asarray(_detached(value))
    return _plain(found[()]) if found.ndim == 0 else value


def _detached(values: Any) -> Any:
    """A tensor of PyTorch without its history and on the processor, where NumPy can read it; all else as it is."""
    return values.detach().cpu() if hasattr(values, "detach") else values
