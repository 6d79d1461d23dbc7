"""What stands on a terminal, printed by a command or logged by TensorBoard. Much of it comes from files of anybody.

A terminal obeys control characters: they can rewrite what stands above, put words into the clipboard, answer in the
user's stead. Direction controls make text read as it is not written. So all of them are shown, and none is sent.
"""

from __future__ import annotations

import logging
import unicodedata

_OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what is not seen but obeyed: controls, formats, surrogates, separators of lines."""
_KEPT = "\u200c\u200d"
"""Joiners, without which Persian, Hindi and emoji read otherwise; they do nothing else."""


def harmless(text: str, *, but: str = "") -> str:
    """A text with every character that a terminal would obey written as in Python's literals, but those named."""
    if text.isprintable():
        return text
    return "".join(character if character in but else _shown(character) for character in text)


def logger_named(name: str) -> logging.Logger:
    """The logger of a module, through which no message and no traceback reaches a terminal with what it would obey."""
    logger = logging.getLogger(name)
    logger.addFilter(_FILTER)
    return logger


class _HarmlessRecords(logging.Filter):
    """Puts a record's text in place of what it is made of: whoever formats it makes no other."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = harmless(record.getMessage(), but="\t\n"), None
        if record.exc_info:
            record.exc_text = harmless(logging.Formatter().formatException(record.exc_info), but="\t\n")
        return True


_FILTER = _HarmlessRecords()


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _OBEYED or character in _KEPT:
        return character
    return character.encode("unicode_escape").decode("ascii")
