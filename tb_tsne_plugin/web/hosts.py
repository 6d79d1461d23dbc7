"""What names a machine: in the Host header, in an origin, by the address of a connection, and in our flag."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Set as AbstractSet
from functools import cache

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
LOOPBACK_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")


@cache
def own_names() -> frozenset[str]:
    """The names of this machine, in small letters."""
    return frozenset({*LOOPBACK_NAMES, socket.gethostname().lower(), socket.getfqdn().lower()})


def host_name(host: str) -> str | None:
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


def origin_name(origin: str) -> str | None:
    """The name in an Origin header, or in the address of a page; None where it is malformed, or no page of the web."""
    scheme, separator, rest = origin.partition("://")
    return host_name(rest) if separator and scheme.lower() in ("http", "https") else None


def is_name(name: str) -> bool:
    """Whether it has the form of a machine's name, as far as it is safe to say it again."""
    return _NAME.fullmatch(name) is not None


def allowed_names(listed: str) -> frozenset[str]:
    """What the flag with further names allows, as `is_allowed` takes it: in small letters, and `.name` for `*.name`.

    Raises:
      ValueError: If something in it is no name, or all names below one like `com` are meant.
    """
    return frozenset(_allowed(each.strip()) for each in listed.split(",") if each.strip())


def _allowed(written: str) -> str:
    whole = re.fullmatch(r"(\*?\.)?(.*)", written)
    assert whole is not None  # everything matches
    below, name = whole.groups()
    try:
        name = name.removesuffix(".").encode("idna").decode().lower()
    except UnicodeError:
        name = ""
    if not is_name(name) or (below and "." not in name):
        raise ValueError(
            "--tsne_allowed_hosts takes names such as gpu01.lab.example, or *.lab.example for every name below it, "
            f"without http:// and without a port, but not {written!r}."
        )
    return f".{name}" if below else name


def is_allowed(name: str, allowed: AbstractSet[str]) -> bool:
    """Whether a name is among those that the flag allows, or below one that it allows all names of."""
    steps = name.split(".")
    above = (f".{'.'.join(steps[depth:])}" for depth in range(1, len(steps)))
    return is_name(name) and (name in allowed or any(each in allowed for each in above))


def is_address(name: str) -> bool:
    """Whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own, in either notation of IPv4; 0.0.0.0 leads there too."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    found = mapped or parsed
    return found.is_loopback or found.is_unspecified
