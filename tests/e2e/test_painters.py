"""The two painters: each really draws, and both draw the same."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN

pytestmark = pytest.mark.browser


def picture(projector: LabelProjector) -> np.ndarray:
    """(height, width, 3) the picture as it is saved, each pixel the mean of 4 x 4."""
    projector.page.wait_for_timeout(600)  # what fades has faded
    with projector.page.expect_download() as download:
        projector.press("p")
    with Image.open(download.value.path()) as image:
        small = image.convert("RGB").reduce(4)
        return np.asarray(small, dtype=float)


def test_webgl_and_the_processor_draw_the_same(open_page: OPEN) -> None:
    pages = [open_page(painter=painter) for painter in ("graphics", "processor")]
    pages[0].press("g")
    expect(pages[0].find("thumb").first).to_be_visible()
    pages[0].press("1")
    expect(pages[1].find("count-ant")).not_to_have_text("0")
    pages[0].press("Escape")
    pages[0].press("Space")  # both show one state of the picture
    expect(pages[0].find("play-pause")).to_contain_text("Play")
    pages[0].page.wait_for_timeout(1_500)
    for keys in ([], ["s"], ["s", "g"], ["s"]):  # images, dots, images with a selection, dots with a selection
        for projector in pages:
            for key in keys:
                projector.press(key)
        assert_same(pages)
    for projector in pages:
        projector.press("s")
        projector.press("Escape")
    pages[0].press("Control+z")  # nothing is labelled any more, and nothing stands back
    expect(pages[1].find("count-ant")).to_have_text("0")
    assert_same(pages)


def assert_same(pages: list[LabelProjector]) -> None:
    """Both draw, and the same."""
    one, other = (picture(projector) for projector in pages)
    away = np.abs(one - one[0, 0]).max(axis=2) > 24  # what is drawn stands out from the empty view
    assert 0.005 < away.mean() < 0.9
    assert np.abs(one - other).mean() < 1.5
    assert np.abs(one - other)[away].mean() < 30
