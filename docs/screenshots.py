"""Takes the pictures of the docs: `python docs/screenshots.py [RUN]`, on the flowers of ../shared/data.

RUN is a folder with a run of them that was exported before; without it one is made.

The flowers are photographs from Flickr under CC BY 2.0 (see the image set's own README).
"""

from __future__ import annotations

import math
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.install_browser import find_chromium  # noqa: E402
from tests.e2e.page import FLAGS, LabelProjector  # noqa: E402
from tests.e2e.tensorboard_server import TensorBoard  # noqa: E402

SHARED = ROOT.parent / "shared"
IMAGES = ROOT / "docs" / "images"
RUN = {"run": "flowers", "tensor": "im"}
NAMES = ("daisy", "dandelion", "rose", "sunflower", "tulip")
GROUPS = 9


def make_run(folder: Path) -> None:
    """Exports 1,500 flowers."""
    from exporters import ExportOptions, NetworkChoice, export_images

    weights = SHARED / "keras" / "models" / "mobilenet_7_5_224_tf_no_top.h5"
    network = NetworkChoice("mobilenet", str(weights), None, 0)
    options = ExportOptions(["im"], network, true_labels=True, max_samples=1500)
    export_images(SHARED / "data" / "flowers", folder, options, progress=True)


def label_groups(projector: LabelProjector, truth: list[str]) -> None:
    """Labels dense groups as a person would: the class of most of a group, without the strays."""
    known: list[str] = []
    for _ in range(GROUPS):
        projector.press("g")
        rows = projector.selected()
        names = [truth[row] for row in rows]
        name = max(NAMES, key=names.count)
        for place in range(len(rows)):
            if names[place] != name:
                projector.find("thumb").nth(place).click()
        if name in known[:9]:
            projector.press(str(known.index(name) + 1))
        else:
            known += [name] if name not in known else []
            projector.press("n")
            projector.page.keyboard.type(name)
            projector.press("Enter")
        projector.page.wait_for_timeout(2_000)


def lasso(projector: LabelProjector) -> None:
    """Draws a lasso round the middle, and holds it."""
    box = projector.find("view").bounding_box()
    assert box is not None
    projector.press("l")
    for step in range(40):
        angle = 2 * math.pi * step / 46
        x = box["x"] + box["width"] * (0.5 + 0.14 * math.cos(angle))
        y = box["y"] + box["height"] * (0.5 + 0.2 * math.sin(angle))
        projector.page.mouse.move(x, y)
        if step == 0:
            projector.page.mouse.down()


def main() -> None:
    """Takes light.png, guidance.png, labelling.png, lasso.png and dark.png."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        if len(sys.argv) > 1:
            shutil.copytree(sys.argv[1], Path(folder) / "flowers")
        else:
            make_run(Path(folder) / "flowers")
        server = TensorBoard(Path(folder)).start()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        server.first_frame(**RUN)
        last = "localStorage['tb-tsne'] ??= JSON.stringify({run: 'flowers', tensor: 'im'})"

        def open_page(**options: Any) -> LabelProjector:
            projector = LabelProjector(browser, server.address, **options)
            projector.page.add_init_script(last)
            return projector.open()

        def picture(projector: LabelProjector, name: str) -> None:
            projector.page.wait_for_timeout(2_500)
            projector.page.screenshot(path=IMAGES / f"{name}.png")

        columns = server.get("samples", **RUN).json()["columns"]
        truth = next(column["values"] for column in columns if column["name"] == "true_label")
        projector = open_page()
        expect(projector.find("session-status")).to_contain_text("Settled", timeout=120_000)
        picture(projector, "light")
        label_groups(projector, truth)
        projector.press("Escape")
        projector.press("u")
        expect(projector.find("candidate").first).to_be_visible(timeout=60_000)
        picture(projector, "guidance")
        projector.press("u")
        projector.press("g")
        picture(projector, "labelling")
        projector.press("Escape")
        lasso(projector)
        picture(projector, "lasso")
        projector.page.mouse.up()
        projector.close()
        projector = open_page(dark=True)
        picture(projector, "dark")
        projector.close()
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
