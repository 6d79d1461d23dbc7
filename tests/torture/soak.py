"""An hour of eight clients: memory, threads and file handles of TensorBoard and of the worker stay as they are.

    make soak        or        python -m tests.torture.soak [--minutes 60] [--clients 8]

Prints a line a minute and writes benchmarks/results/soak.json; exit status 1 where something grew.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import requests

from tests.builders import blobs, make_run, sample_id
from tests.e2e.tensorboard_server import TensorBoard

RUN = {"run": "run", "tensor": "im"}
N = 1_000
RESULT = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "soak.json"
TOLERANCE = {"rss_mib": 1.10, "threads": 1.25, "files": 1.25}
"""How much the median of the last third of the time may be above the first third's."""


class Client(threading.Thread):
    """Somebody who looks, labels, undoes and waits, every half second or so."""

    def __init__(self, server: TensorBoard, number: int, stop: threading.Event) -> None:
        super().__init__(name=f"client-{number}", daemon=True)
        self._server = server
        self._random = np.random.default_rng(number)
        self._ended = stop
        self.answers: dict[int, int] = {}

    def run(self) -> None:
        """Asks until told to stop."""
        frame = 0
        while not self._ended.wait(float(self._random.uniform(0.2, 0.8))):
            try:
                labels = self._count(self._server.get("labels", **RUN)).json()
                step = int(self._random.integers(6))
                if step == 0:
                    answer = self._count(self._server.get("session/frame", **RUN, after=frame, wait=1))
                    frame = int.from_bytes(answer.content[:4], "little") if answer.content else frame
                elif step == 1:
                    self._count(self._server.get("samples", **RUN))
                    self._count(self._server.get("labels/history", run="run", limit=100))
                elif step == 2:
                    self._edit("labels/undo", labels)
                elif step == 3:
                    sample = sample_id(int(self._random.integers(N)))
                    self._count(self._server.get("runs/neighbors", **RUN, sample_id=sample, k=30, space="features"))
                elif step == 4:
                    self._count(self._server.get("labels/changes", run="run", after=labels["revision"], wait=2))
                else:
                    self._apply(labels)
            except requests.RequestException:
                self.answers[0] = self.answers.get(0, 0) + 1

    def _apply(self, labels: dict[str, Any]) -> None:
        ids = [sample_id(int(row)) for row in self._random.choice(N, 20, replace=False)]
        classes = [info["id"] for info in labels["classes"]]
        wanted = int(self._random.choice(classes)) if classes and self._random.random() < 0.9 else None
        self._edit("labels/apply", labels, class_id=wanted, sample_ids=ids, only_unlabeled=False)

    def _edit(self, route: str, labels: dict[str, Any], **body: Any) -> None:
        seen = {"store": labels["store"], "base_revision": labels["revision"]}
        operation = {"run": "run", "op_id": uuid.uuid4().hex, **seen, **body}
        self._count(self._server.post(route, **operation))

    def _count(self, answer: requests.Response) -> requests.Response:
        self.answers[answer.status_code] = self.answers.get(answer.status_code, 0) + 1
        return answer


def measured(process_id: int) -> dict[str, float]:
    """Memory, threads and open files of a process."""
    status = Path(f"/proc/{process_id}/status").read_text()
    values = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return {
        "rss_mib": round(int(values["VmRSS"].split()[0]) / 1024, 1),
        "threads": int(values["Threads"]),
        "files": len(os.listdir(f"/proc/{process_id}/fd")),
    }


def worker_of(process_id: int) -> int:
    """The worker process of a TensorBoard."""
    for children in Path(f"/proc/{process_id}/task").glob("*/children"):
        for child in children.read_text().split():
            if b"live.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    raise AssertionError("there is no worker")


def grown(series: list[dict[str, float]]) -> dict[str, tuple[float, float]]:
    """What grew by more than it may: medians of the first and last third, by name."""
    third = max(1, len(series) // 3)
    found = {}
    for name, tolerance in TOLERANCE.items():
        first = statistics.median(point[name] for point in series[:third])
        last = statistics.median(point[name] for point in series[-third:])
        if last > first * tolerance + 2:
            found[name] = (first, last)
    return found


def soak(logdir: Path, minutes: float, clients: int, every: float = 60.0) -> dict[str, Any]:
    """Runs it.

    Args:
      logdir: Where the run is made.
      minutes: How long.
      clients: How many.
      every: Seconds between two measurements.

    Returns:
      Series of measurements of both processes, what grew, and how many answers of each status there were.
    """
    make_run(logdir / "run", blobs(N, 32, 5)[0], labels=[("ant", "bee", "cat")[row % 3] for row in range(N)])
    # glibc gives threads heaps of their own, sixteen on two cores, and keeps what was freed in each: with one heap,
    # what grows is what is used.
    server = TensorBoard(logdir, environment={"MALLOC_ARENA_MAX": "1"}).start()
    stop = threading.Event()
    series: dict[str, list[dict[str, float]]] = {"tensorboard": [], "worker": []}
    try:
        server.store(RUN["run"])
        server.first_frame(**RUN)
        server.post("session/parameters", **RUN, parameters={"n_epochs": 1_000_000, "speed_limit": 10})
        people = [Client(server, number, stop) for number in range(clients)]
        for client in people:
            client.start()
        time.sleep(min(30.0, every))
        ends = time.monotonic() + 60 * minutes
        while time.monotonic() < ends:
            time.sleep(every)
            for name, process_id in (("tensorboard", server.process_id), ("worker", worker_of(server.process_id))):
                series[name].append(measured(process_id))
            print(time.strftime("%H:%M:%S"), {name: points[-1] for name, points in series.items()}, flush=True)
        stop.set()
        for client in people:
            client.join(40)
    finally:
        stop.set()
        server.stop()
    answers: dict[str, int] = {}
    for client in people:
        for status, count in client.answers.items():
            answers[str(status)] = answers.get(str(status), 0) + count
    return {"minutes": minutes, "answers": answers, "grown": {k: grown(v) for k, v in series.items()}, "series": series}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = soak(Path(folder), options.minutes, options.clients)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1))
    print("answers:", result["answers"], " grown:", result["grown"])
    failed = any(result["grown"].values()) or any(int(status) >= 500 or status == "0" for status in result["answers"])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
