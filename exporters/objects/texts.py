"""Many short texts in one piece of memory: an object of its own for each would take five times as much."""

from __future__ import annotations

from array import array
from collections.abc import Iterator


class Texts:
    """Texts by their place; they can be added to."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._ends = array("Q")

    def append(self, text: str) -> None:
        """Adds a text."""
        self._content += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._content))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: int) -> str:
        begin = self._ends[place - 1] if place else 0
        return self._content[begin : self._ends[place]].decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(len(self)))
