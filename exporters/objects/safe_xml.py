"""XML from anybody: read element by element, without document types, and with them without entities."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MAX_DEPTH = 64
_PIECE = 2**16


class BadXmlError(ValueError):
    """No XML that is read; its text says why."""


def elements(content: bytes, tag: str) -> Iterator[Element]:
    """The elements of a name, one after the other, each with all that it holds; what lies outside of them is dropped.

    Args:
        content: The file's bytes.
        tag: The name; elements of it inside of one are a part of that.

    Raises:
        BadXmlError: If it is no XML, has a document type (only that can define entities), or is nested too deeply.
    """
    reader = _Reader(tag)
    for start in range(0, len(content), _PIECE):
        yield from reader.feed(content[start : start + _PIECE])
    yield from reader.feed(b"", is_final=True)


class _Reader:
    def __init__(self, tag: str):
        self._tag = tag
        self._depth = 0
        self._builder: TreeBuilder | None = None
        self._begun_at = 0
        self._found: list[Element] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes, is_final: bool = False) -> list[Element]:
        """The elements that a further piece completes."""
        try:
            self._parser.Parse(piece, is_final)
        except expat.ExpatError as error:
            raise BadXmlError(f"no XML ({error})") from error
        found, self._found = self._found, []
        return found

    def _refuse(self, *_: object) -> None:
        raise BadXmlError("XML with a document type, which is not read: remove its <!DOCTYPE …>")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadXmlError(f"XML that is nested more than {MAX_DEPTH} deep")
        if self._builder is None and tag == self._tag:
            self._builder, self._begun_at = TreeBuilder(), self._depth
        if self._builder is not None:
            self._builder.start(tag, attributes)

    def _end(self, tag: str) -> None:
        if self._builder is not None:
            self._builder.end(tag)
            if self._depth == self._begun_at:
                self._found.append(self._builder.close())
                self._builder = None
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)
