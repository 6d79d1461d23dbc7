"""This machine's own names. Its full name is a name server's to say, which may not answer: nobody waits long for it."""

from __future__ import annotations

import socket
import threading
import time
from functools import cache

LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})
PATIENCE_SECONDS = 1.0
"""All that all requests together wait for a name server; a resolver itself would take ten seconds and more."""


def is_own_name(name: str) -> bool:
    """Whether a name, in small letters, is this machine's.

    The full name is asked for where no other fits. Until a name server has said it, nobody has that name.
    """
    return name in LOOPBACK_NAMES or name == socket.gethostname().lower() or name == _full_name().found()


class _FullName:
    """A question to the name server, which goes on beside."""

    def __init__(self) -> None:
        self._name: str | None = None
        self._until = time.monotonic() + PATIENCE_SECONDS
        self._asking = threading.Thread(target=self._ask, name="full name", daemon=True)
        self._asking.start()

    def _ask(self) -> None:
        self._name = socket.getfqdn().lower()

    def found(self) -> str | None:
        """The answer, if it has come, or comes in time."""
        self._asking.join(max(0.0, self._until - time.monotonic()))
        return self._name


@cache
def _full_name() -> _FullName:
    return _FullName()
