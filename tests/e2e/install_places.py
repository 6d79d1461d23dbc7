"""Makes sure that there is what docs/places.md names, as the machine's own or as Debian's packages."""

from __future__ import annotations

from tests import apt
from tests.e2e.program import find_program

PACKAGES = {
    "apache2": "apache2-bin",
    "caddy": "caddy",
    "htpasswd": "apache2-utils",
    "nginx": "nginx",
    "openssl": "openssl",
    "sqlite3": "sqlite3",
    "ssh": "openssh-client",
    "sshd": "openssh-server",
}
"""Debian's package of each program."""


def main() -> None:
    """Installs what is missing, where the machine lets us."""
    if wanted := sorted({package for program, package in PACKAGES.items() if not find_program(program)}):
        apt.install(*wanted)


if __name__ == "__main__":
    main()
