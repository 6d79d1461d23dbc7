"""What all handlers share: the log dir, the label stores, the sessions; and the one way a request is answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.exceptions import ClientDisconnected, HTTPException
from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.labels import Database, LabelStore, local_author
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.labels.edits import Edit
from tb_tsne_plugin.labels.errors import LabelError
from tb_tsne_plugin.labels.store import DEFAULT_COLUMN
from tb_tsne_plugin.live import Session, SessionError, Sessions
from tb_tsne_plugin.runs import Run, Tensor, find_run
from tb_tsne_plugin.web.encodings import json_answer
from tb_tsne_plugin.web.errors import HttpError, as_http_error
from tb_tsne_plugin.web.guards import Guards, is_loopback
from tb_tsne_plugin.web.parsing import text
from tb_tsne_plugin.web.stalled import in_pieces, limit_request_heads, limit_stalls
from tb_tsne_plugin.web.watch import RevisionWatch

logger = logging.getLogger(__name__)

Handler = Callable[["Application", Request], Response]


def writes(handler: Handler) -> Handler:
    """Marks a handler that changes something: POST only, with every guard."""
    handler.writes = True  # type: ignore[attr-defined]
    return handler


class Application:
    """One TensorBoard's plugin."""

    def __init__(self, logdir: Path, guards: Guards, labels_dir: Path | None = None, labels_db: str = "") -> None:
        """Serves a log dir.

        Args:
          logdir: The log dir.
          guards: Who may ask what.
          labels_dir: Where labels are kept instead of in the runs' own folders.
          labels_db: URL of a database where the labels of all runs are kept instead; empty for none.
        """
        self.logdir = logdir
        self.guards = guards
        self.labels_dir = labels_dir
        self.sessions = Sessions()
        self.routes: Mapping[str, str] = {}
        """Module and function by route, for whoever describes them."""
        self._labels_db = labels_db
        self._databases: dict[Path | str, Database] = {}
        self._watches: dict[tuple[Database, str, str], RevisionWatch] = {}
        self._lock = threading.Lock()

    def answer(self, handler: Handler, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answers a request: guards, handler, and every error in the one shape."""
        request = Request(environ)
        limit_stalls(environ)
        try:
            self.guards.check(request, writes=getattr(handler, "writes", False))
            response = handler(self, request)
        except Exception as error:
            response = self._error_answer(request, error)
        return in_pieces(response(environ, start_response))

    def run(self, values: Any) -> Run:
        """The run a request names."""
        return find_run(self.logdir, text(values, "run"))

    def tensor(self, values: Any) -> tuple[Run, Tensor]:
        """The run and the features a request names."""
        run = self.run(values)
        return run, run.tensor(text(values, "tensor"))

    def store(self, run: Run, column: str = DEFAULT_COLUMN) -> LabelStore:
        """A label column of a run; the first one is made if there is none.

        Raises:
          HttpError: If there is no such column.
          LabelsBusy, LabelsNotStored: If it cannot be made.
        """
        store = self.existing_store(run, column)
        if not store.exists:
            if column != DEFAULT_COLUMN:
                raise HttpError(404, "unknown_column", f"Run {run.name!r} has no label column {column!r}.")
            store.create(run.labels(column))
        return store

    def existing_store(self, run: Run, column: str = DEFAULT_COLUMN) -> LabelStore:
        """A label column of a run, which may not be there yet."""
        if self._labels_db:
            return LabelStore(self._database(self._labels_db), run.name, column)
        return LabelStore(self._database(self.labels_folder(run) / STORE_NAME), "", column)

    def labels_folder(self, run: Run) -> Path:
        """The folder where we keep what belongs to a run."""
        return run.folder if self.labels_dir is None else self.labels_dir / run.name

    def watch(self, store: LabelStore) -> RevisionWatch:
        """Who waits for a column's next edit."""
        key = (store.database, store.run, store.column)
        with self._lock:
            return self._watches.setdefault(key, RevisionWatch(store.revision))

    def session(self, values: Any, *, may_be_outdated: bool = False) -> Session:
        """The session of the run and features a request names.

        Raises:
          HttpError: If none was started, or its features are no longer the run's (unless that is asked for).
        """
        run, tensor = self.tensor(values)
        session = self.sessions.get(run.name, tensor.name)
        if session is None:
            raise HttpError(404, "no_session", "The t-SNE is not running; start it.")
        if session.version != tensor.version:
            session.outdate()
            if not may_be_outdated:
                raise HttpError(409, "run_changed", "The run was exported again; load it again and start the t-SNE.")
        return session

    def feed(self, run: Run, made: tuple[str, Edit] | None = None) -> None:
        """Tells a run's sessions all labels they have not heard of, whoever gave them.

        Args:
          run: The run.
          made: A label column and an edit of it just made: what it changed need not be read again. One that changed no
            label tells nothing of its revision, which may be somebody else's edit.
        """
        for session in self.sessions.of_run(run.name):
            with session.labels_lock:
                next_one = (session.column, session.revision + 1)
                if made is not None and made[1].changes and next_one == (made[0], made[1].revision):
                    edit = made[1]
                else:
                    edit = self.existing_store(run, session.column).changes_since(session.revision)
                if edit.revision != session.revision and session.is_alive:
                    try:
                        session.send_labels(edit.revision, edit.changes)
                    except SessionError:
                        logger.info("The worker of %s ended before it heard of revision %d.", run.name, edit.revision)

    def author(self, request: Request) -> str:
        """Who asks: this machine's user, or the address of another machine."""
        if not request.remote_addr or is_loopback(request.remote_addr):
            return local_author()
        return str(request.remote_addr)

    def _database(self, where: Path | str) -> Database:
        with self._lock:
            found = self._databases.get(where)
            if found is None:
                found = self._databases[where] = Database(where)
            return found

    def _error_answer(self, request: Request, error: Exception) -> Response:
        known = as_http_error(error)
        if known is None and isinstance(error, (ClientDisconnected, TimeoutError)):
            known = HttpError(408, "bad_request", "The request did not come to its end.")
        if known is None and isinstance(error, HTTPException):
            known = HttpError(error.code or 400, "bad_request", "The request is malformed.")
        if known is None:
            logger.exception("The Label Projector failed to answer %s.", request.path)
            known = HttpError(500, "internal", "The Label Projector failed; TensorBoard's log says where.")
        elif isinstance(error, LabelError) and known.status >= 500:
            logger.warning("%s", error, exc_info=error.__cause__)
        return json_answer(request, known.body(), known.status)


def from_flags(logdir: str, flags: Any, routes: Mapping[str, str]) -> Application:
    """The application that TensorBoard's flags describe, with the plugin's route table."""
    hosts = getattr(flags, "tsne_allowed_hosts", "") or ""
    labels_dir = getattr(flags, "tsne_labels_dir", "") or ""
    labels_db = getattr(flags, "tsne_labels_db", "") or ""
    guards = Guards(
        frozenset(host.strip().lower() for host in hosts.split(",") if host.strip()),
        bool(getattr(flags, "tsne_allow_remote_edit", False)),
    )
    limit_request_heads()
    folder = Path(labels_dir).expanduser() if labels_dir else None
    application = Application(Path(logdir).expanduser(), guards, folder, labels_db)
    application.routes = routes
    return application
