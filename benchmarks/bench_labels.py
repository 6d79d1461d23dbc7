"""How long a label takes over HTTP beside a running t-SNE, until it is answered and until a frame shows it.

A real TensorBoard serves 3,000 samples of 256 features; the worker runs without a limit. 1,000 ids are labelled at a
time; meanwhile a second client waits for frames, as a page does. Reads are timed with the worker paused and running, in
turn, on the same server.

    python benchmarks/bench_labels.py [--edits 100] [--reads 200]
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import struct
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.builders import blobs, make_run, sample_id  # noqa: E402
from tests.e2e.tensorboard_server import TensorBoard  # noqa: E402

N, D, IDS = 3_000, 256, 1_000
RUN = {"run": "run", "tensor": "im"}
QUERY = "run=run&tensor=im"
READS = {
    "runs": "runs",
    "labels": f"labels?{QUERY}",
    "samples": f"samples?{QUERY}",
    "labels/history": "labels/history?run=run",
    "labels/changes": "labels/changes?run=run&after=0",
    "session/state": f"session/state?{QUERY}",
    "session/frame": f"session/frame?{QUERY}&after=0&wait=0",
    "runs/neighbors": f"runs/neighbors?{QUERY}&sample_id={sample_id(5)}&k=30&space=features",
}


def ask(port: int, method: str, route: str, body: dict[str, Any] | None = None) -> tuple[float, int, bytes]:
    """Seconds, status and content of an answer."""
    headers = {"X-TSNE-Request": "1", "Content-Type": "application/json", "Accept-Encoding": "gzip"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    encoded = None if body is None else json.dumps(body)
    began = time.perf_counter()
    connection.request(method, f"/data/plugin/tsne/{route}", encoded, headers)
    answer = connection.getresponse()
    content = answer.read()
    elapsed = time.perf_counter() - began
    connection.close()
    packed = answer.getheader("Content-Encoding") == "gzip"
    return elapsed, answer.status, gzip.decompress(content) if packed else content


class Frames(threading.Thread):
    """Waits for frames as a page does, and notes when each label revision was first shown."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._port = port
        self.shown: dict[int, float] = {}
        self.ended = False

    def run(self) -> None:
        """Waits until told to end."""
        after = 0
        while not self.ended:
            _, status, content = ask(self._port, "GET", f"session/frame?{QUERY}&after={after}&wait=5")
            if status == 200:
                after, _, revision = struct.unpack_from("<III", content)
                self.shown.setdefault(revision, time.perf_counter())


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Median, 99th percentile and maximum, in milliseconds."""
    values = 1000 * np.array(seconds)
    return {name: round(float(np.percentile(values, q)), 1) for name, q in (("p50", 50), ("p99", 99), ("max", 100))}


def edits(port: int, count: int) -> dict[str, dict[str, float]]:
    """Labels and clears 1,000 ids at a time, a tenth of a second apart."""
    random = np.random.default_rng(0)
    store = json.loads(ask(port, "POST", "labels/create", {"run": "run"})[2])["store"]
    revision = json.loads(ask(port, "GET", f"labels?{QUERY}")[2])["revision"]
    frames = Frames(port)
    frames.start()
    times, answered = [], {}
    for number in range(count):
        ids = [sample_id(int(row)) for row in random.choice(N, IDS, replace=False)]
        seen = {"store": store, "base_revision": revision}
        body = {"run": "run", "op_id": uuid.uuid4().hex, **seen, "class_id": 1 + number % 3}
        elapsed, status, content = ask(
            port, "POST", "labels/apply", {**body, "sample_ids": ids, "only_unlabeled": False}
        )
        assert status == 200, content
        revision = json.loads(content)["revision"]
        times.append(elapsed)
        answered[revision] = time.perf_counter()
        time.sleep(0.1)
    time.sleep(0.5)
    frames.ended = True
    shown = [min(at for r, at in frames.shown.items() if r >= revision) - when for revision, when in answered.items()]
    return {"apply 1,000 ids": percentiles(times), "answer to frame": percentiles([max(0.0, late) for late in shown])}


def reads(server: TensorBoard, count: int) -> dict[str, dict[str, Any]]:
    """Every read with the worker paused and running, in turn."""
    found: dict[str, dict[str, list[float]]] = {name: {"idle": [], "running": []} for name in READS}
    for _ in range(4):
        for state, command in (("idle", "pause"), ("running", "resume")):
            server.post(f"session/{command}", **RUN)
            time.sleep(0.5)
            for _ in range(count // 4):
                for name, route in READS.items():
                    elapsed, status, content = ask(server.port, "GET", route)
                    assert status in (200, 204), content
                    found[name][state].append(elapsed)
    result = {}
    for name, states in found.items():
        idle, running = percentiles(states["idle"]), percentiles(states["running"])
        result[name] = {"idle": idle, "running": running, "p99 ratio": round(running["p99"] / idle["p99"], 2)}
    return result


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--reads", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        words = ("ant", "bee", "cat")
        labels = [words[row] if row < 3 else "unlabeled" for row in range(N)]
        make_run(Path(folder) / "run", blobs(N, D, 20)[0], labels=labels)
        server = TensorBoard(Path(folder)).start()
        try:
            server.first_frame(**RUN)
            server.post("session/parameters", **RUN, parameters={"n_epochs": 1_000_000})
            time.sleep(3)
            result = {"edits": edits(server.port, options.edits), "reads": reads(server, options.reads)}
        finally:
            server.stop()
    path = ROOT / "benchmarks" / "results" / "labels.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1))
    print("| beside a running t-SNE, N = 3,000 | p50, ms | p99, ms | max, ms |\n| --- | --- | --- | --- |")
    for name, values in result["edits"].items():
        print(f"| {name} | {values['p50']} | {values['p99']} | {values['max']} |")
    print(
        "\n| GET | p50 idle, ms | p50 running | p99 idle | p99 running | ratio |\n| --- | --- | --- | --- | --- | --- |"
    )
    for name, values in result["reads"].items():
        idle, running = values["idle"], values["running"]
        row = (name, idle["p50"], running["p50"], idle["p99"], running["p99"], values["p99 ratio"])
        print("| " + " | ".join(str(value) for value in row) + " |")


if __name__ == "__main__":
    main()
