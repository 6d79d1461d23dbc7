"""How often wrong tokens may be tried.

What makes guessing hopeless is the length of tokens. The limits keep a guesser from working the machine, and close the
one door where length was somebody's choice. They shut nobody out who holds a token that was made here, or signed in.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_OF_A_PLACE = 10
MOST_IN_ALL = 200
WINDOW_SECONDS = 60.0
MOST_PLACES = 1_000
"""How many are remembered; of more, the oldest are forgotten."""


class Tries:
    """Wrong tokens of the last minute, by the place that they came from. Safe from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begins with none.

        Args:
          clock: Seconds.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._places: OrderedDict[str, dict[str, float]] = OrderedDict()

    def are_too_many(self, place: str, *, is_claimed: bool = False) -> bool:
        """Whether a place has had its tries. One from where no wrong token came lately always has one.

        Args:
          place: Where somebody comes from.
          is_claimed: Whether a header alone says so, which who asks may have written: a new place costs them nothing,
            and has no try beyond the limit of all.
        """
        with self._lock:
            self._forget()
            of_place = len(self._places.get(place, ()))
            return of_place >= MOST_OF_A_PLACE or ((of_place > 0 or is_claimed) and self._in_all() >= MOST_IN_ALL)

    def note(self, place: str, wrong: str) -> None:
        """Remembers a wrong token.

        Args:
          place: Where it came from.
          wrong: Its hash. The same again is no further guess: an old token in a script is tried for ever.
        """
        with self._lock:
            found = self._places.setdefault(place, {})
            if len(found) < MOST_OF_A_PLACE:
                found.setdefault(wrong, self._clock())
            self._places.move_to_end(place)
            while len(self._places) > MOST_PLACES:
                self._places.popitem(last=False)

    def _in_all(self) -> int:
        return sum(map(len, self._places.values()))

    def _forget(self) -> None:
        since = self._clock() - WINDOW_SECONDS
        for place in list(self._places):
            kept = {wrong: at for wrong, at in self._places[place].items() if at > since}
            if kept:
                self._places[place] = kept
            else:
                del self._places[place]
