"""The labels leave the page as a dataset: by keys alone, with the run's pictures, or in one's own annotations."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.builders import sample_id
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN, N, Run, make_small_run, name_of_run
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser


@pytest.fixture
def run(shared: TensorBoard, request: pytest.FixtureRequest) -> Run:
    """A run of objects in pictures that keeps a picture of each."""
    numbers = [str(row) for row in range(N)]
    boxes = {"object": numbers, "x": numbers, "y": numbers, "width": ["8"] * N, "height": ["8"] * N}
    run = make_small_run(shared, name_of_run(request.node.name), columns=boxes)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    with zipfile.ZipFile(shared.logdir / run.name / "images.zip", "w") as archive:
        for row in range(N):
            archive.writestr(f"{sample_id(row)}.png", picture.getvalue())
    return run


def labeled(projector: LabelProjector) -> int:
    """Labels what gives most, and says how many that are."""
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    count = len(projector.selected())
    projector.press("1")
    expect(projector.find("count-ant")).to_have_text(str(count))
    return count


def test_labels_leave_as_image_folders_by_keys_alone_and_come_back(open_page: OPEN, run: Run, tmp_path: Path) -> None:
    projector = open_page()
    count = labeled(projector)
    projector.find("download").focus()
    for key in ("ArrowUp", "End", "i"):
        projector.press(key)
    expect(projector.find("download-folders")).to_be_focused()
    projector.press("Enter")
    expect(projector.find("dataset-preview")).to_contain_text(f"{count} images leave; {N - count} others stay")
    projector.find("dataset-split").select_option("train=.8,val=.2")
    expect(projector.find("dataset-download")).to_be_enabled()
    with projector.page.expect_download() as coming:
        projector.find("dataset-download").press("Enter")
    expect(projector.find("dataset-dialog")).to_have_count(0)
    assert coming.value.suggested_filename == f"{run.name}_folders.zip"
    with zipfile.ZipFile(Path(coming.value.path())) as archive:
        assert archive.testzip() is None
        assert {name.rpartition("/")[0] for name in archive.namelist()} == {"train/ant", "val/ant"}
        assert len(archive.namelist()) == count
        archive.extractall(tmp_path / "cells")
    given = run.labels()
    projector.press("Control+z")
    expect(projector.find("count-ant")).to_have_text("0")
    projector.find("import").click()
    projector.find("import-form").select_option("folders")
    projector.find("import-file").set_input_files(tmp_path / "cells")
    expect(projector.find("import-apply")).to_have_text(f"Import {count} labels")
    projector.find("import-apply").click()
    expect(projector.find("count-ant")).to_have_text(str(count))
    assert run.labels() == given


def test_ones_own_annotations_come_back_with_other_classes(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    count = labeled(projector)
    coco = {
        "info": {"mine": "kept"},
        "images": [{"id": row, "file_name": f"class/{row}.png"} for row in range(N)],
        "annotations": [{"id": row, "image_id": row, "category_id": 7} for row in range(N)],
        "categories": [{"id": 7, "name": "thing"}],
    }
    file = FilePayload(name="cells.json", mimeType="application/json", buffer=json.dumps(coco).encode())
    projector.find("download").click()
    projector.find("download-coco").click()
    projector.find("dataset-files").set_input_files(
        FilePayload(name="cells.json", mimeType="application/json", buffer=b"{}")
    )
    expect(projector.find("dataset-problem")).to_contain_text("cells.json is no COCO detection file")
    projector.find("dataset-files").set_input_files(file)
    expect(projector.find("dataset-preview")).to_contain_text(f"{count} annotations got another class.")
    with projector.page.expect_download() as coming:
        projector.find("dataset-download").click()
    assert coming.value.suggested_filename == f"{run.name}_coco.json"
    found = json.loads(Path(coming.value.path()).read_bytes())
    assert found["info"] == coco["info"]
    assert [each["name"] for each in found["categories"]] == ["thing", "ant"]
    assert sum(each["category_id"] == 8 for each in found["annotations"]) == count
