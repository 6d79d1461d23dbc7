"""Who holds a token, and what it allows."""

from __future__ import annotations

import threading
from typing import NamedTuple

from tb_tsne_plugin.access.errors import AccessError, TooManyTries
from tb_tsne_plugin.access.people_file import PeopleFile
from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.access.tokens import hash_of, is_same, ticket_of
from tb_tsne_plugin.access.tries import Tries
from tb_tsne_plugin.terminal import logger_named

logger = logger_named(__name__)


class Holder(NamedTuple):
    """Whose a token is.

    Attributes:
      name: The person's; empty for the one token of all (`--tsne_access_token`).
      right: What it allows.
      token_hash: Of the token.
      is_chosen: Whether somebody thought it up, so that it could perhaps be guessed.
    """

    name: str
    right: Right
    token_hash: str
    is_chosen: bool = False


class Access:
    """What tokens there are. Safe from several threads."""

    def __init__(
        self,
        token: str = "",
        people: PeopleFile | None = None,
        *,
        is_chosen: bool = False,
        allow_look: bool = False,
        tries: Tries | None = None,
    ) -> None:
        """Knows the tokens.

        Args:
          token: One that allows everything, for all who are given it; empty where there is none.
          people: Whose tokens there are besides. The file is read again whenever it changes.
          is_chosen: Whether somebody thought the token up.
          allow_look: Whether anybody may look without a token.
          tries: Counts wrong tokens.
        """
        shared = Holder("", Right.MANAGE, hash_of(ticket_of(token)), is_chosen)
        self._shared = (shared,) if token else ()
        self._people = people
        self._tries = tries or Tries()
        self._lock = threading.Lock()
        self._stamp: object = object()
        self._holders: tuple[Holder, ...] = ()
        self.allow_look = allow_look

    def holder_of_ticket(self, ticket: str) -> Holder | None:
        """Whose a ticket is; None if it is nobody's, or not any more."""
        return _found(self._all(), hash_of(ticket))

    def holder_of_token(self, token: str, place: str) -> Holder | None:
        """Whose a token is.

        Args:
          token: As it was given.
          place: Where it came from: an address.

        Returns:
          None if it is nobody's.

        Raises:
          TooManyTries: If it is nobody's, and not the first from there; or if too many came to look at one that
            somebody thought up.
        """
        wanted, are_too_many = hash_of(ticket_of(token)), self._tries.are_too_many(place)
        holders = tuple(each for each in self._all() if not (each.is_chosen and are_too_many))
        found = _found(holders, wanted)
        if found is None:
            if are_too_many:
                raise TooManyTries
            self._tries.note(place, wanted)
        return found

    def _all(self) -> tuple[Holder, ...]:
        people = self._people
        if people is None:
            return self._shared
        with self._lock:
            stamp = people.stamp()
            if stamp != self._stamp:
                self._holders, self._stamp = (*self._shared, *_listed(people)), stamp
            return self._holders


def _listed(people: PeopleFile) -> list[Holder]:
    """Everybody in the file; nobody where it cannot be read."""
    try:
        return [Holder(*each) for each in people.read()]
    except AccessError as error:
        logger.warning("%s Nobody in it is let in until then.", error)
        return []


def _found(holders: tuple[Holder, ...], wanted: str) -> Holder | None:
    """The holder of a token; takes as long whoever it is, and if it is nobody."""
    found = None
    for holder in holders:
        if is_same(holder.token_hash, wanted):
            found = holder
    return found
