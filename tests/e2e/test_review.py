"""Looking through images page by page, in a real browser: to the end, by keyboard, mouse and finger, also offline."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.builders import blobs, make_run, sample_id
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN, Run, name_of_run
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser
N = 300
CLASSES = ("ant", "bee", "cow")
FEATURES, GROUP = blobs(N)
ODD = {7: 2, 40: 0, 101: 2, 154: 0}
"""Rows that look like their group, and are of another class."""
TRUTH = np.array([ODD.get(row, int(group)) for row, group in enumerate(GROUP)])
TAUGHT = 8
"""Rows of each class that have a label at the beginning."""
STATES = ("unlabeled", "labeled", "seen", "verified", "unsure", "ignored")


@pytest.fixture
def run(shared: TensorBoard, request: pytest.FixtureRequest) -> Run:
    """Three groups, three classes of which some images are labeled each, and a t-SNE under way."""
    run = Run(shared, name_of_run(request.node.name))
    make_run(shared.logdir / run.name, FEATURES)
    shared.first_frame(run=run.name, tensor="im")
    for class_id, name in enumerate(CLASSES):
        rows = [row for row in range(N) if TRUTH[row] == class_id and row not in ODD][:TAUGHT]
        answer = shared.post(
            "labels/apply",
            run=run.name,
            store=run.store,
            op_id=f"taught-{name}",
            base_revision=class_id,
            new_class={"name": name},
            sample_ids=[sample_id(row) for row in rows],
            state="seen",
            selection={"kind": "single", "k": TAUGHT - 1},
        )
        assert answer.ok, answer.text
    return run


def states(run: Run) -> list[str]:
    """What the server says has become of each row."""
    return [STATES[number] for number in run.get("labels")["states"]]


def taught(projector: LabelProjector) -> LabelProjector:
    """Waits for suggestions of all classes."""
    projector.wait_for(f"t.suggested().length === {len(CLASSES)}", 60_000)
    return projector


def begin(projector: LabelProjector) -> LabelProjector:
    """Turns to the pages, once there is something to look through."""
    taught(projector).press("r")
    expect(projector.find("tiles")).to_be_visible()
    return projector


def page(projector: LabelProjector) -> list[int]:
    """The rows of the page that is looked through."""
    return list(projector.ask("page()")["rows"])


def tile(projector: LabelProjector, row: int) -> Locator:
    """The tile of a row."""
    return projector.frame.locator(f'[data-testid="tile"][data-row="{row}"]')


def class_of(projector: LabelProjector) -> int:
    """The class that is looked through, from 0."""
    return CLASSES.index(projector.frame.locator(".review-head h1").inner_text().split()[0])


def saved(projector: LabelProjector) -> None:
    """Waits until everything is stored."""
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved", timeout=60_000)


def turned(projector: LabelProjector) -> int:
    """How many pages came before this one."""
    return int(projector.ask("page()")["turned"])


def seen_turning(projector: LabelProjector, key: str) -> None:
    """Presses a key that turns the page, and waits for the other page."""
    before = turned(projector)
    projector.press(key)
    projector.wait_for(f"t.page().turned !== {before}")


def name_strays(projector: LabelProjector) -> int:
    """Points at each image of the page that is of another class, and presses its digit."""
    of = class_of(projector)
    strays = [row for row in page(projector) if of != TRUTH[row]]
    for row in strays:
        tile(projector, row).hover()
        projector.press(str(TRUTH[row] + 1))
        expect(tile(projector, row)).to_contain_text(CLASSES[TRUTH[row]])
    return len(strays)


def test_everything_is_looked_through_to_the_end(open_page: OPEN, run: Run) -> None:
    projector = begin(open_page())
    set_aside = page(projector)[2]
    tile(projector, set_aside).hover()
    projector.press("u")
    expect(tile(projector, set_aside)).to_have_attribute("data-state", "unsure")
    named = 0
    for _ in range(40):
        if projector.find("review-end").count():
            expect(projector.frame.locator('[data-testid="do-next"].primary')).to_have_count(1)
            left = projector.ask("suggested()")
            if not left:
                break
            projector.find(f"class-{CLASSES[left[0] - 1]}").click()
            expect(projector.find("tiles")).to_be_visible()
        named += name_strays(projector)
        seen_turning(projector, "Enter")
    assert 1 <= named <= len(ODD)  # one may be suggested rightly once others are named
    saved(projector)
    assert states(run).count("seen") == N - 1
    assert states(run)[set_aside] == "unsure"
    assert projector.find("seen-count").inner_text() == str(N - 1)

    projector.find("class-unsure").click()
    expect(tile(projector, set_aside)).to_be_visible()
    tile(projector, set_aside).hover()
    projector.press(str(TRUTH[set_aside] + 1))
    projector.press("Enter")
    saved(projector)
    assert run.labels() == [class_id + 1 for class_id in TRUTH]
    # Guidance may doubt some of what looks like something else; what it says then is true of the rest.
    expect(projector.find("next-step").first).to_have_attribute("data-kind", re.compile("done|verify"))
    effort = int(projector.find("action-count").inner_text())
    assert effort < N / 4  # one by one it is an action each

    with projector.page.expect_download() as coming:
        projector.find("download").click()
        projector.press("Enter")
    text = Path(coming.value.path()).read_text(encoding="utf-8")
    table = {line["sample_id"]: line for line in csv.DictReader(io.StringIO(text), delimiter="\t")}
    assert [table[sample_id(row)]["label"] for row in range(N)] == [CLASSES[class_id] for class_id in TRUTH]
    assert {line["state"] for line in table.values()} == {"seen"}


def test_pages_turn_back_and_are_taken_back(open_page: OPEN, run: Run) -> None:
    projector = begin(open_page())
    pages = [page(projector)]
    for _ in range(2):
        seen_turning(projector, "Enter")
        pages.append(page(projector))
    assert not set(pages[0]) & set(pages[1])
    saved(projector)
    assert run.applied() == len(CLASSES) + 2
    seen_turning(projector, "Backspace")
    assert page(projector) == pages[1]
    expect(tile(projector, pages[1][0])).to_have_attribute("data-state", "unlabeled")
    seen_turning(projector, "Backspace")
    assert page(projector) == pages[0]
    saved(projector)
    assert states(run).count("seen") == len(CLASSES) * TAUGHT

    seen_turning(projector, "Enter")
    stray = page(projector)[4]
    tile(projector, stray).hover()
    projector.press("3")
    expect(tile(projector, stray)).to_have_attribute("data-state", "seen")
    projector.press("Control+z")  # takes back the stray, and its tile follows
    expect(tile(projector, stray)).to_have_attribute("data-state", "unlabeled")
    projector.press("Control+Shift+z")
    expect(tile(projector, stray)).to_have_attribute("data-state", "seen")
    seen_turning(projector, "Backspace")  # something came after: what was accepted stays so
    expect(projector.toast("stays accepted")).to_be_visible()
    assert page(projector) == pages[0]
    expect(tile(projector, pages[0][0])).to_have_attribute("data-state", "seen")


def test_no_key_is_lost_at_five_a_second_while_the_server_is_away(open_page: OPEN, run: Run) -> None:
    projector = begin(open_page(deaf=True))
    projector.find("tile-size").fill("577")  # the largest, so that there are many pages
    projector.page.route("**/labels/apply", lambda route: route.abort())
    meant: dict[int, int] = {}
    for _ in range(3):
        rows, of = page(projector), class_of(projector)
        tile(projector, rows[1]).hover()
        for key in ("2" if of != 1 else "3", "Enter"):
            projector.page.wait_for_timeout(200)
            projector.press(key)
        meant |= dict.fromkeys(rows, of)
        meant[rows[1]] = 1 if of != 1 else 2
    expect(projector.find("saved-state")).to_contain_text("6 waiting")
    assert [projector.labels()[row] - 1 for row in meant] == list(meant.values())
    projector.page.unroute("**/labels/apply")
    saved(projector)
    labels = run.labels()
    assert [labels[row] - 1 for row in meant] == list(meant.values())
    assert run.applied() == len(CLASSES) + 6


def test_by_keyboard_alone(open_page: OPEN, run: Run) -> None:
    projector = begin(open_page())
    rows = page(projector)
    focused = "document.activeElement?.dataset.row"
    projector.frame.wait_for_function(f"() => {focused} === '{rows[0]}'")
    for key in ("ArrowRight", "ArrowRight"):
        projector.press(key)
    expect(tile(projector, rows[1])).to_be_focused()  # the first arrow came to the first
    projector.press("3")
    expect(tile(projector, rows[1])).to_have_attribute("data-state", "seen")
    projector.press("ArrowRight")
    projector.press("Space")
    projector.press("ArrowRight")
    projector.press("Space")
    expect(projector.find("picked-count")).to_contain_text("2 images picked")
    projector.press("n")
    expect(projector.find("name-tile-input")).to_be_focused()
    projector.page.keyboard.type("dog")
    projector.press("Enter")
    expect(tile(projector, rows[2])).to_contain_text("dog")
    expect(tile(projector, rows[3])).to_contain_text("dog")
    projector.press("ArrowRight")
    projector.press("i")
    seen_turning(projector, "Enter")
    projector.frame.wait_for_function(f"() => {page(projector)}.includes(Number({focused}))")
    saved(projector)
    labels = run.labels()
    assert [labels[row] for row in rows[:4]] == [1, 3, 4, 4] if rows[0] % 3 == 0 else labels[rows[2]] == 4
    assert states(run)[rows[4]] == "ignored"
    projector.press("Escape")
    expect(projector.find("review")).to_have_count(0)
    expect(projector.find("view")).to_be_visible()


def test_by_mouse_alone_and_the_picture_stays_the_same_one(open_page: OPEN, run: Run) -> None:
    projector = taught(open_page())
    projector.find("view").evaluate("(canvas) => { canvas.mark = 'the same'; }")
    wide = projector.find("view").bounding_box()
    projector.find("review-suggestions").click()
    expect(projector.find("tiles")).to_be_visible()
    small = projector.find("view").bounding_box()
    assert wide is not None
    assert small is not None
    assert small["width"] < wide["width"] / 2
    assert projector.find("view").evaluate("(canvas) => canvas.mark") == "the same"
    rows, of = page(projector), class_of(projector)
    other = CLASSES[(of + 1) % 3]
    tile(projector, rows[3]).click()
    expect(projector.find("tile-menu")).to_be_visible()
    projector.find(f"choose-{other}").click()
    expect(tile(projector, rows[3])).to_contain_text(other)
    expect(projector.find("tile-menu")).to_have_count(0)
    tile(projector, rows[5]).click()
    tile(projector, rows[8]).click(modifiers=["Shift"])
    expect(projector.find("picked-count")).to_contain_text("4 images picked")
    projector.find(f"class-{other}").click()
    for row in rows[5:9]:
        expect(tile(projector, row)).to_contain_text(other)
    one, last = tile(projector, rows[0]).bounding_box(), tile(projector, rows[2]).bounding_box()
    assert one is not None
    assert last is not None
    projector.page.mouse.move(one["x"] + 9, one["y"] + 9)
    projector.page.mouse.down()
    projector.page.mouse.move(last["x"] + 9, last["y"] + 9, steps=5)
    projector.page.mouse.up()
    expect(projector.find("picked-count")).to_contain_text("3 images picked")
    projector.find("set-unsure").click()
    expect(tile(projector, rows[1])).to_have_attribute("data-state", "unsure")
    expect(projector.find("accept-page")).to_contain_text(f"Accept {len(rows) - 8}, 8 changed")
    projector.find("accept-page").click()
    projector.wait_for("t.page().turned === 1")
    projector.find("page-back").click()
    projector.wait_for("t.page().turned === 0")
    projector.find("inset").click()
    expect(projector.find("review")).to_have_count(0)
    assert projector.find("view").bounding_box() == wide
    saved(projector)
    assert states(run).count("unsure") == 3
    assert run.get("labels/history")["entries"][0]["kind"] == "undo"


def test_by_fingers(browser: Browser, run: Run) -> None:
    projector = LabelProjector(browser, run.server.address, touch=True)
    projector.page.add_init_script(f"localStorage['tb-tsne'] ??= JSON.stringify({{ run: {run.name!r} }})")
    taught(projector.open()).find("review-suggestions").tap()
    expect(projector.find("tiles")).to_be_visible()
    rows, of = page(projector), class_of(projector)
    other = CLASSES[(of + 1) % 3]
    for row in rows[2:4]:
        tile(projector, row).tap()
    expect(projector.find("picked-count")).to_contain_text("2 images picked")
    expect(projector.find("tile-menu")).to_have_count(0)
    rest_on(projector, tile(projector, rows[2]))
    expect(projector.find("tile-menu")).to_be_visible()
    projector.find(f"choose-{other}").tap()
    for row in rows[2:4]:
        expect(tile(projector, row)).to_contain_text(other)
    height = projector.find("accept-page").evaluate("(button) => button.getBoundingClientRect().height")
    assert height >= 44
    projector.find("accept-page").tap()
    projector.wait_for("t.page().turned === 1")
    saved(projector)
    assert run.labels()[rows[0]] == of + 1
    projector.close()


def rest_on(projector: LabelProjector, element: Locator) -> None:
    """Rests on an element with a finger."""
    box = element.bounding_box()
    assert box is not None
    devtools = projector.page.context.new_cdp_session(projector.page)
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    expect(projector.find("tile-menu")).to_be_visible()
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_group_is_named_as_a_whole_strays_first(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    projector.press("/")
    projector.page.keyboard.type("class/24")  # 24, and 240 to 249
    expect(projector.find("selection-count")).to_contain_text("11 images")
    projector.press("Escape")
    projector.press("r")
    expect(projector.find("tiles")).to_be_visible()
    rows = page(projector)
    assert len(rows) == 11
    projector.press("Enter")
    expect(projector.toast("What are these?")).to_be_visible()
    tile(projector, rows[0]).click()
    projector.press("2")
    expect(tile(projector, rows[0])).to_contain_text("bee")
    projector.press("3")
    expect(projector.find("review-end")).to_be_visible()
    saved(projector)
    newest = run.get("labels/history")["entries"][0]
    assert newest["selection"] == {"kind": "page", "of": "search", "order": "doubtful", "shown": 11, "changed": 1}
    assert newest["actions"] == 1
    labels = run.labels()
    assert [labels[row] for row in rows] == [2] + [3] * 10


def test_a_look_at_random_bounds_what_is_accepted_unseen(open_page: OPEN, run: Run) -> None:
    projector = begin(open_page())
    projector.press("Escape")
    projector.press("a")
    expect(projector.find("page-facts")).to_contain_text("60 of")
    rows, of = page(projector), class_of(projector)
    assert len(rows) == 60
    projector.press("Enter")  # somebody who overlooks everything
    expect(projector.find("look-found")).to_contain_text("60 seen, 60 right")
    bound = re.compile(r"At most \d+ of the other \d+ \(\d+ %\) are wrong, 95 % sure")
    expect(projector.find("look-found")).to_contain_text(bound)
    projector.find("accept-rest").click()
    expect(projector.toast("accepted unseen")).to_be_visible()
    saved(projector)
    unseen, look = run.get("labels/history")["entries"][:2]
    assert look["selection"]["order"] == "random"
    assert look["selection"]["population"] == 60 + unseen["count"]
    assert states(run).count("labeled") == unseen["count"] > 0
    labels = run.labels()
    assert all(labels[row] == of + 1 for row in rows)


def test_a_look_at_some_of_a_cluster_names_the_rest_in_one_edit(open_page: OPEN, run: Run) -> None:
    projector = taught(open_page())
    projector.press("k")
    projector.find("look-through-cluster").first.click()
    projector.find("look-at-some").click()
    expect(projector.find("page-facts")).to_contain_text("60 of")
    rows = page(projector)
    assert len(rows) == 60
    tile(projector, rows[0]).click()
    projector.press("u")
    projector.press("2")
    expect(projector.find("look-found")).to_contain_text("60 seen, 59 right")
    bound = re.compile(r"At most \d+ of the other \d+ \(\d+ %\) are wrong, 95 % sure")
    expect(projector.find("look-found")).to_contain_text(bound)
    projector.press("Control+z")
    expect(projector.find("look-taken-back")).to_be_visible()
    projector.press("Control+Shift+Z")
    expect(projector.find("look-found")).to_contain_text(bound)
    expect(projector.find("accept-rest")).to_contain_text("bee")
    projector.find("accept-rest").click()
    expect(projector.toast("accepted unseen")).to_be_visible()
    saved(projector)
    unseen, *before = run.get("labels/history")["entries"]
    look = next(each for each in before if each["selection"])
    population = 60 + unseen["count"]
    assert look["selection"] == {
        "kind": "page", "of": "cluster", "order": "random", "shown": 60, "changed": 1, "population": population
    }  # fmt: skip
    assert states(run).count("labeled") == unseen["count"] > 0
    assert states(run).count("unsure") == 1
    projector.press("Control+z")
    saved(projector)
    assert states(run).count("labeled") == 0
    assert states(run).count("unsure") == 1


def test_labels_are_verified_and_what_was_set_aside_is_found_again(open_page: OPEN, run: Run) -> None:
    projector = begin(open_page())
    aside, nothing = page(projector)[:2]
    for row, key in ((aside, "u"), (nothing, "i")):
        tile(projector, row).hover()
        projector.press(key)
    projector.press("Escape")
    expect(projector.find("count-unsure")).to_have_text("1")
    expect(projector.find("count-ignored")).to_have_text("1")
    expect(projector.find("hidden-remark")).to_have_count(0)  # nobody has to be told
    projector.find("swatch-ignored").click()
    expect(projector.find("swatch-ignored")).to_have_attribute("aria-pressed", "false")
    projector.find("class-ignored").click()
    expect(tile(projector, nothing)).to_be_visible()
    tile(projector, nothing).hover()
    projector.press("0")  # takes part again
    expect(tile(projector, nothing)).to_have_attribute("data-state", "unlabeled")
    projector.find("class-unsure").click()
    assert page(projector) == [aside]
    projector.press("Escape")

    projector.find("class-ant").hover()
    projector.find("menu-ant").click()
    projector.find("verify-class").click()
    expect(projector.find("accept-page")).to_contain_text(f"{TAUGHT} right")
    wrong = page(projector)[0]
    tile(projector, wrong).hover()
    projector.press("2")
    projector.press("Enter")
    expect(projector.find("review-end")).to_be_visible()
    saved(projector)
    assert states(run).count("verified") == TAUGHT
    assert run.labels()[wrong] == 2


def test_more_and_fewer_tiles_have_room(open_page: OPEN) -> None:
    projector = begin(open_page())
    rows = page(projector)
    projector.find("tile-size").fill("530")
    projector.wait_for(f"t.page().rows.length < {len(rows)}")
    fewer = page(projector)
    assert len(fewer) >= 24
    assert fewer == rows[: len(fewer)]
    projector.page.set_viewport_size({"width": 2560, "height": 1440})
    projector.wait_for(f"t.page().rows.length > {len(fewer)}")
    assert page(projector)[: len(fewer)] == fewer
    box = projector.frame.locator(".review-room").bounding_box()
    used = projector.find("tiles").bounding_box()
    assert box is not None
    assert used is not None
    if len(page(projector)) < 90:  # a whole page fills its room
        assert used["width"] * used["height"] > 0.85 * box["width"] * box["height"]
