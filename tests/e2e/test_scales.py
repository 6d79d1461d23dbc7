"""Numbers in the metadata colour the picture by a scale, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.looks.pixels import points
from tests.e2e.small_run import OPEN, N, Run, make_small_run, name_of_run
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

LOW, HIGH = (0x44, 0x01, 0x54), (0x9E, 0xD9, 0x3C)
"""The ends of the scale in the light."""
WEIGHTS = ["" if row % 10 == 0 else f"{0.5 + (row % 3 > 0)}{row:03}" for row in range(N)]
"""Near 0.5 in one of the three groups, near 1.5 in the others; and a tenth of all without a value."""
FOLDS = [str(row % 12) for row in range(N)]


@pytest.fixture
def run(shared: TensorBoard, request: pytest.FixtureRequest) -> Run:
    """As elsewhere, with numbers that measure and numbers that name."""
    return make_small_run(shared, name_of_run(request.node.name), {"weight": WEIGHTS, "fold": FOLDS})


@pytest.mark.parametrize("renderer", ["graphics", "processor"])
def test_numbers_colour_by_a_scale(open_page: OPEN, renderer: str) -> None:
    projector = open_page(renderer=renderer)
    projector.press("d")  # where nothing fades with its distance
    projector.wait_for("t.dimensions() === 2")
    expect(projector.find("session-status")).to_contain_text("Settled", timeout=60_000)
    projector.press("s")
    projector.find("color-select").select_option("weight")
    legend = projector.find("legend")
    expect(projector.find("scale-ticks").locator("li").first).to_have_text("1.51")
    expect(projector.find("scale-ticks").locator("li").last).to_have_text("0.5")
    expect(projector.find("scale-missing")).to_contain_text("12")
    dots = points(projector)
    for color, wanted in ((LOW, "0"), (HIGH, "1")):
        is_color = dots.of_color(color)
        assert is_color[[WEIGHTS[row].startswith(wanted) for row in dots.rows]].mean() > 0.9
        assert is_color[[WEIGHTS[row] != "" and not WEIGHTS[row].startswith(wanted) for row in dots.rows]].mean() < 0.1
    expect(projector.find("swatch-ant")).to_be_disabled()
    projector.find("color-select").select_option("fold")
    expect(legend.locator("button.group")).to_have_count(12)
    expect(legend.locator("button .words")).to_have_text([str(fold) for fold in range(12)])
    projector.find("color-select").select_option(index=0)
    expect(legend).to_have_count(0)
