"""What Python callers hand in, of whatever library, as lists and NumPy arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        matrix = np.asarray(rows)
        if matrix.dtype == object:  # a DataFrame's columns of several types
            matrix = matrix.astype(np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ExportError(f"{name}: features must be rows x values of numbers ({error}).") from None
    if matrix.ndim != 2:
        raise ExportError(f"{name}: features must be rows x values, not of shape {matrix.shape}.")
    return matrix


def as_list(values: Any) -> list[Any]:
    """The items of a sequence, one by one and in order: of a list, an array, a Series whatever its index, a tensor."""
    values = _detached(values)
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
    else:
        names = getattr(metadata, "column_names", None) or getattr(metadata, "columns", None)
    if names is None:
        raise ExportUsageError("metadata must be a DataFrame, or a mapping of columns by name.")
    listed = list(names)
    if len(set(map(str, listed))) < len(listed):
        raise ExportError("metadata has two columns of the same name.")
    return {str(name): as_list(metadata[name]) for name in listed}


def as_plain_settings(settings: Mapping[str, Any]) -> dict[str, object]:
    """Settings as a report can keep them: what is no plain value is kept as its text."""
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
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.str_):
        return str(value)
    if isinstance(value, (str, np.generic, np.ndarray)) or not hasattr(value, "__array__"):
        return value
    found = np.asarray(_detached(value))
    return _plain(found[()]) if found.ndim == 0 else value


def _detached(values: Any) -> Any:
    """A tensor of PyTorch without its history and on the processor, where NumPy can read it; all else as it is."""
    return values.detach().cpu() if hasattr(values, "detach") else values
