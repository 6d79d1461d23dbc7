"""Takes the pictures of the docs: `python docs/screenshots.py`, on the flowers of ../shared/data.

The flowers are photographs from Flickr under CC BY 2.0 (see the image set's own README).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

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
    from exporters.export import ExportOptions, export_images
    from exporters.features import NetworkChoice

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
        if name in known:
            projector.press(str(known.index(name) + 1))
        else:
            known.append(name)
            projector.press("n")
            projector.page.keyboard.type(name)
            projector.press("Enter")
        projector.page.wait_for_timeout(2_000)


def main() -> None:
    """Takes light.png, labelling.png and dark.png."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        make_run(Path(folder) / "flowers")
        server = TensorBoard(Path(folder)).start()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        server.first_frame(**RUN)
        columns = server.get("samples", **RUN).json()["columns"]
        truth = next(column["values"] for column in columns if column["name"] == "true_label")
        projector = LabelProjector(browser, server.address).open()
        projector.page.wait_for_timeout(6_000)
        projector.page.screenshot(path=IMAGES / "light.png")
        label_groups(projector, truth)
        projector.press("g")
        projector.page.wait_for_timeout(2_000)
        projector.page.screenshot(path=IMAGES / "labelling.png")
        projector.close()
        projector = LabelProjector(browser, server.address, dark=True).open()
        projector.page.wait_for_timeout(4_000)
        projector.page.screenshot(path=IMAGES / "dark.png")
        projector.close()
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
