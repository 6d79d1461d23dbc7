"""The plugin: its route table, and nothing else. What answers a route is imported at the first request.

An error while this module is imported would end the `tensorboard` command for everybody, so it imports the standard
library and TensorBoard's base classes only.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tensorboard.plugins import base_plugin

ROUTES = {
    "/runs": "runs.list_all",
    "/samples": "runs.samples",
    "/sprite": "runs.sprite",
    "/runs/tiles": "runs.tiles",
    "/runs/tile_page": "runs.tile_page",
    "/runs/image": "runs.image",
    "/runs/neighbors": "neighbors.neighbors",
    "/labels": "labels.read",
    "/labels/changes": "labels.changes",
    "/labels/apply": "labels.apply",
    "/labels/undo": "labels.undo",
    "/labels/redo": "labels.redo",
    "/labels/restore": "labels.restore",
    "/labels/history": "label_files.history",
    "/labels/columns": "label_files.columns",
    "/labels/columns/add": "label_files.add_column",
    "/labels/orphans": "label_files.orphans",
    "/labels/import": "label_files.import_table",
    "/classes": "labels.change_classes",
    "/labels.tsv": "label_files.download",
    "/labels/save": "label_files.save",
    "/session/state": "session.state",
    "/session/frame": "session.frame",
    "/session/forecast": "session.forecast",
    "/session/start": "session.start",
    "/session/pause": "session.pause",
    "/session/resume": "session.resume",
    "/session/step": "session.step",
    "/session/restart": "session.restart",
    "/session/perturb": "session.perturb",
    "/session/parameters": "session.parameters",
    "/guidance/prospects": "guidance.prospects",
    "/guidance/suggestions": "guidance.suggestions",
    "/guidance/doubtful": "guidance.doubtful",
    "/openapi.json": "openapi.describe",
    "/index.js": "page.index",
    "/assets/*": "page.asset",
}
"""Every route, and the function in `tb_tsne_plugin.web` that answers it; documented in docs/http_api.md."""

_Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class LabelProjectorPlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """The "Label Projector" tab."""

    plugin_name = "tsne"

    def __init__(self, context: base_plugin.TBContext) -> None:
        """Remembers where the logs are; reads nothing."""
        self._logdir = context.logdir
        self._flags = context.flags
        self._application: Any = None
        self._lock = threading.Lock()

    def get_plugin_apps(self) -> dict[str, _Wsgi]:
        """One WSGI application a route."""
        return {route: self._app(handler) for route, handler in ROUTES.items()}

    def is_active(self) -> bool:
        """Whether there is a run to show; asked often, answered by a look at folder names."""
        if not self._logdir:
            return False
        from tb_tsne_plugin.runs.discovery import run_folders

        return next(run_folders(Path(self._logdir).expanduser()), None) is not None

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """Where the page is, and the tab's name."""
        return base_plugin.FrontendMetadata(
            es_module_path="/index.js", tab_name="Label Projector", disable_reload=True, remove_dom=False
        )

    def _app(self, name: str) -> _Wsgi:
        def respond(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            module, function = name.split(".")
            handler = getattr(importlib.import_module(f"tb_tsne_plugin.web.{module}"), function)
            answer: Iterable[bytes] = self._loaded().answer(handler, environ, start_response)
            return answer

        return respond

    def _loaded(self) -> Any:
        with self._lock:
            if self._application is None:
                application = importlib.import_module("tb_tsne_plugin.web.application")
                self._application = application.from_flags(self._logdir, self._flags, ROUTES)
            return self._application
