"""A WSGI client in front of the plugin, as TensorBoard would call it."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tensorboard.plugins import base_plugin
from werkzeug.test import Client, TestResponse

from tb_tsne_plugin.loader import Loader
from tb_tsne_plugin.web.application import MOUNT
from tb_tsne_plugin.workspace import Workspace
from tests.builders import make_run

_numbers = itertools.count()


def parsed_flags(*words: str) -> argparse.Namespace:
    """What a command line of TensorBoard means to the plugin.

    Raises:
      FlagsError: If that is refused.
    """
    parser, loader = argparse.ArgumentParser(), Loader()
    loader.define_flags(parser)
    flags = parser.parse_args(words)
    loader.fix_flags(flags)
    return flags


class Api:
    """Calls routes; `edit` adds what every edit needs."""

    def __init__(self, logdir: Path | None, **flags: Any) -> None:
        self.logdir = logdir or Path("nowhere")
        parser = argparse.ArgumentParser()
        loader = Loader()
        loader.define_flags(parser)
        known = parser.parse_args([], argparse.Namespace(**flags))
        loader.fix_flags(known)
        context = base_plugin.TBContext(logdir="" if logdir is None else str(logdir), flags=known)
        self.plugin = loader.load(context)
        (self._app,) = self.plugin.get_plugin_apps().values()
        self.client = Client(self._dispatch)

    def get(self, route: str, /, **query: Any) -> TestResponse:
        return self.client.get("/" + route, query_string=query)

    def post(self, route: str, /, **body: Any) -> TestResponse:
        return self.client.post("/" + route, json=body, headers={"X-TSNE-Request": "1"})

    @property
    def workspace(self) -> Workspace:
        workspace: Workspace = self.plugin.application().workspace
        return workspace

    def store(self, run: str = "run") -> str:
        """The identity of a run's label store, which is made where there is none; empty where it cannot be."""
        found: dict[str, str] = self.post("labels/create", run=run).get_json()
        return found.get("store", "")

    def edit(self, route: str, /, **body: Any) -> TestResponse:
        if "store" not in body:
            body["store"] = self.store(body.get("run", "run"))
        if "base_revision" not in body:
            body["base_revision"] = self.labels()["revision"]
        return self.post(route, **{"run": "run", "op_id": f"operation-{next(_numbers)}", **body})

    def labels(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("labels", run="run", tensor="im").get_json()
        return found

    def add_class(self, name: str) -> int:
        answer = self.edit("classes", action="add", name=name)
        assert answer.status_code == 200, answer.text
        return int(answer.get_json()["classes"][-1]["id"])

    def close(self) -> None:
        self.workspace.close()

    def _dispatch(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ["REMOTE_ADDR"] = environ.get("REMOTE_ADDR", "127.0.0.1")
        environ["PATH_INFO"] = f"/some/prefix{MOUNT}{environ['PATH_INFO']}"
        return self._app(environ, start_response)


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
