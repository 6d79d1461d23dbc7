"""By fingers: they turn, move and zoom the picture, select, and read what a mouse reads by pointing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN

pytestmark = pytest.mark.browser

SIZES = [(1440, 860), (640, 360)]
Point = tuple[float, float]
Touch = Callable[..., None]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def projector(open_page: OPEN, request: pytest.FixtureRequest) -> LabelProjector:
    return open_page(size=request.param, touch=True)


@pytest.fixture
def touch(projector: LabelProjector) -> Touch:
    """Has the fingers stand at places in our page: those before them, none, or others, which have moved there."""
    devtools = projector.page.context.new_cdp_session(projector.page)
    down: list[int] = [0]

    def stand(*points: Point) -> None:
        ours = projector.place()
        places = [{"x": ours["x"] + x, "y": ours["y"] + y, "id": number} for number, (x, y) in enumerate(points)]
        kind = "touchEnd" if not places else "touchStart" if len(places) > down[0] else "touchMove"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
        down[0] = len(places)

    return stand


def at(projector: LabelProjector, row: int) -> Point:
    """Where a sample is drawn."""
    place = projector.ask(f"screenPosition({row})")
    return place["x"], place["y"]


def bare(projector: LabelProjector) -> int:
    """A sample over which nothing else lies but samples."""
    for row in range(len(projector.labels())):
        x, y = at(projector, row)
        if projector.frame.evaluate(f"document.elementFromPoint({x}, {y})?.dataset.testid") == "view":
            return row
    raise AssertionError("all samples are covered")


def apart(projector: LabelProjector) -> float:
    """How far two samples of different groups are apart."""
    (x, y), (other_x, other_y) = at(projector, 0), at(projector, 1)
    return float(((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5)


def middle(projector: LabelProjector) -> Point:
    """Of the picture."""
    box, ours = projector.find("view").bounding_box(), projector.place()
    assert box is not None
    return box["x"] - ours["x"] + box["width"] / 2, box["y"] - ours["y"] + box["height"] / 2


def test_two_fingers_zoom_and_move_the_picture(projector: LabelProjector, touch: Touch) -> None:
    x, y = middle(projector)
    before = apart(projector)
    touch((x - 30, y))
    touch((x - 30, y), (x + 30, y))
    for step in range(1, 7):
        touch((x - 30 - 5 * step, y), (x + 30 + 5 * step, y))
    touch()
    projector.page.wait_for_timeout(500)
    assert 1.5 < apart(projector) / before < 2.7
    assert projector.selected() == []
    place = at(projector, 0)
    touch((x - 30, y))
    touch((x - 30, y), (x + 30, y))
    for step in range(1, 7):
        touch((x - 30 + 5 * step, y + 2 * step), (x + 30 + 5 * step, y + 2 * step))
    touch()
    projector.page.wait_for_timeout(500)
    moved = [now - was for now, was in zip(at(projector, 0), place, strict=True)]
    assert moved == pytest.approx([30, 12], abs=4)


def test_one_finger_selects_by_a_tap_and_turns_by_a_drag(projector: LabelProjector, touch: Touch) -> None:
    touch(at(projector, bare(projector)))
    touch()
    expect(projector.find("thumb").first).to_be_visible()
    chosen = projector.selected()
    x, y = middle(projector)
    before = at(projector, 0)
    touch((x, y))
    for step in range(1, 7):
        touch((x + 8 * step, y + 2 * step))
    touch()
    projector.page.wait_for_timeout(300)
    assert at(projector, 0) != pytest.approx(before, abs=3)
    assert projector.selected() == chosen


def test_a_finger_that_rests_shows_what_pointing_shows(projector: LabelProjector, touch: Touch) -> None:
    card, tip = projector.find("hover-card"), projector.find("tip")
    touch(at(projector, bare(projector)))
    expect(card).to_be_visible()
    touch()
    projector.page.wait_for_timeout(300)
    expect(card).to_be_visible()  # to be read
    assert projector.selected() == []
    box, ours = projector.find("tool-lasso").bounding_box(), projector.place()
    assert box is not None
    touch((box["x"] - ours["x"] + 8, box["y"] - ours["y"] + 8))
    expect(tip).to_contain_text("Lasso: drag an outline")
    touch()
    expect(projector.find("tool-lasso")).to_have_attribute("aria-pressed", "false")
    projector.find("tool-lasso").tap()
    expect(tip).to_have_count(0)
    expect(projector.find("tool-lasso")).to_have_attribute("aria-pressed", "true")


def test_a_group_is_labeled_and_looked_through_by_taps(projector: LabelProjector, touch: Touch) -> None:
    touch(at(projector, bare(projector)))
    touch()
    expect(projector.find("thumb").first).to_be_visible()
    count = len(projector.selected())
    projector.find("thumb").nth(1).tap()
    expect(projector.find("selection-count")).to_contain_text(f"{count - 1} images")
    projector.find("class-ant").tap()
    expect(projector.find("count-ant")).to_have_text(str(count - 1))
    projector.find("review-selection").tap()
    expect(projector.find("tiles")).to_be_visible()
    projector.find("close-review").tap()
    expect(projector.find("view")).to_be_visible()
    projector.find("undo").tap()
    expect(projector.find("count-ant")).to_have_text("0")
