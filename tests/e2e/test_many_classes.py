"""More classes than a page could hold, in a real browser."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.builders import blobs, make_run, sample_id
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import make_small_run
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

CLASSES = 10_000
FOCUSED = "document.activeElement?.dataset.testid"


@pytest.fixture(scope="module")
def run_name(shared: TensorBoard) -> str:
    """A run with two classes that somebody added, and very many more."""
    run = make_small_run(shared, "many_classes")
    more = [(number, f"species {number:05}", f"#{number:06X}", number - 1) for number in range(3, CLASSES + 1)]
    with closing(sqlite3.connect(shared.logdir / run.name / "labels.sqlite")) as store, store:
        (column,) = store.execute("SELECT id FROM label_columns").fetchone()
        columns = "column_id, id, name, color, position, revision"
        rows = [(column, *each, 2) for each in more]
        store.executemany(f"INSERT INTO classes ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        store.execute("UPDATE label_columns SET next_class_id = ?", (CLASSES + 1,))
    return run.name


@pytest.fixture
def projector(browser: Browser, shared: TensorBoard, run_name: str) -> Iterator[LabelProjector]:
    """The page on it."""
    opened = LabelProjector(browser, shared.address)
    opened.page.add_init_script(f"localStorage['tb-tsne'] = JSON.stringify({{run: '{run_name}'}})")
    yield opened.open()
    opened.close()


def test_the_page_stays_small_and_every_class_can_be_scrolled_to(projector: LabelProjector) -> None:
    expect(projector.find("class-ant")).to_be_visible()
    assert projector.frame.evaluate("document.querySelectorAll('*').length") < 1_000
    listed = projector.find("class-list")
    for share in (1.0, 0.37, 0.0):
        listed.evaluate(f"(list) => list.scrollTo(0, {share} * list.scrollHeight)")
        nearest = max(3, min(CLASSES, round(share * CLASSES)))
        expect(projector.find(f"class-species {nearest:05}")).to_be_visible()
        assert projector.frame.evaluate("document.querySelectorAll('*').length") < 1_000
    last = projector.find("class-list").locator(f"[aria-posinset='{CLASSES + 1}']")
    expect(last).to_contain_text("unlabeled")


def test_a_class_among_many_is_found_and_used_by_keyboard(projector: LabelProjector) -> None:
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    chosen = len(projector.selected())
    projector.find("class-filter").focus()
    projector.page.keyboard.type("species 0123")
    expect(projector.find("class-list").locator("li").first).to_contain_text("species 01230")
    projector.press("ArrowDown")
    projector.press("ArrowDown")
    projector.frame.wait_for_function(f"{FOCUSED} === 'class-species 01231'")
    projector.press("Enter")
    expect(projector.find("count-species 01231")).to_have_text(str(chosen))
    projector.press("2")  # a digit is the class's place among all
    expect(projector.toast("labelled already")).to_be_visible()
    projector.press("0")
    expect(projector.find("count-species 01231")).to_have_text("0")
    projector.press("2")
    projector.find("class-filter").fill("")
    expect(projector.find("count-bee")).to_have_text(str(chosen))
    projector.press("Escape")
    projector.press("Control+z")
    expect(projector.find("count-bee")).to_have_text("0")


def test_the_focus_goes_from_end_to_end_of_the_list_and_is_not_lost_by_the_wheel(projector: LabelProjector) -> None:
    projector.find("class-ant").focus()
    projector.press("End")
    projector.press("ArrowUp")
    projector.frame.wait_for_function(f"{FOCUSED} === 'class-species {CLASSES:05}'")
    expect(projector.find(f"class-species {CLASSES:05}")).to_be_in_viewport()
    projector.find("class-list").evaluate("(list) => list.scrollTo(0, 0)")
    expect(projector.find("class-ant")).to_be_visible()
    assert projector.frame.evaluate(FOCUSED) == f"class-species {CLASSES:05}"
    projector.press("Home")
    projector.frame.wait_for_function(f"{FOCUSED} === 'class-ant'")
    projector.press("Tab")
    projector.press("Tab")
    projector.press("Tab")
    assert projector.frame.evaluate(FOCUSED) == "add-class-input"


def test_a_class_is_merged_into_one_of_many(projector: LabelProjector) -> None:
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    chosen = len(projector.selected())
    projector.press("n")
    projector.page.keyboard.type("species 09998")
    projector.press("Enter")
    projector.press("Escape")
    projector.find("class-filter").fill("0999")
    expect(projector.find("count-species 09998")).to_have_text(str(chosen))
    projector.find("class-species 09998").hover()
    projector.find("menu-species 09998").click()
    projector.find("merge-class").focus()
    projector.page.keyboard.type("09991")
    projector.press("Enter")
    # The server answers with all ten thousand.
    expect(projector.find("count-species 09991")).to_have_text(str(chosen), timeout=30_000)
    expect(projector.find("class-species 09998")).to_have_count(0)


def test_very_many_classes_are_made_only_after_asking(browser: Browser, shared: TensorBoard) -> None:
    make_run(shared.logdir / "words", blobs(300)[0])
    words = "".join(f"{sample_id(row)}\tword {row}\n" for row in range(300))
    table = FilePayload(
        name="words.tsv", mimeType="text/tab-separated-values", buffer=f"sample_id\tlabel\n{words}".encode()
    )
    projector = LabelProjector(browser, shared.address)
    projector.page.add_init_script("localStorage['tb-tsne'] = JSON.stringify({run: 'words'})")
    projector.open()
    projector.find("import").click()
    projector.find("import-file").set_input_files(table)
    expect(projector.find("import-preview")).to_contain_text("300")
    projector.find("import-apply").click()
    expect(projector.find("many-classes")).to_contain_text("Are these 300 classes?")
    projector.press("Enter")  # what has the focus makes none
    expect(projector.find("import-dialog")).to_have_count(0)
    expect(projector.find("labeled-count").locator("b")).to_have_text("0")
    projector.find("import").click()
    projector.find("import-file").set_input_files(table)
    projector.find("import-apply").click()
    projector.find("make-many-classes").click()
    expect(projector.find("labeled-count").locator("b")).to_have_text("300")
    expect(projector.find("class-list").locator("li").last).to_have_attribute("aria-setsize", "301")
    projector.close()
