"""A small run on a server that many tests share, and pages on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.builders import blobs, make_run
from tests.e2e.page import LabelProjector
from tests.e2e.tensorboard_server import TensorBoard

N = 120
OPEN = Callable[..., LabelProjector]


class Run:
    """A small run on the shared server."""

    def __init__(self, server: TensorBoard, name: str) -> None:
        self.server, self.name = server, name

    @property
    def store(self) -> str:
        """The identity of its label store."""
        return self.server.store(self.name)

    def get(self, route: str, **query: Any) -> Any:
        """What a route answers about it."""
        return self.server.get(route, run=self.name, tensor="im", **query).json()

    def labels(self) -> list[int]:
        """Its labels as the server has them."""
        return list(self.get("labels")["labels"])

    def applied(self) -> int:
        """How often labels were given."""
        return [entry["kind"] for entry in self.get("labels/history")["entries"]].count("apply")


def make_small_run(server: TensorBoard, name: str, columns: Mapping[str, Sequence[str]] | None = None) -> Run:
    """Three groups, two classes, and a t-SNE under way; metadata may have more columns."""
    make_run(server.logdir / name, blobs(N)[0], columns=columns)
    server.first_frame(run=name, tensor="im")
    run = Run(server, name)
    store = run.store
    for revision, added in enumerate(("ant", "bee")):
        tag: dict[str, Any] = {"store": store, "op_id": f"class-{added}", "base_revision": revision}
        server.post("classes", run=name, **tag, action="add", name=added)
    return run


def name_of_run(test: str) -> str:
    """A run's name for the name of a test."""
    return re.sub(r"\W+", "_", test)
