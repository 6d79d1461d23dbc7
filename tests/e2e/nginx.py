"""A real nginx before a TensorBoard, as people set it up."""

from __future__ import annotations

import os
from pathlib import Path

from tests.e2e.certificate import make_certificate
from tests.e2e.program import Program, find_program
from tests.e2e.tensorboard_server import free_port
from tests.missing import missing

CONFIG = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {server}
}}
"""
SERVER = """
    server {{
        listen 127.0.0.1:{port}{tls};
        {says}
    }}
"""
TLS = """
        ssl_certificate {made.certificate};
        ssl_certificate_key {made.key};
"""


class Nginx(Program):
    """An nginx with one server, from when it is made until `stop`."""

    def __init__(self, folder: Path, server: str, port: int) -> None:
        """Starts it.

        Args:
          folder: Where it keeps its files; it is there.
          server: Its `server` block, whole.
          port: Where that listens.
        """
        program = find_program("nginx")
        if program is None:
            missing("there is no nginx")
        self._folder = folder
        user = "user root;" if os.geteuid() == 0 else ""  # else whoever it takes cannot read the tests' folders
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, user=user, server=server))
        super().__init__([program, "-p", folder, "-c", config], folder / "error.log", port)

    def requests(self, method: str) -> list[str]:
        """The requests of a method so far, as its log has them."""
        return [line for line in (self._folder / "access.log").read_text().splitlines() if f'"{method} ' in line]


class NamedNginx(Nginx):
    """One that people open by a name, which their browser finds at this machine."""

    def __init__(self, folder: Path, says: str, *, name: str, tls: bool = False) -> None:
        """Starts it.

        Args:
          folder: Where it keeps its files.
          says: What its `server` block says beside where it listens.
          name: The name.
          tls: Whether by https, with a certificate that nobody signed.
        """
        folder.mkdir()
        port = free_port()
        self.address = f"{'https' if tls else 'http'}://{name}:{port}"
        if tls:
            says += TLS.format(made=make_certificate(folder, name))
        super().__init__(folder, SERVER.format(port=port, tls=" ssl" if tls else "", says=says), port)
