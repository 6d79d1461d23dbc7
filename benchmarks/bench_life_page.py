"""What a person at the page waits for with very many samples, and the memory of the tab.

Runs of `bench_life.py`, their positions made up as in `bench_many.py`, in a headless browser that draws in software;
medians of some rounds. *First picture* is from the tab's opening, TensorBoard's own page too, on a server that has the
run in memory; what is searched for is some thousand samples, of which 10,000 are labelled by a key.

    python benchmarks/bench_life_page.py [--samples 100000 1000000] [--rounds 3] [--runs FOLDER]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np
from bench_life import make_run
from bench_many import AWAIT, DO, ROOT, open_page, positions_of
from bench_many import make_run as make_small_run
from common import header, row, save
from numpy.typing import NDArray
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.install_browser import find_chromium
from tests.e2e.page import FLAGS
from tests.e2e.tensorboard_server import TensorBoard

SETTLING_S = 3.0
"""How long `open_page` waits once the picture is there."""
SEARCH = f"""async (words) => {{ {AWAIT}
    const field = document.querySelector('[data-testid="search"]');
    const before = handle.selection().rows.length, drawn = handle.framesDrawn(), began = performance.now();
    field.value = words;
    field.dispatchEvent(new InputEvent('input', {{bubbles: true}}));
    while (handle.selection().rows.length === before) await frame();
    const found = performance.now() - began;
    await whole(drawn);
    return [found, performance.now() - began, handle.selection().rows.length];
}}"""
COLOR = f"""async (column) => {{ {AWAIT}
    const field = document.querySelector('[data-testid="color-select"]');
    const drawn = handle.framesDrawn(), began = performance.now();
    field.value = column;
    field.dispatchEvent(new Event('change', {{bubbles: true}}));
    await whole(drawn);
    return performance.now() - began;
}}"""
LABEL = f"""async (key) => {{ {AWAIT}
    const drawn = handle.framesDrawn(), began = performance.now();
    document.body.dispatchEvent(new KeyboardEvent('keydown', {{key, bubbles: true}}));
    const script = performance.now() - began;
    await frame();
    await whole(drawn);
    return [script, performance.now() - began];
}}"""


def tab_memory() -> float:
    """MiB of the largest process of a browser's pages on this machine."""
    largest = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" in (process / "cmdline").read_bytes():
                largest = max(largest, int((process / "statm").read_text().split()[1]))
        except OSError:
            continue
    return largest * 4096 / 2**20


def add_class(server: TensorBoard) -> None:
    """Labels one more sample, with a class of its own: the first has the key 1."""
    store = server.store("run")
    revision = server.get("labels", run="run", tensor="im").json()["revision"]
    seen = {"store": store, "base_revision": revision, "op_id": uuid.uuid4().hex}
    given = {"new_class": {"name": f"class {revision}"}, "sample_ids": [f"s{revision:07d}"]}
    assert server.post("labels/apply", run="run", **seen, **given).status_code == 200


def measure(server: TensorBoard, browser: Browser, positions: NDArray[np.float32], number: int) -> dict[str, float]:
    """One tab's life; each labels others."""
    began = time.perf_counter()
    projector = open_page(server, browser, "run", positions, ROOT)
    found = {"first picture, ms": 1000 * (time.perf_counter() - began - SETTLING_S)}
    found["tab, MiB"] = tab_memory()
    found["script's heap, MiB"] = projector.frame.evaluate("performance.memory.usedJSHeapSize") / 2**20
    frame = projector.frame
    found["search, found, ms"], found["search, drawn, ms"], _ = frame.evaluate(SEARCH, "image-777")
    found["search again, found, ms"], _, _ = frame.evaluate(SEARCH, f"photos/{10 + number}")
    found["key, script, ms"], found["key to colour, ms"] = frame.evaluate(LABEL, "1")
    projector.page.wait_for_timeout(2_000)
    found["colour by a column, ms"] = frame.evaluate(COLOR, "camera")
    projector.page.wait_for_timeout(1_000)
    found["hide a class, ms"] = frame.evaluate(DO, ".legend button")
    found["tab at the end, MiB"] = tab_memory()
    projector.page.close()
    return found


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/life_page.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=Path, help="where runs are kept for the next time")
    options = parser.parse_args()
    results: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        for n in options.samples:
            logdir = (options.runs or Path(temporary)) / f"life{n}"
            if not logdir.exists():
                make_run(logdir / "run", n)
            if not (logdir / "small").exists():
                make_small_run(logdir / "small", 300, pictures=False)
            for file in (logdir / "run").glob("labels.sqlite*"):
                file.unlink()
            server = TensorBoard(logdir).start()
            server.timeout = 300
            server.first_frame(run="small", tensor="features")
            server.post("session/pause", run="small", tensor="features")
            for route in ("samples", "labels"):
                server.get(route, run="run", tensor="im")
            positions = positions_of(n)
            rounds = []
            for number in range(options.rounds):
                browser = playwright.chromium.launch(
                    executable_path=find_chromium(), args=[*FLAGS, "--enable-precise-memory-info"]
                )
                add_class(server)
                rounds.append(measure(server, browser, positions, number))
                print(n, {name: round(value) for name, value in rounds[-1].items()}, file=sys.stderr, flush=True)
                browser.close()
            server.stop()
            results[n] = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
            save("life_page", results)
    header("", *(f"{n:,}" for n in results))
    for name in next(iter(results.values())):
        row(name, *(f"{found[name]:,.0f}" for found in results.values()))


if __name__ == "__main__":
    main()
