"""What TensorBoard computes for a request about labels: CPU time, which other programs on the machine hardly change.

python benchmarks/bench_requests.py [--rounds 150]

3,000 samples of 256 features, without a t-SNE; requests go to the plugin's WSGI application in this process. To compare
versions, run it from a checkout of each, in turn (`PYTHONPATH=CHECKOUT`).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.builders import blobs, make_run, sample_id
from tests.web.conftest import Api

N, D, IDS = 3_000, 256, 1_000
WORDS = ("ant", "bee", "cat")
READS: dict[str, dict[str, Any]] = {
    "runs": {},
    "samples": {},
    "labels": {},
    "labels/changes": {"after": 0},
    "labels/history": {},
}


def milliseconds(ask: Callable[[], None], rounds: int) -> float:
    """The median CPU time of a request."""
    times = []
    for _ in range(rounds + 5):
        began = time.process_time()
        ask()
        times.append(1000 * (time.process_time() - began))
    return statistics.median(times[5:])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=150)
    rounds = parser.parse_args().rounds
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        labels = [WORDS[row] if row < len(WORDS) else "unlabeled" for row in range(N)]
        make_run(Path(folder) / "run", blobs(N, D, 20)[0], labels=labels)
        api = Api(Path(folder))
        store = api.store()
        revision = api.labels()["revision"]

        def apply() -> None:
            nonlocal revision
            ids = [sample_id(int(row)) for row in random.choice(N, IDS, replace=False)]
            body = {"op_id": uuid.uuid4().hex, "base_revision": revision, "class_id": 1 + revision % 3}
            answer = api.edit("labels/apply", store=store, sample_ids=ids, only_unlabeled=False, **body)
            revision = answer.get_json()["revision"]

        print("| | CPU time, ms |\n| --- | --- |")
        print(f"| apply 1,000 ids | {milliseconds(apply, rounds // 2):.2f} |")
        for route, query in READS.items():

            def read(route: str = route, query: dict[str, Any] = query) -> None:
                assert api.get(route, run="run", tensor="im", **query).data

            print(f"| GET {route} | {milliseconds(read, rounds):.2f} |")
        api.close()


if __name__ == "__main__":
    main()
