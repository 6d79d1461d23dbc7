"""The page under every address that TensorBoard may have."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, expect

from tests.builders import make_run
from tests.e2e.page import LabelProjector
from tests.e2e.tensorboard_server import Start, TensorBoard
from tests.missing import missing

pytestmark = pytest.mark.browser


def lan_address() -> str:
    """This machine's address on its network; without one the test cannot run."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # Nothing is sent: it only asks which way that would go.
            return str(asked.getsockname()[0])
        except OSError:
            missing("this machine is on no network")


class OpenAt(Protocol):
    """Opens the page at an address."""

    def __call__(self, address: str, *, running: bool = True) -> LabelProjector:
        """`running` waits for a picture of a running t-SNE."""


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenAt]:
    opened: list[LabelProjector] = []

    def open_one(address: str, *, running: bool = True) -> LabelProjector:
        opened.append(LabelProjector(browser, address))
        return opened[-1].open(running=running)

    yield open_one
    for projector in opened:
        projector.close()


def label_one(projector: LabelProjector) -> None:
    projector.wait_for("t.labels().length === 60")
    projector.press("g")
    projector.wait_for("t.selection().rows.length > 0")
    projector.press("1")


def logdir_with_a_class(folder: Path) -> Path:
    make_run(folder / "run", labels=["ant", *["unlabeled"] * 59])
    return folder


def stored(server: TensorBoard) -> int:
    return list(server.get("labels", run="run", tensor="im").json()["labels"]).count(1)


@pytest.mark.parametrize(
    ("host", "prefix", "flags"),
    [
        ("localhost", "", []),
        ("127.0.0.1", "", []),
        ("localhost", "/team/board", ["--path_prefix", "/team/board"]),
        ("lan", "", ["--bind_all", "--tsne_allow_remote_edit"]),
    ],
    ids=["localhost", "127.0.0.1", "path_prefix", "lan"],
)
def test_labels_are_stored_under_every_address(
    tmp_path: Path, open_page: OpenAt, start: Start, host: str, prefix: str, flags: list[str]
) -> None:
    server = start(logdir_with_a_class(tmp_path), *flags, prefix=prefix)
    name = lan_address() if host == "lan" else host
    projector = open_page(f"http://{name}:{server.port}{prefix}")
    label_one(projector)
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved", timeout=20_000)
    assert stored(server) == projector.labels().count(1) > 1


def test_other_machines_may_look_but_not_label_without_the_flag(
    tmp_path: Path, open_page: OpenAt, start: Start
) -> None:
    name = lan_address()
    server = start(logdir_with_a_class(tmp_path), "--bind_all")
    visitor = open_page(f"http://{name}:{server.port}", running=False)
    words = visitor.find("edit-problem").locator(".words")
    expect(words).to_contain_text("you may look, but not edit (TensorBoard's --tsne_allow_remote_edit allows it)")
    visitor.page.set_viewport_size({"width": 960, "height": 600})  # as a window of half a screen
    assert words.evaluate("(it) => it.scrollWidth <= it.clientWidth && it.scrollHeight <= it.clientHeight")
    open_page(f"http://localhost:{server.port}")
    visitor.wait_for("t.epoch() > 0", 60_000)  # What somebody who may edit has started.
    label_one(visitor)
    expect(visitor.toast("--tsne_allow_remote_edit")).to_be_visible(timeout=20_000)
    visitor.wait_for("t.labels().filter((label) => label === 1).length === 1")
    assert stored(server) == 1
