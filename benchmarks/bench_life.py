"""What a page asks of the server while many samples are opened, labelled and looked through, and the memory of it.

Samples of 16 features in 20 overlapping groups, with four columns of metadata and no pictures; TensorBoard, the t-SNE
and the requests share the machine. Every request is sent twice or more, and the median told; *cold* is what the first
page of a fresh server waits for. 10,000 samples of a group are labelled at a time, as a lasso does, and guidance is
timed from the answer to that until it is about these labels.

    python benchmarks/bench_life.py [--samples 100000 1000000] [--edits 5] [--runs FOLDER] [--only-opening]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import requests
from common import RESULTS, header, row, save

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.e2e.tensorboard_server import TensorBoard
from tests.torture.soak import measured, worker_of

GROUPS, WIDTH, LASSO = 20, 16, 10_000
QUERY = {"run": "run", "tensor": "im"}
LONGEST = 900.0
"""Seconds that anything may take."""


def make_run(folder: Path, n: int) -> None:
    """Writes a run of n samples; their ids begin with s0000000."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    group = np.arange(n) % GROUPS
    centers = 2.0 * random.standard_normal((GROUPS, WIDTH))
    (random.standard_normal((n, WIDTH)) + centers[group]).astype("<f4").tofile(folder / "im.bytes")
    lines = ["sample_id\tfile\tcamera\tscore\tlabel"]
    for each, (camera, score) in enumerate(random.integers(0, (12, 10_000), (n, 2))):
        lines.append(f"s{each:07d}\tphotos/{each // 1000}/image-{each}.jpg\tcamera {camera}\t{score / 100}\tunlabeled")
    (folder / "metadata.tsv").write_text("\n".join([*lines, ""]))
    (folder / "projector_config.pbtxt").write_text(
        'embeddings { tensor_name: "im" tensor_path: "im.bytes" metadata_path: "metadata.tsv" '
        f"tensor_shape: {n} tensor_shape: {WIDTH} }}\n"
    )


def processor_seconds(process_id: int) -> float:
    """What a process has computed so far."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Life:
    """One server with one run, and what everything took: milliseconds by what was asked for."""

    def __init__(self, logdir: Path) -> None:
        self.server = TensorBoard(logdir).start()
        self.server.timeout = LONGEST
        self.times: dict[str, list[float]] = {}
        self.work: dict[str, list[float]] = {}
        """Milliseconds of processor time that TensorBoard's own process took."""
        self.sizes: dict[str, float] = {}
        """MiB of the newest answer."""
        self.peak = 0.0
        """MiB of TensorBoard, at most so far."""

    def ask(self, name: str, do: Callable[[], requests.Response]) -> requests.Response:
        """Times one request, and takes note of how large its answer is."""
        began, worked = time.perf_counter(), processor_seconds(self.server.process_id)
        answer = do()
        self.times.setdefault(name, []).append(1000 * (time.perf_counter() - began))
        self.work.setdefault(name, []).append(1000 * (processor_seconds(self.server.process_id) - worked))
        assert answer.status_code in (200, 204), answer.text[:500]
        self.sizes[name] = len(answer.content) / 2**20
        self.peak = max(self.peak, measured(self.server.process_id)["rss_mib"])
        return answer

    def get(self, name: str, route: str, /, **query: Any) -> requests.Response:
        """Times a GET of the run."""
        return self.ask(name, lambda: self.server.get(route, **QUERY, **query))

    def open(self, times: str) -> None:
        """What a page asks for first; `times` says which time it is."""
        self.get(f"runs{times}", "runs")
        self.get(f"samples{times}", "samples")
        self.get(f"labels{times}", "labels")
        self.get(f"samples/search{times}", "samples/search", text="image-777")
        self.get(f"samples/column, groups{times}", "samples/column", name="camera")
        self.get(f"samples/column, numbers{times}", "samples/column", name="score", form="numbers")
        self.get(f"samples/column, text{times}", "samples/column", name="file")
        self.get(f"samples/cells{times}", "samples/cells", rows="777")

    def start(self) -> None:
        """Starts the t-SNE, and waits for its first frame."""
        began = time.perf_counter()
        self.server.post("session/start", **QUERY)
        while self.server.get("session/frame", **QUERY, wait=25).status_code != 200:
            assert time.perf_counter() - began < LONGEST
        self.times["first frame, cold"] = [1000 * (time.perf_counter() - began)]

    def label(self, number: int, store: str, revision: int, n: int) -> int:
        """Labels one group's next samples, waits for guidance about them, and returns the revision."""
        group, first = number % GROUPS, number // GROUPS * LASSO
        ids = [f"s{each:07d}" for each in range(group, n, GROUPS)][first : first + LASSO]
        body = {"store": store, "base_revision": revision, "sample_ids": ids, "op_id": uuid.uuid4().hex}
        named = {"new_class": {"name": f"group {group}"}} if first == 0 else {"class_id": group + 1}
        answer = self.ask("apply", lambda: self.server.post("labels/apply", run="run", **body, **named)).json()
        began, after = time.perf_counter(), 0
        while True:
            found = self.server.get("guidance/candidates", **QUERY, after=after, wait=25)
            assert found.status_code in (200, 204), found.text
            after = found.json()["number"] if found.status_code == 200 else after
            if found.status_code == 200 and found.json()["revision"] >= answer["revision"]:
                break
            assert time.perf_counter() - began < LONGEST
        self.times.setdefault("guidance refreshed", []).append(1000 * (time.perf_counter() - began))
        self.get("guidance/next_steps", "guidance/next_steps")
        self.get("guidance/suggestions", "guidance/suggestions")
        self.get("guidance/suggestions/arrow", "guidance/suggestions/arrow")
        self.get("labels/changes", "labels/changes", after=revision)
        return int(answer["revision"])


def measure_opening(logdir: Path) -> dict[str, Any]:
    """What a page asks for first, and what metadata it may ask for then; no t-SNE shares the machine."""
    life = Life(logdir)
    try:
        for time_of in (", cold", "", "", ""):
            life.open(time_of)
    finally:
        life.server.stop()
    times, work = ({name: statistics.median(found) for name, found in of.items()} for of in (life.times, life.work))
    return {"ms": times, "work": work, "MiB": life.sizes, "memory": {"TensorBoard": life.peak}}


def measure(logdir: Path, n: int, edits: int) -> dict[str, Any]:
    """Everything about one size."""
    for file in (logdir / "run").glob("labels.sqlite*"):
        file.unlink()
    shutil.rmtree(logdir / "run" / ".tsne", ignore_errors=True)
    life = Life(logdir)
    try:
        life.open(", cold")
        life.start()
        life.open("")
        life.get("frame", "session/frame", wait=0)
        life.open("")
        life.get("frame", "session/frame", wait=0)
        revision = int(life.server.get("labels", **QUERY).json()["revision"])
        store = life.server.store("run")
        revision = int(life.server.get("labels", **QUERY).json()["revision"])
        for number in range(edits):
            revision = life.label(number, store, revision, n)
        life.get("labels, labelled", "labels")
        life.get("labels/history", "labels/history")
        for _ in range(2):
            life.get("guidance/standing", "guidance/standing", wait=25)
            life.get("guidance/label_issues", "guidance/label_issues", wait=25)
            answer = life.get("guidance/clusters", "guidance/clusters", wait=25)
        clusters = len(answer.json()["clusters"]) if answer.status_code == 200 else 0
        worker = measured(worker_of(life.server.process_id))["rss_mib"]
        state = life.server.get("session/state", **QUERY).json()
    finally:
        life.server.stop()
    times, work = ({name: statistics.median(found) for name, found in of.items()} for of in (life.times, life.work))
    memory = {"TensorBoard": life.peak, "worker": worker}
    return {
        "ms": times,
        "work": work,
        "MiB": life.sizes,
        "memory": memory,
        "clusters": clusters,
        "epoch": state["epoch"],
    }


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/life.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--edits", type=int, default=5, help="how often 10,000 samples are labelled")
    parser.add_argument("--runs", type=Path, help="where runs are kept for the next time")
    parser.add_argument("--only-opening", action="store_true", help="nothing that needs a t-SNE")
    options = parser.parse_args()
    results: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for n in options.samples:
            logdir = (options.runs or Path(temporary)) / f"life{n}"
            if not logdir.exists():
                make_run(logdir / "run", n)
            results[n] = measure_opening(logdir) if options.only_opening else measure(logdir, n, options.edits)
            save("life_opening" if options.only_opening else "life", results)
    for n, found in results.items():
        header(f"{n:,} samples", "ms", "of it computed by TensorBoard, ms", "MiB of the answer")
        for name, took in found["ms"].items():
            row(name, f"{took:,.0f}", f"{found['work'].get(name, 0.0):,.0f}", f"{found['MiB'].get(name, 0.0):.1f}")
        for name, most in found["memory"].items():
            row(f"memory of {name}, MiB", f"{most:,.0f}", "", "")
    print(f"written: {RESULTS / ('life_opening.json' if options.only_opening else 'life.json')}")


if __name__ == "__main__":
    main()
