"""Who may ask what. TensorBoard checks no Host, Origin, content type or size: every request passes here first."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.wrappers import Request

from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.web.allowed_hosts import AllowedHosts
from tb_tsne_plugin.web.client import is_at_this_machine, is_forwarded
from tb_tsne_plugin.web.entrance import Entrance, Visitor
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.hosts import (
    Origin,
    host_name,
    is_address,
    is_loopback,
    page_origin,
    parse_origin,
    split_host,
    written_host,
)
from tb_tsne_plugin.web.messages import MAX_BODY_BYTES
from tb_tsne_plugin.web.own_names import is_own_name

REQUEST_HEADER = "X-TSNE-Request"
OTHER_SITE = "Requests from other sites are refused"


@dataclass(frozen=True)
class Guards:
    """What is allowed beyond the default.

    Attributes:
      allowed_hosts: Further names under which the page may be opened.
      allow_remote_edit: Whether other machines may edit.
      entrance: Where tokens are looked at; None where none are in use.
    """

    allowed_hosts: AllowedHosts
    allow_remote_edit: bool = False
    entrance: Entrance | None = None

    def check_read(self, request: Request, right: Right | None) -> Visitor | None:
        """Lets a request that changes nothing pass, which `check` has let pass; or refuses it.

        Args:
          request: The request.
          right: What it needs; None where it needs no token.

        Returns:
          Who asks; None where no tokens are in use, or none is needed.

        Raises:
          HttpError: If it is refused.
        """
        return None if self.entrance is None or right is None else self.entrance.admitted(request, right)

    def check_write(self, request: Request, right: Right | None) -> Visitor | None:
        """Lets a request that changes something pass, which `check` has let pass; or refuses it. As `check_read`."""
        if request.headers.get(REQUEST_HEADER) != "1":
            raise HttpError(
                403, "header_missing", f"Requests that change anything need the header {REQUEST_HEADER}: 1."
            )
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise HttpError(403, "origin_refused", f"{OTHER_SITE}.")
        visitor = self.check_read(request, right)
        if self.entrance is None and (problem := self.edit_problem(request)):
            raise HttpError(403, "read_only_client", problem)
        if request.mimetype != "application/json":
            raise HttpError(415, "content_type", "The body must be application/json.")
        if request.content_length is None:
            raise HttpError(411, "length_required", "The request must say how long its body is.")
        if request.content_length > MAX_BODY_BYTES:
            raise HttpError(413, "too_large", "A request has at most 1 MiB.")
        return visitor

    def edit_problem(self, request: Request, visitor: Visitor | None = None) -> str | None:
        """Why this client may look but not edit; None where it may edit."""
        if visitor is not None:
            return visitor.problem(Right.LABEL)
        if self.allow_remote_edit or is_at_this_machine(request):
            return None
        whence = "Through a proxy" if is_forwarded(request) else "From another machine"
        flags, allows = "--tsne_allow_remote_edit", "allows"
        page = page_origin(request.headers.get("Referer", ""))
        if page is not None and not self._passes(page, request):  # then its edits would be refused for that, too
            flags, allows = f"{flags} and --tsne_allowed_hosts {written_host(page.name)}", "together allow"
        return f"{whence} you may look, but not edit (TensorBoard's {flags} {allows} it)."

    def check(self, request: Request) -> None:
        """Lets a request to a name of ours and from no other site pass, or refuses it; of whatever it asks for.

        The name is the defence against DNS rebinding. No other site may have a browser ask anything: it could not read
        the answer, but could tell apart what is there and what is not, or keep us at work. Not even a link leads from
        another site to us: no answer of ours is a page.

        Raises:
          HttpError: If it is refused.
        """
        host = request.headers.get("Host", "")
        name = host_name(host)
        if name is None or not (is_address(name) or self.allowed_hosts.have_name(name) or is_own_name(name)):
            flag = f"--tsne_allowed_hosts {written_host(name)}"
            raise HttpError(403, "host_refused", f"This host name is not allowed; start TensorBoard with {flag}.")
        self.check_page_file(request)
        origin = request.headers.get("Origin")
        if origin is None:
            return
        page = parse_origin(origin)
        if page is None:
            raise HttpError(403, "origin_refused", f"{OTHER_SITE}.")
        if not self._passes(page, request):
            flag = f"--tsne_allowed_hosts {written_host(page.name)}"
            names = f"A page at {page} may not use what is at {_written(host)}"
            hint = f"if a proxy of yours leads from there to here, start TensorBoard with {flag}"
            raise HttpError(403, "origin_refused", f"{names}; {hint}.")

    def check_page_file(self, request: Request) -> None:
        """Lets a request for a file of the page itself pass, under any name that leads here, or refuses it.

        The file is the same for everybody and tells nothing of a log dir; without it the page could not say why it gets
        nothing else. It runs with the rights of the page that loads it, which gets no more for that.

        Raises:
          HttpError: If it is refused: a browser asks for another site.
        """
        # A person who types an address, or takes a bookmark, comes from no site.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise HttpError(403, "origin_refused", f"{OTHER_SITE}.")

    def _passes(self, page: Origin, request: Request) -> bool:
        """Whether pages of an origin are ours: it is what was asked for, or its name is ours, or allowed by the user.

        For a proxy may have asked for something else: most change the Host header, and few the origin that the browser
        says. An address beyond loopback is anybody's, unless the user named it.
        """
        if page.is_of(request.headers.get("Host", "")) or self.allowed_hosts.have_origin(page):
            return True
        return is_loopback(page.name) or is_own_name(page.name)


def _written(host: str) -> str:
    """What was asked for, as a message may say it."""
    found = split_host(host)
    port = f":{found[1]}" if found and found[1] else ""
    return f"{written_host(found and found[0])}{port}"
