"""A real TensorBoard, to be started, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol

import requests

HEADERS = {"X-TSNE-Request": "1"}
MAIN = """
import sys, types
sys.modules["tensorboard.compat.notf"] = types.ModuleType("tensorboard.compat.notf")
from tensorboard.main import run_main
run_main()
"""
"""What `python -m tensorboard.main` does; the module tells TensorBoard to do without TensorFlow."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


FOR_THE_STOCK_PROJECTOR = {"LC_ALL": "C.UTF-8"}
"""Its messages are written by protobuf, which spells their names wrongly (`singleimageDim`) in a Turkish locale."""


class Start(Protocol):
    """Starts a TensorBoard that is ended after the test."""

    def __call__(
        self,
        logdir: Path,
        *flags: str,
        python: str = sys.executable,
        environment: dict[str, str] | None = None,
        tensorflow: bool = False,
        prefix: str = "",
        port: int | None = None,
    ) -> TensorBoard:
        """As `TensorBoard` itself, and started."""


class TensorBoard:
    """`tensorboard --logdir …` on a port of its own; without TensorFlow unless asked for: it starts much sooner so.

    With `--logdir_spec` among its flags it is started on that instead.
    """

    timeout = 60.0
    """Seconds that an answer may take."""
    token = ""
    """With which `get` and `post` come in, where one is needed."""

    def __init__(
        self,
        logdir: Path,
        *flags: str,
        python: str = sys.executable,
        environment: dict[str, str] | None = None,
        tensorflow: bool = False,
        main: str = MAIN,
        prefix: str = "",
        port: int | None = None,
    ) -> None:
        self.logdir = logdir
        self.port = free_port() if port is None else port
        self.address = f"http://localhost:{self.port}{prefix}"
        program = ["-m", "tensorboard.main"] if tensorflow else ["-c", main]
        on = [] if "--logdir_spec" in flags else ["--logdir", str(logdir)]
        self._command = [python, *program, *on, "--port", str(self.port), *flags]
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the server)

    def start(self) -> TensorBoard:
        """Starts it and waits until it answers."""
        self._process = subprocess.Popen(
            self._command, stdout=self._log, stderr=self._log, env=self._environment, start_new_session=True
        )
        deadline = time.monotonic() + self.timeout
        while time.monotonic() < deadline:
            try:
                requests.get(f"{self.address}/data/environment", timeout=2)
                return self
            except requests.RequestException:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
        raise AssertionError(f"TensorBoard did not start:\n{self.log()}")

    @property
    def process_id(self) -> int:
        """Of the TensorBoard that was started last."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ends it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=60)

    def log(self) -> str:
        """What it printed so far."""
        self._log.seek(0)
        return self._log.read().decode()

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def get(self, route: str, **query: Any) -> requests.Response:
        """GET one of our routes."""
        address = f"{self.address}/data/plugin/tsne/{route}"
        return requests.get(address, params=query, headers=self._bearer(), timeout=self.timeout)

    def first_frame(self, **run: str) -> bytes:
        """Starts a session and waits for its first frame; kernels compile once a machine."""
        self.post("session/start", **run)
        for _ in range(5):
            answer = self.get("session/frame", **run, wait=25)
            if answer.status_code == 200:
                return answer.content
        raise AssertionError(f"no frame came: {self.get('session/state', **run).text}")

    def store(self, run: str) -> str:
        """The identity of a run's label store, which is made where there is none."""
        return str(self.post("labels/create", run=run).json()["store"])

    def post(self, route: str, tag: Any = "", **body: Any) -> requests.Response:
        """POST to one of our routes, as somebody whom a tag tells from others."""
        headers = {**HEADERS, **self._bearer(), **({"X-TSNE-Client": tag} if tag else {})}
        address = f"{self.address}/data/plugin/tsne/{route}"
        return requests.post(address, json=body, headers=headers, timeout=self.timeout)
