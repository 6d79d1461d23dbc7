"""A WSGI client in front of the plugin, as TensorBoard would call it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tensorboard.plugins import base_plugin
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from tb_tsne_plugin.plugin import LabelProjectorPlugin
from tests.builders import make_run

_numbers = itertools.count()


class Api:
    """Calls routes; `edit` adds what every edit needs."""

    def __init__(self, logdir: Path, **flags: Any) -> None:
        self.logdir = logdir
        context = base_plugin.TBContext(logdir=str(logdir), flags=SimpleNamespace(**flags))
        self.plugin = LabelProjectorPlugin(context)
        self._apps = self.plugin.get_plugin_apps()
        self.client = Client(self._dispatch)

    def get(self, route: str, **query: Any) -> TestResponse:
        return self.client.get("/" + route, query_string=query)

    def post(self, route: str, headers: dict[str, str] | None = None, **body: Any) -> TestResponse:
        return self.client.post("/" + route, json=body, headers={"X-TSNE-Request": "1", **(headers or {})})

    def edit(self, route: str, base_revision: int | None = None, **body: Any) -> TestResponse:
        if base_revision is None:
            base_revision = self.labels()["revision"]
        body = {"run": "run", "op_id": f"operation-{next(_numbers)}", "base_revision": base_revision, **body}
        return self.post(route, **body)

    def labels(self) -> dict[str, Any]:
        return self.get("labels", run="run", tensor="im").get_json()

    def add_class(self, name: str) -> int:
        answer = self.edit("classes", action="add", name=name)
        assert answer.status_code == 200, answer.text
        return answer.get_json()["classes"][-1]["id"]

    def close(self) -> None:
        if self.plugin._application is not None:
            self.plugin._application.sessions.close()

    def _dispatch(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ["REMOTE_ADDR"] = environ.get("REMOTE_ADDR", "127.0.0.1")
        path = environ["PATH_INFO"]
        app = self._apps.get(path)
        if app is None and path.startswith("/assets/"):
            app = self._apps["/assets/*"]
        return (app or Response("no such route", status=404))(environ, start_response)


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    """A log dir with one run named `run`."""
    make_run(tmp_path / "logs" / "run")
    return tmp_path / "logs"


@pytest.fixture
def api(logdir: Path) -> Iterator[Api]:
    """The plugin on that log dir."""
    found = Api(logdir)
    yield found
    found.close()
