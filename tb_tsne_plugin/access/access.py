"""Who holds a token, and what it allows."""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from tb_tsne_plugin.access.errors import AccessError, PeopleUnread, TooManyTries
from tb_tsne_plugin.access.people_file import PeopleFile
from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.access.tokens import hash_of, is_same, ticket_of
from tb_tsne_plugin.access.tries import Tries
from tb_tsne_plugin.terminal import logger_named

logger = logger_named(__name__)


READ_AGAIN_SECONDS = 1.0


class Place(NamedTuple):
    """Where somebody comes from.

    Attributes:
      name: An address.
      is_claimed: Whether a header says so, and not the connection.
    """

    name: str
    is_claimed: bool = False


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Knows the tokens.

        Args:
          token: One that allows everything, for all who are given it; empty where there is none.
          people: Whose tokens there are besides. The file is read again whenever it changes.
          is_chosen: Whether somebody thought the token up.
          allow_look: Whether anybody may look without a token.
          tries: Counts wrong tokens.
          clock: Seconds.
        """
        shared = Holder("", Right.MANAGE, hash_of(ticket_of(token)), is_chosen)
        self._shared = (shared,) if token else ()
        self._people = people
        self._tries = tries or Tries()
        self._lock = threading.Lock()
        self._stamp: object = object()
        self._holders: tuple[Holder, ...] = ()
        self._clock = clock
        self._unread_until: float | None = None
        self._told = ""
        self._key = secrets.token_bytes(32)
        self.allow_look = allow_look

    def ticket_for(self, token: str) -> str:
        """What a browser keeps in a right token's place.

        Anybody can make a ticket of a guess: that of a chosen token has a mark besides, which only this server makes.
        """
        ticket = ticket_of(token)
        is_chosen = any(each.is_chosen and is_same(each.token_hash, hash_of(ticket)) for each in self._shared)
        return f"{ticket}.{self._mark(ticket)}" if is_chosen else ticket

    def holder_of_ticket(self, ticket: str, place: Place) -> Holder | None:
        """Whose a ticket is.

        Args:
          ticket: As a browser sent it.
          place: Where it came from. A ticket that this server gave needs no tries, nor does one of a made token.

        Returns:
          None if it is nobody's, or not any more; or if it could be a guess, and too many came from there.

        Raises:
          PeopleUnread: If it is nobody's, but the people file cannot be read.
        """
        ticket, _, mark = ticket.partition(".")
        try:
            return self._holder(hash_of(ticket), None if is_same(mark, self._mark(ticket)) else place)
        except TooManyTries:
            return None

    def holder_of_token(self, token: str, place: Place) -> Holder | None:
        """Whose a token is.

        Args:
          token: As it was given.
          place: Where it came from.

        Returns:
          None if it is nobody's.

        Raises:
          TooManyTries: If it is nobody's, and not the first from there; or if too many came to look at one that
            somebody thought up.
          PeopleUnread: If it is nobody's, but the people file cannot be read.
        """
        return self._holder(hash_of(ticket_of(token)), place, counts_always=True)

    def made_for(self, token: str) -> Holder | None:
        """Whose a token that was made here is; None for all others, which need not be tokens of ours at all.

        Raises:
          PeopleUnread: If it is nobody's, but the people file cannot be read.
        """
        return self._found(hash_of(ticket_of(token)), chosen=False)

    def _holder(self, wanted: str, place: Place | None, *, counts_always: bool = False) -> Holder | None:
        may_guess = counts_always or any(each.is_chosen for each in self._shared)
        are_too_many = bool(place and may_guess and self._tries.are_too_many(place.name, is_claimed=place.is_claimed))
        found = self._found(wanted, chosen=not are_too_many)
        if found is None and place and may_guess:
            if are_too_many:
                raise TooManyTries
            self._tries.note(place.name, wanted)
        return found

    def _found(self, wanted: str, *, chosen: bool) -> Holder | None:
        """The holder of a token; takes as long whoever it is, and if it is nobody."""
        people = self._listed()
        found = None
        for holder in (*self._shared, *(people or ())):
            if is_same(holder.token_hash, wanted) and (chosen or not holder.is_chosen):
                found = holder
        if found is None and people is None:
            raise PeopleUnread
        return found

    def _listed(self) -> tuple[Holder, ...] | None:
        """Everybody in the people file; None where it cannot be read, until it can.

        It was changed then, perhaps to take somebody out: the list of before is not believed for a moment longer.
        """
        people = self._people
        if people is None:
            return ()
        with self._lock:
            if self._unread_until is not None and self._clock() < self._unread_until:
                return None
            stamp = people.stamp()
            if stamp != self._stamp or self._unread_until is not None:
                try:
                    self._holders, self._stamp = tuple(Holder(*each) for each in people.read()), stamp
                except AccessError as error:
                    self._unread_until = self._clock() + READ_AGAIN_SECONDS
                    if str(error) != self._told:
                        logger.warning("%s Nobody is let in by this file until it can be read.", error)
                    self._told = str(error)
                    return None
                self._unread_until, self._told = None, ""
            return self._holders

    def _mark(self, ticket: str) -> str:
        made = hmac.digest(self._key, ticket.encode("utf-8", "surrogatepass"), "sha256")
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
