"""The picture of many images: frames a second while it turns, and how long until all of it is seen.

Positions are made up and handed to the real page in place of a worker's, so that only the page is measured: 20 groups
in 3-D, coloured by group, in a headless browser that draws in software, in turn with the page of another checkout.

    python benchmarks/bench_many.py [--rounds 3] [--against CHECKOUT] [--only 100000,1000000] [--runs FOLDER]
"""

from __future__ import annotations

import argparse
import json
import statistics
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.install_browser import find_chromium  # noqa: E402
from tests.e2e.page import FLAGS, LabelProjector  # noqa: E402
from tests.e2e.tensorboard_server import TensorBoard  # noqa: E402

GROUPS, SIDE = 20, 16
SIZES = {"100000": (100_000, True), "1000000": (1_000_000, False)}
"""How many images, and whether the run has pictures of them."""

AWAIT = """
const handle = window.__tsne, view = document.querySelector('[data-testid="view"]');
const frame = () => new Promise(requestAnimationFrame);
const whole = async (drawn) => {
    while (handle.framesDrawn() === drawn || !(handle.atRest?.() ?? true)) await frame();
};
"""
TURN = f"""async (seconds) => {{ {AWAIT}
    const box = view.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
    const send = (type, dx) => view.dispatchEvent(new PointerEvent(type,
        {{bubbles: true, pointerId: 1, button: 0, buttons: 1, clientX: x + dx, clientY: y}}));
    view.setPointerCapture = () => undefined;
    send('pointerdown', 0);
    let first = 0, began = 0, dx = 0;
    for (const end = performance.now() + 1000 * (seconds + 1); performance.now() < end;) {{
        await frame();
        send('pointermove', dx += 3);
        // What fits into a frame is found in the first second.
        const now = performance.now();
        if (!began && now > end - 1000 * seconds) [first, began] = [handle.framesDrawn(), now];
    }}
    const speed = 1000 * (handle.framesDrawn() - first) / (performance.now() - began);
    const drawn = handle.framesDrawn(), stopped = performance.now();
    send('pointermove', dx += 3);
    await whole(drawn);
    const rest = performance.now() - stopped;
    send('pointerup', dx);
    return [speed, rest];
}}"""
DO = f"""async (what) => {{ {AWAIT}
    const drawn = handle.framesDrawn(), began = performance.now();
    document.querySelector(what).click();
    await whole(drawn);
    return performance.now() - began;
}}"""


def make_run(folder: Path, n: int, pictures: bool) -> None:
    """Samples in groups; features of two numbers, which nothing reads."""
    from exporters import write_run

    random = np.random.default_rng(0)
    group = np.arange(n) % GROUPS
    images = None
    if pictures:
        colors = random.integers(40, 220, (GROUPS, 3))[group]
        images = (colors[:, None, None, :] + random.integers(-25, 25, (n, SIDE, SIDE, 1))).clip(0, 255).astype("u1")
    metadata = {"sample_id": [f"s{row:07d}" for row in range(n)], "group": [f"group {each}" for each in group]}
    write_run(folder, {"features": random.standard_normal((n, 2)).astype("f4")}, images=images, metadata=metadata)


def positions_of(n: int) -> NDArray[np.float32]:
    """(n, 3) where the groups stand."""
    random = np.random.default_rng(1)
    centers = 6 * random.standard_normal((GROUPS, 3))
    return (random.standard_normal((n, 3)) + centers[np.arange(n) % GROUPS]).astype("f4")


def open_page(
    server: TensorBoard, browser: Browser, run: str, positions: NDArray[np.float32], page_of: Path
) -> LabelProjector:
    """The page of a checkout on a run whose t-SNE has settled at these positions."""
    frame = struct.pack("<IIIHH", 1, 1, 0, 3, 0) + positions.T.astype("<f4").tobytes()
    state = server.get("session/state", run="small", tensor="features").json() | {"status": "paused", "frame": 1}

    def asset(route: Route) -> None:
        file = page_of / "tb_tsne_plugin" / "static" / route.request.url.split("/plugin/tsne/")[1].split("?")[0]
        route.fulfill(path=file, content_type="text/javascript")

    def positions_once(route: Route) -> None:
        if "after=1" in route.request.url:
            route.fulfill(status=204)
        else:
            route.fulfill(body=frame, content_type="application/octet-stream")

    projector = LabelProjector(browser, server.address)
    page = projector.page
    page.route("**/plugin/tsne/index.js*", asset)
    page.route("**/plugin/tsne/assets/*", asset)
    page.route("**/session/frame*", positions_once)
    page.route("**/session/sta*", lambda route: route.fulfill(json=state))
    page.route("**/guidance/*", lambda route: route.fulfill(status=204))
    last = json.dumps({"run": run, "painter": "processor", "colorBy": "group", "sprites": True})
    page.add_init_script(f"localStorage['tb-tsne'] = {json.dumps(last)};")
    page.goto(f"{server.address}/#tsne")
    page.wait_for_function(
        "() => [...document.querySelectorAll('iframe')].some(f => f.contentWindow.__tsne?.epoch() > 0)", timeout=300_000
    )
    page.wait_for_timeout(3_000)
    return projector


def measure(server: TensorBoard, browser: Browser, n: int, pictures: bool, page_of: Path) -> dict[str, float]:
    """What a person at the page would time."""
    run = f"points{n}"
    projector = open_page(server, browser, run, positions_of(n), page_of)
    if pictures and projector.find("sprites").get_attribute("aria-pressed") == "false":
        projector.press("s")
        projector.page.wait_for_timeout(2_000)
    speed, rest = projector.frame.evaluate(TURN, 4)
    found = {"frames a second": speed, "whole at rest, ms": rest}
    projector.page.wait_for_timeout(1_500)
    found["hide a class, ms"] = projector.frame.evaluate(DO, ".legend button")
    projector.page.close()
    return found


def main() -> None:
    """Measures, prints, and writes benchmarks/results/many.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, help="another checkout, whose page is built")
    parser.add_argument("--only", default=",".join(SIZES))
    parser.add_argument("--runs", type=Path, help="where runs are kept for the next time")
    options = parser.parse_args()
    places = {"before": options.against, "now": ROOT} if options.against else {"now": ROOT}
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = options.runs or Path(temporary)
        for n, pictures in [(300, False), *(SIZES[each] for each in options.only.split(","))]:
            name = folder / ("small" if n == 300 else f"points{n}")
            if not name.exists():
                make_run(name, n, pictures)
        server = TensorBoard(folder).start()
        server.timeout = 300
        server.first_frame(run="small", tensor="features")
        server.post("session/pause", run="small", tensor="features")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for each in options.only.split(","):
            rows: dict[str, list[dict[str, float]]] = {name: [] for name in places}
            for _ in range(options.rounds):
                for name, place in places.items():
                    rows[name].append(measure(server, browser, *SIZES[each], place))
                    print(each, name, json.dumps({k: round(v, 1) for k, v in rows[name][-1].items()}), flush=True)
            for name, found in rows.items():
                medians = {key: statistics.median(row[key] for row in found) for key in found[0]}
                results[f"{int(each):,} {name}"] = medians
        browser.close()
        server.stop()
    for name, row in results.items():
        print(f"| {name} | " + " | ".join(f"{key} {value:.1f}" for key, value in row.items()) + " |")
    (ROOT / "benchmarks" / "results").mkdir(exist_ok=True)
    (ROOT / "benchmarks" / "results" / "many.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
