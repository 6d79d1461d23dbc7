"""How the page looks in its main states, against pictures kept beside: layout, type and colour, in both themes.

What differs from machine to machine is left out: the embedding, thumbnails, and how a font draws a letter (pictures are
compared at a sixth of their size). After a change that is meant, look at the new ones and keep them:

    TSNE_LOOKS=keep .venv/bin/pytest tests/e2e/test_looks.py
"""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import expect

from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN

pytestmark = pytest.mark.browser
KEPT = Path(__file__).parent / "looks"
REDUCED = 6
MOST_DIFFERENCE = 1.5
"""Mean over all pixels, of 255 levels; one missing panel makes 3 and more."""
OUT_OF_SIGHT = """
    canvas, polyline, output, .thumb, .prospects, .history, .saved { opacity: 0 !important; }
    .prospects { height: 190px !important; }
"""
HIDE = """(rules) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets = [sheet];
}"""


def picture(projector: LabelProjector) -> Image.Image:
    """Our part of the window, without what differs from machine to machine."""
    projector.frame.evaluate(HIDE, OUT_OF_SIGHT)
    projector.page.mouse.move(5, 5)
    projector.page.wait_for_timeout(700)
    ours = projector.frame.frame_element().bounding_box()
    assert ours is not None
    shot = projector.page.screenshot(clip=ours, animations="disabled")
    with Image.open(BytesIO(shot)) as image:
        return image.convert("RGB").reduce(REDUCED)


def looks_as_kept(found: Image.Image, name: str) -> None:
    """Compares with the picture kept, or keeps this one."""
    file = KEPT / f"{name}.png"
    if os.environ.get("TSNE_LOOKS") == "keep":
        KEPT.mkdir(exist_ok=True)
        found.save(file, optimize=True)
        return
    with Image.open(file) as kept:
        assert found.size == kept.size
        difference = np.asarray(ImageChops.difference(found, kept.convert("RGB")), dtype=float)
    where = np.unravel_index(difference.max(axis=2).argmax(), difference.shape[:2])
    at = tuple(int(REDUCED * place) for place in where[::-1])
    assert difference.mean() < MOST_DIFFERENCE, f"{name} looks different, most of all at {at}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_main_states_look_as_they_did(open_page: OPEN, theme: str) -> None:
    projector = open_page(dark=theme == "dark")
    expect(projector.find("prospect").first).to_be_visible(timeout=60_000)
    looks_as_kept(picture(projector), f"fresh-{theme}")
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    looks_as_kept(picture(projector), f"group-{theme}")
    projector.press("1")
    expect(projector.find("count-ant")).not_to_have_text("0")
    projector.press("Escape")
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved")
    expect(projector.find("session-status")).to_contain_text("Settled", timeout=60_000)
    looks_as_kept(picture(projector), f"labelled-{theme}")
    projector.press("?")
    expect(projector.find("keys-overlay")).to_be_visible()
    looks_as_kept(picture(projector), f"keys-{theme}")
    projector.press("Escape")
    projector.find("import").click()
    looks_as_kept(picture(projector), f"import-{theme}")
