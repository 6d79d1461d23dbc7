"""The page's own speed: frames a second against the stock Projector, and script time at 100,000 and 1,000,000 points.

Frames a second: 3,000 samples (512 features, coloured tiles) with images on, 3-D, while the t-SNE runs, in the same
headless browser that draws in software, in turn; a frame is an animation frame in which the page drew. Script time:
positions made up and handed to the real page in place of a worker's, so that only the page is measured.

    python benchmarks/bench_page.py [--rounds 3] [--seconds 8] [--only speed|script|label]
"""

from __future__ import annotations

import argparse
import json
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from bench_live import RUN, N, make_run
from numpy.typing import NDArray
from playwright.sync_api import Browser, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.install_browser import find_chromium  # noqa: E402
from tests.e2e.page import FLAGS, LabelProjector  # noqa: E402
from tests.e2e.tensorboard_server import TensorBoard  # noqa: E402

COUNT = """
(() => {
    let last = -1;
    window.__drawn = 0;
    const count = (type, name) => {
        const draw = type.prototype[name];
        type.prototype[name] = function (...args) {
            const frame = document.timeline.currentTime;  // stands still within an animation frame
            if (this.canvas.clientWidth > 300 && frame !== last) { last = frame; window.__drawn++; }
            return draw.apply(this, args);
        };
    };
    for (const name of ['drawArrays', 'drawElements', 'drawArraysInstanced', 'drawElementsInstanced'])
        for (const type of [WebGLRenderingContext, WebGL2RenderingContext])
            if (name in type.prototype) count(type, name);
    count(CanvasRenderingContext2D, 'putImageData');
})();
"""
"""Counts the animation frames in which anything was drawn into a large canvas, in the same way on both pages."""


def ours(browser: Browser, server: TensorBoard, seconds: float, renderer: str) -> float:
    """Frames drawn a second by the Label Projector while its t-SNE runs."""
    server.post("session/start", **RUN)
    server.post("session/parameters", **RUN, parameters={"n_epochs": 1_000_000})
    projector = LabelProjector(browser, server.address)
    last = json.dumps({"run": RUN["run"], "painter": renderer})
    projector.page.add_init_script(f"{COUNT} localStorage['tb-tsne'] = {json.dumps(last)};")
    projector.open()
    server.post("session/resume", **RUN)
    projector.page.wait_for_timeout(3_000)
    first, began = projector.frame.evaluate("window.__drawn"), time.monotonic()
    projector.page.wait_for_timeout(1000 * seconds)
    speed = (projector.frame.evaluate("window.__drawn") - first) / (time.monotonic() - began)
    server.post("session/pause", **RUN)
    projector.close()
    return float(speed)


def stock(browser: Browser, server: TensorBoard, seconds: float) -> float:
    """The same of the stock Projector while its own runs."""
    page = browser.new_page(viewport={"width": 1440, "height": 860})
    page.add_init_script(COUNT)
    page.goto(f"{server.address}/#projector")
    deadline = time.monotonic() + 240
    while not any("projector_binary" in frame.url for frame in page.frames) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    frame = next(frame for frame in page.frames if "projector_binary" in frame.url)
    frame.get_by_text(f"Points: {N}").wait_for(timeout=120_000)
    page.wait_for_timeout(3_000)
    frame.get_by_text("t-SNE", exact=True).first.click(timeout=120_000)
    iteration = frame.locator(".run-tsne-iter").first
    while int(iteration.inner_text(timeout=120_000) or 0) < 2 and time.monotonic() < deadline:
        page.wait_for_timeout(500)  # its nearest neighbours take a while
    first, began = frame.evaluate("window.__drawn"), time.monotonic()
    page.wait_for_timeout(1000 * seconds)
    speed = (frame.evaluate("window.__drawn") - first) / (time.monotonic() - began)
    page.close()
    return float(speed)


def speed(server: TensorBoard, playwright: Any, rounds: int, seconds: float) -> dict[str, float]:
    """Frames a second, medians of some rounds."""
    server.first_frame(**RUN)
    server.post("session/pause", **RUN)
    rows: list[dict[str, float]] = []
    for _ in range(rounds):
        row = {}
        for name in ("processor", "graphics", "stock"):
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            row[name] = stock(browser, server, seconds) if name == "stock" else ours(browser, server, seconds, name)
            browser.close()
        rows.append(row)
        print(json.dumps({key: round(value, 2) for key, value in row.items()}), flush=True)
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def made_up(route: Route, positions: NDArray[np.float32], numbers: list[int]) -> None:
    """A frame, as the worker would send it."""
    numbers.append(numbers[-1] + 1)
    drift = positions + np.float32(0.01) * np.sin(positions * 7 + numbers[-1]).astype(np.float32)
    header = struct.pack("<IIIHH", numbers[-1], numbers[-1], 0, 3, 0)
    route.fulfill(body=header + drift.T.astype("<f4").tobytes(), content_type="application/octet-stream")


def script(server: TensorBoard, browser: Browser, n: int, renderer: str) -> dict[str, float]:
    """Script time of a new frame, a pick and a lasso, medians in milliseconds; and frames drawn a second."""
    name = f"points{n}"
    folder = server.logdir / name
    if not folder.exists():
        from exporters import write_run

        write_run(folder, {"features": np.random.default_rng(0).standard_normal((n, 2)).astype(np.float32)})
    random = np.random.default_rng(1)
    positions = (random.standard_normal((n, 3)) + 6 * random.standard_normal((20, 3))[np.arange(n) % 20]).astype("f4")
    numbers = [0]
    server.post("session/parameters", run=RUN["run"], tensor=RUN["tensor"], parameters={})
    state = server.get("session/state", **RUN).json() | {"status": "running"}
    projector = LabelProjector(browser, server.address)
    page = projector.page
    page.route("**/session/frame*", lambda route: made_up(route, positions, numbers))
    page.route("**/session/sta*", lambda route: route.fulfill(json=state))
    last = json.dumps({"run": name, "painter": renderer})
    page.add_init_script(f"localStorage['tb-tsne'] = {json.dumps(last)};")
    page.goto(f"{server.address}/#tsne")
    page.wait_for_function(
        "() => [...document.querySelectorAll('iframe')].some(f => f.contentWindow.__tsne?.epoch() > 1)", timeout=180_000
    )
    page.wait_for_timeout(3_000)
    box = projector.find("view").bounding_box()
    assert box is not None
    projector.press("l")
    samples: dict[str, list[float]] = {key: [] for key in ("positions", "draw", "pick", "lasso")}
    first, began = projector.ask("framesDrawn()"), time.monotonic()
    for _ in range(8):
        page.wait_for_timeout(700)
        for key in ("positions", "draw"):
            samples[key].append(projector.ask("timings()")[key])
    frames = (projector.ask("framesDrawn()") - first) / (time.monotonic() - began)
    for step in range(5):
        corners = [(0.2, 0.2), (0.8, 0.2 + 0.05 * step), (0.7, 0.8), (0.3, 0.7)]
        for place, (x, y) in enumerate(corners):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            page.mouse.down() if place == 0 else None
        page.mouse.up()
        page.wait_for_timeout(300)
        samples["lasso"].append(projector.ask("timings()")["lasso"])
        page.mouse.move(box["x"] + box["width"] * (0.4 + 0.03 * step), box["y"] + box["height"] * 0.5)
        page.wait_for_timeout(300)
        samples["pick"].append(projector.ask("timings()")["pick"])
    projector.page.close()
    return {key: statistics.median(values) for key, values in samples.items()} | {"frames a second": frames}


TIME_TO_COLOR = """() => new Promise((resolve) => {
    const t = window.__tsne, before = t.labels().filter((each) => each < 0).length, began = performance.now();
    window.dispatchEvent(new KeyboardEvent('keydown', {key: '1', bubbles: true}));
    const drawn = t.framesDrawn();
    const look = () => {
        const done = t.labels().filter((each) => each < 0).length < before && t.framesDrawn() > drawn;
        if (done) resolve(performance.now() - began); else requestAnimationFrame(look);
    };
    look();
})"""


def label(server: TensorBoard, browser: Browser) -> dict[str, float]:
    """Time to the first picture, and from a label key to the recoloured picture, milliseconds."""
    server.post("session/start", **RUN)
    store = server.store(RUN["run"])
    revision = server.get("labels", **RUN).json()["revision"]
    tag = {"store": store, "op_id": f"class{time.time_ns()}", "base_revision": revision}
    server.post("classes", run=RUN["run"], **tag, action="add", name="a")
    opened, colored = [], []
    for _ in range(5):
        began = time.monotonic()
        projector = LabelProjector(browser, server.address)
        last = json.dumps({"run": RUN["run"]})
        projector.page.add_init_script(f"localStorage['tb-tsne'] = {json.dumps(last)};")
        projector.open()
        projector.wait_for("t.framesDrawn() > 1")
        opened.append(1000 * (time.monotonic() - began))
        projector.page.wait_for_timeout(1_500)
        projector.press("g")
        projector.find("thumb").first.wait_for()
        projector.page.wait_for_timeout(500)
        colored.append(projector.frame.evaluate(TIME_TO_COLOR))
        projector.close()
    return {"first picture": statistics.median(opened), "label key to colour": statistics.median(colored)}


def main() -> None:
    """Measures, prints, and writes benchmarks/results/page.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--only", choices=["speed", "script", "label"])
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        make_run(Path(folder) / "bench")
        server = TensorBoard(Path(folder), tensorflow=True).start()
        server.first_frame(**RUN)
        if arguments.only in (None, "speed"):
            results["frames a second"] = speed(server, playwright, arguments.rounds, arguments.seconds)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        if arguments.only in (None, "label"):
            results["label"] = label(server, browser)
        if arguments.only in (None, "script"):
            server.post("session/pause", **RUN)
            for n, renderer in ((100_000, "graphics"), (100_000, "processor"), (1_000_000, "processor")):
                results[f"{n:,} by {renderer}"] = script(server, browser, n, renderer)
                print(json.dumps(results[f"{n:,} by {renderer}"]), flush=True)
        browser.close()
        server.stop()
    for name, row in results.items():
        print(f"| {name} | " + " | ".join(f"{key} {value:.1f}" for key, value in row.items()) + " |")
    (ROOT / "benchmarks" / "results").mkdir(exist_ok=True)
    (ROOT / "benchmarks" / "results" / "page.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
