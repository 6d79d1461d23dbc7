"""What `--tsne_allowed_hosts` allows: `name`, `name:port`, `https://name`, and `*.domain` in the place of a name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tb_tsne_plugin.web.hosts import DEFAULT_PORTS, Origin, is_address, is_name, split_host

_ENTRY = re.compile(r"(?:(?P<scheme>https?)://)?(?P<below>\*?\.)?(?P<host>[^/]*)", re.IGNORECASE)


@dataclass(frozen=True)
class AllowedHost:
    """One entry.

    Attributes:
      name: In small letters.
      is_domain: Whether every name below it is meant, and not itself.
      scheme: What pages are opened by; "" for either.
      port: Where pages are opened; None for any.
    """

    name: str
    is_domain: bool = False
    scheme: str = ""
    port: int | None = None

    def has_name(self, name: str) -> bool:
        """Whether a name is meant, whatever it is opened by."""
        if self.is_domain:
            return is_name(name) and name.endswith(f".{self.name}")
        return name == self.name

    def has_origin(self, origin: Origin) -> bool:
        """Whether pages of an origin are meant."""
        is_there = self.scheme in ("", origin.scheme) and self.port in (None, origin.port)
        return is_there and self.has_name(origin.name)


@dataclass(frozen=True)
class AllowedHosts:
    """All entries."""

    entries: tuple[AllowedHost, ...]

    @classmethod
    def listed(cls, text: str) -> AllowedHosts:
        """What the flag says, comma-separated.

        Raises:
          ValueError: If something in it is no name, or all names below one like `com` are meant.
        """
        return cls(tuple(_entry(each.strip()) for each in text.split(",") if each.strip()))

    def have_name(self, name: str) -> bool:
        """Whether a name is allowed. It alone decides who may be asked by it: its port is what a proxy made it."""
        return any(each.has_name(name) for each in self.entries)

    def have_origin(self, origin: Origin) -> bool:
        """Whether pages of an origin are allowed, with the scheme and the port that the flag says."""
        return any(each.has_origin(origin) for each in self.entries)


def _entry(written: str) -> AllowedHost:
    found = _ENTRY.fullmatch(written)
    host = found and split_host(found["host"])
    if found is None or host is None:
        raise _not_understood(written)
    scheme, is_domain, port = (found["scheme"] or "").lower(), bool(found["below"]), host[1]
    try:
        name = host[0] if is_address(host[0]) else host[0].encode("idna").decode()
    except UnicodeError:
        raise _not_understood(written) from None
    is_whole = is_name(name) or is_address(name)
    if not is_whole or (is_domain and (is_address(name) or "." not in name)):
        raise _not_understood(written)
    return AllowedHost(name, is_domain, scheme, port or DEFAULT_PORTS.get(scheme))


def _not_understood(written: str) -> ValueError:
    return ValueError(
        "--tsne_allowed_hosts takes names such as gpu01.lab.example, with a port (gpu01.lab.example:8443) or a scheme "
        "(https://gpu01.lab.example) if only pages there are meant, or *.lab.example for every name below it, "
        f"but not {written!r}."
    )
