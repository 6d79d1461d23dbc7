"""The plugin: what TensorBoard asks of it. What answers a request is imported at the first one.

An error while this module is imported would end the `tensorboard` command for everybody, so it imports the standard
library and TensorBoard's base classes only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from tensorboard.plugins import base_plugin

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from tb_tsne_plugin.runs.logdirs import LogDirs
    from tb_tsne_plugin.web.application import Application


class LabelProjectorPlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """The "Label Projector" tab."""

    plugin_name = "tsne"

    def __init__(self, context: base_plugin.TBContext) -> None:
        """Remembers where the logs are; reads nothing."""
        self._logdir = context.logdir
        self._flags = context.flags
        self._application: Application | None = None
        self._lock = threading.Lock()

    def get_plugin_apps(self) -> dict[str, WSGIApplication]:
        """One WSGI application for all routes (`web/routes.py`)."""
        return {"/*": self._answer}

    def is_active(self) -> bool:
        """Whether there is a run to show; asked often, answered by a look at folder names."""
        from tb_tsne_plugin.runs.discovery import run_folders

        return next(run_folders(self._logdirs), None) is not None

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """Where the page is, and the tab's name."""
        return base_plugin.FrontendMetadata(
            es_module_path="/index.js", tab_name="Label Projector", disable_reload=True, remove_dom=False
        )

    def application(self) -> Application:
        """What answers requests, made when it is first needed."""
        with self._lock:
            if self._application is None:
                from tb_tsne_plugin.web.from_flags import application_from

                self._application = application_from(self._logdirs, self._flags)
            return self._application

    @cached_property
    def _logdirs(self) -> LogDirs:
        from tb_tsne_plugin.runs.logdirs import LogDirs

        return LogDirs.served(self._logdir or "", getattr(self._flags, "logdir_spec", None) or "")

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.application()(environ, start_response)
