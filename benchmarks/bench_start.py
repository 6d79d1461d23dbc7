"""What importing the entry point adds to TensorBoard's start: median of fresh processes with and without, in turn.

python benchmarks/bench_start.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
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
    rounds = parser.parse_args().rounds
    command = [sys.executable, "-c", CODE]
    times = [
        float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
        for _ in range(rounds)
    ]
    print(f"importing the entry point: median {statistics.median(times):.1f} ms, most {max(times):.1f} ms")


if __name__ == "__main__":
    main()
