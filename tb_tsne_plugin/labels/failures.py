"""Turns what a database says went wrong into what a person can do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from tb_tsne_plugin.labels.errors import LabelsBusy, LabelsNotStored

_ELSEWHERE = "start TensorBoard with --tsne_labels_dir FOLDER to keep labels elsewhere"

# What SQLite says (sqlite3 has no portable error codes before Python 3.11), and what it means.
_MEANINGS = (
    ("readonly", f"Labels cannot be stored: their folder is read-only; {_ELSEWHERE}."),
    ("unable to open", f"Labels cannot be stored: their folder cannot be written; {_ELSEWHERE}."),
    ("full", "Labels cannot be stored: the disk is full; free some space and try again."),
    ("malformed", "The label store is damaged; restore labels.sqlite from a backup."),
    ("not a database", "The label store is damaged; restore labels.sqlite from a backup."),
)


@contextmanager
def translated_failures() -> Iterator[None]:
    """Raises `LabelsBusy` or `LabelsNotStored` for what the database or the file system raises inside."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).lower()
        if "locked" in said or "busy" in said:
            raise LabelsBusy("Another process is writing labels; try again in a moment.") from error
        for sign, meaning in _MEANINGS:
            if sign in said:
                raise LabelsNotStored(meaning) from error
        raise LabelsNotStored(f"Labels cannot be stored or read: {error.orig}.") from error
    except OSError as error:
        raise LabelsNotStored(f"Labels cannot be stored: {error.strerror or error}; {_ELSEWHERE}.") from error
