"""Starts TensorBoard on a log dir, says when it answers, and ends it again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from exporters.errors import ExportError

PORT = 6006
START_SECONDS = 120.0
# `python -m` looks for modules in the working directory first, which may be a folder from anybody. With `-c` that can
# be taken off the path before anything is imported but `sys`, which is built in (Python 3.10 has no -P).
COMMAND = """\
import sys
sys.path[:] = [folder for folder in sys.path if folder]
sys.argv[0] = "tensorboard"
from tensorboard.main import run_main
run_main()
"""


def serve(logdir: Path, port: int | None, ready: Callable[[str], None]) -> None:
    """Runs TensorBoard in a process of its own until Ctrl+C, SIGTERM, or its own end.

    Args:
        logdir: What it shall show.
        port: Its port; None takes 6006, or a free one where that is taken.
        ready: Called with the address of the Label Projector once TensorBoard answers.

    Raises:
        ExportError: If the port is taken, or TensorBoard ends by itself or does not answer within two minutes.
    """
    port = _port(port)
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")}
    command = [sys.executable, "-c", COMMAND, "--logdir", str(logdir), "--port", str(port)]
    before = signal.signal(signal.SIGTERM, _interrupt)
    process = subprocess.Popen(command, env=environment)
    try:
        _wait_until_it_answers(process, port)
        ready(f"http://localhost:{port}/#tsne")
        _check_end(process.wait())
    except KeyboardInterrupt:
        pass
    finally:
        _end(process)
        signal.signal(signal.SIGTERM, before)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _port(wanted: int | None) -> int:
    if _is_free(wanted or PORT):
        return wanted or PORT
    if wanted is not None:
        raise ExportError(f"Port {wanted} is taken: choose another --port, or leave the option out.")
    with socket.socket() as any_port:
        any_port.bind(("localhost", 0))
        return int(any_port.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("localhost", port))
        except OSError:
            return False
    return True


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    give_up = time.monotonic() + START_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < give_up:
        if process.poll() is not None:
            _check_end(process.returncode or 1)
        try:
            with opener.open(f"http://localhost:{port}/data/environment", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise ExportError(f"TensorBoard did not answer on port {port} within {START_SECONDS:.0f} seconds.")


def _check_end(status: int) -> None:
    if status > 0:
        raise ExportError(f"TensorBoard ended with status {status}; its own message is above.")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
