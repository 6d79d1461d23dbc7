"""The page's main states, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from playwright.sync_api import FilePayload, Route, expect

from tb_tsne_plugin.runs import arrow
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import N, Run

LONG_NAMES = (
    "Trachypithecus auratus mauritius (eastern Javan langur), infants",
    "黒い手の蜘蛛猿と白い顔のオマキザル、それからニホンザルの仲間たちと、その子供たちの写真をまとめたとても長い名前の分類、六十四文字",
    "قرد البابون المقدس الذي يعيش في جبال شبه الجزيرة العربية والقرني",
)
MANY = 31
"""One more than are looked through without a filter."""

ALWAYS = (
    *("run-select", "tensor-select", "column-select", "search"),
    *("play-pause", "step", "restart", "perturb", "session-status", "epoch", "cost", "more-parameters"),
    *("class-unlabeled", "add-class-input", "add-class"),
    *("view", "tool-orbit", "tool-box", "tool-lasso", "fit", "screenshot", "sprites", "sprite-size"),
    *("download", "save-logdir", "import", "copy-snippet", "saved-state", "help"),
)
"""What must be whole in sight in any window while a run is shown, by test ids."""
HIGH = 800
ALWAYS_WHERE_HIGH = ("undo", "redo")
"""The same, in windows at least so high: in lower ones one may have to scroll to them."""

THERE = """(name) => [...document.querySelectorAll("iframe")].some(
    (frame) => frame.contentDocument?.querySelector(`[data-testid=${name}]`))"""


class State(NamedTuple):
    """One state of the page."""

    name: str
    wanted: Sequence[str] = ()
    """What must be whole in sight in it, by test ids."""
    bare: bool = True
    """Whether nothing lies over the page or has pushed it away: what is always in sight must be so now."""
    transient: bool = False
    """Whether it ends as soon as the focus moves."""

    def in_sight(self, height: int) -> tuple[str, ...]:
        """What must be whole in sight, in a window so high."""
        usual = (*ALWAYS, *(ALWAYS_WHERE_HIGH if height >= HIGH else ())) if self.bare else ()
        return (*self.wanted, *usual)


BEGINNING = "document.querySelectorAll('.page, .side, .classes').forEach((each) => (each.scrollTop = 0))"

BARE = """(rows) => rows.map((row) => window.__tsne.screenPosition(row)).find(
    (at) => at && document.elementFromPoint(at.x, at.y)?.dataset.testid === "view")"""


def tour(projector: LabelProjector, run: Run) -> Iterator[State]:
    """Brings the page from one state to the next, each with its panels scrolled to their beginning."""
    for state in _states(projector, run):
        projector.frame.evaluate(BEGINNING)
        yield state
        projector.frame.evaluate(BEGINNING)  # only the classes in view are there


def _states(projector: LabelProjector, run: Run) -> Iterator[State]:
    expect(projector.frame.get_by_text("of a kind not seen yet").first).to_be_visible(timeout=60_000)
    expect(projector.find("notes")).to_be_visible()
    yield State("notes on the run", ("notes", "close-notes", "notes-button", "more-notes"), bare=False)
    projector.find("close-notes").click()
    yield State("fresh", ("k-slider", "k-input", "notes-button"))
    projector.page.route("**/guidance/suggestions/arrow*", _be_sure)
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    yield State("a group is selected", ("selection-count", "clear-selection", "k-slider", "k-input"))
    projector.press("1")
    expect(projector.find("count-ant")).not_to_have_text("0")
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved")
    yield State("it is labeled", ("selection-count", "overwrite", "count-ant", "densest"))
    projector.press("Escape")
    expect(projector.find("session-status")).to_contain_text("Settled", timeout=60_000)
    expect(projector.find("accept")).to_be_attached(timeout=60_000)
    yield State("nothing is selected any more", ("supervision-warning",))
    yield from _pages(projector)
    yield from _opened(projector)
    yield from _leaving(projector)
    yield from _many_classes(projector, run)
    yield from _in_trouble(projector)


def _pages(projector: LabelProjector) -> Iterator[State]:
    """What is looked through page by page; all of it is taken back at the end."""
    projector.wait_for("t.suggested().length === 1", 60_000)
    projector.press("r")
    expect(projector.find("tiles")).to_be_visible()
    always = ("page-back", "set-unsure", "tile-size", "close-review", "inset", "do-next", "class-progress")
    yield State("a page of images", ("tiles", "page-facts", "accept-page", *always), bare=False)
    tiles = projector.find("tile")
    projector.press("ArrowRight")
    projector.press("2")
    expect(tiles.first).to_contain_text("bee")
    projector.press("ArrowRight")
    projector.press("u")
    expect(projector.find("count-unsure")).to_have_text("1")
    yield State("two were named", ("tiles", "accept-page", *always, "class-unsure"), bare=False)
    tiles.nth(3).click()
    expect(projector.find("tile-menu")).to_be_visible()
    yield State("one is picked", ("tile-menu", "name-tile-input", "choose-bee", "picked-count"), bare=False)
    projector.press("n")
    projector.page.keyboard.type("e")
    expect(projector.find("tile-class-options")).to_be_visible()
    yield State("one is being named", ("tile-class-options",), bare=False, transient=True)
    for _ in range(3):  # the field, the menu, what is picked
        projector.press("Escape")
    yield from _turned(projector)
    projector.find("candidate").first.click()
    projector.press("r")
    expect(projector.find("name-all")).to_be_visible()
    yield State("a group to be named", ("tiles", "name-all", "tile-size"), bare=False)
    projector.press("Escape")
    projector.press("Escape")
    projector.page.unroute("**/guidance/suggestions/arrow*")
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved")
    expect(projector.find("session-status")).to_contain_text("Settled", timeout=60_000)


def _turned(projector: LabelProjector) -> Iterator[State]:
    """Pages turned to the end, and back; and a look."""
    while not projector.find("review-end").count():
        before = projector.ask("page().turned")
        projector.press("Enter")
        projector.wait_for(f"t.page().turned > {before}")
    yield State("all of it is looked through", ("review-end", "page-back", "inset"), bare=False)
    while projector.ask("page().turned") > 0:
        before = projector.ask("page().turned")
        projector.press("Backspace")
        projector.wait_for(f"t.page().turned < {before}")
    for _ in range(2):
        projector.press("Control+z")
    expect(projector.find("count-bee")).to_have_text("0")
    projector.press("a")
    expect(projector.find("page-facts")).to_contain_text("drawn at random")
    yield State("a look at some, drawn at random", ("tiles", "accept-page", "page-facts"), bare=False)
    projector.press("Enter")
    expect(projector.find("look-found")).to_be_visible()
    yield State("what the look found", ("look-found", "page-back"), bare=False)
    projector.press("Backspace")
    projector.press("Escape")


def _be_sure(route: Route) -> None:
    """Suggestions as they are with more labels than here: all of the first class, and most of them right."""
    about = {"number": "1", "column": "label", "revision": "1"}
    told = {"class_id": np.full(N, 1, "i1"), "second": np.full(N, 2, "i1"), "percent": np.full(N, 95, "f4")}
    stream = arrow.stream({name: arrow.numbers(values) for name, values in told.items()}, about)
    route.fulfill(body=stream, content_type=arrow.MEDIA_TYPE)


def _opened(projector: LabelProjector) -> Iterator[State]:
    """What opens over the page, or in a panel."""
    projector.find("class-ant").hover()
    projector.find("menu-ant").click()
    expect(projector.find("delete-class")).to_be_visible()
    menu = ("rename-class", "class-color", "move-down", "merge-class", "delete-class")
    yield State("a class's menu is open", menu, bare=False, transient=True)
    projector.press("Escape")
    entry = projector.find("history").locator("summary").nth(1)
    entry.click()
    expect(projector.frame.locator('details[open] [data-testid="restore"]')).to_be_visible()
    yield State("a change in the history is open")
    entry.click()
    projector.find("more-parameters").click()
    yield State("all parameters are open", bare=False)
    projector.find("more-parameters").click()
    projector.press("c")
    expect(projector.find("verified")).to_be_visible()
    yield State("labels to verify", bare=False)
    projector.find("verified").click()
    projector.press("n")
    projector.page.keyboard.type("e")
    expect(projector.find("class-options")).to_be_visible()
    yield State("a class is being named", ("class-options",), transient=True)
    projector.press("Escape")
    projector.press("?")
    expect(projector.find("keys-overlay")).to_be_visible()
    yield State("keys", ("keys-overlay", "close-dialog", "key-densest", "key-help", "renderer"), bare=False)
    projector.find("key-densest").click()
    projector.press("Tab")
    yield State("keys, one of which cannot be had", ("keys-overlay", "close-dialog", "key-densest"), bare=False)
    projector.press("j")
    expect(projector.find("reset-keys")).to_be_visible()
    yield State("keys, one of which was changed", ("keys-overlay", "reset-keys", "renderer"), bare=False)
    projector.find("reset-keys").click()
    projector.find("close-dialog").click()
    projector.find("import").click()
    expect(projector.find("import-dialog")).to_be_visible()
    yield State(
        "import", ("import-dialog", "import-file", "import-replace", "import-apply", "close-dialog"), bare=False
    )
    _choose(projector, f"sample_id\tlabel\ns0001\t{LONG_NAMES[0]}\n{'nobody' * 12}\tbee\n")
    expect(projector.find("import-preview")).to_be_visible()
    yield State("an import is looked at", ("import-dialog", "import-preview", "import-apply"), bare=False)
    _choose(projector, "nothing here")
    expect(projector.find("import-problem")).to_be_visible()
    yield State("a table cannot be imported", ("import-dialog", "import-problem", "import-apply"), bare=False)
    projector.find("close-dialog").click()


def _leaving(projector: LabelProjector) -> Iterator[State]:
    """How labels leave."""
    _open_downloads(projector)
    yield State("the download menu", ("download-menu", "download-tsv", "download-folders", "download-camtrapdp"))
    _open_downloads(projector)
    projector.find("download-hf").click()
    expect(projector.find("dataset-problem")).to_be_visible()
    yield State(
        "a dataset that cannot be",
        ("dataset-dialog", "dataset-problem", "dataset-split", "dataset-download"),
        bare=False,
    )
    projector.find("close-dialog").click()
    _open_downloads(projector)
    projector.find("download-csv").click()
    expect(projector.find("dataset-preview")).to_be_visible()
    projector.find("dataset-split").select_option("own")
    yield State("a dataset", ("dataset-dialog", "dataset-preview", "dataset-shares", "dataset-spreadsheet"), bare=False)
    projector.find("close-dialog").click()


def _open_downloads(projector: LabelProjector) -> None:
    """Opens the menu, where the focus that went elsewhere has not left it open."""
    if projector.find("download-menu").count() == 0:
        projector.find("download").click()
    expect(projector.find("download-menu")).to_be_visible()


def _many_classes(projector: LabelProjector, run: Run) -> Iterator[State]:
    """So many classes that they can be filtered, three of them with long names, one of those in use."""
    labels = run.get("labels")
    store, revision = labels["store"], labels["revision"]
    for number in range(MANY - 2):
        name = LONG_NAMES[number] if number < len(LONG_NAMES) else f"class {number}"
        answer = run.server.post(
            "classes",
            run=run.name,
            store=store,
            op_id=f"another-class-{number}",
            base_revision=revision + number,
            action="add",
            name=name,
        )
        assert answer.ok, answer.text
    first = projector.find("class-list").locator("li").first
    expect(first).to_have_attribute("aria-setsize", str(MANY + 1), timeout=20_000)  # and what has no label
    yield State("many classes", ("class-filter",))
    projector.find("class-filter").fill("class 2")
    expect(projector.find("class-ant")).to_have_count(0)
    yield State("many classes, filtered", ("class-filter",))
    projector.find("class-filter").press("Escape")
    for digit in "34":
        projector.press("g")
        expect(projector.find("clear-selection")).to_be_visible()
        projector.press(digit)
        expect(projector.find(f"count-{LONG_NAMES[int(digit) - 3]}")).not_to_have_text("0")
        expect(projector.find("saved-state")).to_have_attribute("data-state", "saved")
        yield State(f"a group has long name {digit}", ("selection-count", "next-group"))
        projector.press("Escape")
    _relabel(projector, "ant", "5")
    expect(projector.find(f"count-{LONG_NAMES[2]}")).not_to_have_text("0")
    yield State("a group has long name 5", ("selection-count", "next-group"))
    projector.press("Escape")
    _point_at_one(projector, 5)
    yield State("the pointer rests on an image", ("hover-card",))
    projector.page.mouse.move(5, 5)
    projector.find("color-select").select_option("site")
    expect(projector.find("legend")).to_be_visible()
    yield State("coloured by a column", ("legend",))
    projector.find("color-select").select_option("weight")
    expect(projector.find("scale-beyond")).to_be_visible()
    yield State("coloured by a scale", ("legend", "scale-ticks", "scale-missing", "scale-beyond"))
    projector.find("color-select").select_option(index=0)


def _in_trouble(projector: LabelProjector) -> Iterator[State]:
    """The server refuses, is away, or is not there at all."""
    projector.page.route("**/labels/apply", _refuse)
    _relabel(projector, LONG_NAMES[2], "1")
    expect(projector.find("toast").first).to_be_visible()
    yield State("a change was refused", ("toast",))
    projector.page.unroute("**/labels/apply")
    projector.page.route("**/labels/**", lambda route: route.abort())
    projector.press("Escape")
    _relabel(projector, LONG_NAMES[2], "2")
    expect(projector.find("saved-state")).to_have_attribute("data-state", "offline")
    yield State("the server does not answer")
    projector.page.unroute("**/labels/**")
    projector.page.route("**/plugin/tsne/runs*", lambda route: route.abort())
    projector.page.reload()
    projector.page.wait_for_function(THERE, arg="retry", timeout=30_000)
    yield State("the server was never there", ("notice", "retry", "help"), bare=False)
    projector.page.route("**/plugin/tsne/runs*", _refuse_address)
    projector.find("retry").click()
    projector.page.wait_for_function(THERE, arg="copy-command", timeout=30_000)
    yield State("the address is refused", ("notice", "copy-command", "retry", "help"), bare=False)


def _relabel(projector: LabelProjector, name: str, digit: str) -> None:
    """Selects the images of a class and gives them another."""
    projector.find(f"class-{name}").click()
    projector.find("overwrite").check()
    projector.press(digit)


def _refuse(route: Route) -> None:
    message = "Labels cannot be stored here: the folder for them cannot be written to. Ask whoever started this server."
    route.fulfill(status=422, json={"error": {"code": "refused", "message": message}})


def _refuse_address(route: Route) -> None:
    name = "a-rather-long-name-of-a-machine.in-a-laboratory.example"
    message = f"This host name is not allowed; start TensorBoard with --tsne_allowed_hosts {name}."
    route.fulfill(status=403, json={"error": {"code": "host_refused", "message": message}})


def _choose(projector: LabelProjector, table: str) -> None:
    file = FilePayload(name="labels.tsv", mimeType="text/tab-separated-values", buffer=table.encode())
    projector.find("import-file").set_input_files(file)


def _point_at_one(projector: LabelProjector, class_id: int) -> None:
    """Moves the pointer to an image where nothing lies over the picture: of a class, where there is one."""
    projector.find("view").scroll_into_view_if_needed()
    labels = projector.labels()
    rows = sorted(range(len(labels)), key=lambda row: labels[row] != class_id)
    place = projector.frame.evaluate(BARE, rows)
    ours = projector.place()
    projector.page.mouse.move(ours["x"] + place["x"], ours["y"] + place["y"])
    expect(projector.find("hover-card")).to_be_visible()
