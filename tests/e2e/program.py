"""A program beside a test: started, waited for, and ended."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import requests


class Program:
    """A server on a port of this machine, from when it is made until `stop`."""

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        port: int,
        environment: Mapping[str, str] | None = None,
        page: str = "",
    ) -> None:
        """Starts it, and waits until it takes connections.

        Args:
          command: What to start.
          log: Where its output goes.
          port: Where it listens.
          environment: Variables beside ours.
          page: What it must answer before it counts as started, where it listens before it is ready.
        """
        self.port, self._log = port, log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*map(str, command)], stdout=output, stderr=output, env={**os.environ, **(environment or {})}
            )
        self._wait(page)

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(timeout=30)

    def _wait(self, page: str) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            if self._answers(page):
                return
            time.sleep(0.05)
        self._process.kill()
        raise AssertionError(f"it did not start:\n{self._log.read_text(errors='replace')}")

    def _answers(self, page: str) -> bool:
        try:
            if page:
                return requests.get(f"http://127.0.0.1:{self.port}{page}", timeout=2).ok
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False


def find_program(name: str) -> str | None:
    """Where a server's program is, which Debian keeps where only administrators look."""
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return shutil.which(name, path=places)
