"""The one way a request is answered: guards, route, handler; and every error in the one shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.labels.errors import LabelError
from tb_tsne_plugin.labels.readers import Reader
from tb_tsne_plugin.terminal import logger_named
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.errors import NEEDS_PEOPLE, HttpError, as_http_error
from tb_tsne_plugin.web.guards import Guards
from tb_tsne_plugin.web.people import ACCOUNT_HEADER
from tb_tsne_plugin.web.responses import json_response
from tb_tsne_plugin.web.routes import PAGE, ROUTES
from tb_tsne_plugin.web.routing import Route
from tb_tsne_plugin.web.stalled import in_pieces, limit_stalls
from tb_tsne_plugin.workspace import UnknownColumn, Workspace

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logger_named(__name__)

MOUNT = "/data/plugin/tsne"
"""Where TensorBoard serves a plugin of our name, below its own path prefix."""


class Application:
    """One TensorBoard's plugin, as a WSGI application for all of its routes."""

    def __init__(self, workspace: Workspace, guards: Guards, author_header: str = "") -> None:
        """Serves a workspace.

        Args:
          workspace: The log dir.
          guards: Who may ask what.
          author_header: In which a proxy on this machine says who has signed in; empty where none does.
        """
        self._author_header = author_header
        self.workspace = workspace
        self.guards = guards
        rules = [Rule(route.path, endpoint=route, methods=[route.method]) for route in ROUTES]
        self._map = Map(rules, strict_slashes=False, merge_slashes=False)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers a request."""
        request = Request(environ)
        limit_stalls(environ)
        try:
            response = self._answer(request)
        except Exception as error:
            response = self._error_answer(request, error)
        return in_pieces(response(environ, start_response))

    def _answer(self, request: Request) -> Response:
        below = request.path.partition(MOUNT)[2]
        if below.startswith(PAGE):
            self.guards.check_page_file(request)
        else:
            self.guards.check(request)
        if below.startswith("//"):
            raise NotFound  # the map would take it for the same with one
        route: Route
        route, in_path = self._map.bind("").match(below, method=request.method)
        check = self.guards.check_write if route.writes else self.guards.check_read
        visitor = check(request, route.right)
        # Whatever a handler asks of the workspace, there are no blind columns in it of others.
        reader = Reader() if visitor is None else Reader(visitor.name, visitor.right == Right.MANAGE)
        workspace = self.workspace.read_by(reader)
        call = Call(workspace, request, self.guards, self._author_header, visitor)
        try:
            response = route.respond(call, in_path)
        except Exception as error:
            response = self._error_answer(request, error)
        # What a browser keeps may be shown to somebody else later; and who comes in, or goes, asks as nobody.
        if route.right is not None and response.headers.get("Cache-Control") == "no-store":
            response.headers[ACCOUNT_HEADER] = quote(call.asker.account, safe="")
        if visitor is not None and not route.writes and self.guards.check_read(request, route.right) != visitor:
            return self._answer(request)  # what came after a long wait is for the right that they had before it
        return response

    def _error_answer(self, request: Request, error: Exception) -> Response:
        known = as_http_error(error)
        if known is None:
            logger.exception("The Label Projector failed to answer %r.", request.path)
            known = HttpError(500, "internal", "The Label Projector failed; TensorBoard's log says where.")
        elif isinstance(error, LabelError) and known.status >= 500:
            logger.warning("%s", error)
            logger.debug("What it was", exc_info=error)  # a driver's own words may name a database's host and user
        if isinstance(error, UnknownColumn) and self.guards.entrance is None:  # whether there is one or not
            known = HttpError(known.status, known.code, f"{known.message} To see a blind one, {NEEDS_PEOPLE}.")
        return json_response(request, known.answer(), known.status)
