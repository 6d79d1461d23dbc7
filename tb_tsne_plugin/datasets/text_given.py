"""Text as somebody's file has it: what is not changed is written as it was, to the byte."""

from __future__ import annotations

import codecs
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class GivenText(NamedTuple):
    """A text and how it was written.

    Attributes:
      text: Without a byte order mark.
      encoding: Of its bytes.
      mark: Its byte order mark, or none.
    """

    text: str
    encoding: str
    mark: bytes

    def written(self, text: str, errors: str = "strict") -> bytes:
        """The bytes of another text, written as this one was.

        Args:
          text: The text.
          errors: What to do with characters that the encoding does not have, as `str.encode` takes it.
        """
        return self.mark + text.encode(self.encoding, errors)


def given_text(raw: bytes, encoding: str = "utf-8") -> GivenText:
    """The text of some bytes.

    Args:
      raw: The bytes.
      encoding: Theirs, where no byte order mark tells another.

    Raises:
      ValueError: If they are no such text.
    """
    mark, told = next(((mark, told) for mark, told in _MARKS if raw.startswith(mark)), (b"", encoding))
    try:
        return GivenText(raw[len(mark) :].decode(told), told, mark)
    except LookupError:
        raise ValueError(f"nobody knows the encoding {told}") from None
