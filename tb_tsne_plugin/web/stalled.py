"""Time-outs for clients that stall or dawdle. TensorBoard's server has none: each could hold a thread for ever.

the head of a request   10 seconds without a byte, 20 seconds in all
our requests' bodies    10 seconds without a byte, 60 seconds in all (1 MiB over a slow line)
our answers             10 seconds for each 64 KiB: who reads more slowly than 6.5 kB a second is dropped
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterable, Iterator
from typing import Any

from werkzeug import serving

STALL_SECONDS = 10.0
HEAD_SECONDS = 20.0
BODY_SECONDS = 60.0
PIECE = 1 << 16


class TimedInput(io.RawIOBase):
    """What comes over a connection, for a time: a time-out of the socket's own begins again with every byte."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        """Begins the time.

        Args:
          connection: Where to read from.
          seconds: For how long.
        """
        super().__init__()
        self._connection = connection
        self._end: float | None = time.monotonic() + seconds

    def allow(self, seconds: float | None) -> None:
        """Begins another time; None lets it take as long as it takes."""
        self._end = None if seconds is None else time.monotonic() + seconds

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As a socket's own, but raises `TimeoutError` also when the whole time is over."""
        if self._end is None:
            return self._connection.recv_into(buffer)
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(min(STALL_SECONDS, left))
        try:
            return self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(STALL_SECONDS)


def limit_request_heads() -> None:
    """Lets the server drop a connection whose request line and headers do not come in time.

    From there on other plugins' answers take as long as they did: only what comes before a WSGI application is called,
    and so can be nobody's but the server's, has a limit.
    """
    handler: Any = serving.WSGIRequestHandler
    if handler.timeout is not None:
        return
    handler.timeout = STALL_SECONDS
    setup, run_wsgi = handler.setup, handler.run_wsgi

    def setup_timed(self: Any) -> None:
        setup(self)
        self.rfile.close()
        self.rfile = io.BufferedReader(TimedInput(self.connection, HEAD_SECONDS))

    def run_without_limit(self: Any) -> None:
        _allow(self.rfile, None)
        self.connection.settimeout(None)
        run_wsgi(self)

    handler.setup, handler.run_wsgi = setup_timed, run_without_limit


def limit_stalls(environ: dict[str, Any]) -> None:
    """Gives the body of a request of ours its time, and every piece of its answer."""
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.settimeout(STALL_SECONDS)
        _allow(environ.get("wsgi.input"), BODY_SECONDS)


def _allow(stream: Any, seconds: float | None) -> None:
    source = getattr(stream, "raw", None)
    if isinstance(source, TimedInput):  # the first request of all came before there were any
        source.allow(seconds)


def in_pieces(answer: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of 64 KiB: a time-out is for a whole write, and a slow reader is not a stalled one.

    Closes `answer` at the end, as a WSGI server would.
    """
    try:
        for block in answer:
            for begin in range(0, len(block), PIECE) if len(block) > PIECE else (0,):
                yield block[begin : begin + PIECE]
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
