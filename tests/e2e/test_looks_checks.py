"""The checks of tests/e2e/looks see what they should: the page is broken in one way at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.e2e.looks.accessible import violations
from tests.e2e.looks.contrast import faint
from tests.e2e.looks.findings import out_of_place
from tests.e2e.looks.focus import lost
from tests.e2e.looks.pixels import points
from tests.e2e.looks.theme import theme
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN

pytestmark = pytest.mark.browser
WANTED = ("save-logdir", "play-pause")


def placed(projector: LabelProjector) -> list[str]:
    return out_of_place(projector, WANTED)


FAULTS: list[tuple[Callable[[LabelProjector], list[str]], str, str]] = [
    (placed, "[data-testid=save-logdir] { display: none }", "[save-logdir] is not there"),
    (placed, "[data-testid=play-pause] { margin-top: -500px }", "is not whole in sight"),
    (placed, "[data-testid=help] { position: relative; left: 60px }", "px are out of sight at the right"),
    (placed, "[data-testid=step] { position: relative; left: 200px }", "leaves section.panel"),
    (placed, "[data-testid=step] { margin-left: -30px }", "[step] “One epoch” overlap by"),
    (placed, "[data-testid=session-status] { margin-top: -30px }", "px over the text of"),
    (placed, ".cost figcaption * { position: absolute }", "the texts of"),
    (placed, ".toolbar::after { content: ''; position: absolute; inset: 0 }", "is covered by div.toolbar"),
    (placed, ".row .name { width: 20px; overflow: hidden }", "is cut off by"),
    (placed, ".panel { overflow: hidden; width: 150px }", "is cut off by"),
    (placed, "h2 { max-width: 20px; overflow: hidden; text-overflow: ellipsis }", "no tooltip says it whole"),
    (placed, ".class-main .words { max-width: 10px; direction: rtl }", "has lost its beginning"),
    (placed, ".segments button { padding: 0; max-width: 10px; flex: none }", "leaves button"),
    (placed, ".quiet { width: 60px; height: 60px; white-space: normal }", "” takes "),
    (faint, ".muted { color: #bbb }", "its contrast is"),
    (faint, ".panel { opacity: 0.5 }", "its contrast is"),
    (faint, "::placeholder { color: #aaa }", "[search]"),
    (faint, ".icon { stroke: #ddd }", "icon of button"),
    (faint, "button:disabled { opacity: 0.2 }", "[redo]"),
    (violations, ".muted { color: #bbb }", "color-contrast"),
    (violations, ".swatch-button { width: 10px; height: 10px }", "target-size"),
    (lost, ":focus-visible { outline: none !important }", "its focus ring is cut off at the left, top, right, bottom"),
    (lost, ".class-main:focus-visible { outline-offset: 4px !important }", "its focus ring is cut off at the left"),
    (lost, ":focus-visible { outline-color: #eee !important }", "its focus ring has a contrast of"),
    (lost, ".classes { scroll-padding: 0 } .class-row.none { margin-top: -40px }", "lies over it"),
]


@contextmanager
def broken(projector: LabelProjector, rules: str) -> Iterator[None]:
    """The page with some more CSS."""
    sheet = projector.frame.add_style_tag(content=rules)
    yield
    sheet.evaluate("(element) => element.remove()")


def test_the_checks_see_what_they_should(open_page: OPEN) -> None:
    projector = open_page()
    expect(projector.frame.get_by_text("of a kind not seen yet").first).to_be_visible(timeout=60_000)
    blind = []
    for check, rules, expected in FAULTS:
        assert check(projector) == []
        with broken(projector, rules):
            findings = check(projector)
        if not any(expected in finding for finding in findings):
            blind.append(f"{rules}: no “{expected}” among {findings}")
    assert not blind, "\n".join(blind)


def test_axe_sees_a_control_without_a_name(open_page: OPEN) -> None:
    projector = open_page()
    projector.find("help").evaluate("(button) => { button.title = ''; button.removeAttribute('aria-label'); }")
    assert any(finding.startswith("button-name") for finding in violations(projector))


def test_the_theme_is_measured_as_it_is_seen(open_page: OPEN) -> None:
    projector = open_page()
    usual = theme(projector)
    with broken(projector, ":root { --panel: #111; --accent: #00f } .swatch-button { --class: #123456 !important }"):
        other = theme(projector)
    assert min(other.grounds) < 0.05 < min(usual.grounds)
    assert abs(usual.accent_hue - other.accent_hue) > 90
    assert set(other.classes.values()) == {(0x12, 0x34, 0x56)}
    with broken(projector, "[data-testid=tool-orbit] { color: inherit !important }"):
        assert theme(projector).in_accent != usual.in_accent


def test_an_empty_picture_is_seen_to_be_empty(open_page: OPEN) -> None:
    projector = open_page()
    assert points(projector).drawn() > 0.9
    with broken(projector, "canvas { opacity: 0 }"):
        assert points(projector).drawn() < 0.1
