"""Two projects on one port, in turn: a change goes into the labels it was made on, or waits for them and is shown."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.builders import make_run
from tests.e2e.page import LabelProjector
from tests.e2e.tensorboard_server import Start, TensorBoard, free_port

pytestmark = pytest.mark.browser

CLASSES = {"a": ["ant", "bee"], "b": ["cow", "dog"]}
N = 60


class Port:
    """A port at which projects are served in turn."""

    def __init__(self, start: Start, folder: Path) -> None:
        self._start, self._folder = start, folder
        self._number = free_port()
        self._server: TensorBoard | None = None

    def serve(self, project: str) -> TensorBoard:
        """Serves a project in place of the one before."""
        self.kill()
        self._server = self._start(self._folder / project, port=self._number)
        return self._server

    def kill(self) -> None:
        """Ends the TensorBoard there, if one is."""
        if self._server is not None:
            self._server.kill()
            self._server = None


class Person:
    """A browser profile with the page open on the one address of all projects."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.projector = LabelProjector(browser, address).open()
        self.projector.wait_for(f"t.labels().length === {N}")

    def label(self, row: int, digit: str) -> None:
        """Gives a sample a label."""
        self.projector.press("/")
        self.projector.page.keyboard.type(f"/class.{row}.png/")
        expect(self.projector.find("selection-count")).to_contain_text("1 image")
        self.projector.press("Escape")
        self.projector.press(digit)
        self.projector.press("Escape")
        self.projector.wait_for(f"t.labels()[{row}] === {digit}")

    def sees(self, project: str) -> None:
        """Waits until the classes of a project are shown."""
        for name in CLASSES[project]:
            expect(self.projector.find(f"count-{name}")).to_be_visible(timeout=30_000)

    def is_told(self, *, waiting: int, saved: bool = True) -> None:
        """What the status says."""
        if waiting == 0:
            expect(self.projector.find("elsewhere")).to_have_count(0, timeout=30_000)
        else:
            expect(self.projector.find("elsewhere")).to_contain_text(f"{waiting} change", timeout=30_000)
        if saved:
            expect(self.projector.find("saved-state")).to_have_attribute("data-state", "saved", timeout=30_000)
        else:
            expect(self.projector.find("saved-state")).to_contain_text("offline", timeout=30_000)


@pytest.fixture
def port(tmp_path: Path, start: Start) -> Port:
    """A port, and two projects to be served there, with a run of the same name and the same samples."""
    for name, classes in CLASSES.items():
        words = [classes[row] if row < 2 else "unlabeled" for row in range(N)]
        make_run(tmp_path / name / "run", labels=words)
    return Port(start, tmp_path)


@pytest.fixture
def meet(browser: Browser) -> Iterator[Callable[[TensorBoard], Person]]:
    """Opens the page in profiles of their own, and closes them afterwards."""
    people: list[Person] = []

    def open_one(server: TensorBoard) -> Person:
        people.append(Person(browser, server.address))
        return people[-1]

    yield open_one
    for person in people:
        person.projector.close()


def labels(server: TensorBoard) -> dict[int, int]:
    """Class by row, of the samples that the run came without a label for."""
    answer = server.get("labels", run="run", tensor="im").json()
    return {row: label for row, label in enumerate(answer["labels"]) if label > 0 and row > 1}


def other(project: str) -> str:
    return "b" if project == "a" else "a"


@pytest.mark.parametrize("first", ["a", "b"])
@pytest.mark.parametrize("stays", [True, False], ids=["the page stays open", "the page is loaded again"])
def test_offline_changes_of_two_projects_on_one_port(
    port: Port, meet: Callable[[TensorBoard], Person], first: str, stays: bool
) -> None:
    def serve(project: str) -> TensorBoard:
        server = port.serve(project)
        if not stays:
            person.projector.reload()
        person.sees(project)
        return server

    second = other(first)
    person = meet(port.serve(first))
    port.kill()
    person.label(5, "1")
    person.label(6, "2")
    person.is_told(waiting=0, saved=False)

    server = serve(second)
    person.is_told(waiting=2)
    assert labels(server) == {}
    person.label(7, "2")
    person.is_told(waiting=2)
    assert labels(server) == {7: 2}
    port.kill()
    person.label(8, "1")

    server = serve(first)
    person.is_told(waiting=1)
    assert labels(server) == {5: 1, 6: 2}

    server = serve(second)
    person.is_told(waiting=0)
    assert labels(server) == {7: 2, 8: 1}


def test_three_profiles_mix_nothing(port: Port, meet: Callable[[TensorBoard], Person]) -> None:
    server = port.serve("a")
    people = [meet(server) for _ in range(3)]
    port.kill()
    for number, person in enumerate(people):
        person.label(10 + number, str(1 + number % 2))
    server = port.serve("b")
    for person in people:
        person.sees("b")
        person.is_told(waiting=1)
    assert labels(server) == {}
    server = port.serve("a")
    for person in people:
        person.sees("a")
        person.is_told(waiting=0)
    assert labels(server) == {10: 1, 11: 2, 12: 1}


def test_a_store_deleted_and_made_again_gets_none_of_the_old_ones_changes(
    port: Port, meet: Callable[[TensorBoard], Person], tmp_path: Path
) -> None:
    person = meet(port.serve("a"))
    port.kill()
    person.label(5, "1")
    (tmp_path / "a" / "run" / "labels.sqlite").unlink()
    server = port.serve("a")
    person.is_told(waiting=1)
    assert labels(server) == {}
    person.label(6, "2")
    person.is_told(waiting=1)
    assert labels(server) == {6: 2}


def test_a_copied_log_dir_gets_none_of_the_originals_changes(
    port: Port, meet: Callable[[TensorBoard], Person], tmp_path: Path
) -> None:
    person = meet(port.serve("a"))
    person.label(4, "1")
    person.is_told(waiting=0)
    port.kill()
    person.label(5, "1")
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    server = port.serve("copy")
    person.is_told(waiting=1)
    assert labels(server) == {4: 1}
    server = port.serve("a")
    person.is_told(waiting=0)
    assert labels(server) == {4: 1, 5: 1}


def test_after_a_restore_from_a_backup_a_change_made_on_what_is_gone_is_refused(
    port: Port, meet: Callable[[TensorBoard], Person], tmp_path: Path
) -> None:
    server = port.serve("a")
    person = meet(server)
    store = tmp_path / "a" / "run" / "labels.sqlite"
    shutil.copy(store, tmp_path / "backup")
    person.label(4, "1")
    person.is_told(waiting=0)
    port.kill()
    person.label(5, "1")
    shutil.copy(tmp_path / "backup", store)
    server = port.serve("a")
    expect(person.projector.toast("an earlier state was put back")).to_be_visible(timeout=30_000)
    person.is_told(waiting=0)
    assert labels(server) == {}
    person.projector.wait_for("t.labels()[4] === -1 && t.labels()[5] === -1")


def test_what_waits_can_be_looked_at_and_discarded_after_asking(
    port: Port, meet: Callable[[TensorBoard], Person]
) -> None:
    person = meet(port.serve("a"))
    port.kill()
    person.label(5, "1")
    port.serve("b")
    person.is_told(waiting=1)
    person.projector.find("elsewhere").click()
    expect(person.projector.find("waiting-group")).to_contain_text("run")
    person.projector.find("discard").click()
    person.projector.find("discard-for-good").click()
    expect(person.projector.find("waiting-dialog")).to_have_count(0)
    person.is_told(waiting=0)
    server = port.serve("a")
    person.sees("a")
    person.is_told(waiting=0)
    assert labels(server) == {}
