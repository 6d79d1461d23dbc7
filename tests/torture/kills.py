"""kill -9 of TensorBoard under load, at random moments, many times: no acknowledged label is lost or doubled.

    make torture        or        python -m tests.torture.kills [--cycles 1000]

Clients label, clear, rename and undo as fast as they can; after 20 to 400 ms the server is killed. It is started again,
and everything that was acknowledged must be in the store once, at the revision that the answer said; what was not
answered is sent again under its `op_id`, and must act once too. The current labels must be the fold of the log.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import requests

from tb_tsne_plugin.labels.model import COUNTED
from tests.builders import blobs, make_run, sample_id
from tests.e2e.tensorboard_server import TensorBoard
from tests.torture.zygote import ForkedTensorBoard, Zygote

RUN = {"run": "run", "tensor": "im"}
CLIENTS = 4
PER_CLIENT = 250
RESULT = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "torture.json"


@dataclass
class Ledger:
    """What was sent, and what was answered.

    Attributes:
      acknowledged: Revision by op_id.
      open: Requests that got no answer, by op_id: route and body.
      refused: How many were refused (somebody else was first).
    """

    acknowledged: dict[str, int] = field(default_factory=dict)
    open: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    refused: int = 0


class Client(threading.Thread):
    """Edits its own samples until the server is gone."""

    def __init__(self, server: TensorBoard, number: int, seed: int, ledger: Ledger) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._random = np.random.default_rng(seed)
        self._rows = range(number * PER_CLIENT, (number + 1) * PER_CLIENT)
        self._ledger = ledger

    def run(self) -> None:
        """Edits until there is no answer."""
        try:
            store = self._server.store("run")
            revision = self._server.get("labels", **RUN).json()["revision"]
            while True:
                route, body = self._next(revision)
                op_id = uuid.uuid4().hex
                body = {"run": "run", "store": store, "op_id": op_id, "base_revision": revision, **body}
                self._ledger.open[op_id] = (route, body)
                revision = settle(self._server, self._ledger, op_id)
        except (requests.RequestException, KeyError, ValueError):
            return

    def _next(self, revision: int) -> tuple[str, dict[str, Any]]:
        kind = self._random.random()
        if kind < 0.1:
            return "labels/undo", {}
        if kind < 0.15:
            return "classes", {"action": "rename", "class_id": 1, "name": f"ant {revision}"}
        count = int(self._random.choice([1, 20, 200]))
        ids = [sample_id(int(row)) for row in self._random.choice(self._rows, count, replace=False)]
        if kind < 0.25:
            return "labels/apply", {"state": "unsure", "sample_ids": ids, "only_unlabeled": False}
        wanted = int(self._random.choice([2, 3, 4, 0])) or None
        state = "labeled" if wanted is None else str(self._random.choice(COUNTED))
        return "labels/apply", {"class_id": wanted, "state": state, "sample_ids": ids, "only_unlabeled": False}


def settle(server: TensorBoard, ledger: Ledger, op_id: str) -> int:
    """Sends an open request and writes its answer down; returns the revision to go on from."""
    route, body = ledger.open[op_id]
    answer = server.post(route, **body)
    value = answer.json()
    assert answer.status_code in (200, 409), answer.text
    del ledger.open[op_id]
    if answer.status_code == 409:
        ledger.refused += 1
        current = value["error"].get("details", {}).get("revision")
        return int(current) if current is not None else int(server.get("labels", **RUN).json()["revision"])
    if value["kind"] != "apply" or value["changes"]:
        ledger.acknowledged[op_id] = value["revision"]
    return int(value["revision"])


def check(server: TensorBoard, ledger: Ledger, database: Path, seen: dict[str, int]) -> None:
    """Compares the store, read by another program, with what was acknowledged and with what the server says."""
    value = server.get("labels", **RUN).json()  # first: what was half written is taken back by whoever may write
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'edits'").fetchone():
            assert not ledger.acknowledged, "killed while the store was made, which was told already"
            return
        stored = dict(connection.execute("SELECT op_id, revision FROM edits").fetchall())
        revisions = [row[0] for row in connection.execute("SELECT revision FROM edits ORDER BY revision")]
        log = "SELECT sample_id, after, state_after FROM label_changes ORDER BY revision"
        folded = {key: mark for key, *mark in connection.execute(log)}
        current = {key: mark for key, *mark in connection.execute("SELECT sample_id, class_id, state FROM labels")}
    assert revisions == list(range(1, len(revisions) + 1)), "a revision is missing or doubled"
    for op_id, revision in {**seen, **ledger.acknowledged}.items():
        assert stored.get(op_id) == revision, f"{op_id} was acknowledged as revision {revision}: {stored.get(op_id)}"
    assert folded == current, "the labels are not the fold of the log"
    assert value["revision"] == len(revisions)
    if not revisions:  # killed before the store got the labels that the run came with
        return
    now = [current.get(sample_id(row), [None, 0]) for row in range(CLIENTS * PER_CLIENT)]
    assert value["labels"] == [class_id if state in (1, 2, 3) else -1 for class_id, state in now]
    assert value["states"] == [state for _, state in now]


def torture(
    logdir: Path, cycles: int, seed: int, say: Callable[[str], object] = lambda _text: None, real_every: int = 0
) -> dict[str, int]:
    """Kills and starts.

    Args:
      logdir: Where the run is made.
      cycles: How many kills.
      seed: Of the moments.
      say: Told how far it is.
      real_every: Every so many cycles the server is `python -m tensorboard.main`, which takes seconds to start.

    Returns:
      Numbers of kills, acknowledged and refused operations, and operations sent again.
    """
    names = ("ant", "bee", "cat", "dog")
    labels = [names[row] if row < 4 else "unlabeled" for row in range(CLIENTS * PER_CLIENT)]
    make_run(logdir / "run", blobs(CLIENTS * PER_CLIENT, 4)[0], labels=labels, sprite=False)
    random = np.random.default_rng(seed)
    zygote = Zygote()
    seen: dict[str, int] = {}
    counts = {"kills": 0, "acknowledged": 0, "refused": 0, "sent again": 0}
    server: TensorBoard = ForkedTensorBoard(logdir, zygote).start()
    try:
        for cycle in range(cycles):
            ledger = Ledger()
            clients = [Client(server, number, seed + 1000 * cycle + number, ledger) for number in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(float(random.uniform(0.02, 0.4)))
            server.kill()
            for client in clients:
                client.join(60)
            is_real = real_every and cycle % real_every == real_every - 1
            server = TensorBoard(logdir) if is_real else ForkedTensorBoard(logdir, zygote)
            server.timeout = ForkedTensorBoard.timeout
            server.start()
            again = list(ledger.open)
            check(server, ledger, logdir / "run" / "labels.sqlite", seen)
            for op_id in again:
                settle(server, ledger, op_id)
            check(server, ledger, logdir / "run" / "labels.sqlite", seen)
            seen.update(ledger.acknowledged)
            counts["kills"] += 1
            counts["sent again"] += len(again)
            counts["refused"] += ledger.refused
            counts["acknowledged"] = len(seen)
            if cycle % 20 == 19:
                say(f"{time.strftime('%H:%M:%S')} {json.dumps(counts)}")
    finally:
        server.stop()
        zygote.close()
    return counts


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        counts = torture(Path(folder), options.cycles, options.seed, lambda text: print(text, flush=True), 50)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({"seed": options.seed, **counts}))
    print(f"no acknowledged label was lost or doubled: {counts}")


if __name__ == "__main__":
    main()
