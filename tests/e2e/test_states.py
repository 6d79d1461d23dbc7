"""What the page says when there is nothing to show, or something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.builders import make_run
from tests.e2e.page import LabelProjector
from tests.e2e.tensorboard_server import Start, TensorBoard

pytestmark = pytest.mark.browser


OpenOn = Callable[[TensorBoard], LabelProjector]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenOn]:
    opened: list[LabelProjector] = []

    def open_one(server: TensorBoard) -> LabelProjector:
        opened.append(LabelProjector(browser, server.address))
        return opened[-1].open(running=False)

    yield open_one
    for projector in opened:
        projector.close()


def test_a_log_dir_that_is_not_there_yet_says_what_to_do(tmp_path: Path, open_page: OpenOn, start: Start) -> None:
    projector = open_page(start(tmp_path / "nowhere"))
    expect(projector.find("notice")).to_contain_text("No runs yet", timeout=30_000)
    expect(projector.find("notice")).to_contain_text("tb-tsne export")
    make_run(tmp_path / "nowhere" / "run")
    projector.find("retry").click()
    projector.wait_for("t.epoch() > 0", 60_000)


def test_a_malformed_config_is_said_and_the_good_run_works(tmp_path: Path, open_page: OpenOn, start: Start) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "projector_config.pbtxt").write_text("embeddings {")
    make_run(tmp_path / "good")
    projector = open_page(start(tmp_path))
    projector.wait_for("t.epoch() > 0", 60_000)
    expect(projector.find("run-select")).to_have_value("good")
    projector.find("run-select").select_option("bad")
    expect(projector.find("notice")).to_contain_text("bad cannot be shown")
    expect(projector.find("notice")).to_contain_text("projector_config.pbtxt cannot be read, line 1:12")
    projector.find("run-select").select_option("good")
    projector.wait_for("t.labels().length === 60", 60_000)
    expect(projector.find("notice")).to_be_hidden()


def test_where_labels_cannot_be_stored_the_page_says_so_and_takes_the_colour_back(
    tmp_path: Path, open_page: OpenOn, start: Start
) -> None:
    make_run(tmp_path / "logs" / "run", labels=["ant", *["unlabeled"] * 59])
    (tmp_path / "file").write_text("in the way")
    projector = open_page(start(tmp_path / "logs", "--tsne_labels_dir", str(tmp_path / "file")))
    projector.wait_for("t.labels().length === 60 && t.epoch() > 0", 60_000)
    expect(projector.frame.locator("body")).to_contain_text("Labels cannot be stored")
    projector.press("g")
    projector.press("1")
    expect(projector.toast("Labels cannot be stored")).to_be_visible()
    assert projector.labels().count(1) == 1
