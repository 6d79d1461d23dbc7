"""What looking through many runs, one after the other, leaves behind: workers and their memory, our descriptors.

python benchmarks/bench_sessions.py [--runs 300] [--seconds 1] [--samples 500]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from common import header, row

from tb_tsne_plugin.workspace import Workspace
from tb_tsne_plugin.workspace.starting import start_session

D = 16


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each is looked at")
    parser.add_argument("--samples", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        names = [f"run{number:03d}" for number in range(options.runs)]
        for name in names:
            make_run(Path(folder) / name, options.samples)
        workspace = Workspace(Path(folder))
        header("runs", "workers", "their memory, MiB", "descriptors", "threads", "slowest start, ms")
        slowest = 0.0
        for count, name in enumerate(names, 1):
            slowest = max(slowest, look_at(workspace, name, options.seconds))
            if count % max(options.runs // 10, 1) == 0:
                show(count, slowest)
                slowest = 0.0
        workspace.close()


def make_run(folder: Path, n_samples: int) -> None:
    """Writes a run of random features."""
    folder.mkdir()
    features = np.random.default_rng(0).standard_normal((n_samples, D), dtype=np.float32)
    (folder / "im.bytes").write_bytes(features.tobytes())
    lines = ["sample_id\tlabel", *(f"{row}\tunlabeled" for row in range(n_samples))]
    (folder / "metadata.tsv").write_text("\n".join(lines) + "\n")
    (folder / "projector_config.pbtxt").write_text(
        'embeddings { tensor_name: "im" tensor_path: "im.bytes" metadata_path: "metadata.tsv" '
        f"tensor_shape: {n_samples} tensor_shape: {D} }}\n"
    )


def look_at(workspace: Workspace, name: str, seconds: float) -> float:
    """Starts a run's session and asks for frames for a while, as a page does; how long the start took, in ms."""
    run = workspace.run(name)
    tensor = run.tensor("im")
    began = time.perf_counter()
    session = start_session(workspace, run, tensor, changes={}, column=None, force=False)
    took = 1000 * (time.perf_counter() - began)
    after = 0
    while (left := seconds - (time.perf_counter() - began)) > 0:
        session.wait_for_frame(after, left)
        after = session.last_frame
        time.sleep(min(0.033, max(left, 0)))
    return took


def show(count: int, slowest: float) -> None:
    """Prints a line of the table."""
    workers = children()
    memory = sum(unique_bytes(worker) for worker in workers) >> 20
    descriptors = len(os.listdir("/proc/self/fd"))
    row(count, len(workers), memory, descriptors, threading.active_count(), round(slowest))


def children() -> list[int]:
    """Process ids of this process's children that run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z":
            found.append(int(stat.parent.name))
    return found


def unique_bytes(process_id: int) -> int:
    """Memory that would be free if a process ended."""
    try:
        lines = Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))


if __name__ == "__main__":
    main()
