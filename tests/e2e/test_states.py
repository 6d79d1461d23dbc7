"""What the page says when there is nothing to show, or something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.builders import make_run
from tests.e2e.page import LabelProjector
from tests.e2e.tensorboard_server import Start, TensorBoard

pytestmark = pytest.mark.browser


RUNS = "**/plugin/tsne/runs"
STARTED = "() => [...document.querySelectorAll('iframe')].some((frame) => frame.contentWindow.__tsne?.epoch() > 0)"


class OpenOn(Protocol):
    """Opens the page on a server."""

    def __call__(self, server: TensorBoard, *, runs: Callable[[Route], None] | None = None) -> LabelProjector:
        """`runs` answers in its place what runs there are."""


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenOn]:
    opened: list[LabelProjector] = []

    def open_one(server: TensorBoard, *, runs: Callable[[Route], None] | None = None) -> LabelProjector:
        opened.append(LabelProjector(browser, server.address))
        if runs is not None:
            opened[-1].page.route(RUNS, runs)
        return opened[-1].open(running=False)

    yield open_one
    for projector in opened:
        projector.close()


def test_a_log_dir_that_is_not_there_yet_says_what_to_do(tmp_path: Path, open_page: OpenOn, start: Start) -> None:
    projector = open_page(start(tmp_path / "nowhere"))
    expect(projector.find("notice")).to_contain_text("No runs yet", timeout=30_000)
    expect(projector.find("notice")).to_contain_text("tb-tsne export")
    make_run(tmp_path / "nowhere" / "run")
    projector.find("retry").click()
    projector.wait_for("t.epoch() > 0", 60_000)


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    """A TensorBoard with nothing wrong, for tests that change what the page hears of it, and nothing there."""
    logdir = tmp_path_factory.mktemp("logs")
    make_run(logdir / "run")
    server = TensorBoard(logdir)
    yield server.start()
    server.stop()


def test_a_refusal_is_told_with_what_lets_one_in(open_page: OpenOn, working: TensorBoard) -> None:
    said = "This host name is not allowed; start TensorBoard with --tsne_allowed_hosts localhost."
    refusal = {"error": {"code": "host_refused", "message": said}}
    projector = open_page(working, runs=lambda route: route.fulfill(status=403, json=refusal))
    expect(projector.find("notice")).to_contain_text(said)
    expect(projector.find("notice").locator("code")).to_have_text(
        "tensorboard --logdir LOGDIR --tsne_allowed_hosts localhost"
    )
    projector.find("copy-command").click()
    expect(projector.find("toast")).to_be_visible()
    projector.page.unroute(RUNS)
    projector.find("retry").click()
    projector.wait_for("t.epoch() > 0", 60_000)


@pytest.mark.parametrize(
    ("status", "headers"),
    [(200, {}), (401, {}), (403, {}), (302, {"location": "/sign-in"})],
    ids=["a page", "a password", "a refusal", "a way elsewhere"],
)
def test_what_a_proxy_answers_in_the_servers_place_is_told_as_that(
    open_page: OpenOn, working: TensorBoard, status: int, headers: dict[str, str]
) -> None:
    page: dict[str, Any] = {
        "status": status,
        "headers": headers,
        "content_type": "text/html",
        "body": "<h1>Sign in</h1>",
    }
    projector = open_page(working, runs=lambda route: route.fulfill(**page))
    expect(projector.find("notice")).to_contain_text("answered in its place")
    projector.page.unroute(RUNS)
    projector.find("reload").click()
    projector.page.wait_for_function(STARTED, timeout=60_000)


def test_a_server_that_fails_says_so(open_page: OpenOn, working: TensorBoard) -> None:
    said = "The Label Projector failed; TensorBoard's log says where."
    failure = {"error": {"code": "internal", "message": said}}
    projector = open_page(working, runs=lambda route: route.fulfill(status=500, json=failure))
    expect(projector.find("notice")).to_contain_text(said)
    projector.page.unroute(RUNS)
    projector.page.route(RUNS, lambda route: route.fulfill(status=500, body="<h1>Oh</h1>"))
    projector.find("retry").click()
    expect(projector.find("notice")).to_contain_text("The server answered 500")


def test_a_malformed_config_is_said_and_the_good_run_works(tmp_path: Path, open_page: OpenOn, start: Start) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "projector_config.pbtxt").write_text("embeddings {")
    make_run(tmp_path / "good")
    projector = open_page(start(tmp_path))
    projector.wait_for("t.epoch() > 0", 60_000)
    expect(projector.find("run-select")).to_have_value("good")
    projector.find("run-select").select_option("bad")
    expect(projector.find("notice")).to_contain_text("bad cannot be shown")
    expect(projector.find("notice")).to_contain_text("projector_config.pbtxt cannot be read, line 1:12")
    projector.find("run-select").select_option("good")
    projector.wait_for("t.labels().length === 60", 60_000)
    expect(projector.find("notice")).to_be_hidden()


def test_where_labels_cannot_be_stored_the_page_says_so_and_takes_the_colour_back(
    tmp_path: Path, open_page: OpenOn, start: Start
) -> None:
    make_run(tmp_path / "logs" / "run", labels=["ant", *["unlabeled"] * 59])
    (tmp_path / "file").write_text("in the way")
    projector = open_page(start(tmp_path / "logs", "--tsne_labels_dir", str(tmp_path / "file")))
    projector.wait_for("t.labels().length === 60 && t.epoch() > 0", 60_000)
    expect(projector.frame.locator("body")).to_contain_text("Labels cannot be stored")
    projector.press("g")
    projector.press("1")
    expect(projector.toast("Labels cannot be stored")).to_be_visible()
    assert projector.labels().count(1) == 1
