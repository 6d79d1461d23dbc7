"""The metadata as a page asks for them: a column as Arrow, the rows with a text, the cells of some rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.runs import arrow
from tb_tsne_plugin.runs.column_kinds import Kind, Measure, kinds_of, measured
from tb_tsne_plugin.runs.folding import folded
from tb_tsne_plugin.runs.memory import Memory
from tb_tsne_plugin.runs.metadata import Metadata


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
        return arrow.stream({name: pa.DictionaryArray.from_arrays(arrow.numbers(found.codes), found.words)})

    def numbers(self, name: str) -> bytes | None:
        """What a column measures, as an Arrow stream of float64: numbers, or milliseconds since 1970; else NaN.

        Returns:
          The stream; None where the column measures nothing.

        Raises:
          KeyError: If there is no such column.
        """
        kind = self.kinds[name]
        if kind not in ("number", "time"):
            return None
        measure: Measure = kind
        found = self._encoded(name)
        return arrow.stream({name: arrow.numbers(measured(found.words.to_pylist(), measure)[found.codes])})

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
        return arrow.values_of(pc.indices_nonzero(reduce(pc.or_, holds)), np.uint64).astype(np.int32)

    def _encoded(self, name: str) -> Encoded:
        cells = self._metadata.columns[name]
        return self._memory.get(("column", *self._key, name), lambda: _encode(cells), lambda found: found.size)

    def _folded(self, name: str) -> Any:
        """A column's cells as they are looked for: one text with the places where each begins, as Arrow has it."""
        cells = self._metadata.columns[name]
        return self._memory.get(("folded", *self._key, name), lambda: _fold(cells), lambda found: int(found.nbytes))


def _encode(cells: Sequence[str]) -> Encoded:
    found = arrow.texts(cells).dictionary_encode()
    return Encoded(found.dictionary, arrow.smallest(arrow.values_of(found.indices, np.int32)))


def _fold(cells: Sequence[str]) -> Any:
    import pyarrow.compute as pc

    found = arrow.texts(cells)
    if pc.all(pc.string_is_ascii(found)).as_py():
        return pc.ascii_lower(found)  # the same, without a Python object for each
    return arrow.texts([folded(cell) for cell in cells])
