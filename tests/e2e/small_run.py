"""A small run on a server that many tests share, and pages on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.e2e.page import LabelProjector
from tests.e2e.tensorboard_server import TensorBoard

N = 120
OPEN = Callable[..., LabelProjector]


class Run:
    """A small run on the shared server."""

    def __init__(self, server: TensorBoard, name: str) -> None:
        self.server, self.name = server, name

    def get(self, route: str, **query: Any) -> Any:
        """What a route answers about it."""
        return self.server.get(route, run=self.name, tensor="im", **query).json()

    def labels(self) -> list[int]:
        """Its labels as the server has them."""
        return list(self.get("labels")["labels"])

    def applied(self) -> int:
        """How often labels were given."""
        return [entry["kind"] for entry in self.get("labels/history")["entries"]].count("apply")
