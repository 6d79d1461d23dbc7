"""Takes the pictures of the docs: `python docs/screenshots.py [RUN]`, on the flowers and cells of ../shared/data.

RUN is a folder with a run of the flowers that was exported before; without it one is made.

The flowers are photographs from Flickr under CC BY 2.0, the cells are of BCCD under MIT (see the sets' own READMEs).
"""

from __future__ import annotations

import json
import math
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from exporters import ExportOptions, NetworkChoice, ObjectChoice, export_images  # noqa: E402
from tests.e2e.install_browser import find_chromium  # noqa: E402
from tests.e2e.page import FLAGS, LabelProjector  # noqa: E402
from tests.e2e.tensorboard_server import TensorBoard  # noqa: E402

SHARED = ROOT.parent / "shared"
IMAGES = ROOT / "docs" / "images"
NAMES = ("daisy", "dandelion", "rose", "sunflower", "tulip")
GROUPS = 9
MORE_GROUPS = 12


def make_run(images: str, folder: Path, max_samples: int | None, objects: ObjectChoice | None = None) -> None:
    """Exports images of ../shared/data, or objects in them."""
    weights = SHARED / "keras" / "models" / "mobilenet_7_5_224_tf_no_top.h5"
    network = NetworkChoice("mobilenet", str(weights), None, 0)
    options = ExportOptions(["im"], network, true_labels=True, max_samples=max_samples, objects=objects)
    export_images(SHARED / "data" / images, folder, options, progress=True)


def take_group(projector: LabelProjector) -> None:
    """Selects the best of the groups proposed: G may lead to a page of images instead."""
    projector.press("Escape")
    projector.find("candidate").first.click()
    projector.wait_for("t.selection().rows.length > 0")


def name_strays(projector: LabelProjector, truth: list[str]) -> None:
    """Names up to three images of the page that are not of its class, and leaves the pointer on a fourth."""
    rows = projector.ask("page()")["rows"]
    name = max(NAMES, key=[truth[row] for row in rows].count)
    strays = [row for row in rows if truth[row] != name]
    known = projector.frame.evaluate(
        "[...document.querySelectorAll('[data-testid^=\"count-\"]')].map(e => e.dataset.testid)"
    )
    for row in strays[:3]:
        projector.frame.locator(f'[data-testid="tile"][data-row="{row}"]').hover()
        projector.press(str(known.index(f"count-{truth[row]}") + 1))
    projector.page.mouse.move(0, 0)


def label_groups(projector: LabelProjector, truth: list[str], known: list[str], count: int) -> None:
    """Labels groups as a person would: the class of most of a group, without the strays; `known` are the classes."""
    for _ in range(count):
        take_group(projector)
        rows = projector.selected()
        names = [truth[row] for row in rows]
        name = max(set(names), key=names.count)
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


class Studio:
    """A server with the runs, and a browser in front of it.

    Args:
        server: Runs.
        browser: Chromium.
    """

    def __init__(self, server: TensorBoard, browser: Browser):
        self._server, self._browser = server, browser

    def open(self, run: str, **options: Any) -> LabelProjector:
        """The page of a run."""
        self._server.first_frame(run=run, tensor="im")
        projector = LabelProjector(self._browser, self._server.address, **options)
        last = json.dumps({"run": run, "tensor": "im"})
        projector.page.add_init_script(f"localStorage['tb-tsne'] ??= '{last}'")
        return projector.open()

    def column(self, run: str, name: str) -> list[str]:
        """A column of the metadata."""
        columns = self._server.get("samples", run=run, tensor="im").json()["columns"]
        return next(column["values"] for column in columns if column["name"] == name)

    def labels(self, run: str) -> list[int]:
        """The label of each image; -1 for none."""
        return list(self._server.get("labels", run=run, tensor="im").json()["labels"])


def picture(projector: LabelProjector, name: str) -> None:
    """Keeps what the page looks like once it is at rest."""
    projector.page.wait_for_timeout(2_500)
    projector.page.screenshot(path=IMAGES / f"{name}.png")


def take_flowers(studio: Studio) -> None:
    """The pictures of whole images, from the first look on."""
    truth = studio.column("flowers", "true_label")
    projector = studio.open("flowers")
    expect(projector.find("session-status")).to_contain_text("Settled", timeout=120_000)
    picture(projector, "light")
    known: list[str] = []
    label_groups(projector, truth, known, GROUPS)
    projector.press("Escape")
    projector.press("u")
    expect(projector.find("candidate").first).to_be_visible(timeout=60_000)
    picture(projector, "guidance")
    projector.press("u")
    take_group(projector)
    picture(projector, "labelling")
    label_groups(projector, truth, known, MORE_GROUPS)
    projector.press("Escape")
    projector.press("r")
    expect(projector.find("tiles")).to_be_visible()
    name_strays(projector, truth)
    picture(projector, "review")
    projector.press("Escape")
    projector.press("Escape")
    lasso(projector)
    picture(projector, "lasso")
    projector.page.mouse.up()
    projector.close()
    projector = studio.open("flowers", dark=True)
    picture(projector, "dark")
    projector.close()


def take_cells(studio: Studio) -> None:
    """The pictures of objects."""
    projector = studio.open("cells")
    label_groups(projector, studio.column("cells", "true_label"), [], MORE_GROUPS)
    files, labels = studio.column("cells", "file"), studio.labels("cells")
    found = Counter(file for file, label in zip(files, labels, strict=True) if label >= 0).most_common(1)[0][0]
    take_group(projector)
    projector.press("/")
    projector.page.keyboard.type(found)
    expect(projector.find("selection-count")).to_contain_text("images")
    projector.press("Escape")
    projector.press("o")
    expect(projector.find("whole-picture")).to_have_attribute("data-loaded", "true")
    picture(projector, "objects")
    projector.press("Escape")
    projector.find("download").click()
    picture(projector, "download")
    projector.close()


def main() -> None:
    """Takes light, guidance, labelling, review, lasso, dark, objects and download, all .png."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        if len(sys.argv) > 1:
            shutil.copytree(sys.argv[1], Path(folder) / "flowers")
        else:
            make_run("flowers", Path(folder) / "flowers", 1500)
        objects = ObjectChoice(f"coco:{SHARED / 'data' / 'bccd' / 'coco.json'}")
        make_run("bccd", Path(folder) / "cells", None, objects)
        server = TensorBoard(Path(folder)).start()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        studio = Studio(server, browser)
        take_flowers(studio)
        take_cells(studio)
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
