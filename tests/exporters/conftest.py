"""The stock Projector as a judge of runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest


class StockProjector:
    """TensorBoard's own Projector plugin on a log dir, behind a WSGI client."""

    def __init__(self, logdir: Path):
        from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
        from tensorboard.plugins import base_plugin
        from tensorboard.plugins.projector import projector_plugin
        from werkzeug.test import Client
        from werkzeug.wrappers import Response

        multiplexer = plugin_event_multiplexer.EventMultiplexer()
        multiplexer.AddRunsFromDirectory(str(logdir))
        multiplexer.Reload()
        provider = data_provider.MultiplexerDataProvider(multiplexer, str(logdir))
        context = base_plugin.TBContext(logdir=str(logdir), data_provider=provider)
        apps = projector_plugin.ProjectorPlugin(context).get_plugin_apps()

        def route(environ: dict[str, Any], start: Any) -> Any:
            return apps[environ["PATH_INFO"]](environ, start)

        self._client = Client(route, Response)

    def _get(self, route: str, **query: str) -> Any:
        answer = self._client.get(route, query_string=query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer

    def runs(self) -> list[str]:
        found: list[str] = json.loads(self._get("/runs").get_data())
        return found

    def tensors(self, run: str) -> dict[str, tuple[int, ...]]:
        info = json.loads(self._get("/info", run=run).get_data())
        return {entry["tensorName"]: tuple(entry["tensorShape"]) for entry in info["embeddings"]}

    def tensor(self, run: str, name: str) -> npt.NDArray[np.float32]:
        content = self._get("/tensor", run=run, name=name).get_data()
        return np.frombuffer(content, "<f4").reshape(self.tensors(run)[name])

    def metadata(self, run: str, name: str) -> list[list[str]]:
        text = self._get("/metadata", run=run, name=name).get_data(as_text=True)
        return [line.split("\t") for line in text.rstrip("\n").split("\n")]

    def sprite(self, run: str, name: str) -> tuple[str, bytes]:
        answer = self._get("/sprite_image", run=run, name=name)
        return answer.content_type, answer.get_data()


Stock: TypeAlias = Callable[[Path], StockProjector]


@pytest.fixture
def stock() -> Stock:
    return StockProjector
