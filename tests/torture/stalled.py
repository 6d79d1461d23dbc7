"""Two hundred clients that stall, in every way they can, and twelve that wait for news as open pages do."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable

import requests

from tests.e2e.tensorboard_server import TensorBoard

RUN = "run=run&tensor=im"
BASE = "/data/plugin/tsne"


def stall(port: int, kind: int) -> socket.socket:
    """A connection that asks for something, and goes no further.

    Args:
      port: Of the server.
      kind: How far it gets: nothing; half a request line; half a head; a head without its body; an answer not read.
    """
    connection = socket.create_connection(("localhost", port), timeout=30)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    head = f"Host: localhost:{port}\r\nX-TSNE-Request: 1\r\nContent-Type: application/json\r\n"
    sent = [
        "",
        f"GET {BASE}/ru",
        f"GET {BASE}/runs HTTP/1.1\r\nHost: local",
        f"POST {BASE}/labels/apply HTTP/1.1\r\n{head}Content-Length: 500000\r\n\r\n" + '{"run": "ru',
        f"GET {BASE}/samples?{RUN} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n",
    ][kind % 5]
    connection.sendall(sent.encode())
    return connection


def drip(port: int, kind: int, seconds: float) -> float:
    """Sends a byte a second, which no time-out for silence notices; how long the server bears it.

    Args:
      port: Of the server.
      kind: What drips: the head of a request; its body; a body that is refused unread.
      seconds: How long to go on at most.
    """
    connection = stall(port, [2, 3, 0][kind % 3])
    if kind % 3 == 2:
        head = f"POST {BASE}/labels/apply HTTP/1.1\r\nHost: evil\r\nContent-Length: 500000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 1000)
    connection.settimeout(0.01)
    began = time.monotonic()
    with connection:
        while time.monotonic() - began < seconds and not _is_closed(connection):
            try:
                connection.sendall(b"x")
            except OSError:
                break
            time.sleep(1)
    return time.monotonic() - began


def _is_closed(connection: socket.socket) -> bool:
    try:
        while connection.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def keep_page_open(server: TensorBoard, stop: threading.Event) -> threading.Thread:
    """A page: it waits for labels and for frames, over and over."""

    def wait() -> None:
        revision = 0
        while not stop.is_set():
            try:
                answer = server.get("labels/changes", run="run", after=revision, wait=2)
                revision = answer.json().get("revision", revision)
                server.get("session/frame", run="run", tensor="im", after=0, wait=1)
            except (requests.RequestException, json.JSONDecodeError):
                if not stop.is_set():
                    raise

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def wait_until(condition: Callable[[], bool], seconds: float) -> float | None:
    """How long it took until a condition held; None where it did not."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.1)
    return None
