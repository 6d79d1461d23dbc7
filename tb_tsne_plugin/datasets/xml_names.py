"""Where the names of the objects stand in an annotation of Pascal VOC."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.parsers import expat

_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_OBJECT, _NAME, _PICTURE = "object", "name", "filename"


class ObjectName(NamedTuple):
    """The name of an object.

    Attributes:
      name: What it says, without blanks around it; None where the object has none.
      begin: Where the element's content begins, in the bytes of the text as UTF-8; where it is an empty element
        (`<name/>`), that itself.
      end: Where it ends.
      is_empty: Whether it is an empty element.
    """

    name: str | None
    begin: int = 0
    end: int = 0
    is_empty: bool = False


class Annotated(NamedTuple):
    """What an annotation tells.

    Attributes:
      picture: The picture's file; empty where it does not tell it.
      objects: The names of its objects.
    """

    picture: str
    objects: list[ObjectName]


def declared_encoding(raw: bytes) -> str:
    """The encoding that an XML file says it has."""
    found = _DECLARED.match(raw)
    return found[1].decode() if found else "utf-8"


def annotated(text: bytes) -> Annotated:
    """The names of all objects, in order: of `<object>`s below the root the first `<name>` in each.

    Args:
      text: XML in UTF-8, whatever it says itself.

    Raises:
      ValueError: If it is no XML, or declares entities.
    """
    reader = _Reader(text)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    reader.parser = parser
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from None
    return Annotated("".join(reader.picture).strip(), reader.names)


def _refuse(*_: object) -> None:
    raise ValueError("it declares a document type")


class _Reader:
    """What the parser tells."""

    def __init__(self, text: bytes) -> None:
        self.names: list[ObjectName] = []
        self.picture: list[str] = []
        self.parser: expat.XMLParserType
        self._text = text
        self._path: list[str] = []
        self._begin = 0
        self._pieces: list[str] = []

    def start(self, name: str, _: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) == 2 and name == _OBJECT:
            self.names.append(ObjectName(None))
        elif self._is_name():
            self._begin = self.parser.CurrentByteIndex
            self._pieces = []

    def text(self, piece: str) -> None:
        if self._is_name():
            self._pieces.append(piece)
        elif self._path[1:] == [_PICTURE]:
            self.picture.append(piece)

    def end(self, _: str) -> None:
        if self._is_name() and self.names[-1].name is None:
            end = self.parser.CurrentByteIndex
            tag_end = _tag_end(self._text, self._begin)
            is_empty = self._text[tag_end - 2 : tag_end] == b"/>"
            begin = self._begin if is_empty else tag_end
            self.names[-1] = ObjectName("".join(self._pieces).strip(), begin, tag_end if is_empty else end, is_empty)
        self._path.pop()

    def _is_name(self) -> bool:
        return len(self._path) == 3 and self._path[1:] == [_OBJECT, _NAME]


def _tag_end(text: bytes, begin: int) -> int:
    """Where a tag ends; a value of an attribute may hold a `>`."""
    found = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""").match(text, begin)
    if found is None:
        raise ValueError("a tag does not end")
    return found.end()
