"""Coming in with a token, in a browser: once, with nothing of it left behind; and whose changes are whose."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tb_tsne_plugin.access.rights import Right
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import Run, make_small_run, name_of_run
from tests.e2e.test_people import label
from tests.e2e.tokens_lab import Lab

pytestmark = pytest.mark.browser

Come = Callable[..., LabelProjector]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    found = Lab(tmp_path_factory.mktemp("lab"))
    found.server.start()
    yield found
    found.server.stop()


@pytest.fixture
def run(lab: Lab, request: pytest.FixtureRequest) -> Run:
    return make_small_run(lab.server, name_of_run(request.node.name))


@pytest.fixture
def come(browser: Browser, lab: Lab, run: Run) -> Iterator[Come]:
    """Has somebody open the page on the run, in a browser of their own, with a token or without."""
    pages: list[LabelProjector] = []

    def open_one(token: str = "", asked: list[str] | None = None) -> LabelProjector:
        projector = LabelProjector(browser, lab.server.address)
        pages.append(projector)
        if asked is not None:
            projector.page.on("request", lambda request: asked.append(f"{request.url} {request.headers}"))
        projector.page.add_init_script(f"localStorage['tb-tsne'] ??= {json.dumps(json.dumps({'run': run.name}))}")
        projector.visit(token)
        return projector

    yield open_one
    for projector in pages:
        projector.close()


def inside(projector: LabelProjector, name: str) -> Locator:
    """An element of the page, while it is still coming."""
    return projector.page.frame_locator('iframe[src*="name=tsne"]').get_by_test_id(name)


def sign_in(projector: LabelProjector, token: str) -> None:
    """Gives a token in the field."""
    expect(inside(projector, "token")).to_be_visible()
    projector.find("token").fill(token)
    projector.press("Enter")


def test_the_address_lets_in_once_and_nothing_of_the_token_is_left(come: Come, lab: Lab, run: Run) -> None:
    token = lab.tokens["ann"]
    asked: list[str] = []
    ann = come(token, asked)
    ann.wait_for_page()
    expect(ann.find("visitor")).to_have_text("You are ann, and may do everything")
    assert token not in ann.page.url
    assert ann.page.url.endswith("#tsne")
    assert asked
    assert not [each for each in asked if token in each]
    (cookie,) = ann.page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/data/plugin/tsne")
    assert token not in ann.page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    assert token not in lab.server.log()
    ann.reload()
    expect(ann.find("visitor")).to_have_text("You are ann, and may do everything")
    label(ann, "/class.[01].png/", 2, "1")
    assert lab.server.get("labels/history", run=run.name).json()["entries"][0]["author"] == "ann"
    ann.find("sign-out").click()
    expect(inside(ann, "sign-in")).to_be_visible()
    assert not ann.page.context.cookies()


def test_without_a_token_there_is_one_field_and_nothing_of_the_data(come: Come, lab: Lab, run: Run) -> None:
    somebody = come()
    sign_in(somebody, "wrong")
    expect(somebody.find("sign-in-problem")).to_contain_text("not known here")
    assert run.name not in somebody.frame.content()
    sign_in(somebody, f"http://localhost/#tsne&token={lab.tokens['guest']}")
    expect(somebody.find("visitor")).to_have_text("You are guest, and may look")
    expect(somebody.find("edit-problem")).to_contain_text("You may look, but not edit")


def test_who_is_taken_out_meanwhile_loses_no_change_and_comes_back(come: Come, lab: Lab, run: Run) -> None:
    token = lab.people.add("dan", Right.LABEL)
    dan = come(token)
    dan.wait_for_page()
    dan.press("/")
    dan.page.keyboard.type("/class.[01].png/")
    dan.press("Escape")
    expect(dan.find("selection-count")).to_contain_text("2 image")
    lab.people.remove("dan")
    dan.press("1")
    expect(dan.find("sign-in")).to_contain_text("Sign in again as dan: 1 change is waiting", timeout=40_000)
    again = lab.people.add("dan", Right.LABEL)
    sign_in(dan, again)
    expect(dan.find("sign-in")).to_have_count(0)
    expect(dan.find("saved-state")).to_have_attribute("data-state", "saved")
    assert sorted(set(run.labels())) == [-1, 1]


def test_a_change_that_waits_is_its_makers_and_no_others(come: Come, lab: Lab, run: Run) -> None:
    ann = come(lab.tokens["ann"])
    ann.wait_for_page()
    ann.press("/")
    ann.page.keyboard.type("/class.[01].png/")
    ann.press("Escape")
    expect(ann.find("selection-count")).to_contain_text("2 image")
    ann.page.context.clear_cookies()
    ann.press("1")
    expect(ann.find("sign-in")).to_contain_text("Sign in again as ann: 1 change is waiting")
    sign_in(ann, lab.tokens["ben"])
    expect(ann.find("visitor")).to_have_text("You are ben, and may do everything")
    expect(ann.find("elsewhere")).to_have_text("1 change waits for ann")
    expect(ann.find("candidate").first).to_be_visible(timeout=60_000)
    label(ann, "/class.[45].png/", 2, "2")
    assert run.labels()[:6] == [-1, -1, -1, -1, 2, 2]
    ann.find("sign-out").click()
    sign_in(ann, lab.tokens["ann"])
    expect(ann.find("count-ant")).to_have_text("2")
    expect(ann.find("elsewhere")).to_have_count(0)
    entries = lab.server.get("labels/history", run=run.name).json()["entries"]
    assert [each["author"] for each in entries[:2]] == ["ann", "ben"]


def test_a_blind_column_is_its_owners_until_it_is_opened(come: Come, lab: Lab, run: Run) -> None:
    cat, dan = (come(lab.people.add(name, Right.LABEL)) for name in ("cat", "dan"))
    cat.wait_for_page()
    dan.wait_for_page()
    assert offered(cat) == ["label", "New blind column …"]  # one for all is for who may manage
    cat.find("column-select").select_option("New blind column …")
    cat.find("new-column").fill("second look")
    cat.press("Enter")
    expect(cat.find("blind-note")).to_contain_text("Only cat and who may manage see these labels")
    cat.press("/")
    cat.page.keyboard.type("/class.[01].png/")
    cat.press("Escape")
    cat.find("add-class-input").fill("moth")
    cat.press("Enter")
    expect(cat.find("count-moth")).to_have_text("2")
    dan.reload()
    assert offered(dan) == ["label", "New blind column …"]
    assert "cat (second look)" not in dan.frame.content()
    assert "moth" not in dan.frame.content()
    cat.find("open-column").click()
    cat.find("question-yes").click()
    expect(cat.find("blind-note")).to_have_count(0)
    dan.reload()
    assert offered(dan) == ["label", "cat (second look)", "New blind column …"]
    dan.find("column-select").select_option("cat (second look)")
    expect(dan.find("count-moth")).to_have_text("2")


def offered(projector: LabelProjector) -> list[str]:
    """The label columns that somebody may choose, and add."""
    return projector.find("column-select").locator("option").all_inner_texts()
