"""Features and labels in shards for 200,000 drawn images: by this machine alone, and by Ray with two workers.

Images of ten classes, 16 pixels square, lie as PNG in Parquet files. A run of 2,000 of them has labels; a classifier is
saved from it. Then `tb-tsne features` and `tb-tsne predict --shards` are done twice, in a process each: alone, and by a
Ray of two workers of which one is killed (SIGKILL) in the midst of each. *equal*: whether all shards are the same to
the byte. Memory is a process' own (`RssAnon`), when a quarter, a half, three quarters and all of the shards are there.
*sent*, *back*: what the driver and a worker tell each other of an image; *read*, *written*: what a worker reads and
writes of it. Linux only.

    python benchmarks/bench_ray.py [--images 200000]
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from common import header, row, save, seconds
from PIL import Image

SIDE, CLASSES, WIDTH = 16, 10, 64
TABLE, GROUP, LABELED = 8192, 512, 2000
QUARTERS = (0.25, 0.5, 0.75, 1.0)


def draw(folder: Path, count: int) -> Path:
    """Noisy pictures in the colors of their classes, in Parquet files as Hugging Face's datasets have them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(0)
    colors = random.integers(40, 216, (CLASSES, 3))
    folder.mkdir(parents=True)
    for start in range(0, count, TABLE):
        numbers = range(start, min(start + TABLE, count))
        noise = random.normal(0, 40, (len(numbers), SIDE, SIDE, 3))
        pictures = np.clip(colors[[n % CLASSES for n in numbers], None, None] + noise, 0, 255).astype(np.uint8)
        images = [{"bytes": png(picture), "path": f"{n:08d}.png"} for n, picture in zip(numbers, pictures, strict=True)]
        table = pa.table({"image": images, "label": [f"class {n % CLASSES}" for n in numbers]})
        pq.write_table(table, folder / f"{start // TABLE:05d}.parquet", row_group_size=GROUP)
    return folder


def png(picture: Any) -> bytes:
    """A picture as a file."""
    file = BytesIO()
    Image.fromarray(picture).save(file, "PNG", compress_level=1)
    return file.getvalue()


def save_network(path: Path) -> Path:
    """A network of one random layer, from pixels to features."""
    import onnx
    from onnx import TensorProto, helper

    weights = np.random.default_rng(1).standard_normal((3 * SIDE * SIDE, WIDTH)).astype(np.float32) / SIDE
    nodes = [
        helper.make_node("Flatten", ["pictures"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["rows"]),
    ]
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", WIDTH])],
        [helper.make_tensor("weights", TensorProto.FLOAT, weights.shape, weights.tobytes(), raw=True)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def own_memory(process: int | str = "self") -> float:
    """A process' own memory in MiB; 0 of one that is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("RssAnon:"))) / 1024
    except (OSError, StopIteration):
        return 0.0


def workers(title: str = "ray::") -> list[int]:
    """This process' workers, by how the titles of their processes begin."""
    above: dict[int, int] = {}
    titled = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            above[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if (folder / "cmdline").read_bytes().startswith(title.encode()):
                titled.add(int(folder.name))
        except OSError:
            continue

    def is_ours(process: int) -> bool:
        return process == os.getpid() or (process in above and is_ours(above[process]))

    return sorted(filter(is_ours, titled))


class Watch:
    """Memory while shards come about; kills a worker when a third of them are there.

    Args:
        folder: Where they are written.
        shards: How many there will be.
        kill: Whether to kill one.
    """

    def __init__(self, folder: Path, shards: int, kill: bool):
        self.driver: dict[float, float] = {}
        self.workers: dict[float, float] = {}
        self.killed = 0
        self._folder, self._shards, self._kill = folder, shards, kill
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._note(1.0)

    def _look(self) -> None:
        while not self._is_over.wait(0.2):
            share = len(list(self._folder.glob("*.parquet"))) / self._shards
            if self._kill and not self.killed and share > 1 / 3 and (found := workers("ray::_call")):
                self.killed = found[0]
                os.kill(self.killed, signal.SIGKILL)
            for quarter in QUARTERS:
                if share >= quarter and quarter not in self.driver:
                    self._note(quarter)

    def _note(self, quarter: float) -> None:
        self.driver[quarter] = own_memory()
        self.workers[quarter] = max(map(own_memory, workers()), default=0.0)


def perform(backend: str, place: Path) -> dict[str, Any]:
    """Makes all shards of features, then all of labels, in this process."""
    from exporters import sharded

    network = f"onnx:{place / 'linear.onnx'}"
    if backend == "ray":
        import ray

        ray.init(num_cpus=2, log_to_driver=False, logging_level="ERROR", include_dashboard=False)
    images = place / "images"
    found: dict[str, Any] = {}

    def do(what: str, source: Path, made: Callable[[str], Any]) -> None:
        folder = place / backend / what
        folder.mkdir(parents=True)
        shards = -(-found["images"] // sharded.ROWS)
        with Watch(folder, shards, backend == "ray") as watch:
            took, summary = seconds(lambda: made(str(folder)))
        found[what] = {
            "rows": summary.rows,
            "seconds": took,
            "driver": [watch.driver[quarter] for quarter in QUARTERS],
            "workers": [watch.workers[quarter] for quarter in QUARTERS],
            "killed": bool(watch.killed),
            "read": size(source) / summary.rows,
            "written": size(folder) / summary.rows,
        }

    from exporters.images.sources import open_source

    took, listing = seconds(lambda: open_source(images))
    found |= {"images": len(listing.images), "listing": took}
    part = listing.images[: sharded.ROWS]
    found["sent"] = len(pickle.dumps(part)) / len(part)
    do(
        "features",
        images,
        lambda to: sharded.compute_shards(place / "run", images, to, backbone=network, backend=backend),
    )
    features = place / backend / "features"
    do("labels", features, lambda to: sharded.predict_shards(features, place / "made", to, backend=backend))
    from exporters.shards.shard import told_by

    with (place / backend / "labels" / "000000.parquet").open("rb") as file:
        found["back"] = len(pickle.dumps(told_by(file))) / len(part)
    return found


def size(folder: Path) -> int:
    """The bytes of the Parquet files in a folder."""
    return sum(path.stat().st_size for path in folder.glob("*.parquet"))


def command(*arguments: object) -> None:
    """Runs `tb-tsne`."""
    code = "from tb_tsne_plugin.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def prepare(place: Path, count: int) -> None:
    """The images, a labeled run of some of them, and a classifier."""
    images, network = draw(place / "images", count), save_network(place / "linear.onnx")
    options = ("--backbone", f"onnx:{network}", "--normalization", "unit", "--max-samples", LABELED)
    command("export", images, "--logdir", place / "run", "--labels", "folders", *options)
    command("labels", "classifier", place / "run", "--out", place / "made")


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same Parquet files."""
    names = sorted(path.name for path in one.glob("*.parquet"))
    return names == sorted(path.name for path in other.glob("*.parquet")) and all(
        (one / name).read_bytes() == (other / name).read_bytes() for name in names
    )


def in_mib(values: Sequence[float]) -> str:
    """Memory as people read it."""
    return ", ".join(f"{value:,.0f}" for value in values) if any(values) else ""


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/ray.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=200_000)
    parser.add_argument("--perform", help=argparse.SUPPRESS)
    parser.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.perform:
        print(json.dumps(perform(arguments.perform, arguments.place)))
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        began = time.monotonic()
        prepare(place, arguments.images)
        print(f"prepared in {time.monotonic() - began:.0f} s", file=sys.stderr)
        results = {}
        for backend in ("local", "ray"):
            code = [sys.executable, __file__, "--perform", backend, "--place", folder]
            done = subprocess.run(code, check=True, stdout=subprocess.PIPE, text=True)
            results[backend] = json.loads(done.stdout.splitlines()[-1])
        equal = {what: same(place / "local" / what, place / "ray" / what) for what in ("features", "labels")}
    header(
        *("", "by", "images", "images a second", "equal", "killed", "MiB of the driver", "MiB of a worker"),
        *("read", "written"),
    )
    for what in ("features", "labels"):
        for backend, found in results.items():
            each = found[what]
            told = (f"{each['rows']:,}", f"{each['rows'] / each['seconds']:,.0f}", "yes" if equal[what] else "NO")
            memory = in_mib(each["driver"]), in_mib(each["workers"])
            moved = f"{each['read']:,.0f}", f"{each['written']:,.0f}"
            row(what, backend, *told, "one" if each["killed"] else "", *memory, *moved)
    print(f"sent {results['ray']['sent']:.2f}, back {results['ray']['back']:.2f} bytes an image", file=sys.stderr)
    save("ray", {**results, "equal": equal})


if __name__ == "__main__":
    main()
