"""Whose labels these are: what tells them from all others, and whether a run that finds them may have them."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from tb_tsne_plugin.labels import sql
from tb_tsne_plugin.labels.errors import OtherRunsLabels
from tb_tsne_plugin.labels.sql import ColumnState, KnownPlace

NOT_YET = "0" * 32
"""The identity of labels that get theirs, a random one, when their store is migrated; pages are told none."""


class Place(Protocol):
    """Where a run's folder is, for labels that are kept elsewhere: another run of the same name may find them there."""

    @property
    def name(self) -> str:
        """It as text, which means the same on every machine."""

    @property
    def samples(self) -> int:
        """How many samples the run has."""

    @property
    def admitted(self) -> set[str]:
        """The identities that this process has found to be the run's; added to here."""

    def may_have(self, known: Sequence[KnownPlace], labeled: AbstractSet[str]) -> bool:
        """Whether labels are this run's, as far as anybody can tell.

        Args:
          known: The places of the runs whose labels they are.
          labeled: The samples that have one.
        """


def told(identity: str, file: Path | None) -> str:
    """An identity as pages are told it: that of a file is another one in another place; a copy is another store.

    Args:
      identity: As the store has it.
      file: The SQLite file; None for a server.
    """
    where = b"" if file is None else os.fsencode(os.path.realpath(file))
    return hashlib.blake2b(identity.encode() + b"\0" + where, digest_size=16).hexdigest()


def identity_of(
    connection: Connection, run: str, place: Place | None, column: ColumnState | None = None, *, writes: bool = False
) -> str | None:
    """What tells a run's labels from all others; None where it has none.

    Args:
      connection: A transaction; one that writes holds the write lock of a label column.
      run: The run.
      place: Where its folder is; None where its labels cannot be those of another run.
      column: One of its label columns as it stands, where that was read already.
      writes: Whether the labels are about to be edited: the place then becomes known.

    Raises:
      OtherRunsLabels: If they are those of another run.
    """
    found = sql.read_run(connection, run, name_of(place)) if column is None else column.run
    if found is None:
        return None
    if place is not None and not found.knows_place and (writes or found.identity not in place.admitted):
        _admit(connection, run, found.identity, place, writes)
    return found.identity


def name_of(place: Place | None) -> str:
    """A place as text; empty where none matters."""
    return "" if place is None else place.name


def add_identity(connection: Connection, run: str, place: Place | None) -> None:
    """Gives the labels of a run that has none yet their identity."""
    sql.add_run(connection, run, secrets.token_hex(16))
    if place is not None:
        sql.add_place(connection, run, KnownPlace(place.name, place.samples), alone=True)


def _admit(connection: Connection, run: str, identity: str, place: Place, writes: bool) -> None:
    """Lets a run have labels that were not known to be its own, or refuses it.

    While nothing is labeled, nothing can be mixed up, and nobody can tell whose the labels will be: they are then those
    of whoever edits them next, and who had them before is asked again.
    """
    if writes:
        sql.lock_columns(connection, run)
    known, labeled = sql.read_places(connection, run), sql.labeled_samples(connection, run)
    if not place.may_have(known, labeled):
        raise OtherRunsLabels([each.place for each in known])
    if writes:
        sql.add_place(connection, run, KnownPlace(place.name, place.samples), alone=not labeled)
    elif known and labeled:
        place.admitted.add(identity)
