"""How soon the next page of images is drawn while the t-SNE runs, and whether keys are lost at five a second.

Suggestions are made up and handed to the real page in place of a worker's, so that every class has many pages; the
worker, the label store and the server are the real ones. A page counts as drawn when the browser has painted it.

    python benchmarks/bench_review.py [--turns 24] [--keys 60]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from common import clustered, header, row, save
from PIL import Image
from playwright.sync_api import Browser, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.builders import sample_id  # noqa: E402
from tests.e2e.install_browser import find_chromium  # noqa: E402
from tests.e2e.page import FLAGS, LabelProjector  # noqa: E402
from tests.e2e.tensorboard_server import TensorBoard  # noqa: E402

CLASSES = 5
TILE = 16
EVERY_MS = 200
TURN = """() => new Promise((resolve) => {
    const before = window.__tsne.page().turned, began = performance.now();
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    const look = () => {
        const { rows, turned } = window.__tsne.page();
        const first = document.querySelector('[data-testid=tile]');
        if (turned !== before && (rows.length === 0 || first?.dataset.row === String(rows[0])))
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
        else requestAnimationFrame(look);
    };
    look();
})"""


def make_run(folder: Path, n: int) -> None:
    """A run of clustered features and a sprite sheet of small tiles, without larger ones."""
    folder.mkdir(parents=True)
    clustered(n, 16, CLASSES).astype("<f4").tofile(folder / "im.bytes")
    (folder / "metadata.tsv").write_text("\n".join(["sample_id\tlabel", *(f"{sample_id(i)}\t" for i in range(n)), ""]))
    side = int(np.ceil(np.sqrt(n))) * TILE
    pixels = np.random.default_rng(0).integers(0, 255, (side // 4, side // 4, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((side, side), Image.Resampling.NEAREST).save(folder / "sprite.png")
    (folder / "projector_config.pbtxt").write_text(
        f'embeddings {{ tensor_name: "im" tensor_path: "im.bytes" metadata_path: "metadata.tsv" tensor_shape: {n} '
        f'tensor_shape: 16 sprite {{ image_path: "sprite.png" single_image_dim: {TILE} single_image_dim: {TILE} }} }}\n'
    )


def teach(server: TensorBoard, run: str) -> None:
    """Five classes with an image each."""
    store = server.store(run)
    for number in range(CLASSES):
        body = {"run": run, "store": store, "op_id": f"teaching-{number}", "base_revision": number}
        answer = server.post(
            "labels/apply", **body, new_class={"name": f"class {number}"}, sample_ids=[sample_id(number)]
        )
        assert answer.ok, answer.text


def give(body: str, route: Route) -> None:
    """Answers in the server's place."""
    route.fulfill(body=body, content_type="application/json")


def open_page(browser: Browser, server: TensorBoard, run: str, n: int) -> LabelProjector:
    """The page on a run, whose t-SNE runs, with suggestions for everything."""
    projector = LabelProjector(browser, server.address)
    about = {"number": 1, "column": "label", "revision": CLASSES}
    random = np.random.default_rng(0)
    suggestions = about | {
        "class_ids": [1 + i % CLASSES for i in range(n)],
        "second": [1 + (i + 1) % CLASSES for i in range(n)],
        "percent": random.integers(60, 100, n).tolist(),
    }
    answers: dict[str, Any] = {
        "candidates": about | {"candidates": []},
        "next_steps": about | {"steps": []},
        "suggestions": suggestions,
    }
    for name, answer in answers.items():
        projector.page.route(f"**/guidance/{name}*", partial(give, json.dumps(answer)))
    projector.page.add_init_script(f"localStorage['tb-tsne'] = {json.dumps(json.dumps({'run': run}))};")
    server.post("session/start", run=run, tensor="im")
    server.post("session/parameters", run=run, tensor="im", parameters={"n_epochs": 1_000_000})
    projector.open(running=False)
    projector.page.wait_for_function(
        "() => [...document.querySelectorAll('iframe')].some(f => f.contentWindow.__tsne?.epoch() > 0)",
        timeout=1_200_000,
    )
    projector.wait_for(f"t.suggested().length === {CLASSES}", 60_000)
    return projector


def turns(projector: LabelProjector, count: int) -> list[float]:
    """Milliseconds from Enter until the next page is painted."""
    projector.press("r")
    projector.find("tiles").wait_for()
    projector.page.wait_for_timeout(1_000)
    times = []
    for number in range(count + 3):
        if not projector.ask("page()")["rows"]:
            projector.find(f"class-class {projector.ask('suggested()')[0] - 1}").click()
            projector.find("tiles").wait_for()
            projector.page.wait_for_timeout(300)
        took = float(projector.frame.evaluate(TURN))
        if number >= 3:  # the first ones are compiled meanwhile
            times.append(took)
        projector.page.wait_for_timeout(400)
    return times


def lost(projector: LabelProjector, server: TensorBoard, run: str, count: int) -> int:
    """How many of so many keys, five a second, did not do what they should."""
    before = server.get("labels", run=run, tensor="im").json()["revision"]
    began = time.monotonic()
    for number in range(count):
        if number % 4 < 3:  # three are named, then the page is turned
            projector.press("ArrowRight")
            projector.press("2" if number % 2 else "3")
        else:
            projector.press("Enter")
        projector.page.wait_for_timeout(max(0, 1000 * (began - time.monotonic()) + EVERY_MS * (number + 1)))
        if not projector.ask("page()")["rows"]:
            projector.find(f"class-class {projector.ask('suggested()')[0] - 1}").click()
    projector.frame.wait_for_selector('[data-testid="saved-state"][data-state="saved"]', timeout=120_000)
    return int(count - (server.get("labels", run=run, tensor="im").json()["revision"] - before))


def main() -> None:
    """Measures, prints, and writes benchmarks/results/review.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=24)
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--sizes", type=int, nargs="+", default=[3_000, 100_000])
    arguments = parser.parse_args()
    results = {}
    header("images", "page turned, median", "slowest of ten", "keys", "lost")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for n in arguments.sizes:
            run = f"images{n}"
            make_run(Path(folder) / run, n)
            server = TensorBoard(Path(folder)).start()
            teach(server, run)
            projector = open_page(browser, server, run, n)
            times = turns(projector, arguments.turns)
            missing = lost(projector, server, run, arguments.keys)
            projector.page.close()
            server.stop()
            tenth = statistics.quantiles(times, n=10)[-1]
            results[n] = {"median": statistics.median(times), "tenth": tenth, "keys": arguments.keys, "lost": missing}
            row(f"{n:,}", f"{results[n]['median']:.0f} ms", f"{tenth:.0f} ms", arguments.keys, missing)
        browser.close()
    save("review", results)


if __name__ == "__main__":
    main()
