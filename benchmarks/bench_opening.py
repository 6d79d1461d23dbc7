"""What opening a run costs in processor time and memory: listing runs, samples and labels, in fresh processes.

python benchmarks/bench_opening.py [--rows 100000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
CODE = """
import json, resource, shutil, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.web.conftest import Api
logdir = Path({logdir!r})
for store in (logdir / "run").glob("labels.sqlite*"):
    store.unlink()
api = Api(logdir)
api.workspace
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
times = []
of_tensor = dict(run="run", tensor="im")
for route, query in (("runs", {{}}), ("samples", of_tensor), ("labels", of_tensor)):
    began = time.process_time()
    answer = api.get(route, **query)
    assert answer.status_code == 200, answer.text
    times.append(1000 * (time.process_time() - began))
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([*times, sum(times), memory / 1024]))
"""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", type=Path, help="another checkout, measured in turn with this one")
    options = parser.parse_args()
    places = [ROOT] if options.against is None else [ROOT, options.against.resolve()]
    with tempfile.TemporaryDirectory() as folder:
        size = _make_run(Path(folder) / "run", options.rows)
        found: dict[Path, list[list[float]]] = {place: [] for place in places}
        for _ in range(options.rounds):
            for place in places:
                code = CODE.format(root=str(place), logdir=folder)
                done = subprocess.run(
                    [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=True
                )
                found[place].append(json.loads(done.stdout))
    print(f"{options.rows:,} rows, metadata of {size / 1e6:.1f} MB; medians of {options.rounds} fresh processes")
    for place in places:
        runs, samples, labels, whole, memory = (statistics.median(values) for values in zip(*found[place], strict=True))
        name = "this" if place == ROOT else "the other"
        print(
            f"{name}: runs {runs:.0f} ms, samples {samples:.0f} ms, labels {labels:.0f} ms, whole {whole:.0f} ms,",
            end="",
        )
        print(f" memory at most {memory:.0f} MiB more")


def _make_run(folder: Path, rows: int) -> int:
    """Writes a run of features, without pictures; returns the size of its metadata."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    random.standard_normal((rows, 16)).astype("<f4").tofile(folder / "im.bytes")
    lines = ["sample_id\tfile\tlabel\tcamera\tscore"]
    for row, (label, camera, score) in enumerate(zip(*random.integers(0, (20, 5, 10_000), (rows, 3)).T, strict=True)):
        lines.append(f"s{row:07d}\tphotos/class-{label}/image-{row}.jpg\tclass-{label}\tcamera-{camera}\t{score / 100}")
    content = "\n".join([*lines, ""]).encode()
    (folder / "metadata.tsv").write_bytes(content)
    (folder / "projector_config.pbtxt").write_text(
        'embeddings { tensor_name: "im" tensor_path: "im.bytes" metadata_path: "metadata.tsv" '
        f"tensor_shape: {rows} tensor_shape: 16 }}\n"
    )
    return len(content)


if __name__ == "__main__":
    main()
