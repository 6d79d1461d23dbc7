"""Epochs a second while the page draws: the Label Projector against the stock Projector, in one headless browser.

Both show the same 3,000 samples (512 features in 20 groups, coloured tiles) in 3-D, with sprites on, in turn.

    python benchmarks/bench_live.py [--rounds 3] [--seconds 10]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.install_browser import find_chromium  # noqa: E402
from tests.e2e.page import FLAGS, LabelProjector  # noqa: E402
from tests.e2e.tensorboard_server import TensorBoard  # noqa: E402

N, D, SIDE = 3000, 512, 32
RUN = {"run": "bench", "tensor": "features"}


def make_run(folder: Path) -> None:
    """3,000 tiles of clustered colours, with clustered 512-D features."""
    from exporters import write_run

    random = np.random.default_rng(0)
    group = np.arange(N) % 20
    features = random.standard_normal((N, D)) + 3.0 * random.standard_normal((20, D))[group]
    colors = random.integers(40, 220, (20, 3))[group]
    tiles = np.clip(colors[:, None, None, :] + random.normal(0, 25, (N, SIDE, SIDE, 3)), 0, 255).astype(np.uint8)
    write_run(folder, {"features": features.astype(np.float32)}, images=list(tiles))


def ours(browser: Browser, server: TensorBoard, seconds: float) -> tuple[float, float]:
    """Epochs and drawn frames a second."""
    server.post("session/start", **RUN)
    server.post("session/parameters", **RUN, parameters={"n_epochs": 1_000_000})
    projector = LabelProjector(browser, server.address).open()
    server.post("session/resume", **RUN)
    projector.page.wait_for_timeout(3_000)
    drawn = projector.ask("framesDrawn()")
    speed = projector.epochs_per_second(seconds)
    frames = (projector.ask("framesDrawn()") - drawn) / seconds
    server.post("session/pause", **RUN)
    projector.close()
    return speed, frames


def stock(browser: Browser, server: TensorBoard, seconds: float) -> float:
    """Epochs a second of the stock Projector's own t-SNE."""
    page = browser.new_page(viewport={"width": 1440, "height": 860})
    page.goto(f"{server.address}/#projector")
    page.wait_for_function(
        "() => [...document.querySelectorAll('iframe')].some(f => f.src.includes('name=projector'))", timeout=60_000
    )
    page.wait_for_timeout(8_000)
    frame = next(frame for frame in page.frames if "projector_binary" in frame.url)
    frame.get_by_text(f"Points: {N}").wait_for(timeout=120_000)
    frame.get_by_text("t-SNE", exact=True).first.click()
    iteration = frame.locator(".run-tsne-iter").first
    deadline = time.monotonic() + 240
    while int(iteration.inner_text() or 0) < 2 and time.monotonic() < deadline:  # its nearest neighbours take a while
        page.wait_for_timeout(200)
    first, began = int(iteration.inner_text()), time.monotonic()
    page.wait_for_timeout(1000 * seconds)
    speed = (int(iteration.inner_text()) - first) / (time.monotonic() - began)
    page.close()
    return speed


def main() -> None:
    """Measures, prints a table, and writes benchmarks/results/live.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        make_run(Path(folder) / "bench")
        server = TensorBoard(Path(folder), tensorflow=True).start()
        server.first_frame(**RUN)
        server.post("session/pause", **RUN)
        for _ in range(arguments.rounds):
            # A browser each: a tab that is closed gives its threads back only when it likes.
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            speed, frames = ours(browser, server, arguments.seconds)
            browser.close()
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            theirs = stock(browser, server, arguments.seconds)
            browser.close()
            results.append({"ours": speed, "frames": frames, "stock": theirs, "ratio": speed / theirs})
            print(json.dumps({key: round(value, 2) for key, value in results[-1].items()}), flush=True)
        server.stop()
    medians = {key: statistics.median(result[key] for result in results) for key in results[0]}
    print(f"| N = {N:,}, 3-D, sprites on | epochs a second |\n| --- | --- |")
    print(f"| Label Projector (drawing {medians['frames']:.1f} frames a second) | {medians['ours']:.0f} |")
    print(f"| stock Projector | {medians['stock']:.1f} |\n| ratio | {medians['ratio']:.0f} |")
    (ROOT / "benchmarks" / "results").mkdir(exist_ok=True)
    (ROOT / "benchmarks" / "results" / "live.json").write_text(
        json.dumps({"rounds": results, "medians": medians}, indent=1)
    )


if __name__ == "__main__":
    main()
