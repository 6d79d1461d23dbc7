"""Selecting in a real browser: box, lasso, neighbours."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN, N, Run

pytestmark = pytest.mark.browser


def drag(projector: LabelProjector, corners: list[tuple[float, float]]) -> None:
    """Drags over the picture; corners are shares of its width and height."""
    box = projector.find("view").bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(corners):
        projector.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if number == 0:
            projector.page.mouse.down()
    projector.page.mouse.up()


WHOLE = [(0.995, 0.005), (0.005, 0.995)]
UPPER = [(0.995, 0.005), (0.005, 0.5)]
ROUND = [(0.995, 0.005), (0.995, 0.995), (0.005, 0.995), (0.005, 0.005), (0.9, 0.005)]


def standing(projector: LabelProjector, lowest: float = 0.995) -> set[int]:
    """The rows that stand in the picture, down to a share of its height."""
    box = projector.find("view").bounding_box()
    assert box is not None
    places = [projector.ask(f"screenPosition({row})") for row in range(N)]
    top = projector.place()["y"]
    bottom = box["y"] + lowest * box["height"] - top
    right = box["x"] + box["width"]
    return {
        row
        for row, place in enumerate(places)
        if box["x"] + 5 < place["x"] < right - 5 and box["y"] - top + 4 < place["y"] < bottom
    }


def test_box_and_lasso_take_hidden_points_too(open_page: OPEN) -> None:
    projector = open_page()
    projector.find("sprite-size").fill("96")  # each image hides most of its group
    everything = standing(projector)
    assert len(everything) > 0.9 * N
    projector.press("b")
    drag(projector, WHOLE)
    expect(projector.find("selection-count")).to_contain_text(f"{len(everything)} images")
    assert set(projector.selected()) == everything
    projector.page.keyboard.down("Alt")
    drag(projector, UPPER)
    projector.page.keyboard.up("Alt")
    rest = set(projector.selected())
    assert 0 < len(rest) < len(everything)
    assert rest.isdisjoint(standing(projector, 0.49))
    projector.press("l")
    projector.page.keyboard.down("Shift")
    drag(projector, ROUND)
    projector.page.keyboard.up("Shift")
    expect(projector.find("selection-count")).to_contain_text(f"{len(everything)} images")
    projector.press("1")
    expect(projector.find("labeled-count").locator("b")).to_have_text(str(len(everything)))
    projector.find("history").locator("summary").first.click()
    expect(projector.find("history")).to_contain_text("Chosen by a box")


def test_neighbours_in_the_features_are_another_group(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    projector.find("near in-features").click()
    focus = projector.ask("selection().focus")
    near = run.get("runs/neighbors", sample_id=f"s{focus:04d}", k=20, space="features")
    projector.wait_for(f"t.selection().rows[1] === {int(near['sample_ids'][0][1:])}")
