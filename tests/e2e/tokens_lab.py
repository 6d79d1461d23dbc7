"""A TensorBoard for people with tokens, on a log dir that many tests share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from tb_tsne_plugin.access.people_file import PeopleFile
from tb_tsne_plugin.access.rights import Right
from tests.builders import sample_id
from tests.e2e.small_run import Run
from tests.e2e.tensorboard_server import TensorBoard


class Lab:
    """People, their tokens, and the TensorBoard that knows them; `zoe` is who makes runs there."""

    def __init__(self, folder: Path, shared: str = "") -> None:
        """Makes the log dir and the people file in an empty folder; with a token of all, if one is given."""
        (folder / "logs").mkdir()
        self.people = PeopleFile(folder / "people.jsonl")
        self.tokens = {name: self.people.add(name, Right.MANAGE) for name in ("ann", "ben", "zoe")}
        self.tokens["guest"] = self.people.add("guest", Right.LOOK)
        environment = {"TB_TSNE_ACCESS_TOKEN": shared} if shared else {}
        self.server = TensorBoard(folder / "logs", "--tsne_people", str(self.people.path), environment=environment)
        self.server.token = self.tokens["zoe"]

    def look(self, name: str, run: Run) -> None:
        """Has somebody look at a run's picture, in a browser that is not here."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}", "X-TSNE-Client": "a-browser-elsewhere"}
        address = f"{self.server.address}/data/plugin/tsne/session/state"
        answer = requests.get(address, params={"run": run.name, "tensor": "im"}, headers=headers, timeout=60)
        assert answer.ok, answer.text

    def post(self, name: str, route: str, **body: Any) -> None:
        """Has somebody do something, in a browser that is not here."""
        mine, self.server.token = self.server.token, self.tokens[name]
        try:
            answer = self.server.post(route, **body)
        finally:
            self.server.token = mine
        assert answer.ok, answer.text

    def label(self, name: str, run: Run, class_id: int, *rows: int) -> None:
        """Has somebody give samples a class."""
        revision = run.get("labels")["revision"]
        about = {"run": run.name, "store": run.store, "op_id": f"labels-after-{revision}", "base_revision": revision}
        samples = [sample_id(row) for row in rows]
        self.post(name, "labels/apply", **about, class_id=class_id, sample_ids=samples, only_unlabeled=False)
