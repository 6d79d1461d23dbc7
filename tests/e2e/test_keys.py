"""Every key, in a real browser, and the main story by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.small_run import OPEN, Run

pytestmark = pytest.mark.browser


def test_every_key_does_what_the_overlay_says(open_page: OPEN) -> None:
    projector = open_page()
    press = projector.press
    press("?")
    expect(projector.find("keys-overlay")).to_be_visible()
    press("Escape")
    expect(projector.find("keys-overlay")).to_have_count(0)
    press("g")
    expect(projector.find("thumb").first).to_be_visible()
    before = len(projector.selected())
    press("]")
    assert len(projector.selected()) > before
    more = len(projector.selected())
    press("[")
    assert len(projector.selected()) < more
    before = len(projector.selected())
    press("2")
    expect(projector.find("count-bee")).to_have_text(str(before))
    press("0")
    expect(projector.find("count-bee")).to_have_text("0")
    press("Enter")
    expect(projector.find("count-bee")).to_have_text(str(before))
    press("h")
    expect(projector.find("hidden-remark")).to_contain_text(f"{before} hidden")
    press("h")
    expect(projector.find("hidden-remark")).to_have_count(0)
    press("Control+z")
    expect(projector.find("count-bee")).to_have_text("0")
    press("Control+Shift+z")
    expect(projector.find("count-bee")).to_have_text(str(before))
    press("Escape")
    assert projector.selected() == []
    for key, tool in (("b", "box"), ("l", "lasso"), ("Escape", "orbit")):
        press(key)
        expect(projector.find(f"tool-{tool}")).to_have_attribute("aria-pressed", "true")


def test_every_other_key_too(open_page: OPEN) -> None:
    projector = open_page()
    press = projector.press
    press("/")
    projector.page.keyboard.type("class/7.png")
    expect(projector.find("selection-count")).to_contain_text("1 image")
    press("Escape")
    press("n")
    projector.page.keyboard.type("an")  # finds "ant", and a digit would be a letter here
    expect(projector.find("class-options")).to_contain_text("ant")
    press("Enter")
    expect(projector.find("count-ant")).to_have_text("1")
    with projector.page.expect_download() as download:
        press("p")
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    shown = projector.find("sprites").get_attribute("aria-pressed")
    press("s")
    expect(projector.find("sprites")).not_to_have_attribute("aria-pressed", str(shown))
    expect(projector.find("session-status")).to_contain_text("Settled", timeout=60_000)
    epoch = projector.ask("epoch()")
    press("Space")
    projector.wait_for(f"t.epoch() > {epoch}", 20_000)  # "running" may be over before anybody looks
    press("d")
    projector.wait_for("t.dimensions() === 2", 60_000)
    press("f")
    expect(projector.find("fit")).to_have_attribute("aria-pressed", "true")


def test_a_key_can_be_changed_and_stays_so(open_page: OPEN) -> None:
    projector = open_page()
    projector.press("?")
    projector.find("key-densest").click()
    projector.press("j")
    expect(projector.find("key-densest")).to_have_text("J")
    projector.press("Escape")
    projector.reload()
    projector.press("g")
    projector.page.wait_for_timeout(300)
    assert projector.selected() == []
    projector.press("j")
    expect(projector.find("thumb").first).to_be_visible()


def test_the_main_story_by_keyboard_alone(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    count = len(projector.selected())
    for _ in range(80):
        projector.press("Tab")
        if projector.frame.evaluate("document.activeElement?.dataset.testid === 'thumb'"):
            break
    projector.press("Enter")  # drops the focused image
    expect(projector.find("selection-count")).to_contain_text(f"{count - 1} images")
    projector.press("n")
    projector.page.keyboard.type("cat")
    projector.press("Enter")
    expect(projector.find("labeled-count").locator("b")).to_have_text(str(count - 1))
    projector.press("Control+z")
    expect(projector.find("labeled-count").locator("b")).to_have_text("0")
    projector.press("Control+Shift+z")
    for _ in range(120):
        projector.press("Tab")
        if projector.frame.evaluate("document.activeElement?.dataset.testid === 'save-logdir'"):
            break
    projector.press("Enter")
    expect(projector.toast("metadata.tsv")).to_be_visible()
    assert run.labels().count(3) == count - 1  # the redo, pressed a moment before, is in what was saved


def test_a_class_can_be_named_right_after_another(open_page: OPEN) -> None:
    projector = open_page()
    for name in ("cat", "dog"):
        projector.press("n")
        projector.page.keyboard.type(name)
        projector.press("Enter")
    expect(projector.find("count-cat")).to_be_visible()
    expect(projector.find("count-dog")).to_be_visible()
    projector.press("n")
    projector.page.keyboard.type("cow")
    projector.find("add-class-input").evaluate("(field) => { field.blur(); field.focus(); }")
    projector.page.wait_for_timeout(300)  # longer than a field that was left keeps its text
    expect(projector.find("add-class-input")).to_have_value("cow")


def test_a_class_menu_closes_when_the_focus_leaves_it(open_page: OPEN) -> None:
    projector = open_page()
    projector.find("class-ant").hover()
    projector.find("menu-ant").click()
    expect(projector.find("rename-class")).to_be_visible()
    projector.press("Tab")
    expect(projector.find("rename-class")).to_be_visible()
    for _ in range(8):
        projector.press("Tab")
    expect(projector.find("rename-class")).to_have_count(0)
