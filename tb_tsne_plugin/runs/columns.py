"""The metadata as a page asks for them: a column as Arrow, the rows with a text, the cells of some rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.runs.column_kinds import Kind, Measure, kinds_of, measured
from tb_tsne_plugin.runs.folding import folded
from tb_tsne_plugin.runs.memory import Memory
from tb_tsne_plugin.runs.metadata import Metadata

Number = TypeVar("Number", np.int32, np.uint64)


@dataclass(frozen=True)
class Encoded:
    """A column as its different cells, and for each row the place of its own among them.

    Attributes:
      words: The M different cells, in the order in which they first occur (a `pyarrow.StringArray`).
      codes: (N,) places, in the smallest of int8, int16 and int32 that holds them all.
    """

    words: Any
    codes: NDArray[np.signedinteger[Any]]

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return int(self.words.nbytes) + self.codes.nbytes


class Columns:
    """The columns of some metadata, in forms that are made when first asked for and kept while there is room."""

    def __init__(self, metadata: Metadata, memory: Memory, key: tuple[str, int]) -> None:
        """Looks at some metadata.

        Args:
          metadata: What is looked at.
          memory: Where its forms are kept.
          key: What the metadata are called there.
        """
        self._metadata = metadata
        self._memory = memory
        self._key = key

    @property
    def kinds(self) -> dict[str, Kind]:
        """What each column holds, by its name."""
        metadata = self._metadata
        return self._memory.get(("kinds", *self._key), lambda: kinds_of(metadata.columns, metadata.sample_ids), len)

    def cells(self, rows: Sequence[int]) -> list[list[str]]:
        """The cells of some rows, column by column.

        Args:
          rows: R rows.

        Returns:
          R lists, in the order of the columns.

        Raises:
          IndexError: If there is no such row.
        """
        columns = self._metadata.columns.values()
        return [[cells[row] for cells in columns] for row in rows]

    def text(self, name: str) -> bytes:
        """A column's cells, dictionary-encoded, as an Arrow stream.

        Raises:
          KeyError: If there is no such column.
        """
        import pyarrow as pa

        found = self._encoded(name)
        codes = _numbers(pa.from_numpy_dtype(found.codes.dtype), found.codes)
        return _stream(name, pa.DictionaryArray.from_arrays(codes, found.words))

    def numbers(self, name: str) -> bytes | None:
        """What a column measures, as an Arrow stream of float64: numbers, or milliseconds since 1970; else NaN.

        Returns:
          The stream; None where the column measures nothing.

        Raises:
          KeyError: If there is no such column.
        """
        import pyarrow as pa

        kind = self.kinds[name]
        if kind not in ("number", "time"):
            return None
        measure: Measure = kind
        found = self._encoded(name)
        return _stream(name, _numbers(pa.float64(), measured(found.words.to_pylist(), measure)[found.codes]))

    def prepare(self) -> None:
        """Makes what `rows_with` needs, before anybody waits for it."""
        for name in self._metadata.columns:
            self._folded(name)

    def rows_with(self, text: str) -> NDArray[np.int32]:
        """The rows in which any column holds a text, in any case.

        Args:
          text: What is looked for, as it stands.

        Returns:
          Rows, the first first.
        """
        import pyarrow.compute as pc

        wanted = folded(text)
        holds = [pc.match_substring(self._folded(name), wanted) for name in self._metadata.columns]
        if not holds:
            return np.zeros(0, np.int32)
        return _values(pc.indices_nonzero(reduce(pc.or_, holds)), np.uint64).astype(np.int32)

    def _encoded(self, name: str) -> Encoded:
        cells = self._metadata.columns[name]
        return self._memory.get(("column", *self._key, name), lambda: _encode(cells), lambda found: found.size)

    def _folded(self, name: str) -> Any:
        """A column's cells as they are looked for: one text with the places where each begins, as Arrow has it."""
        cells = self._metadata.columns[name]
        return self._memory.get(("folded", *self._key, name), lambda: _fold(cells), lambda found: int(found.nbytes))


def _encode(cells: Sequence[str]) -> Encoded:
    found = _texts(cells).dictionary_encode()
    codes = _values(found.indices, np.int32)
    smallest = next(kind for kind in (np.int8, np.int16, np.int32) if len(found.dictionary) <= np.iinfo(kind).max)
    return Encoded(found.dictionary, codes.astype(smallest))


def _fold(cells: Sequence[str]) -> Any:
    import pyarrow.compute as pc

    found = _texts(cells)
    if pc.all(pc.string_is_ascii(found)).as_py():
        return pc.ascii_lower(found)  # the same, without a Python object for each
    return _texts([folded(cell) for cell in cells])


# `pyarrow.array` and `to_numpy` do the same as these three, and import pandas first.


def _texts(cells: Sequence[str]) -> Any:
    import pyarrow as pa

    joined = "".join(cells)
    sizes = map(len, cells if joined.isascii() else (cell.encode() for cell in cells))
    starts = np.zeros(len(cells) + 1, np.int32)
    np.cumsum(np.fromiter(sizes, np.int32, len(cells)), out=starts[1:])
    return pa.StringArray.from_buffers(len(cells), pa.py_buffer(starts), pa.py_buffer(joined.encode()))


def _numbers(kind: Any, values: NDArray[Any]) -> Any:
    import pyarrow as pa

    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def _values(numbers: Any, kind: type[Number]) -> NDArray[Number]:
    if len(numbers) == 0:
        return np.zeros(0, kind)  # it may have no buffer then
    return np.frombuffer(numbers.buffers()[1], kind, len(numbers), numbers.offset * np.dtype(kind).itemsize)


def _stream(name: str, values: Any) -> bytes:
    import pyarrow as pa

    batch = pa.record_batch([values], names=[name])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]
