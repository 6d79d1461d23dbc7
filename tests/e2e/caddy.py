"""A real Caddy before a TensorBoard."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.program import Program, find_program
from tests.missing import missing

BEFORE = """{
    admin off
    auto_https disable_redirects
    default_bind 127.0.0.1
    grace_period 1s
    skip_install_trust
}
"""
"""What a test needs beside what the machine's own Caddy does: it keeps to its port, and to itself."""


class Caddy(Program):
    """A Caddy with one site, from when it is made until `stop`."""

    def __init__(self, folder: Path, site: str, port: int) -> None:
        """Starts it.

        Args:
          folder: Where it keeps its files; it is there.
          site: Its site block, whole.
          port: Where that listens.
        """
        config = folder / "Caddyfile"
        config.write_text(BEFORE + site)
        homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        command = ["run", "--config", str(config), "--adapter", "caddyfile"]
        super().__init__([self.program(), *command], folder / "caddy.log", port, homes)

    @staticmethod
    def program() -> str:
        """The machine's."""
        return find_program("caddy") or missing("there is no Caddy")
