"""Very many images: the picture is drawn in shares while it moves, and all of it when it rests."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Route, expect

from exporters import write_run
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import make_small_run
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser
N = 200_000
"""More than the page dares to draw in its first frame."""
GROUPS = 8
COLORS = np.array([(r, g, b) for r in (30, 230) for g in (30, 230) for b in (30, 230)], np.uint8)
"""Of the images of each group."""
LAST = '{"run": "many", "painter": "processor", "colorBy": "group"}'
PIXELS = "document.querySelector('[data-testid=view]').toDataURL()"


@pytest.fixture(scope="module")
def positions() -> np.ndarray[Any, np.dtype[np.float32]]:
    """(N, 3) groups apart from each other."""
    random = np.random.default_rng(0)
    centers = 6 * random.standard_normal((GROUPS, 3))
    return (random.standard_normal((N, 3)) + centers[np.arange(N) % GROUPS]).astype("f4")


@pytest.fixture
def projector(
    browser: Browser, shared: TensorBoard, positions: np.ndarray[Any, np.dtype[np.float32]]
) -> Iterator[LabelProjector]:
    """A page on a run of so many images, whose t-SNE has come to rest.

    Positions are made up: a t-SNE of so many would take most of an hour.
    """
    if not (shared.logdir / "many").exists():
        group = [f"group {row % GROUPS}" for row in range(N)]
        weight = np.arange(N) / 4
        metadata = {"sample_id": range(N), "group": group, "weight": weight}
        write_run(shared.logdir / "many", {"im": positions}, metadata=metadata)
    opened = open_at_rest(browser, shared, positions, LAST)
    expect(opened.find("legend").locator("button.group")).to_have_count(GROUPS, timeout=60_000)
    opened.wait_for("t.atRest()", timeout=60_000)
    yield opened
    opened.close()


def open_at_rest(
    browser: Browser, shared: TensorBoard, positions: np.ndarray[Any, np.dtype[np.float32]], last: str
) -> LabelProjector:
    """A page on a run whose samples stand at these positions, for good."""
    small = make_small_run(shared, "small")
    state = small.get("session/state") | {"status": "paused"}
    frame = struct.pack("<IIIHH", 1, 1, 0, positions.shape[1], 0) + positions.T.astype("<f4").tobytes()

    def answer(route: Route) -> None:
        if "after=1" in route.request.url:
            route.fulfill(status=204)
        else:
            route.fulfill(body=frame, content_type="application/octet-stream")

    opened = LabelProjector(browser, shared.address)
    opened.page.route("**/session/frame*", answer)
    opened.page.route("**/session/sta*", lambda route: route.fulfill(json=state))
    opened.page.add_init_script(f"localStorage['tb-tsne'] = {last!r}")
    opened.open()
    opened.wait_for("t.atRest() && t.framesDrawn() > 1", timeout=60_000)
    return opened


def turn(projector: LabelProjector, steps: int) -> None:
    """Drags across the picture, and lets go."""
    box = projector.find("view").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    projector.page.mouse.move(x, y)
    projector.page.mouse.down()
    for step in range(steps):
        projector.page.mouse.move(x + 9 * step, y)
    projector.page.mouse.up()
    projector.page.mouse.move(5, 5)


@pytest.fixture(scope="module")
def pictured(
    shared: TensorBoard, positions: np.ndarray[Any, np.dtype[np.float32]]
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(6,000, 2) where the samples of a run stand that has pictures: too many to show all."""
    some = positions[:6_000, :2]
    images = np.repeat(COLORS[np.arange(len(some)) % GROUPS], 16 * 16, axis=0).reshape(len(some), 16, 16, 3)
    write_run(shared.logdir / "pictured", {"im": some}, images=images, metadata={"sample_id": range(len(some))})
    return some


def saved(projector: LabelProjector) -> NDArray[np.float64]:
    """(height, width, 3) the picture as it is saved, each pixel the mean of 4 x 4."""
    with projector.page.expect_download() as download:
        projector.press("p")
    with Image.open(download.value.path()) as image:
        return np.asarray(image.convert("RGB").reduce(4), dtype=float)


def test_of_too_many_images_some_are_shown_between_dots(
    browser: Browser, shared: TensorBoard, pictured: np.ndarray[Any, np.dtype[np.float32]]
) -> None:
    seen = []
    for renderer in ("graphics", "processor"):
        projector = open_at_rest(browser, shared, pictured, json.dumps({"run": "pictured", "painter": renderer}))
        expect(projector.find("sprites")).to_have_attribute("aria-pressed", "true")
        projector.page.mouse.move(5, 5)
        seen.append(saved(projector))
        if renderer == "graphics":
            projector.close()
    one, other = seen
    away = np.abs(one - one[0, 0]).max(axis=2) > 24
    assert np.abs(one - other)[away].mean() < 30
    # An image under the pointer is the one that is taken, of all that stand there.
    view = projector.find("view").bounding_box()
    assert view is not None
    near = np.abs(other[:, :, None, :] - COLORS).max(axis=3) < 12
    places = np.argwhere(near.any(axis=2))
    assert near.any(axis=(0, 1)).sum() > GROUPS / 2
    dots = np.abs(other - other[0, 0]).max(axis=2) > 24
    assert 0.1 < near.any(axis=2).sum() / dots.sum() < 0.9
    middle = np.array(other.shape[:2]) / 2
    for line, column in places[np.argsort(np.abs(places - middle).sum(axis=1))].tolist():
        if near[line, column : column + 4].all(axis=0).any():
            break
    taken = []
    for step in (0, 3):  # two ends of one image
        projector.page.mouse.click(view["x"] + 4 * (column + step) + 2, view["y"] + 4 * line + 2)
        projector.wait_for("t.selection().focus !== null")
        taken.append(projector.ask("selection().focus"))
        projector.press("Escape")
        projector.wait_for("t.selection().focus === null")
    assert taken[0] == taken[1]
    assert near[line, column, taken[0] % GROUPS]
    projector.close()


def test_at_rest_all_is_seen_as_if_drawn_at_once(projector: LabelProjector) -> None:
    before = projector.frame.evaluate(PIXELS)
    turn(projector, 12)
    projector.wait_for("t.atRest()", timeout=60_000)
    at_rest = projector.frame.evaluate(PIXELS)
    assert at_rest != before
    with projector.page.expect_download():
        projector.press("p")  # draws all of it in one go
    assert projector.frame.evaluate(PIXELS) == at_rest


def test_a_group_is_hidden_and_shown_again(projector: LabelProjector) -> None:
    before = projector.frame.evaluate(PIXELS)
    drawn = projector.ask("framesDrawn()")
    group = projector.frame.locator(".legend button").first
    group.click()
    projector.page.mouse.move(5, 5)
    projector.wait_for(f"t.atRest() && t.framesDrawn() > {drawn}", timeout=60_000)
    assert projector.frame.evaluate(PIXELS) != before
    drawn = projector.ask("framesDrawn()")
    group.click()
    projector.page.mouse.move(5, 5)
    projector.wait_for(f"t.atRest() && t.framesDrawn() > {drawn}", timeout=60_000)
    assert projector.frame.evaluate(PIXELS) == before


def test_what_is_pointed_at_and_enclosed_are_the_images_there(
    projector: LabelProjector, positions: np.ndarray[Any, np.dtype[np.float32]]
) -> None:
    outermost = int(np.argmax(np.linalg.norm(positions, axis=1)))
    place = projector.ask(f"screenPosition({outermost})")
    ours = projector.place()
    x, y = place["x"] + ours["x"], place["y"] + ours["y"]
    projector.press("b")
    projector.page.mouse.move(x - 4, y - 4)
    projector.page.mouse.down()
    projector.page.mouse.move(x + 4, y + 4)
    projector.page.mouse.up()
    projector.wait_for("t.selection().rows.length > 0")
    assert outermost in projector.selected()
    assert projector.selected() == sorted(projector.selected())


def test_metadata_come_from_the_server_as_they_are_looked_at(
    projector: LabelProjector, positions: np.ndarray[Any, np.dtype[np.float32]]
) -> None:
    asked: list[str] = []
    projector.page.on("request", lambda request: asked.append(request.url.partition("samples/")[2]))
    search, count = projector.find("search"), projector.find("selection-count")
    search.fill("GROUP 3")
    expect(count).to_contain_text(f"{N // GROUPS:,} images", timeout=60_000)
    assert [url for url in asked if url.startswith("column")] == []
    search.fill("no such group")
    expect(projector.frame.locator("#search-problem")).to_have_text("Nothing found.", timeout=60_000)
    search.fill("/^group [12]$/")
    expect(count).to_contain_text(f"{N // GROUPS * 2:,} images", timeout=60_000)
    projector.press("Escape")
    projector.find("color-select").select_option("weight")
    expect(projector.find("scale-ticks").locator("li").last).to_have_text("0", timeout=60_000)
    expect(projector.find("scale-ticks").locator("li").first).to_have_text("50,000")
    outermost = int(np.argmax(np.linalg.norm(positions, axis=1)))
    place, ours = projector.ask(f"screenPosition({outermost})"), projector.place()
    projector.page.mouse.move(place["x"] + ours["x"], place["y"] + ours["y"])
    weight = projector.find("hover-card").locator("dd").first
    expect(weight).to_have_text(str(outermost / 4), timeout=10_000)


def test_cells_are_shown_before_any_column_was_asked_for(
    projector: LabelProjector, positions: np.ndarray[Any, np.dtype[np.float32]]
) -> None:
    outermost = int(np.argmax(np.linalg.norm(positions, axis=1)))
    place, ours = projector.ask(f"screenPosition({outermost})"), projector.place()
    projector.page.mouse.move(place["x"] + ours["x"], place["y"] + ours["y"])
    cells = projector.find("hover-card").locator("dd")
    expect(cells).to_have_text([f"group {outermost % GROUPS}", str(outermost), str(outermost / 4)], timeout=10_000)
