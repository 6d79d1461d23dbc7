"""The main story of the product, on real images, in a real browser, against a real TensorBoard."""

from __future__ import annotations

import io
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, expect

from tb_tsne_plugin.labels import read_labels
from tests.e2e.page import STARTS_MS, LabelProjector
from tests.e2e.tensorboard_server import FOR_THE_STOCK_PROJECTOR, Start, TensorBoard

pytestmark = pytest.mark.browser
N = 1369
RUN = {"run": "monkeys", "tensor": "im"}


def moved(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """How far samples moved on average, in deviations of the embedding."""
    return float(np.linalg.norm(after - before, axis=1).mean() / before.std())


def choose_im(projector: LabelProjector) -> None:
    projector.find("tensor-select").select_option("im")
    projector.press("Escape")  # out of the list, so that keys are commands again
    expect(projector.find("session-status")).to_contain_text("Settled", timeout=STARTS_MS)


def stock_projector(browser: Browser, address: str, count: int) -> None:
    """The stock Projector shows the run: its points, its sprites, and the saved labels as colours."""
    page = browser.new_page(viewport={"width": 1440, "height": 860})
    with page.expect_response(lambda answer: "projector/sprite_image" in answer.url, timeout=60_000) as sprite:
        page.goto(f"{address}/#projector")
    assert sprite.value.ok
    frame = next(frame for frame in page.frames if "projector_binary" in frame.url)
    expect(frame.get_by_text(f"Points: {N}")).to_be_visible(timeout=60_000)
    frame.locator('paper-dropdown-menu[label="Color by"]').click()
    frame.get_by_role("option", name="label 2 colors").click()
    legend = frame.locator("vz-projector-legend")
    expect(legend).to_contain_text("macaque", timeout=30_000)
    expect(legend).to_contain_text(str(count))
    expect(legend).to_contain_text(str(N - count))
    page.close()


def label_a_group(projector: LabelProjector) -> int:
    """G, two strays dropped, a first class named: the number of samples labelled."""
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    chosen = len(projector.selected())
    assert chosen >= 10
    projector.find("thumb").nth(3).click()
    projector.find("thumb").nth(5).click()
    expect(projector.find("selection-count")).to_contain_text(str(chosen - 2))
    assert len(projector.selected()) == chosen - 2
    projector.press("1")  # no class yet: asks for its name
    projector.page.keyboard.type("macaque")
    projector.press("Enter")
    expect(projector.find("labeled-count").locator("b")).to_have_text(str(chosen - 2))
    expect(projector.find("saved-state")).to_contain_text("saved")
    return chosen - 2


def undo_and_redo(projector: LabelProjector, count: int) -> None:
    projector.press("Control+z")
    expect(projector.find("labeled-count").locator("b")).to_have_text("0")
    projector.press("Control+Shift+z")
    expect(projector.find("labeled-count").locator("b")).to_have_text(str(count))


def survive(projector: LabelProjector, server: TensorBoard) -> None:
    """A reload, then kill -9 of TensorBoard and a new one: all labels are there each time."""
    labels = projector.labels()
    projector.reload()
    assert projector.labels() == labels
    server.kill()
    server.start()
    projector.reload()
    assert projector.labels() == labels
    expect(projector.find("history")).to_contain_text("macaque")


def download(projector: LabelProjector) -> pd.DataFrame:
    """The table that the page downloads."""
    with projector.page.expect_download() as coming:
        projector.press("t")
    return pd.read_csv(io.BytesIO(Path(coming.value.path()).read_bytes()), sep="\t", index_col="sample_id")


def leave(projector: LabelProjector, run: Path, count: int) -> None:
    """The download, `read_labels` and what is saved to the log dir agree, and hold what is still on its way."""
    projector.press("Control+z")
    assert set(download(projector).label) == {"unlabeled"}
    projector.press("Control+Shift+z")
    table, frame = download(projector), read_labels(run)
    assert table.label.to_dict() == frame.label.to_dict()
    assert (frame.label == "macaque").sum() == count
    projector.find("save-logdir").click()
    expect(projector.toast("metadata.tsv")).to_be_visible()
    saved = pd.read_csv(run / "metadata.tsv", sep="\t", index_col="sample_id")
    assert saved.label.to_dict() == frame.label.to_dict()


def speed_while_drawing(projector: LabelProjector, server: TensorBoard) -> float:
    server.post("session/parameters", **RUN, parameters={"n_epochs": 1_000_000})
    projector.wait_for(f"t.epoch() > {projector.ask('epoch()') + 100}", 60_000)
    speed = projector.epochs_per_second()
    server.post("session/pause", **RUN)
    return speed


def test_main_story(
    monkeys: Path,
    tmp_path: Path,
    browser: Browser,
    start: Start,
    capsys: pytest.CaptureFixture[str],
) -> None:
    logdir = tmp_path / "logs"
    shutil.copytree(monkeys, logdir)
    server = start(logdir, tensorflow=True, environment=FOR_THE_STOCK_PROJECTOR)
    server.first_frame(**RUN)

    began = time.monotonic()
    projector = LabelProjector(browser, server.address).open()
    opened = time.monotonic() - began
    choose_im(projector)
    before = projector.positions()
    assert before.shape == (N, 3)

    count = label_a_group(projector)
    assert server.get("labels", **RUN).json()["labels"].count(1) == count
    projector.wait_for("t.epoch() > 1100", 30_000)
    assert moved(before, projector.positions()) > 0.001
    undo_and_redo(projector, count)
    survive(projector, server)
    leave(projector, logdir / "monkeys", count)

    speed = speed_while_drawing(projector, server)
    with capsys.disabled():
        print(f"\npicture after {opened:.1f} s; {speed:.0f} epochs a second at N = {N} while the page draws")
    assert speed > 5  # it goes on while the page draws; how fast is for benchmarks/bench_live.py
    projector.close()
    stock_projector(browser, server.address, count)
