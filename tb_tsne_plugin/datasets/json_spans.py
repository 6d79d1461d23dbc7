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


def top_members(text: str) -> Iterator[tuple[str, Span]]:
    """The names and values of the object that a text is, in order.

    Raises:
      ValueError: If it is no JSON, or something else.
    """
    begin = _skip(text, 0)
    _expect(text, begin, "{")
    end = begin + 1
    for name, span in members(text, begin):
        yield name, span
        end = span.end
    end = _skip(text, end)
    _expect(text, end, "}")
    if _skip(text, end + 1) != len(text):
        raise ValueError("something follows the value")


def members(text: str, begin: int) -> Iterator[tuple[str, Span]]:
    """The names and values of an object, in order.

    Raises:
      ValueError: If it is not written as one.
    """
    at = _skip(text, begin + 1)
    while text[at : at + 1] != "}":
        name = _value(text, at)
        colon = _skip(text, name.end)
        _expect(text, colon, ":")
        value = _value(text, _skip(text, colon + 1))
        yield str(name.value), value
        at = _behind(text, value.end, "}")


def items(text: str, begin: int) -> Iterator[Span]:
    """The values of a list, in order.

    Raises:
      ValueError: If it is not written as one.
    """
    at = _skip(text, begin + 1)
    while text[at : at + 1] != "]":
        value = _value(text, at)
        yield value
        at = _behind(text, value.end, "]")


def spliced(text: str, changes: list[tuple[int, int, str]]) -> str:
    """A text with other pieces in some places, which do not overlap: where each begins, ends, and what stands there."""
    pieces: list[str] = []
    last = 0
    for begin, end, piece in sorted(changes):
        pieces += (text[last:begin], piece)
        last = end
    return "".join([*pieces, text[last:]])


def _behind(text: str, end: int, closing: str) -> int:
    """Where the next part begins, or the object or list ends."""
    at = _skip(text, end)
    if text[at : at + 1] == closing:
        return at
    _expect(text, at, ",")
    return _skip(text, at + 1)


def _expect(text: str, at: int, character: str) -> None:
    if text[at : at + 1] != character:
        raise ValueError(f"no {character} at {at}")


def _value(text: str, at: int) -> Span:
    value, end = _DECODER.raw_decode(text, at)
    return Span(value, at, end)


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return at if found is None else found.end()
