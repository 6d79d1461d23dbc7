"""A real nginx before a TensorBoard, as people set it up."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

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
    server {{
        listen 127.0.0.1:{port}{tls};
        {server}
    }}
}}
"""
TLS = """
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
"""


def find_nginx() -> str | None:
    """The machine's nginx, which Debian keeps where only administrators look."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


class Nginx:
    """An nginx with one server, from when it is made until `stop`."""

    def __init__(self, folder: Path, server: str, *, name: str, tls: bool = False) -> None:
        """Starts it.

        Args:
          folder: Where it keeps its files.
          server: What its `server` block says beside where it listens.
          name: The name by which people open it, which their browser finds at this machine.
          tls: Whether by https, with a certificate that nobody signed.
        """
        program = find_nginx()
        if program is None:
            missing("there is no nginx")
        self._folder = folder
        folder.mkdir()
        self.port = free_port()
        self.address = f"{'https' if tls else 'http'}://{name}:{self.port}"
        if tls:
            _make_certificate(folder, name)
            server += TLS.format(folder=folder)
        user = "user root;" if os.geteuid() == 0 else ""  # else whoever it takes cannot read the tests' folders
        config = CONFIG.format(folder=folder, user=user, port=self.port, tls=" ssl" if tls else "", server=server)
        (folder / "nginx.conf").write_text(config)
        self._process = subprocess.Popen(
            [program, "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL
        )
        self._wait()

    def requests(self, method: str) -> list[str]:
        """The requests of a method so far, as its log has them."""
        return [line for line in (self._folder / "access.log").read_text().splitlines() if f'"{method} ' in line]

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(timeout=30)

    def _wait(self) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        log = self._folder / "error.log"
        raise AssertionError(f"nginx did not start:\n{log.read_text() if log.exists() else ''}")


def _make_certificate(folder: Path, name: str) -> None:
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    about = ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*command, *files, *about], check=True, capture_output=True)
