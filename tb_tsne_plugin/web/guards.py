"""Who may ask what. TensorBoard checks no Host, Origin, content type or size: every request passes here first."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from functools import cached_property

from werkzeug.wrappers import Request

from tb_tsne_plugin.web.errors import HttpError

MAX_BODY_BYTES = 1 << 20
REQUEST_HEADER = "X-TSNE-Request"
LOOPBACK_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")


@dataclass(frozen=True)
class Guards:
    """What is allowed beyond the default.

    Attributes:
      allowed_hosts: Further host names under which the page may be opened.
      allow_remote_edit: Whether other machines may edit.
    """

    allowed_hosts: frozenset[str] = frozenset()
    allow_remote_edit: bool = False

    def check_write(self, request: Request) -> None:
        """Lets a request that changes something pass, or refuses it.

        Raises:
          HttpError: If it is refused.
        """
        self._check_origin(request)
        if problem := self.edit_problem(request):
            raise HttpError(403, "read_only_client", problem)
        if request.mimetype != "application/json":
            raise HttpError(415, "content_type", "The body must be application/json.")
        if request.content_length is None:
            raise HttpError(411, "length_required", "The request must say how long its body is.")
        if request.content_length > MAX_BODY_BYTES:
            raise HttpError(413, "too_large", "A request has at most 1 MiB.")

    def edit_problem(self, request: Request) -> str | None:
        """Why this client may look but not edit; None where it may edit."""
        if self.allow_remote_edit or is_loopback(request.remote_addr or ""):
            return None
        return "From another machine you may look, but not edit (TensorBoard's --tsne_allow_remote_edit allows it)."

    def check_host(self, request: Request) -> None:
        """Lets a request to a name of ours pass, or refuses it: that is the defence against DNS rebinding.

        Raises:
          HttpError: If it is refused.
        """
        host = request.headers.get("Host", "")
        name = _host_name(host)
        if name is None or not (name in self._names or _is_ip(name)):
            raise HttpError(
                403, "host_refused", "This host name is not allowed; start TensorBoard with --tsne_allowed_hosts NAME."
            )

    def _check_origin(self, request: Request) -> None:
        if request.headers.get(REQUEST_HEADER) != "1":
            raise HttpError(
                403, "header_missing", f"Requests that change anything need the header {REQUEST_HEADER}: 1."
            )
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise HttpError(403, "origin_refused", "Requests from other sites are refused.")
        origin = request.headers.get("Origin")
        if origin is None:
            return  # no browser: browsers send it with every POST
        scheme, separator, host = origin.partition("://")
        if not separator or scheme not in ("http", "https") or host.lower() != request.headers.get("Host", "").lower():
            raise HttpError(403, "origin_refused", "Requests from other sites are refused.")

    @cached_property
    def _names(self) -> frozenset[str]:
        own = {socket.gethostname().lower(), socket.getfqdn().lower()}
        return frozenset({*LOOPBACK_NAMES, *own, *self.allowed_hosts})


def _host_name(host: str) -> str | None:
    """The name in a Host header, in small letters and without its port; None if it is malformed."""
    host = host.strip().lower()
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        port = port[1:] if port.startswith(":") else port
    else:
        name, _, port = host.partition(":")
        bracket = "]"
    if not name or not bracket or (port and not port.isdigit()):
        return None
    return name.removesuffix(".")


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own, in either notation of IPv4."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
