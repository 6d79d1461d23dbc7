"""Time-outs for clients that stall. TensorBoard's server has none: each would hold a thread for as long as it likes."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from typing import Any

from werkzeug import serving

STALL_SECONDS = 10.0
PIECE = 1 << 16


def limit_request_heads() -> None:
    """Lets the server drop a connection whose request line and headers do not come within `STALL_SECONDS`.

    From there on other plugins' answers take as long as they did: only what comes before a WSGI application is called,
    and so can be nobody's but the server's, has a limit.
    """
    handler: Any = serving.WSGIRequestHandler
    if handler.timeout is not None:
        return
    handler.timeout = STALL_SECONDS
    run_wsgi = handler.run_wsgi

    def run_without_limit(self: Any) -> None:
        self.connection.settimeout(None)
        run_wsgi(self)

    handler.run_wsgi = run_without_limit


def limit_stalls(environ: dict[str, Any]) -> None:
    """Gives the rest of a request, and every piece of its answer, at most `STALL_SECONDS`."""
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.settimeout(STALL_SECONDS)


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
