"""What an earlier export left in a run's folder, and how far it is believed: the folder may come from anybody."""

from __future__ import annotations

import json
from typing import BinaryIO, TypeVar

import msgspec

from exporters.errors import ExportError
from tb_tsne_plugin.runs.folder import Folder

Form = TypeVar("Form")

MAX_BYTES = 256 * 2**20
"""Of a table, report or journal: a hundred times what the largest sets need."""


def damaged(what: str) -> ExportError:
    """The error that says that an export cannot go on with what is there; `what` is a clause."""
    return ExportError(f"What the interrupted export left is damaged ({what}): start over without --resume.")


def read_whole(folder: Folder, name: str) -> bytes:
    """A file's content.

    Raises:
        ExportError: If it is larger than any that an export writes.
        OSError: If it cannot be read.
    """
    with folder.open(name) as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ExportError(f"{folder.path / name} is over the limit of {MAX_BYTES // 2**20} MiB.")
    return content


def parse(content: bytes, form: type[Form]) -> Form:
    """Reads JSON of a known form.

    It goes through `json`, which alone keeps the lone surrogates of file names that are no text.

    Raises:
        ValueError: If it is anything else.
    """
    try:
        return msgspec.convert(json.loads(content), form)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def cut(file: BinaryIO, size: int, name: str) -> None:
    """Takes from the end of an unfinished file what does not count, and leaves it ready for more.

    Raises:
        ExportError: If it does not hold as much as it should.
    """
    if file.seek(0, 2) < size:
        raise damaged(f"{name} is cut short")
    file.truncate(size)
    file.seek(size)
