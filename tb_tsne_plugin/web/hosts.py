"""What names a machine in a request: the Host header, and the address that a connection comes from."""

from __future__ import annotations

import ipaddress
import socket
from functools import cache

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
