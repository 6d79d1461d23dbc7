"""Searching in a real browser: what people type may be a pattern that never ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page import LabelProjector
from tests.e2e.small_run import N, make_small_run
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

ENDLESS = "/^(a+)+$/"
"""Tries every way of cutting a run of the letter into pieces: two to the power of its length."""


@pytest.fixture
def projector(browser: Browser, shared: TensorBoard) -> Iterator[LabelProjector]:
    """A page on a run with a note for each sample on which such a pattern does not end."""
    run = make_small_run(shared, "notes", columns={"note": ["a" * 60 + "!"] * N})
    opened = LabelProjector(browser, run.server.address)
    opened.page.add_init_script(f"localStorage['tb-tsne'] = JSON.stringify({{run: '{run.name}'}})")
    yield opened.open()
    opened.close()


def test_a_pattern_that_never_ends_is_stopped_and_the_page_goes_on_meanwhile(projector: LabelProjector) -> None:
    projector.find("search").fill(ENDLESS)
    projector.page.set_default_timeout(2_000)
    drawn = projector.ask("framesDrawn()")
    assert drawn > 0
    note = projector.frame.locator("#search-problem")
    expect(note).to_have_text("Searching …")
    expect(note).to_have_text("This pattern takes too long; make it simpler.", timeout=15_000)
    assert projector.selected() == []
    projector.find("search").fill(r"/^class\/[0-4]\.png$/")
    expect(projector.find("selection-count")).to_contain_text("5 images", timeout=15_000)
    expect(note).to_have_count(0)


def test_what_was_typed_or_chosen_last_stays_however_late_an_earlier_search_ends(projector: LabelProjector) -> None:
    projector.find("search").fill(r"/class\/1\.png|(a+)+$/")
    projector.find("search").fill("class/7.png")
    expect(projector.find("selection-count")).to_contain_text("1 image", timeout=2_000)
    projector.find("search").fill(ENDLESS)
    projector.find("search").fill(r"/^class\/[0-4]\.png$/")
    expect(projector.find("selection-count")).to_contain_text("5 images", timeout=15_000)
    projector.find("search").fill(ENDLESS)
    projector.press("Escape")
    projector.press("g")
    expect(projector.frame.locator("#search-problem")).to_have_count(0)
    projector.wait_for("t.selection().rows.length > 5")  # its neighbours come from the server
    chosen = projector.selected()
    projector.page.wait_for_timeout(4_000)  # longer than a pattern may take
    assert projector.selected() == chosen
    expect(projector.frame.locator("#search-problem")).to_have_count(0)
