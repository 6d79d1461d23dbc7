"""Two people at one run, in two browsers: each takes back their own, and is told what the other did to theirs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.builders import blobs
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import N, Run, make_small_run, name_of_run
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

GROUP = blobs(N)[1]
HEADER = "X-Remote-User"
Come = Callable[..., LabelProjector]


@pytest.fixture(scope="module")
def behind_a_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    """A TensorBoard that believes who has signed in at a proxy."""
    flags = ("--tsne_allow_remote_edit", "--tsne_author_header", HEADER)
    server = TensorBoard(tmp_path_factory.mktemp("logs"), *flags)
    yield server.start()
    server.stop()


@pytest.fixture
def lab(behind_a_proxy: TensorBoard, request: pytest.FixtureRequest) -> Run:
    return make_small_run(behind_a_proxy, name_of_run(request.node.name))


@pytest.fixture
def come(browser: Browser, lab: Run) -> Iterator[Come]:
    """Has somebody open a page on the run, in a browser of their own, as a proxy lets them through."""
    pages: list[LabelProjector] = []

    def open_one(author: str, headers: dict[str, str] | None = None) -> LabelProjector:
        projector = LabelProjector(browser, lab.server.address)
        pages.append(projector)
        projector.page.context.set_extra_http_headers({HEADER: author} if headers is None else headers)
        projector.page.add_init_script(f"localStorage['tb-tsne'] ??= {json.dumps(json.dumps({'run': lab.name}))}")
        return projector.open()

    yield open_one
    for projector in pages:
        projector.close()


def label(projector: LabelProjector, pattern: str, count: int, key: str) -> None:
    """Selects images by their file's name, and gives them the class of a digit."""
    projector.press("/")
    projector.page.keyboard.type(pattern)
    projector.press("Escape")
    expect(projector.find("selection-count")).to_contain_text(f"{count} image")
    if projector.find("overwrite").count() and projector.find("overwrite").is_visible():
        projector.find("overwrite").check()
    projector.press(key)
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved")


def test_each_takes_back_their_own_and_the_other_is_told(come: Come, lab: Run) -> None:
    ann, ben = come("ann"), come("ben")
    expect(ann.find("you")).to_have_text("You are ann")
    label(ann, "/class.[0-3].png/", 4, "1")
    label(ben, "/class.1[0-9].png/", 10, "2")
    expect(ann.find("count-bee")).to_have_text("10")
    expect(ben.find("count-ant")).to_have_text("4")
    ann.press("Control+z")
    expect(ann.find("count-ant")).to_have_text("0")
    expect(ann.toast("Undone: 4 images labelled ant")).to_be_visible()
    expect(ben.find("count-ant")).to_have_text("0")
    assert [label for label in lab.labels() if label > 0] == [2] * 10
    ann.press("Control+z")
    expect(ann.toast("There is nothing to undo")).to_be_visible()
    ben.press("Control+z")
    expect(ben.find("count-bee")).to_have_text("0")
    for projector in (ann, ben):
        projector.press("Control+Shift+z")
    expect(ann.find("count-bee")).to_have_text("10")
    expect(ann.find("count-ant")).to_have_text("4")


def test_an_overwrite_is_told_to_whose_labels_they_were_and_stays_over_their_undo(come: Come, lab: Run) -> None:
    ann, ben = come("ann"), come("ben")
    label(ann, "/class.[0-3].png/", 4, "1")
    expect(ben.find("count-ant")).to_have_text("4")
    label(ben, "/class.[23].png/", 2, "2")
    expect(ann.toast("ben changed 2 of yours: 2 images labelled bee")).to_be_visible()
    expect(ann.find("history").locator("li").first).to_contain_text("ben")
    ann.press("Control+z")
    expect(ann.toast("But 2 of 4 stay: ben changed them since.")).to_be_visible()
    assert lab.labels()[:5] == [-1, -1, 2, 2, -1]
    # The history takes back anybody's edit, and tells them.
    entry = ann.find("history").locator("li").first
    entry.locator("summary").click()
    entry.locator('[data-testid="take-back"]').click()
    expect(ben.toast("ann changed 2 of yours: undone: 2 images labelled bee")).to_be_visible()
    assert set(lab.labels()) == {-1}


def both_here(ann: LabelProjector, ben: LabelProjector) -> None:
    """Waits until each knows of the other."""
    expect(ann.find("crew")).to_contain_text("BE")
    expect(ben.find("crew")).to_contain_text("AN")


def at_once(key: str, *projectors: LabelProjector) -> None:
    """Has all press a key at the same instant, by the clock that they share."""
    at = 1000 * time.time() + 500
    down = f"new KeyboardEvent('keydown', {{ key: {json.dumps(key)}, bubbles: true }})"
    for each in projectors:
        each.frame.evaluate(f"() => void setTimeout(() => document.body.dispatchEvent({down}), {at} - Date.now())")


def on_page(projector: LabelProjector) -> set[int]:
    """The rows on the page of images."""
    return set(projector.ask("page().rows"))


def test_g_gives_two_people_two_groups(come: Come) -> None:
    ann, ben = come("ann"), come("ben")
    groups = []
    for projector in (ann, ben):
        expect(projector.find("candidate").nth(2)).to_be_visible(timeout=60_000)
        projector.press("g")
        expect(projector.find("thumb").first).to_be_visible()
        groups.append({int(GROUP[row]) for row in projector.selected()})
    assert not groups[0] & groups[1]


def test_g_at_the_same_instant_gives_two_groups_and_who_holds_what_is_told(come: Come) -> None:
    ann, ben = come("ann"), come("ben")
    for projector in (ann, ben):
        expect(projector.find("candidate").nth(2)).to_be_visible(timeout=60_000)
    both_here(ann, ben)
    at_once("g", ann, ben)
    for projector in (ann, ben):
        expect(projector.find("thumb").first).to_be_visible()
    first, second = (set(each.selected()) for each in (ann, ben))
    assert first
    assert second
    assert not first & second
    expect(ben.find("crew").locator("li")).to_have_attribute("title", re.compile("^ann: looks at a group: "))
    ben.wait_for(f"t.held().length >= {min(3, len(first))}")


def suggested(ann: LabelProjector, ben: LabelProjector) -> None:
    """Names some images of two classes, and waits until others are suggested to be of them."""
    label(ann, "/class.[0-9].png/", 10, "1")
    label(ann, "/class.1[0-9].png/", 10, "2")
    for projector in (ann, ben):
        projector.wait_for("t.suggested().length > 0", timeout=60_000)
        projector.press("Escape")
        projector.wait_for("t.selection().rows.length === 0")


def test_pages_at_the_same_instant_have_nothing_in_common_and_say_so(come: Come) -> None:
    ann, ben = come("ann"), come("ben")
    suggested(ann, ben)
    both_here(ann, ben)
    at_once("r", ann, ben)
    for projector in (ann, ben):
        expect(projector.find("review")).to_be_visible()
    first, second = on_page(ann), on_page(ben)
    assert first or second
    assert not first & second
    told = [each.find("page-without").or_(each.find("others-have")).count() for each in (ann, ben)]
    assert sum(told) == 1


def test_what_a_closed_tab_held_is_free(come: Come, lab: Run) -> None:
    ann, ben = come("ann"), come("ben")
    suggested(ann, ben)
    both_here(ann, ben)
    ann.press("r")
    expect(ann.find("tiles")).to_be_visible()
    mine = sorted(on_page(ann))
    ben.wait_for(f"JSON.stringify(t.held()) === '{json.dumps(mine, separators=(',', ':'))}'")
    # As a closed tab does; where Playwright closes one, nothing more is sent.
    ann.page.goto(f"{lab.server.address}/data/plugins_listing")
    ben.wait_for("t.held().length === 0")
    expect(ben.find("crew")).to_have_count(0)


def test_a_key_of_one_turns_the_others_picture_only_when_that_is_meant(come: Come) -> None:
    ann, ben = come("ann"), come("ben")
    for projector in (ann, ben):
        expect(projector.find("session-status")).to_contain_text("Settled", timeout=60_000)
    before = int(ben.ask("dimensions()"))
    ann.page.wait_for_timeout(1_500)  # who else is here is heard of every second
    ann.press("d")
    expect(ann.find("question-dialog")).to_contain_text("ben is looking at this picture too: change it for both?")
    ann.find("question-no").click()
    expect(ann.find("question-dialog")).to_have_count(0)
    assert ben.ask("dimensions()") == before
    ann.press("d")
    ann.press("Enter")
    expect(ben.toast(f"ann turned the picture to {5 - before}-D")).to_be_visible()
    ben.wait_for(f"t.dimensions() === {5 - before}", timeout=60_000)


def test_who_comes_without_a_name_is_asked_once(come: Come, lab: Run) -> None:
    guest = come("", {"X-Forwarded-For": "203.0.113.7"})
    guest.find("own-name").fill("Zoë")
    guest.press("Enter")
    expect(guest.find("you")).to_have_text("You are Zoë (self-named)")
    label(guest, "/class.[01].png/", 2, "1")
    assert lab.get("labels/history")["entries"][0]["author"] == "Zoë (self-named)"
    guest.reload()
    expect(guest.find("you")).to_have_text("You are Zoë (self-named)")
    expect(guest.find("own-name")).to_have_count(0)
    expect(guest.find("count-ant")).to_have_text("2")
    guest.press("Control+z")
    expect(guest.find("count-ant")).to_have_text("0")


def test_the_view_and_the_history_tell_who_did_what(come: Come, lab: Run) -> None:
    ann, ben = come("ann"), come("ben")
    label(ann, "/class.[0-3].png/", 4, "1")
    label(ben, "/class.1[0-9].png/", 10, "2")
    ann.find("color-select").select_option(label="Labelled by")
    legend = ann.find("legend")
    expect(legend).to_contain_text("ann4")
    expect(legend).to_contain_text("ben10")
    ann.find("select-ben").click()
    expect(ann.find("selection-count")).to_contain_text("10 images")
    ann.press("Escape")
    legend.get_by_text("ben").click()
    expect(ann.find("hidden-remark")).to_contain_text("10 hidden")
    label(ben, "/class.2[0-1].png/", 2, "1")
    expect(legend).to_contain_text("ben12")
    ann.find("history-of").select_option("ben")
    expect(ann.find("history").locator("details")).to_have_count(2)
    expect(ann.find("history")).not_to_contain_text("4 images")


def test_what_two_people_gave_otherwise_is_settled_by_keys(come: Come, lab: Run) -> None:
    ann, ben = come("ann"), come("ben")
    label(ann, "/class.1[0-2].png/", 3, "1")
    expect(ben.find("class-list").locator(".count").first).to_have_text("3")
    label(ben, "/class.1[0-1].png/", 2, "2")
    expect(ann.find("history").locator("details")).to_have_count(4)
    ann.press("Escape")
    ann.press("j")
    expect(ann.find("disagreement")).to_have_count(2)
    ann.press("Enter")
    expect(ann.find("disagreement")).to_have_count(1)
    expect(ann.find("saved-state")).to_have_attribute("data-state", "saved")
    ann.page.wait_for_timeout(500)  # the next image is read first: keys before that are not taken
    ann.press("ArrowDown")
    ann.press("Enter")
    expect(ann.find("settle-list")).to_have_count(0)
    expect(ann.find("history").locator("details").first).to_contain_text("bee")
    ann.press("Control+z")
    expect(ann.find("disagreement")).to_have_count(1)
