"""Turns what a database says went wrong into what a person can do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tb_tsne_plugin.labels.errors import LabelError, LabelsBusy, LabelsNotStored

_ELSEWHERE = "start TensorBoard with --tsne_labels_dir FOLDER to keep labels elsewhere"
_READ_ONLY = f"Labels cannot be stored: their folder is read-only; {_ELSEWHERE}."
_FULL = "Labels cannot be stored: the disk is full; free some space and try again."
_DAMAGED = "The label store is damaged; restore labels.sqlite from a backup."
BUSY = "Another process is writing labels; try again in a moment."
_UNREACHABLE = "The label database cannot be reached; try again in a moment."

# What SQLite says (sqlite3 has no portable error codes before Python 3.11), and what it means.
_SQLITE = (
    ("locked", LabelsBusy(BUSY)),
    ("busy", LabelsBusy(BUSY)),
    ("readonly", LabelsNotStored(_READ_ONLY)),
    ("unable to open", LabelsNotStored(f"Labels cannot be stored: their folder cannot be written; {_ELSEWHERE}.")),
    ("full", LabelsNotStored(_FULL)),
    ("malformed", LabelsNotStored(_DAMAGED)),
    ("not a database", LabelsNotStored(_DAMAGED)),
    ("no such table", LabelsNotStored(_DAMAGED)),
)
# PostgreSQL's SQLSTATE, or the first part of it.
_SQLSTATES = (
    ("55P03", LabelsBusy(BUSY)),
    ("40", LabelsBusy(BUSY)),
    ("53100", LabelsNotStored(_FULL)),
    ("53", LabelsBusy(_UNREACHABLE)),
    ("57", LabelsBusy(_UNREACHABLE)),
    ("08", LabelsBusy(_UNREACHABLE)),
    ("25006", LabelsNotStored("Labels cannot be stored: the label database is read-only.")),
    ("42501", LabelsNotStored("Labels cannot be stored: the label database does not let this user write.")),
)


@contextmanager
def translated_failures() -> Iterator[None]:
    """Raises `LabelsBusy` or `LabelsNotStored` for what the database or the file system raises inside."""
    try:
        yield
    except DBAPIError as error:
        raise _meaning(error) from error
    except PoolTimeout as error:
        raise LabelsBusy(_UNREACHABLE) from error
    except OSError as error:
        raise LabelsNotStored(f"Labels cannot be stored: {error.strerror or error}; {_ELSEWHERE}.") from error


def _meaning(error: DBAPIError) -> LabelError:
    state = getattr(error.orig, "sqlstate", None)
    if state:
        signs, said = _SQLSTATES, str(state)
        found = next((meaning for sign, meaning in signs if said.startswith(sign)), None)
    else:
        found = next((meaning for sign, meaning in _SQLITE if sign in str(error.orig).lower()), None)
    if found is not None:
        return type(found)(str(found))
    if error.connection_invalidated or "connect" in str(error.orig).lower():
        return LabelsBusy(_UNREACHABLE)
    return LabelsNotStored(f"Labels cannot be stored or read: {str(error.orig).splitlines()[0]}.")
