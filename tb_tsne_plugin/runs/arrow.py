"""Arrow arrays and streams of what we have as lists and NumPy arrays; pyarrow is imported late.

`pyarrow.array` and `to_numpy` do the same, and import pandas first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

MEDIA_TYPE = "application/vnd.apache.arrow.stream"
Number = TypeVar("Number", np.int32, np.uint64)


def texts(cells: Sequence[str]) -> Any:
    """Text as a `pyarrow.StringArray`."""
    import pyarrow as pa

    joined = "".join(cells)
    sizes = map(len, cells if joined.isascii() else (cell.encode() for cell in cells))
    starts = np.zeros(len(cells) + 1, np.int32)
    np.cumsum(np.fromiter(sizes, np.int32, len(cells)), out=starts[1:])
    return pa.StringArray.from_buffers(len(cells), pa.py_buffer(starts), pa.py_buffer(joined.encode()))


def numbers(values: NDArray[Any]) -> Any:
    """(N,) numbers as a `pyarrow.Array` of their own type."""
    import pyarrow as pa

    buffer = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, buffer])


def values_of(array: Any, kind: type[Number]) -> NDArray[Number]:
    """The (N,) numbers of an Arrow array of that type, none of them missing."""
    if len(array) == 0:
        return np.zeros(0, kind)  # it may have no buffer then
    return np.frombuffer(array.buffers()[1], kind, len(array), array.offset * np.dtype(kind).itemsize)


def smallest(values: NDArray[np.integer[Any]]) -> NDArray[np.signedinteger[Any]]:
    """Whole numbers in the smallest of int8, int16 and int32 that holds them all."""
    least, most = (int(values.min()), int(values.max())) if values.size else (0, 0)
    for kind in (np.int8, np.int16):
        if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max:
            return values.astype(kind)
    return values.astype(np.int32)


def stream(columns: Mapping[str, Any], about: Mapping[str, str] | None = None) -> bytes:
    """An Arrow IPC stream of one batch.

    Args:
      columns: Arrow arrays by name, all N long.
      about: What else it says, as the schema's metadata.
    """
    import pyarrow as pa

    schema = pa.schema([(name, column.type) for name, column in columns.items()], metadata=dict(about or {}))
    batch = pa.RecordBatch.from_arrays(list(columns.values()), schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]
