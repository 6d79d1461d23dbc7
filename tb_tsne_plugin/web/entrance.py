"""Where tokens are in use: who comes in with a request, by their browser's cookie or a script's `Authorization` header.

The cookie holds a ticket, from which nobody learns the token. Its name has the port in it, since browsers send those of
one port to all others of the machine; it has no path of its own, so that a browser keeps it for the folder that
`sign_in` lies in, whatever a proxy has made of the path.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Literal, NamedTuple

from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.access.access import Access, Holder, Place
from tb_tsne_plugin.access.errors import PeopleUnread, TooManyTries
from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.hosts import is_loopback, parse_origin, split_host
from tb_tsne_plugin.web.people import CLIENT_HEADER

KEPT_SECONDS = 30 * 24 * 60 * 60

_BEARER = re.compile(r"Bearer +([\x21-\x7e]{1,1024})", re.IGNORECASE)


class Visitor(NamedTuple):
    """Who asks, where tokens are in use.

    Attributes:
      right: What they may do; None where not even look.
      name: The person's; empty without a token, and with the one token of all.
      token: Whether they came with one.
    """

    right: Right | None
    name: str = ""
    token: Literal["given", "missing"] = "missing"

    def problem(self, right: Right) -> str | None:
        """Why they may not do what needs a right; None where they may."""
        if self.right is not None and self.right >= right:
            return None
        if self.token == "missing":
            return "Without a token you may look, but not edit: sign in with yours."
        may = "look, but not edit" if self.right == Right.LOOK else "label, but not change what this is about"
        return f"You may {may}: whoever runs this TensorBoard can give you the right to {right.word}."


class Entrance:
    """Lets in who has a token."""

    def __init__(self, access: Access) -> None:
        """Knows the tokens."""
        self._access = access

    def admitted(self, request: Request, right: Right) -> Visitor:
        """Who asks, if they may do what needs a right.

        Raises:
          HttpError: If they may not.
        """
        visitor = self.visitor(request)
        if visitor.right is None:
            raise HttpError(401, "token_needed", "This needs a token: whoever runs this TensorBoard has one for you.")
        if problem := visitor.problem(right):
            raise HttpError(*((401, "token_needed") if visitor.token == "missing" else (403, "right_missing")), problem)
        return visitor

    def visitor(self, request: Request) -> Visitor:
        """Who asks.

        Raises:
          HttpError: If a script's token is wrong.
        """
        ticket = request.cookies.get(_cookie_name(request), "")
        try:
            holder = self._access.holder_of_ticket(ticket, _place_of(request)) if ticket else None
            given = _BEARER.fullmatch(request.headers.get("Authorization", ""))
            if holder is None and given:
                # Before a page it is a proxy that sends one, which need not be about us.
                is_page = CLIENT_HEADER in request.headers
                holder = self._access.made_for(given[1]) if is_page else self.holder(request, given[1])
        except PeopleUnread:
            raise _unread() from None
        if holder is not None:
            return Visitor(holder.right, holder.name, "given")
        return Visitor(Right.LOOK if self._access.allow_look else None)

    def give_ticket(self, request: Request, response: Response, token: str) -> None:
        """Gives a browser a ticket for a token, as a cookie."""
        self._set_cookie(request, response, self._access.ticket_for(token), KEPT_SECONDS)

    def take_ticket(self, request: Request, response: Response) -> None:
        """Takes the ticket away from a browser."""
        self._set_cookie(request, response, "", 0)

    def holder(self, request: Request, token: str) -> Holder:
        """Whose a token is.

        Raises:
          HttpError: If it is nobody's, or too many wrong ones came from there.
        """
        try:
            holder = self._access.holder_of_token(token, _place_of(request))
        except TooManyTries:
            message = "Too many wrong tokens came from where you are: wait a minute."
            raise HttpError(429, "too_many_tries", message) from None
        except PeopleUnread:
            raise _unread() from None
        if holder is None:
            raise HttpError(401, "token_refused", "This token is not known here: it is mistyped, or was replaced.")
        return holder

    def _set_cookie(self, request: Request, response: Response, ticket: str, seconds: int) -> None:
        page = parse_origin(request.headers.get("Origin", ""))
        response.set_cookie(
            _cookie_name(request),
            ticket,
            max_age=seconds,
            path=None,
            secure=page is not None and page.scheme == "https",
            httponly=True,
            samesite="Strict",
        )


def _unread() -> HttpError:
    message = "The list of people cannot be read now: TensorBoard's log says why, to whoever runs it."
    return HttpError(503, "people_unread", message)


def _cookie_name(request: Request) -> str:
    host = split_host(request.headers.get("Host", ""))
    return f"tb-tsne-{(host and host[1]) or 'ticket'}"


def _place_of(request: Request) -> Place:
    """Where a request comes from, for counting tries: an address, or all that one network of IPv6 gives its machines.

    What a proxy on this machine adds last is what it saw itself; who asks it cannot choose that. But who asks from this
    machine, or through what forwards bytes, can.
    """
    address, claimed = request.remote_addr or "", ""
    if is_loopback(address):
        claimed = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()[:64]
    return Place(_network_of(claimed or address), is_claimed=bool(claimed))


def _network_of(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
