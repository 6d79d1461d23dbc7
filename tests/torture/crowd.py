"""Sixteen clients and 100,000 operations over HTTP: nothing is overwritten silently, nothing acts twice.

    python -m tests.torture.crowd [--operations 100000] [--clients 16]

Every client labels the same few samples, on revisions that it may have seen long ago, with undo and redo in between;
one answer in ten is dropped and the request sent again. Afterwards the log is replayed by itself: every edit must start
from what the one before it left, none may be based on what its author had not seen, everybody's undo must be their own
and leave what others gave since, and the end must be the labels.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import requests

from tb_tsne_plugin.labels.model import COUNTED
from tests.builders import blobs, make_run, sample_id
from tests.torture.zygote import ForkedTensorBoard, Zygote

N = 400
DROPPED = 0.1
WORDS = ("ant", "bee", "cat")


class Client(threading.Thread):
    """One of the crowd."""

    def __init__(self, server: ForkedTensorBoard, number: int, operations: int) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._random = np.random.default_rng(number)
        self._operations = operations
        self._revision = 0
        self._store = server.store("run")
        self._tag = f"client-{number:03}"
        self.statuses: Counter[int] = Counter()
        self.sent: dict[str, tuple[int, list[str] | None]] = {}
        self.acknowledged: dict[str, tuple[int, dict[str, Any]]] = {}
        self.doubled: list[str] = []

    def run(self) -> None:
        """Edits."""
        for _ in range(self._operations):
            route, body = self._next()
            op_id = uuid.uuid4().hex
            self.sent[op_id] = (self._revision, body.get("sample_ids"))
            value = self._post(
                route,
                {"run": "run", "store": self._store, "op_id": op_id, "base_revision": self._revision, **body},
            )
            if "revision" in value:
                self.acknowledged[op_id] = (value["revision"], {key: mark for key, *mark in value["changes"]})
                if self._random.random() < 0.7:  # the others go on from what they saw before
                    self._revision = value["revision"]
            else:
                self._revision = value["error"].get("details", {}).get("revision", self._revision)

    def _next(self) -> tuple[str, dict[str, Any]]:
        kind = self._random.random()
        if kind < 0.15:
            return ("labels/undo" if kind < 0.1 else "labels/redo"), {}
        count = int(self._random.integers(1, 6))
        ids = [sample_id(int(row)) for row in self._random.choice(N, count, replace=False)]
        what: dict[str, Any] = {"class_id": int(self._random.integers(0, 4)) or None}
        if self._random.random() < 0.2:
            what = {"state": "ignored"}
        elif what["class_id"] is not None:
            what["state"] = str(self._random.choice(COUNTED))
        return "labels/apply", {**what, "sample_ids": ids, "only_unlabeled": bool(kind < 0.4)}

    def _post(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        first: dict[str, Any] | None = None
        while True:
            try:
                answer = self._server.post(route, tag=self._tag, **body)
            except requests.RequestException:
                continue
            self.statuses[answer.status_code] += 1
            value: dict[str, Any] = answer.json()
            if answer.status_code == 503:
                continue
            if first is None and self._random.random() < DROPPED:  # the answer got lost: ask again
                first = value
                continue
            if first and first.get("changes") and acted(first) != acted(value):
                self.doubled.append(body["op_id"])
            return value


def acted(value: dict[str, Any]) -> tuple[Any, ...]:
    """What an answer says was done, in whatever order."""
    return value.get("revision"), {key: mark for key, *mark in value.get("changes", [])}


def replay(database: Path, clients: list[Client]) -> dict[str, int]:
    """Replays the log, and compares it with everything that was sent and answered."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        told = connection.execute(
            "SELECT revision, op_id, kind, target, client FROM edits ORDER BY revision"
        ).fetchall()
        changes: dict[int, list[tuple[str, Any, Any]]] = {}
        query = "SELECT revision, sample_id, before, state_before, after, state_after FROM label_changes"
        for revision, key, *before_and_after in connection.execute(query):
            changes.setdefault(revision, []).append((key, before_and_after[:2], before_and_after[2:]))
        current = {key: mark for key, *mark in connection.execute("SELECT sample_id, class_id, state FROM labels")}
    connection.close()
    edits = [row[:3] for row in told]
    sent = {op_id: what for client in clients for op_id, what in client.sent.items()}
    acknowledged = {op_id: what for client in clients for op_id, what in client.acknowledged.items()}
    labels: dict[str, Any] = {}
    changed_at: dict[str, int] = {}
    counts = {"edits": len(edits), "overwritten": 0, "doubled": sum(len(client.doubled) for client in clients)}
    counts["doubled"] += len(edits) - len({op_id for _, op_id, _ in edits})
    counts |= {"lost": 0, **turned_wrongly(told, changes)}
    stored = {op_id: revision for revision, op_id, _ in edits}
    for revision, op_id, kind in edits:
        for key, before, after in changes.get(revision, []):
            unseen = kind == "apply" and op_id in sent and changed_at.get(key, 0) > sent[op_id][0]
            counts["overwritten"] += unseen or labels.get(key, [None, 0]) != before
            labels[key] = after
            changed_at[key] = revision
    for op_id, (revision, changed) in acknowledged.items():
        counts["lost"] += bool(changed) and stored.get(op_id) != revision
    counts["wrong at the end"] = int(labels != current)
    return counts


def turned_wrongly(
    edits: list[tuple[int, str, str, int | None, str]], changes: dict[int, list[tuple[str, Any, Any]]]
) -> dict[str, int]:
    """How many undos and redos were of somebody else's edit, and how many changed what somebody gave since."""
    counts = {"others turned": 0, "newer lost": 0}
    standing: dict[int, str] = {}
    clients = {revision: client for revision, _, _, _, client in edits}
    for revision, _, kind, target, client in edits:
        if kind not in ("undo", "redo") or target is None:
            standing[revision] = client
            continue
        counts["others turned"] += clients[target] != client
        since = {key for other in standing if other > target for key, _, _ in changes.get(other, [])}
        counts["newer lost"] += any(key in since for key, _, _ in changes.get(revision, []))
        if kind == "undo":
            standing.pop(target, None)
        else:
            standing[target] = client
    return counts


def crowd(logdir: Path, operations: int, clients: int) -> tuple[dict[str, int], Counter[int], float]:
    """Lets the crowd loose.

    Returns:
      Counts of what must not be (besides "edits"), answers by status, and seconds.
    """
    make_run(logdir / "run", blobs(N, 4)[0], labels=[WORDS[row % 3] if row < 3 else "unlabeled" for row in range(N)])
    zygote = Zygote()
    server = ForkedTensorBoard(logdir, zygote).start()
    began = time.monotonic()
    try:
        people = [Client(server, number, operations // clients) for number in range(clients)]
        for client in people:
            client.start()
        for client in people:
            client.join()
        shown = server.get("labels", run="run", tensor="im").json()
    finally:
        server.stop()
        zygote.close()
    counts = replay(logdir / "run" / "labels.sqlite", people)
    counts["wrong at the end"] += shown["revision"] != counts["edits"]
    return counts, sum((client.statuses for client in people), Counter()), time.monotonic() - began


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--folder", help="where the run is made; a folder in memory is quicker")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        counts, statuses, seconds = crowd(Path(folder), options.operations, options.clients)
    print(f"{counts}, answers {dict(statuses)}, {seconds:.0f} s")
    wrong = any(count for name, count in counts.items() if name != "edits")
    sys.exit(1 if wrong or any(status >= 500 and status != 503 for status in statuses) else 0)


if __name__ == "__main__":
    main()
