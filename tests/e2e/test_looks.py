"""How the page looks, by what a person would call broken: in both themes and several sizes, in all main states.

Nothing here depends on fonts, letters or a browser's way of drawing them. The checks are in tests/e2e/looks; that each
sees what it should is tested in test_looks_checks.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.looks.accessible import violations
from tests.e2e.looks.contrast import faint
from tests.e2e.looks.findings import out_of_place
from tests.e2e.looks.focus import lost
from tests.e2e.looks.people import SHARED, among_people
from tests.e2e.looks.pixels import points
from tests.e2e.looks.states import BEGINNING, LONG_NAMES, State, tour
from tests.e2e.looks.theme import theme
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN, N, Run, make_small_run, name_of_run
from tests.e2e.tensorboard_server import TensorBoard
from tests.e2e.tokens_lab import Lab

pytestmark = pytest.mark.browser
SIZE = tuple[int, int]
SMALLEST: SIZE = (1280, 720)
LARGER: list[SIZE] = [(1440, 860), (3840, 2160)]
ZOOMED: list[SIZE] = [(640, 360), (960, 540), (390, 740)]
"""Half of the smallest window, and of a usual one, in CSS pixels; and a telephone's."""
SIDEWAYS = "[...document.querySelectorAll('.page, .side')].map((each) => each.scrollWidth - each.clientWidth)"
DRAWN = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn))))"
SITES = [f"Site {n % 20}, beyond the river and up the hill, second camera from the left" for n in range(N)]
WEIGHTS = ["" if n % 20 == 0 else "123456789.5" if n == 7 else str(n / 8) for n in range(N)]
NOTES = [*LONG_NAMES, "A note.", f"{'an_unbroken_name_' * 20}.tif was read reduced.", "And another one."]
both_themes = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


@pytest.fixture
def run(shared: TensorBoard, request: pytest.FixtureRequest) -> Run:
    """As elsewhere, with a column whose values are long, one of numbers, and notes."""
    made = make_small_run(shared, name_of_run(request.node.name), {"site": SITES, "weight": WEIGHTS})
    (shared.logdir / made.name / "export_report.json").write_text(json.dumps({"made_by": "tb-tsne", "notes": NOTES}))
    return made


@both_themes
def test_everything_is_in_place_can_be_read_and_found_by_keyboard(open_page: OPEN, run: Run, dark: bool) -> None:
    """In the smallest window, on one way through all states: that is what takes the time."""
    projector = open_page(dark=dark, size=SMALLEST)
    found = []
    for state in tour(projector, run):
        findings = [*misplaced(projector, state, SMALLEST), *faint(projector), *violations(projector)]
        if not state.transient:
            findings += lost(projector)
        found += [f"{state.name}: {finding}" for finding in findings]
    assert not found, "\n".join(found)


def test_nothing_is_out_of_place_in_larger_windows(open_page: OPEN, run: Run) -> None:
    """Where things are does not depend on the theme, as the smallest window shows in both."""
    projector = open_page(dark=True, size=LARGER[0])
    found = []
    for state in tour(projector, run):
        for size in each_size(projector, LARGER):
            found += [f"{state.name}, {size}: {finding}" for finding in misplaced(projector, state, size)]
    assert not found, "\n".join(found)


def test_at_200_per_cent_all_can_be_read_and_reached(open_page: OPEN, run: Run) -> None:
    """What is done is done in the lowest window."""
    projector = open_page(size=ZOOMED[0], touch=True)
    found = []
    for state in tour(projector, run):
        for size in each_size(projector, ZOOMED):
            findings = [*out_of_place(projector), *violations(projector)]
            wide = projector.frame.evaluate(SIDEWAYS)
            findings += ["one has to scroll sideways" for more in wide if more > 0]
            found += [f"{state.name}, {size}: {finding}" for finding in findings]
    assert not found, "\n".join(found)


def test_among_several_people_too(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, until_the_end: ExitStack
) -> None:
    """One way through, since it takes a TensorBoard with tokens: each state in both themes, and in a narrow window."""
    lab = Lab(tmp_path_factory.mktemp("lab"), SHARED)
    until_the_end.callback(lab.server.stop)
    lab.server.start()
    run = make_small_run(lab.server, "among_people")
    projector = LabelProjector(browser, lab.server.address, size=SMALLEST)
    until_the_end.callback(projector.close)
    found = []
    for state in among_people(projector, lab, run):
        findings = [*misplaced(projector, state, SMALLEST), *faint(projector), *violations(projector)]
        with in_the_dark(projector):
            findings += faint(projector)
        resize(projector, ZOOMED[-1])
        wide = projector.frame.evaluate(SIDEWAYS)
        findings += [*out_of_place(projector), *violations(projector), *(f"{more} wider" for more in wide if more > 0)]
        resize(projector, SMALLEST)
        if not state.transient:
            findings += lost(projector)
        found += [f"{state.name}: {finding}" for finding in findings]
    assert not found, "\n".join(found)


@contextmanager
def in_the_dark(projector: LabelProjector) -> Iterator[None]:
    """In TensorBoard's dark mode for a while."""
    turn = "document.body.classList.toggle('dark-mode')"
    assert projector.page.evaluate(turn)
    yield
    projector.page.evaluate(turn)


def each_size(projector: LabelProjector, sizes: list[SIZE]) -> Iterator[SIZE]:
    """Goes through the sizes of windows, from the first one back to it."""
    yield sizes[0]
    for size in sizes[1:]:
        resize(projector, size)
        yield size
    resize(projector, sizes[0])


def resize(projector: LabelProjector, size: SIZE) -> None:
    """Gives the window a size, with its panels scrolled to their beginning."""
    width, height = size
    projector.page.set_viewport_size({"width": width, "height": height})
    projector.frame.evaluate(DRAWN)
    projector.frame.evaluate(BEGINNING)


@both_themes
def test_what_the_pointer_is_on_can_be_read(open_page: OPEN, dark: bool) -> None:
    projector = open_page(dark=dark)
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    found = []
    for control in projector.frame.locator("button:enabled:visible, a:visible, select:visible, summary:visible").all():
        control.hover()
        found += [f"the pointer on {control.get_attribute('data-testid')}: {each}" for each in faint(projector)]
    assert not found, "\n".join(sorted(set(found)))


def test_themes_differ_in_lightness_and_in_nothing_else(open_page: OPEN, run: Run) -> None:
    light, dark = (labeled(open_page(dark=dark)) for dark in (False, True))
    one, other = theme(light), theme(dark)
    assert min(one.grounds) > 0.8
    assert one.ink < 0.1
    assert max(other.grounds) < 0.05
    assert other.ink > 0.6
    assert one.in_accent == other.in_accent
    assert any("tool-orbit" in name for name in one.in_accent)
    assert abs(one.accent_hue - other.accent_hue) < 15
    given = {each["name"]: rgb(each["color"]) for each in run.get("labels")["classes"]}
    assert one.classes == other.classes == given


@both_themes
def test_the_picture_shows_its_points_and_the_colours_of_their_classes(open_page: OPEN, run: Run, dark: bool) -> None:
    projector = labeled(open_page(dark=dark))
    images = points(projector)
    assert len(images.rows) > 0.9 * len(projector.labels())
    assert images.drawn() > 0.8  # some images are as dark as the dark theme
    projector.press("s")
    dots = points(projector)
    assert dots.drawn() > 0.95
    ant = rgb(run.get("labels")["classes"][0]["color"])
    labels = projector.labels()
    is_ant = dots.of_color(ant)
    assert is_ant[[labels[row] == 1 for row in dots.rows]].mean() > 0.9
    assert is_ant[[labels[row] != 1 for row in dots.rows]].mean() < 0.1


def misplaced(projector: LabelProjector, state: State, size: SIZE) -> list[str]:
    """What a person would call broken in a state, in a window of a size."""
    wide = projector.frame.evaluate("document.documentElement.scrollWidth > innerWidth")
    sideways = ["one has to scroll sideways"] if wide else []
    return [*out_of_place(projector, state.in_sight(size[1])), *sideways]


def labeled(projector: LabelProjector) -> LabelProjector:
    """The page with a group labeled ant, by this page or another before it, and nothing selected."""
    if 1 not in projector.labels():
        projector.press("g")
        expect(projector.find("thumb").first).to_be_visible()
        projector.press("1")
    expect(projector.find("count-ant")).not_to_have_text("0")
    projector.press("Escape")
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved")
    expect(projector.find("session-status")).to_contain_text("Settled", timeout=60_000)
    return projector


def rgb(color: str) -> tuple[int, int, int]:
    """`#RRGGBB` as three numbers."""
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue
