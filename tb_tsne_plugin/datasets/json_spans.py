"""Where values stand in a JSON text: so that one can be changed, and all others stay to the letter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\n\r]*")


class Span(NamedTuple):
    """A value, and where it stands.

    Attributes:
      value: What it says.
      begin: Its first character.
      end: The one behind its last.
    """

    value: Any
    begin: int
    end: int


def whole(text: str) -> Span:
    """The value that a text is.

    Raises:
      ValueError: If it is no JSON.
    """
    found = _value(text, _skip(text, 0))
    if _skip(text, found.end) != len(text):
        raise ValueError("something follows the value")
    return found


def members(text: str, begin: int) -> Iterator[tuple[str, Span]]:
    """The names and values of an object, in order, in a text that is JSON."""
    at = _skip(text, begin + 1)
    while text[at] != "}":
        name = _value(text, at)
        value = _value(text, _skip(text, _skip(text, name.end) + 1))
        yield name.value, value
        at = _behind(text, value.end)


def items(text: str, begin: int) -> Iterator[Span]:
    """The values of a list, in order, in a text that is JSON."""
    at = _skip(text, begin + 1)
    while text[at] != "]":
        value = _value(text, at)
        yield value
        at = _behind(text, value.end)


def spliced(text: str, changes: list[tuple[int, int, str]]) -> str:
    """A text with other pieces in some places, which do not overlap: where each begins, ends, and what stands there."""
    pieces: list[str] = []
    last = 0
    for begin, end, piece in sorted(changes):
        pieces += (text[last:begin], piece)
        last = end
    return "".join([*pieces, text[last:]])


def _behind(text: str, end: int) -> int:
    """Where the next part begins, or the object or list ends."""
    at = _skip(text, end)
    return _skip(text, at + 1) if text[at] == "," else at


def _value(text: str, at: int) -> Span:
    value, end = _DECODER.raw_decode(text, at)
    return Span(value, at, end)


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return at if found is None else found.end()
