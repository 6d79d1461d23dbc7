"""What the page can do, piece by piece, in a real browser on a small run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Route, expect

from tests.builders import blobs, make_run
from tests.e2e.page import LabelProjector
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[2] / "projector_frontend" / "node_modules" / "axe-core" / "axe.min.js"
N = 120
OPEN = Callable[..., LabelProjector]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    """One TensorBoard for all; every test has a run of its own in its log dir."""
    server = TensorBoard(tmp_path_factory.mktemp("logs"))
    yield server.start()
    server.stop()


class Run:
    """A small run on the shared server."""

    def __init__(self, server: TensorBoard, name: str) -> None:
        self.server, self.name = server, name

    def get(self, route: str, **query: Any) -> Any:
        """What a route answers about it."""
        return self.server.get(route, run=self.name, tensor="im", **query).json()

    def labels(self) -> list[int]:
        """Its labels as the server has them."""
        return list(self.get("labels")["labels"])

    def applied(self) -> int:
        """How often labels were given."""
        return [entry["kind"] for entry in self.get("labels/history")["entries"]].count("apply")


@pytest.fixture
def run(shared: TensorBoard, request: pytest.FixtureRequest) -> Run:
    """Three groups, two classes, and a t-SNE under way."""
    name = re.sub(r"\W+", "_", request.node.name)
    make_run(shared.logdir / name, blobs(N)[0])
    shared.first_frame(run=name, tensor="im")
    for revision, added in enumerate(("ant", "bee")):
        shared.post("classes", run=name, op_id=f"class-{added}", base_revision=revision, action="add", name=added)
    return Run(shared, name)


@pytest.fixture
def open_page(browser: Browser, run: Run) -> Iterator[OPEN]:
    """Opens pages on the run, and closes them afterwards."""
    opened: list[LabelProjector] = []

    def open_one(*, script: str = "", painter: str = "auto", deaf: bool = False, **options: Any) -> LabelProjector:
        projector = LabelProjector(browser, run.server.address, **options)
        opened.append(projector)
        if deaf:  # to what others change
            projector.page.route("**/labels/changes*", lambda route: route.abort())
        last = json.dumps({"run": run.name, "painter": painter})
        projector.page.add_init_script(f"localStorage['tb-tsne'] ??= {json.dumps(last)};{script}")
        projector.open()
        expect(projector.find("session-status")).to_contain_text("Settled", timeout=60_000)
        return projector

    yield open_one
    for projector in opened:
        projector.close()


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
    top = projector.frame.frame_element().bounding_box()["y"]
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
    expect(projector.find("labelled-count")).to_contain_text(f"{len(everything)} labelled")
    projector.find("history").locator("summary").first.click()
    expect(projector.find("history")).to_contain_text("Chosen by a box")


def test_a_change_made_offline_survives_a_reload_and_acts_once(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    projector.page.route("**/labels/apply", lambda route: route.abort())
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    count = len(projector.selected())
    projector.press("1")
    expect(projector.find("labelled-count")).to_contain_text(f"{count} labelled")
    expect(projector.find("saved-state")).to_contain_text("offline (1 waiting)")
    projector.reload()
    expect(projector.find("saved-state")).to_contain_text("offline (1 waiting)")
    expect(projector.find("labelled-count")).to_contain_text(f"{count} labelled")
    projector.page.unroute("**/labels/apply")
    expect(projector.find("saved-state")).to_contain_text("saved", timeout=20_000)
    assert run.labels().count(1) == count
    assert run.applied() == 1


def test_a_lost_answer_is_asked_for_again_and_acts_once(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    sent: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        sent.append(route.request.post_data_json["op_id"])
        answer = route.fetch()
        route.abort() if len(sent) == 1 else route.fulfill(response=answer)

    projector.page.route("**/labels/apply", lose_the_first_answer)
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    projector.press("2")
    expect(projector.find("saved-state")).to_contain_text("saved", timeout=20_000)
    assert len(sent) >= 2
    assert len(set(sent)) == 1
    assert run.applied() == 1


def test_two_windows_see_each_other_within_a_second(open_page: OPEN) -> None:
    one, other = open_page(), open_page()
    one.press("g")
    expect(one.find("thumb").first).to_be_visible()
    count = len(one.selected())
    one.press("1")
    expect(one.find("saved-state")).to_contain_text("saved")
    expect(other.find("labelled-count")).to_contain_text(f"{count} labelled", timeout=5_000)
    assert other.labels() == one.labels()


def test_a_conflict_is_shown_and_overwrites_nothing(open_page: OPEN, run: Run) -> None:
    deaf = open_page(deaf=True)
    deaf.press("/")
    deaf.page.keyboard.type("/class.[123].png/")
    deaf.press("Escape")
    expect(deaf.find("selection-count")).to_contain_text("3 images")
    ids = ["s0001", "s0002"]
    edit = {"op_id": "elsewhere", "base_revision": 2, "class_id": 1, "sample_ids": ids}
    assert run.server.post("labels/apply", run=run.name, **edit).ok
    deaf.press("2")
    expect(deaf.find("toast").first).to_contain_text("Not stored, and taken back")
    expect(deaf.find("count-bee")).to_have_text("0")
    assert run.labels()[:4] == [-1, 1, 1, -1]


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


def test_classes_are_hidden_isolated_moved_merged_and_deleted(open_page: OPEN) -> None:
    projector = open_page()
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    count = len(projector.selected())
    projector.press("1")
    projector.press("Escape")
    projector.find("swatch-ant").click()
    expect(projector.find("hidden-remark")).to_contain_text(f"{count} hidden")
    projector.find("show-all").click()
    projector.find("swatch-ant").dblclick()
    expect(projector.find("hidden-remark")).to_contain_text(f"{N - count} hidden")
    projector.find("show-all").click()
    projector.find("menu-ant").click()
    projector.find("move-down").click()
    expect(projector.find("class-list").locator("li").first).to_contain_text("bee")
    projector.find("menu-ant").click()
    projector.find("merge-class").select_option(label="bee")
    expect(projector.find("count-bee")).to_have_text(str(count))
    expect(projector.find("class-ant")).to_have_count(0)
    projector.find("menu-bee").click()
    projector.find("delete-class").click()
    expect(projector.find("labelled-count")).to_contain_text("0 labelled")
    projector.press("Control+z")
    expect(projector.find("labelled-count")).to_contain_text(f"{count} labelled")


def test_the_history_leads_back(open_page: OPEN) -> None:
    projector = open_page()
    for key in ("1", "2"):
        projector.press("g")
        expect(projector.find("selection-count")).to_be_visible()
        projector.press(key)
        expect(projector.find("saved-state")).to_contain_text("saved")
    both = projector.find("labelled-count").inner_text()
    first = projector.find("history").locator("li").nth(1)
    first.locator("summary").click()
    first.locator('[data-testid="restore"]').click()
    expect(projector.find("count-bee")).to_have_text("0")
    projector.press("Control+z")
    expect(projector.find("labelled-count")).to_have_text(both)


def test_a_table_is_looked_at_before_it_is_imported(open_page: OPEN, tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    table.write_text("sample_id\tlabel\ns0001\tant\ns0002\tcat\nnobody\tant\n")
    projector = open_page()
    projector.find("import").click()
    projector.find("import-file").set_input_files(table)
    expect(projector.find("import-preview")).to_contain_text("cat")
    assert projector.labels().count(-1) == N
    projector.find("import-apply").click()
    expect(projector.find("labelled-count")).to_contain_text("2 labelled")
    projector.find("import").click()
    table.write_text("nothing here")
    projector.find("import-file").set_input_files(table)
    expect(projector.find("import-problem")).to_be_visible()


def test_parameters_change_while_it_runs_and_say_what_they_do(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    projector.find("supervision-strong").click()
    expect(projector.find("label_importance")).to_have_attribute("aria-valuetext", "0.1")
    projector.find("more-parameters").click()
    for name in ("speed_limit", "theta", "labeling_start", "ramp_epochs", "early_exaggeration", "learning_rate"):
        slider = projector.find(name)
        expect(slider).to_be_visible()
        assert len(slider.locator("xpath=ancestor::label").get_attribute("title") or "") > 30
        slider.focus()
        projector.press("ArrowLeft")
    expect(projector.find("theta")).to_have_attribute("aria-valuetext", "0.6")
    parameters = run.get("session/state")["parameters"]
    assert parameters["theta"] == 0.6
    assert parameters["speed_limit"] == 500
    assert parameters["label_importance"] == 0.1


def test_neighbours_in_the_features_are_another_group(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    projector.find("near in-features").click()
    focus = projector.ask("selection().focus")
    near = run.get("runs/neighbors", sample_id=f"s{focus:04d}", k=20, space="features")
    projector.wait_for(f"t.selection().rows[1] === {int(near['sample_ids'][0][1:])}")


LOSE = """() => {
    const canvas = document.querySelector('[data-testid=view]');
    window.lost = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
    window.lost.loseContext();
}"""


def test_the_picture_comes_back_after_a_lost_context(open_page: OPEN) -> None:
    projector = open_page(painter="graphics")
    projector.frame.evaluate(LOSE)
    expect(projector.find("notice")).to_contain_text("Graphics interrupted")
    drawn = projector.ask("framesDrawn()")
    projector.frame.evaluate("() => window.lost.restoreContext()")
    expect(projector.find("notice")).to_have_count(0)
    projector.wait_for(f"t.framesDrawn() > {drawn}")


def test_without_webgl2_the_page_says_so_and_still_draws(open_page: OPEN) -> None:
    projector = open_page(
        script="""const get = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
            return kind === 'webgl2' ? null : get.call(this, kind, ...more);
        };"""
    )
    expect(projector.find("no-webgl")).to_contain_text("WebGL2 is missing")
    assert projector.ask("framesDrawn()") > 0


def test_it_follows_tensorboards_dark_mode_at_once(open_page: OPEN) -> None:
    projector = open_page()
    background = "() => getComputedStyle(document.querySelector('main')).backgroundColor"
    light = projector.frame.evaluate(background)
    projector.page.evaluate("document.body.classList.add('dark-mode')")
    projector.frame.wait_for_function("() => document.documentElement.classList.contains('dark')")
    assert projector.frame.evaluate(background) != light


@pytest.mark.parametrize("size", [(1280, 720), (3840, 2160)])
def test_nothing_is_cut_off(open_page: OPEN, size: tuple[int, int]) -> None:
    projector = open_page(size=size)
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    projector.press("1")
    expect(projector.find("effort-curve").or_(projector.find("action-count")).first).to_be_visible()
    for name in ("help", "saved-state", "save-logdir", "play-pause", "densest", "history", "screenshot"):
        box = projector.find(name).bounding_box()
        assert box is not None, name
        assert 0 <= box["x"] <= size[0] - box["width"], name
        assert 0 <= box["y"] <= size[1] - box["height"], name
    assert projector.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_serious(open_page: OPEN, dark: bool) -> None:
    projector = open_page(dark=dark)
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    projector.press("1")
    projector.frame.evaluate(AXE.read_text())
    for dialog in (None, "?"):
        if dialog:
            projector.press(dialog)
            expect(projector.find("keys-overlay")).to_be_visible()
        found = projector.frame.evaluate("async () => (await axe.run()).violations")
        serious = [
            (each["id"], [node["html"][:120] for node in each["nodes"]])
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == []


def test_it_works_without_eval_and_asks_no_other_host(browser: Browser, run: Run) -> None:
    projector = LabelProjector(browser, run.server.address)
    policies: list[str] = []
    requests: list[str] = []
    refused: list[str] = []

    def without_eval(route: Route) -> None:
        answer = route.fetch()
        policy = answer.headers.get("content-security-policy", "").replace("'unsafe-eval'", "")
        policies.append(policy)
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refused.append(f"{message.text} {message.location}")

    projector.page.route("**/plugin_entry.html*", without_eval)
    projector.page.on("request", lambda request: requests.append(request.url))
    projector.page.on("console", listen)
    projector.open()
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    assert "script-src" in policies[0]
    assert "unsafe-eval" not in policies[0]
    assert [each for each in refused if "tsne" in each] == []
    ours = [url for url in requests if "/plugin/tsne/" in url]
    assert len(ours) > 5
    assert {urlsplit(url).netloc for url in requests if url.startswith("http")} <= {
        urlsplit(run.server.address).netloc,
        "fonts.googleapis.com",  # TensorBoard's own page
    }
    projector.close()


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
    expect(projector.find("labelled-count")).to_contain_text(f"{count - 1} labelled")
    projector.press("Control+z")
    expect(projector.find("labelled-count")).to_contain_text("0 labelled")
    projector.press("Control+Shift+z")
    for _ in range(120):
        projector.press("Tab")
        if projector.frame.evaluate("document.activeElement?.dataset.testid === 'save-logdir'"):
            break
    projector.press("Enter")
    expect(projector.find("toast").filter(has_text="metadata.tsv")).to_be_visible()
    assert run.labels().count(3) == count - 1  # the redo, pressed a moment before, is in what was saved
