"""Starts TensorBoards in milliseconds: a process that has imported everything forks one for each line it reads.

Each is a process of its own, with TensorBoard's own server and our plugin in it, and can be killed like any other.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from tests.e2e.tensorboard_server import TensorBoard, free_port

ROOT = Path(__file__).resolve().parents[2]
_CODE = """
import json, os, signal, sys, types
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")  # TensorBoard without TensorFlow
from tensorboard import program
from tensorboard.plugins.core.core_plugin import CorePluginLoader
import tensorboard.plugins.projector.projector_config_pb2, google.protobuf.text_format
from tb_tsne_plugin.loader import Loader
import tb_tsne_plugin.web.from_flags
import tb_tsne_plugin.web.stalled as stalled
import sqlalchemy.dialects.sqlite
for name, seconds in json.loads(sys.argv[1]).items():
    assert hasattr(stalled, name)
    setattr(stalled, name, seconds)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
for line in sys.stdin:
    logdir, port = line.split()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        tensorboard = program.TensorBoard(plugins=[CorePluginLoader(), Loader()])
        tensorboard.configure(["tensorboard", "--logdir", logdir, "--port", port, "--load_fast", "false"])
        tensorboard.main()
        os._exit(0)
    print(child, flush=True)
"""


class Zygote:
    """Forks TensorBoards."""

    def __init__(self, limits: Mapping[str, float] | None = None) -> None:
        """Imports everything.

        Args:
          limits: Seconds that the server bears with clients, by their names in `tb_tsne_plugin.web.stalled`, where they
            are to be others than there.
        """
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE, json.dumps(dict(limits or {}))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def fork(self, logdir: Path, port: int) -> int:
        """The process id of a new TensorBoard."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{logdir} {port}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """Ends the process; TensorBoards that run go on."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


class ForkedTensorBoard(TensorBoard):
    """A TensorBoard from a zygote, on a new port each time: the old one's may linger."""

    timeout = 900.0  # whatever else this machine does meanwhile

    def __init__(self, logdir: Path, zygote: Zygote) -> None:
        super().__init__(logdir)
        self._zygote = zygote
        self._id = 0

    @property
    def process_id(self) -> int:
        return self._id

    def start(self) -> ForkedTensorBoard:
        """Starts it and waits until it answers."""
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self._id = self._zygote.fork(self.logdir, self.port)
        deadline = time.monotonic() + self.timeout
        while time.monotonic() < deadline:
            try:
                self.get("runs")
                return self
            except requests.RequestException:
                time.sleep(0.01)
        raise AssertionError("TensorBoard did not start")

    def kill(self) -> None:
        """kill -9."""
        os.kill(self._id, signal.SIGKILL)
        while os.path.exists(f"/proc/{self._id}"):
            time.sleep(0.002)
        self._id = 0

    def stop(self) -> None:
        """Ends it, if it runs."""
        if self._id:
            self.kill()
