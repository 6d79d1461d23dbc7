"""What commands print. Names, labels and reasons come from files that anybody can have made.

A terminal obeys control characters: they can rewrite what stands above, put words into the clipboard, answer in the
user's stead. Direction controls make text read as it is not written. So all of them are shown, and none is sent.
"""

from __future__ import annotations

import unicodedata

import click

_OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what is not seen but obeyed: controls, formats, surrogates, separators of lines."""
_KEPT = "\u200c\u200d"
"""Joiners, without which Persian, Hindi and emoji read otherwise; they do nothing else."""


def say(*cells: str, err: bool = False) -> None:
    """Prints a line.

    Args:
      cells: What stands in it, with tabs between.
      err: Print it on standard error.
    """
    click.echo("\t".join(harmless(cell) for cell in cells), err=err)


def say_lines(text: str, *, err: bool = False) -> None:
    """Prints tab-separated lines, such as a table or a report; on standard error if so wanted."""
    click.echo(harmless(text.removesuffix("\n"), but="\t\n"), err=err)


def write_out(data: bytes) -> None:
    """Writes data to standard output as it is: into a file or a program, which are no terminals."""
    click.echo(data, nl=False)


def harmless(text: str, *, but: str = "") -> str:
    """A text with every character that a terminal would obey written as in Python's literals, but those named."""
    if text.isprintable():
        return text
    return "".join(character if character in but else _shown(character) for character in text)


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _OBEYED or character in _KEPT:
        return character
    return character.encode("unicode_escape").decode("ascii")
