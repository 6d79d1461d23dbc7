"""What importing the entry point adds to TensorBoard's start: median of fresh processes, in turn.

As in an installation, the modules are compiled already: a round that is not counted does that.

python benchmarks/bench_start.py [--rounds 15] [--against CHECKOUT]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = """
import time
from tensorboard.plugins import base_plugin
began = time.perf_counter()
from tb_tsne_entry import Loader
Loader()
print(1000 * (time.perf_counter() - began))
"""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--against", type=Path, help="another checkout, measured in turn with this one")
    options = parser.parse_args()
    places = {"this": ROOT} if options.against is None else {"this": ROOT, "the other": options.against.resolve()}
    times: dict[str, list[float]] = {name: [] for name in places}
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
        for counted in range(-1, options.rounds):
            for name, place in places.items():
                command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(place)!r})\n{CODE}"]
                done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=True)
                if counted >= 0:
                    times[name].append(float(done.stdout))
    for name, found in times.items():
        print(f"{name}: importing the entry point: median {statistics.median(found):.1f} ms, most {max(found):.1f} ms")


if __name__ == "__main__":
    main()
