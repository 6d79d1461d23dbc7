"""What names a machine: in the Host header, in an origin, and by the address of a connection."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_HOST = re.compile(r"(?:\[(?P<bracketed>[^\[\]]+)\]|(?P<plain>[^\[\]:]+))(?::(?P<port>[0-9]{0,5}))?")
DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """What a browser calls the origin of a page.

    Attributes:
      scheme: `http` or `https`.
      name: The machine's name, in small letters.
      port: Also where it is the scheme's own, which browsers leave out.
    """

    scheme: str
    name: str
    port: int

    def __str__(self) -> str:
        """As a browser writes it."""
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{written_host(self.name)}{port}"

    def is_of(self, host: str) -> bool:
        """Whether this is the origin of what a Host header names."""
        found = split_host(host)
        return found is not None and (found[0], found[1] or DEFAULT_PORTS[self.scheme]) == (self.name, self.port)


def split_host(host: str) -> tuple[str, int | None] | None:
    """The name in a Host header, in small letters, and its port where there is one; None if it is malformed."""
    found = _HOST.fullmatch(host.strip().lower())
    if found is None:
        return None
    name = (found["bracketed"] or found["plain"]).removesuffix(".")
    return (name, int(found["port"]) if found["port"] else None) if name else None


def host_name(host: str) -> str | None:
    """The name in a Host header, in small letters and without its port; None if it is malformed."""
    found = split_host(host)
    return found and found[0]


def parse_origin(origin: str) -> Origin | None:
    """An Origin header; None where it is malformed, or names no page of the web."""
    scheme, separator, rest = origin.partition("://")
    scheme, found = scheme.lower(), split_host(rest)
    if not separator or scheme not in DEFAULT_PORTS or found is None:
        return None
    name, port = found
    return Origin(scheme, name, port or DEFAULT_PORTS[scheme]) if is_name(name) or is_address(name) else None


def page_origin(address: str) -> Origin | None:
    """The origin of a page by its address, as the Referer header has it; None where it is no page of the web."""
    scheme, separator, rest = address.partition("://")
    return parse_origin(f"{scheme}{separator}{rest.partition('/')[0]}")


def is_name(name: str) -> bool:
    """Whether it has the form of a machine's name, as far as it is safe to say it again."""
    return _NAME.fullmatch(name) is not None


def is_address(name: str) -> bool:
    """Whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@lru_cache(1_000)  # every request asks several times, of the same few
def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own, in either notation of IPv4; 0.0.0.0 leads there too."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    found = mapped or parsed
    return found.is_loopback or found.is_unspecified


def written_host(name: str | None) -> str:
    """A name as a message may say it, and our flag takes it: the header that it is from can hold anything."""
    if name is not None and is_address(name):
        return f"[{name}]" if ":" in name else name
    return name if name is not None and is_name(name) else "NAME"
