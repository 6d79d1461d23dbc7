"""Where the names of the objects stand in an annotation of Pascal VOC, and what tells objects from each other."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.parsers import expat

from tb_tsne_plugin.runs.boxes import Box, box_of_corners, size_of

_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_OBJECT, _NAME, _PICTURE, _SIZE, _BOX = "object", "name", "filename", "size", "bndbox"
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
MAX_DEPTH = 64
"""Elements inside of each other; nothing that is read here lies deeper than three."""


class ObjectName(NamedTuple):
    """The name of an object.

    Attributes:
      name: What it says, without blanks around it; None where the object has none.
      begin: Where the element's content begins, in the bytes of the text as UTF-8; where it is an empty element
        (`<name/>`), that itself.
      end: Where it ends.
      is_empty: Whether it is an empty element.
      box: Where the object is, in pixels; None where that is not told.
    """

    name: str | None
    begin: int = 0
    end: int = 0
    is_empty: bool = False
    box: Box | None = None


class Annotated(NamedTuple):
    """What an annotation tells.

    Attributes:
      picture: The picture's file; empty where it does not tell it.
      size: Width and height of the picture, where it tells them.
      objects: The names of its objects.
    """

    picture: str
    size: tuple[int, int] | None
    objects: list[ObjectName]

    @property
    def named(self) -> dict[int, ObjectName]:
        """The objects that have a name, even an empty one, by their numbers."""
        return {number: each for number, each in enumerate(self.objects) if each.name is not None}


def declared_encoding(raw: bytes) -> str:
    """The encoding that an XML file says it has."""
    found = _DECLARED.match(raw)
    return found[1].decode() if found else "utf-8"


def annotated(text: bytes) -> Annotated:
    """The names of all objects, in order: of `<object>`s below the root the first `<name>` in each.

    Args:
      text: XML in UTF-8, whatever it says itself.

    Raises:
      ValueError: If it is no XML, declares entities, or is nested too deeply.
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
    return reader.annotated()


def _refuse(*_: object) -> None:
    raise ValueError("it declares a document type")


class _Reader:
    """What the parser tells."""

    def __init__(self, text: bytes) -> None:
        self.parser: expat.XMLParserType
        self._names: list[ObjectName] = []
        self._corners: list[dict[str, str]] = []
        self._of_picture: dict[str, str] = {}
        self._text = text
        self._path: list[str] = []
        self._begin = 0
        self._texts: list[list[str]] = []

    def annotated(self) -> Annotated:
        told = self._of_picture
        objects = [name._replace(box=_box(corners)) for name, corners in zip(self._names, self._corners, strict=True)]
        return Annotated(
            told.get(_PICTURE, ""), size_of(told.get(f"{_SIZE}/width"), told.get(f"{_SIZE}/height")), objects
        )

    def start(self, name: str, _: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > MAX_DEPTH:
            raise ValueError(f"it is nested more than {MAX_DEPTH} deep")
        self._texts.append([])
        if self._path[1:] == [_OBJECT]:
            self._names.append(ObjectName(None))
            self._corners.append({})
        elif self._path[1:] == [_OBJECT, _NAME]:
            self._begin = self.parser.CurrentByteIndex

    def text(self, piece: str) -> None:
        self._texts[-1].append(piece)

    def end(self, name: str) -> None:
        content = "".join(self._texts.pop()).strip()
        inside = self._path[1:]
        if inside == [_OBJECT, _NAME]:
            self._end_name(content)
        elif inside[:-1] == [_OBJECT, _BOX]:
            self._corners[-1].setdefault(name, content)
        elif inside[:-1] in ([], [_SIZE]):
            self._of_picture.setdefault("/".join(inside), content)
        self._path.pop()

    def _end_name(self, content: str) -> None:
        """Takes the first name of an object."""
        if self._names[-1].name is not None:
            return
        end = self.parser.CurrentByteIndex
        tag_end = _tag_end(self._text, self._begin)
        is_empty = self._text[tag_end - 2 : tag_end] == b"/>"
        begin = self._begin if is_empty else tag_end
        self._names[-1] = ObjectName(content, begin, tag_end if is_empty else end, is_empty)


def _box(corners: dict[str, str]) -> Box | None:
    box = box_of_corners([corners.get(corner) for corner in _CORNERS])
    return box if isinstance(box, Box) else None


def _tag_end(text: bytes, begin: int) -> int:
    """Where a tag ends; a value of an attribute may hold a `>`."""
    found = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""").match(text, begin)
    if found is None:
        raise ValueError("a tag does not end")
    return found.end()
