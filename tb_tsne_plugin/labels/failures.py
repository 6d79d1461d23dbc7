"""Turns what a database says went wrong into what a person can do about it.

What a server or its driver says may hold any part of the database's address (host, user, name): of that only its error
code is passed on, and none of the sentence.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tb_tsne_plugin.labels.errors import LabelError, LabelsBusy, LabelsNotStored
from tb_tsne_plugin.runs.folder import UnsafeFile

ELSEWHERE = "start TensorBoard with --tsne_labels_dir FOLDER to keep labels elsewhere"
BUSY = "Another process is writing labels; try again in a moment."
DAMAGED = "The label store is damaged; restore labels.sqlite from a backup."
_ENDLESS = "The label store takes too long to read: it is damaged; restore labels.sqlite from a backup."
UNWRITABLE = "Labels cannot be stored: their folder cannot be written; {advice}."
_FULL = "Labels cannot be stored: the disk is full; free some space and try again."
_FAILING = "Labels cannot be stored or read: the disk fails, or a quota is used up; free some space and try again."
_UNREACHABLE = "The label database cannot be reached; try again in a moment."
_NOT_LET_IN = "The label database lets nobody in by that user and password; correct the database's address."
_NO_DATABASE = "There is no database of that name on the label server; make it, or correct the database's address."
_BAD_ADDRESS = "The label database's address has an option or a value that its driver does not know; correct it."

# What SQLite says (sqlite3 has no portable error codes before Python 3.11), and what it means.
_SQLITE = (
    ("locked", LabelsBusy, BUSY),
    ("busy", LabelsBusy, BUSY),
    ("readonly", LabelsNotStored, "Labels cannot be stored: their folder is read-only; {advice}."),
    ("unable to open", LabelsNotStored, UNWRITABLE),
    ("full", LabelsNotStored, _FULL),
    ("disk i/o", LabelsNotStored, _FAILING),
    ("malformed", LabelsNotStored, DAMAGED),
    ("not a database", LabelsNotStored, DAMAGED),
    ("no such table", LabelsNotStored, DAMAGED),
    ("no such column", LabelsNotStored, DAMAGED),
    ("unsupported file format", LabelsNotStored, DAMAGED),
    ("could not decode", LabelsNotStored, DAMAGED),
    ("too big", LabelsNotStored, DAMAGED),
    ("interrupted", LabelsNotStored, _ENDLESS),
)
# PostgreSQL's SQLSTATE, or the first part of it.
_SQLSTATES = (
    ("55P03", LabelsBusy, BUSY),
    ("40", LabelsBusy, BUSY),
    ("53100", LabelsNotStored, _FULL),
    ("53", LabelsBusy, _UNREACHABLE),
    ("57", LabelsBusy, _UNREACHABLE),
    ("08", LabelsBusy, _UNREACHABLE),
    ("28", LabelsNotStored, _NOT_LET_IN),
    ("3D", LabelsNotStored, _NO_DATABASE),
    ("25006", LabelsNotStored, "Labels cannot be stored: the label database is read-only."),
    ("42501", LabelsNotStored, "Labels cannot be stored: the label database does not let this user write."),
)
# What drivers say before there is a connection, and so without a code.
_CONNECTING = (
    ("invalid connection option", LabelsNotStored, _BAD_ADDRESS),
    ("invalid port", LabelsNotStored, _BAD_ADDRESS),
    ("bad value for", LabelsNotStored, _BAD_ADDRESS),
    ("invalid integer value", LabelsNotStored, _BAD_ADDRESS),
    ("definition of service", LabelsNotStored, "The address of the label database names a service that is not there."),
    ("authentication failed", LabelsNotStored, _NOT_LET_IN),
    ("no password supplied", LabelsNotStored, _NOT_LET_IN),
    ("no pg_hba.conf entry", LabelsNotStored, _NOT_LET_IN),
    ("access denied", LabelsNotStored, _NOT_LET_IN),
    ('role "', LabelsNotStored, _NOT_LET_IN),
    ('database "', LabelsNotStored, _NO_DATABASE),
    ("invalid ", LabelsNotStored, _BAD_ADDRESS),
    ("connect", LabelsBusy, _UNREACHABLE),
    ("resolve", LabelsBusy, _UNREACHABLE),
)


@contextmanager
def translated_failures(advice: str = ELSEWHERE) -> Iterator[None]:
    """Raises `LabelsBusy` or `LabelsNotStored` for what the database or the file system raises inside.

    Args:
      advice: What to do where a folder cannot be written.
    """
    try:
        yield
    except DBAPIError as error:
        raise _meaning(error.orig, advice, lost=error.connection_invalidated) from error
    except sqlite3.Error as error:
        raise _meaning(error, advice) from error
    except UnicodeDecodeError as error:  # sqlite3 itself cannot read what SQLite says of a damaged schema
        raise LabelsNotStored(DAMAGED) from error
    except PoolTimeout as error:
        raise LabelsBusy(_UNREACHABLE) from error
    except UnsafeFile as error:
        raise LabelsNotStored(f"Labels are neither read nor stored here: {error.strerror}; {advice}.") from error
    except OSError as error:
        raise LabelsNotStored(f"Labels cannot be stored: {error.strerror or error}; {advice}.") from error


def _meaning(error: BaseException | None, advice: str, *, lost: bool = False) -> LabelError:
    state, said = str(getattr(error, "sqlstate", None) or ""), str(error)
    is_sqlite = isinstance(error, sqlite3.Error)
    if state:
        found = ((kind, sentence) for sign, kind, sentence in _SQLSTATES if state.startswith(sign))
    else:
        signs = _SQLITE if is_sqlite else _CONNECTING
        found = ((kind, sentence) for sign, kind, sentence in signs if sign in said.lower())
    for kind, sentence in found:
        return kind(sentence.format(advice=advice))
    if lost:
        return LabelsBusy(_UNREACHABLE)
    why = said.partition("\n")[0] if is_sqlite else f"the database's error {state or type(error).__name__}"
    return LabelsNotStored(f"Labels cannot be stored or read: {why}.")
