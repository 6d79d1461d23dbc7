"""The two renderers: each really draws, and both draw the same."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.looks.pixels import at_rest
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN

pytestmark = pytest.mark.browser


def picture(projector: LabelProjector) -> NDArray[np.uint8]:
    """(height, width, 3) the picture as it is saved, each pixel the mean of 4 x 4."""
    at_rest(projector)
    with projector.page.expect_download() as download:
        projector.press("p")
    with Image.open(download.value.path()) as image:
        small = image.convert("RGB").reduce(4)
        return np.asarray(small, dtype=float)


def test_webgl_and_the_processor_draw_the_same(open_page: OPEN) -> None:
    pages = [open_page(renderer=renderer) for renderer in ("graphics", "processor")]
    pages[0].press("g")
    expect(pages[0].find("thumb").first).to_be_visible()
    pages[0].press("1")
    expect(pages[1].find("count-ant")).not_to_have_text("0")
    pages[0].press("Escape")
    for words in ("", "class/1"):  # nothing is selected, then some images (G gives each window a group of its own)
        for projector in pages:
            projector.find("search").fill(words)
            projector.find("search").blur()
            projector.wait_for(f"(t.selection().rows.length > 0) === {str(bool(words)).lower()}")
        for _ in ("images", "dots"):
            assert_same(pages)
            for projector in pages:
                projector.press("s")
    for projector in pages:
        projector.press("Escape")
    pages[0].press("Control+z")  # nothing is labelled any more, and nothing stands back
    expect(pages[1].find("count-ant")).to_have_text("0")
    assert_same(pages)


def wait_until_at_rest(pages: list[LabelProjector]) -> None:
    for _ in range(60):
        seen = [projector.positions() for projector in pages]
        pages[0].page.wait_for_timeout(1_000)
        seen += [projector.positions() for projector in pages]
        if all(np.array_equal(positions, seen[0]) for positions in seen):
            return
    raise AssertionError("the t-SNE does not settle")


def assert_same(pages: list[LabelProjector]) -> None:
    """Both draw, and the same, once the t-SNE has settled."""
    wait_until_at_rest(pages)
    one, other = (picture(projector) for projector in pages)
    away = np.abs(one - one[0, 0]).max(axis=2) > 24  # what is drawn stands out from the empty view
    assert 0.005 < away.mean() < 0.9
    assert np.abs(one - other).mean() < 1.5
    assert np.abs(one - other)[away].mean() < 30
