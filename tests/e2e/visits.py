"""Opening the page by a name, and labelling there: what works wherever the page is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Page, expect

from tests.builders import make_run
from tests.e2e.page import LabelProjector
from tests.e2e.tensorboard_server import TensorBoard

NAME = "gpu01.lab.example"


def make_logdir(folder: Path) -> Path:
    """A log dir with one run of sixty samples, one of which has a class."""
    make_run(folder / "run", labels=["ant", *["unlabeled"] * 59])
    return folder


class OpenAt(Protocol):
    """Opens the page at an address."""

    def __call__(
        self, address: str, *, running: bool = True, first: str = "", before: Callable[[Page], object] | None = None
    ) -> LabelProjector:
        """`running` waits for a picture of a running t-SNE; `first` is visited before, or `before` does more."""


def visits(knowing: Browser) -> Iterator[OpenAt]:
    """One `OpenAt`, in a browser for which the name leads to this machine."""
    opened: list[LabelProjector] = []

    def open_one(
        address: str, *, running: bool = True, first: str = "", before: Callable[[Page], object] | None = None
    ) -> LabelProjector:
        projector = LabelProjector(knowing, address)
        opened.append(projector)
        if first:
            projector.page.goto(first)
        if before:
            before(projector.page)
        return projector.open(running=running)

    yield open_one
    for projector in opened:
        projector.page.context.close()


def select_some(projector: LabelProjector) -> None:
    """Selects a group of the sixty samples."""
    projector.wait_for("t.labels().length === 60")
    projector.press("g")
    projector.wait_for("t.selection().rows.length > 0")


def label_one(projector: LabelProjector) -> None:
    """Gives a group the first class."""
    select_some(projector)
    projector.press("1")


def keeps_its_label(projector: LabelProjector, server: TensorBoard) -> None:
    """Labels some, and looks whether they are there after a reload."""
    label_one(projector)
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved", timeout=20_000)
    labeled = projector.labels().count(1)
    assert stored(server) == labeled > 1
    projector.reload()
    projector.wait_for(f"t.labels().filter((label) => label === 1).length === {labeled}")


def stored(server: TensorBoard) -> int:
    """How many samples of the run are of the first class."""
    return list(server.get("labels", run="run", tensor="im").json()["labels"]).count(1)
