"""All running sessions of this TensorBoard, and which of them go when nobody looks at them any more.

A worker takes some 80 MB and more even when it rests. One that rests goes once nobody has asked it for a while; of
those that nobody looks at, only the last few stay at all. It keeps where it stood before it goes, and a page that comes
back starts another, which goes on from there.
"""

from __future__ import annotations

import atexit
import threading
import time
from typing import NamedTuple

from tb_tsne_plugin.live.parameters import SessionParameters
from tb_tsne_plugin.live.session import Session

REST_SECONDS = 300.0
"""How long one that rests stays when nobody asks it."""
LOOKED_AT_SECONDS = 5.0
"""Since it was asked last: pages that are seen ask every second."""
MAX_UNSEEN = 8
"""How many stay that nobody looks at: whoever goes to and fro between some runs finds them as they were."""
ROUND_SECONDS = 15.0

Key = tuple[str, str]


class Remains(NamedTuple):
    """What the next session goes on with, beside the checkpoint.

    Attributes:
      parameters: As they were last.
      column: The label column that was followed last.
      last_frame: The number of the last frame: pages tell frames by their numbers.
    """

    parameters: SessionParameters
    column: str
    last_frame: int


class Sessions:
    """Sessions by run and tensor name. No method waits for one, except as said."""

    def __init__(self) -> None:
        """Starts without any; those that come end with this process."""
        self._sessions: dict[Key, Session] = {}
        self._remains: dict[Key, Remains] = {}
        self._starting: dict[Key, threading.Lock] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._rounds: threading.Thread | None = None
        atexit.register(self.close)

    def starting(self, run: str, tensor: str) -> threading.Lock:
        """A lock to hold while this one session is looked for and started, so that two requests start one."""
        with self._lock:
            return self._starting.setdefault((run, tensor), threading.Lock())

    def get(self, run: str, tensor: str) -> Session | None:
        """The session of a run and tensor, running or failed, which counts as asked now; None where there is none."""
        session = self._sessions.get((run, tensor))
        if session is not None:
            session.asked_at = time.monotonic()
        return session

    def remains(self, run: str, tensor: str) -> Remains | None:
        """What is left of the last session of a run and tensor; None where there was none."""
        session = self._sessions.get((run, tensor))
        return self._remains.get((run, tensor)) if session is None else _remains(session)

    def put(self, run: str, tensor: str, session: Session) -> None:
        """Keeps a new session in place of an ended one; the longest unseen may have to go for it."""
        with self._lock:
            old = self._sessions.get((run, tensor))
            self._sessions[(run, tensor)] = session
            if self._rounds is None:
                self._rounds = threading.Thread(target=self._go_round, name="tsne_sessions", daemon=True)
                self._rounds.start()
        if old is not None:
            old.close()
        self.let_go()

    def of_run(self, run: str) -> list[Session]:
        """All sessions of a run."""
        return [session for (name, _), session in list(self._sessions.items()) if name == run]

    def let_go(self) -> None:
        """Lets those go that have rested unasked for long, and the longest unseen where there are too many."""
        unseen = self._unseen()
        n_too_many = len(unseen) - MAX_UNSEEN
        for place, (key, session) in enumerate(unseen):
            if place < n_too_many or (session.is_resting and session.seconds_unasked > REST_SECONDS):
                self._take_away(key, session)

    def free_one(self) -> bool:
        """Lets the longest unseen go, and waits until its memory is free.

        Returns:
          Whether there was one.
        """
        for key, session in self._unseen():
            ending = self._take_away(key, session)
            if ending is not None:
                ending.join()
                return True
        return False

    def close(self) -> None:
        """Ends all workers."""
        self._closed.set()
        for session in list(self._sessions.values()):
            session.close()
        self._sessions.clear()

    def _unseen(self) -> list[tuple[Key, Session]]:
        """Those that nobody looks at: who rests before who runs, and the longest unasked first."""
        unseen = [each for each in list(self._sessions.items()) if each[1].seconds_unasked > LOOKED_AT_SECONDS]
        return sorted(unseen, key=lambda each: (not each[1].is_resting, each[1].asked_at))

    def _take_away(self, key: Key, session: Session) -> threading.Thread | None:
        """Lets a session go in a thread of its own; not one that is asked for, or being started again, just now."""
        starting = self.starting(*key)
        if not starting.acquire(blocking=False):
            return None
        try:
            if self._sessions.get(key) is not session or session.seconds_unasked <= LOOKED_AT_SECONDS:
                return None
            self._remains[key] = _remains(session)
            del self._sessions[key]
        finally:
            starting.release()
        ending = threading.Thread(target=session.end, name="tsne_ending", daemon=True)
        ending.start()
        return ending

    def _go_round(self) -> None:
        while not self._closed.wait(ROUND_SECONDS):
            self.let_go()


def _remains(session: Session) -> Remains:
    return Remains(session.parameters, session.column, session.last_frame)
