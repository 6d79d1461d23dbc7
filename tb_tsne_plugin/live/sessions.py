"""All running sessions of this TensorBoard."""

from __future__ import annotations

import atexit
import threading

from tb_tsne_plugin.live.session import Session

Key = tuple[str, str]


class Sessions:
    """Sessions by run and tensor name."""

    def __init__(self) -> None:
        """Starts without any; those that come end with this process."""
        self._sessions: dict[Key, Session] = {}
        self.lock = threading.Lock()
        """Held while a session is started, so that two requests start one."""
        atexit.register(self.close)

    def get(self, run: str, tensor: str) -> Session | None:
        """The session of a run and tensor, running or failed; None where none was started."""
        return self._sessions.get((run, tensor))

    def put(self, run: str, tensor: str, session: Session) -> None:
        """Keeps a new session in place of an ended one."""
        old = self._sessions.get((run, tensor))
        self._sessions[(run, tensor)] = session
        if old is not None:
            old.close()

    def of_run(self, run: str) -> list[Session]:
        """All sessions of a run."""
        return [session for (name, _), session in list(self._sessions.items()) if name == run]

    def close(self) -> None:
        """Ends all workers."""
        for session in list(self._sessions.values()):
            session.close()
        self._sessions.clear()
