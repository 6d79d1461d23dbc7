"""How long other runs take to answer while somebody looks through runs that were made to do harm.

python benchmarks/bench_hostile.py [--folders 60] [--seconds 30]

A real TensorBoard on one good run (5,000 samples) and as many hostile ones, each with one thing planted in it
(tests/torture/hostile_folders.py). The good run's samples and labels are asked for again and again: first alone, then
while another visitor asks for everything of one hostile run after the other. The ratio of both is what others notice.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tb_tsne_plugin.web.routes import ROUTES
from tests.builders import blobs, make_run
from tests.e2e.tensorboard_server import TensorBoard
from tests.torture.hostile import QUERIES
from tests.torture.hostile_folders import PLANTERS, Outside, whole_run

ROUTES_OF_A_LOOKER = [route.path for route in ROUTES if route.method == "GET" and "<" not in route.path]


def make_log_dir(root: Path, folders: int) -> Path:
    """One good run, and hostile ones."""
    logdir, outside = root / "logs", Outside(root / "outside")
    make_run(logdir / "good", blobs(5_000)[0])
    whole = whole_run(root / "whole")
    planters = list(dict.fromkeys(PLANTERS))
    for number in range(folders):
        run = logdir / f"bad{number:03d}"
        shutil.copytree(whole, run)
        with suppress(OSError):
            planters[number % len(planters)](np.random.default_rng(number), run, outside)
    return logdir


def latencies(server: TensorBoard, seconds: float) -> list[float]:
    """Milliseconds of one answer after the other."""
    found: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for route in ("samples", "labels", "labels/changes"):
            began = time.perf_counter()
            answer = server.get(route, run="good", tensor="im", after=0)
            assert answer.status_code == 200, answer.text
            found.append(1000 * (time.perf_counter() - began))
        time.sleep(0.02)
    return found


def look_through(server: TensorBoard, folders: int, stop: threading.Event, took: list[tuple[float, str]]) -> None:
    """Asks for everything of one hostile run after the other, until told to stop."""
    while not stop.is_set():
        for number in range(folders):
            for route in ROUTES_OF_A_LOOKER:
                if stop.is_set():
                    return
                began = time.monotonic()
                with suppress(requests.RequestException):
                    query = QUERIES.get(route, {"tensor": "im"})
                    answer = server.get(route.strip("/"), run=f"bad{number:03d}", **query)
                    assert answer.status_code != 500, (route, number, answer.text)
                took.append((time.monotonic() - began, f"{route} of bad{number:03d}"))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folders", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp())
    server = TensorBoard(make_log_dir(root, options.folders)).start()
    try:
        latencies(server, 3)
        idle = latencies(server, options.seconds)
        stop = threading.Event()
        took: list[tuple[float, str]] = []
        visitor = threading.Thread(target=look_through, args=(server, options.folders, stop, took))
        visitor.start()
        busy = latencies(server, options.seconds)
        stop.set()
        visitor.join()
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)
    print("| | idle | while hostile runs are looked through | ratio |\n| --- | --- | --- | --- |")
    for name, of in (("median", statistics.median), ("95 of 100", lambda values: float(np.percentile(values, 95)))):
        print(f"| answers of another run, {name} | {of(idle):.1f} ms | {of(busy):.1f} ms | {of(busy) / of(idle):.2f} |")
    slowest, what = max(took)
    print(f"{len(took):,} answers about hostile runs, the slowest in {slowest:.2f} s ({what})")


if __name__ == "__main__":
    main()
