"""Cells of real blood smears are labelled in the page, written back there, and read by the formats' own loaders."""

from __future__ import annotations

import shutil
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import expect

from exporters import ExportOptions, ObjectChoice, export_images
from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.database import STORE_NAME
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN, Run, name_of_run
from tests.e2e.tensorboard_server import TensorBoard
from tests.exporters.drawn import read_metadata
from tests.peers.detection import Objects, read_by_pycocotools, read_coco, read_voc, read_yolo

pytestmark = [pytest.mark.browser, pytest.mark.peers]

PICTURES = 40
CHOSEN = {"coco": "coco.json", "yolo": ".", "voc": "Annotations"}
"""What a person chooses in the browser, in the set's folder: of all 364 pictures."""


@pytest.fixture(params=CHOSEN)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def run(shared: TensorBoard, request: pytest.FixtureRequest, form: str, data_dir: Path, tmp_path: Path) -> Run:
    """The objects of some of the pictures."""
    images = sorted((data_dir / "bccd" / "images").iterdir())[:PICTURES]
    (tmp_path / "images").mkdir()
    for path in images:
        shutil.copy(path, tmp_path / "images")
    made = Run(shared, name_of_run(request.node.name))
    choice = ObjectChoice(f"{form}:{data_dir / 'bccd' / CHOSEN[form]}")
    options = ExportOptions(["pix"], true_labels=True, max_samples=None, objects=choice)
    export_images(tmp_path / "images", shared.logdir / made.name, options)
    shared.first_frame(run=made.name, tensor="pix")
    return made


def name_class(projector: LabelProjector, key: str, name: str) -> None:
    """Gives what is selected to a class that is not there yet."""
    projector.press(key)
    projector.page.keyboard.type(name)
    projector.press("Enter")
    expect(projector.find(f"count-{name}")).to_be_visible()
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved")


def read(form: str, path: Path, bccd: Path) -> Objects:
    """What the formats' own loaders read: of COCO two, which agree."""
    if form == "yolo":
        return read_yolo(path, bccd / "images")
    if form == "voc":
        return read_voc(path, bccd / "images")
    found = read_by_pycocotools(path)
    assert read_coco(path, bccd / "images") == found
    return found


def test_labels_of_the_page_are_read_from_the_files_that_it_writes_back(
    open_page: OPEN, run: Run, form: str, data_dir: Path, tmp_path: Path
) -> None:
    bccd = data_dir / "bccd"
    projector = open_page()
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    group = len(projector.selected())
    assert group > 1
    name_class(projector, "1", "smudge")
    folder = run.server.logdir / run.name
    rows, labels = read_metadata(folder), LabelStore(folder / STORE_NAME).snapshot().names()
    single = next(row["sample_id"] for row in rows if row["true_label"] == "RBC" and row["sample_id"] not in labels)
    projector.press("/")
    projector.page.keyboard.type(single)
    expect(projector.find("selection-count")).to_contain_text("1 image")
    projector.press("Escape")
    name_class(projector, "2", "WBC")

    projector.find("download").click()
    projector.find(f"download-{form}").click()
    projector.find("dataset-files").set_input_files(bccd / CHOSEN[form])
    expect(projector.find("dataset-preview")).to_contain_text(f"{group + 1} annotations got another class.")
    with projector.page.expect_download() as coming:
        projector.find("dataset-download").click()
    out = Path(coming.value.path())
    if form != "coco":
        with zipfile.ZipFile(out) as archive:
            archive.extractall(tmp_path / "out")
        out = tmp_path / "out"

    labels = LabelStore(folder / STORE_NAME).snapshot().names()
    assert Counter(labels.values()) == {"smudge": group, "WBC": 1}
    expected = read(form, bccd / ("." if form == "yolo" else CHOSEN[form]), bccd)
    assert sum(expected.values()) == 4888
    for row in rows:
        if label := labels.get(row["sample_id"]):
            expected[row["file"], row["true_label"]] -= 1
            expected[row["file"], label] += 1
    assert read(form, out, bccd) == expected
