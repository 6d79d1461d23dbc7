"""Who looks at a session at the same time, so that nobody turns another's picture unseen.

Who works on which labels is for `workspace.crew`. This is in memory only and short-lived, and nothing depends on it but
what people are told.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

import msgspec

SEEN_SECONDS = 5.0
"""Since somebody asked last: pages that are seen ask every second."""
MOST_PEOPLE = 1_000

Doing: TypeAlias = Literal["pause", "resume", "step", "restart", "perturb", "parameters", "dimensions", "column"]


class Onlooker(NamedTuple):
    """Somebody who looks.

    Attributes:
      author: The name.
      client: Tells those of one name apart; empty where nothing is known of it.
    """

    author: str
    client: str


class LastChange(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did last to the picture that all see."""

    number: int
    """Counts from 1."""
    author: str
    own: bool
    """Whether it was whoever asks."""
    doing: Doing


class Company:
    """Those who look at one session. Safe from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begins with nobody.

        Args:
          clock: Seconds.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[Onlooker, float] = {}
        self._last: tuple[int, Onlooker, Doing] | None = None

    def see(self, who: Onlooker) -> None:
        """Somebody looks, at a page: what has no tag is a script, which sees no picture."""
        if not who.client:
            return
        with self._lock:
            self._seen.pop(who, None)
            self._seen[who] = self._clock()
            if len(self._seen) > MOST_PEOPLE:  # whoever was seen longest ago
                del self._seen[next(iter(self._seen))]

    def others(self, than: Onlooker) -> tuple[str, ...]:
        """The names of the others who look now."""
        with self._lock:
            since = self._clock() - SEEN_SECONDS
            return tuple(sorted(who.author for who, at in self._seen.items() if at > since and who != than))

    def did(self, who: Onlooker, doing: Doing) -> None:
        """Somebody changed the picture that all see."""
        with self._lock:
            self._last = (1 if self._last is None else self._last[0] + 1, who, doing)

    def last_change(self, asker: Onlooker) -> LastChange | None:
        """What was done to the picture last; None where nothing was."""
        with self._lock:
            if self._last is None:
                return None
            number, who, doing = self._last
        return LastChange(number=number, author=who.author, own=who == asker, doing=doing)
