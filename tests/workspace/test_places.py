"""Two log dirs with a run of the same name: their labels are never mixed, and no run is locked out of its own."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.labels import Database, LabelsPlaceUnknown, LabelStore, read_labels
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.workspace import places
from tests.builders import blobs, make_run, sample_id
from tests.web.conftest import Api

Serve = Callable[[str], Api]
OTHER_IDS = [f"t{row:04d}" for row in range(60)]


@pytest.fixture(params=["dir", "db", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """Where the labels of all log dirs are kept."""
    if request.param == "dir":
        return {"labels_dir": str(tmp_path / "labels")}
    if request.param == "db":
        return {"labels_db": f"sqlite:///{tmp_path}/db"}
    return {"labels_db": request.getfixturevalue("postgres").new_database()}


@pytest.fixture
def serve(place: dict[str, Any], tmp_path: Path) -> Serve:
    """A TensorBoard on a log dir below the test's folder, with labels kept there."""
    return lambda name: Api(tmp_path / name, **{f"tsne_{option}": value for option, value in place.items()})


def label(api: Api, row: int, name: str = "ant", ids: Callable[[int], str] = sample_id) -> Any:
    """Gives a sample a class that the run may have already."""
    answer = api.labels()
    known = {info["name"]: info["id"] for info in answer["classes"]}
    what = {"class_id": known[name]} if name in known else {"new_class": {"name": name}}
    return api.edit("labels/apply", **what, sample_ids=[ids(row)])


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def on_another_machine(monkeypatch: pytest.MonkeyPatch, name: str = "elsewhere") -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)


def test_the_second_log_dirs_run_is_refused_and_shows_its_own_labels(
    serve: Serve, place: dict[str, Any], tmp_path: Path
) -> None:
    make_run(tmp_path / "a" / "run")
    make_run(tmp_path / "b" / "run", labels=["bee", *["unlabeled"] * 59])  # the same samples: nothing else tells them
    a, b = serve("a"), serve("b")
    assert label(a, 3).status_code == 200
    seen = b.labels()
    assert (seen["store"], seen["labels"][:4], seen["classes"][0]["name"]) == ("", [1, -1, -1, -1], "bee")
    assert seen["problem"].startswith("Another log dir's run of this name keeps its labels here: give each log dir a ")
    for answer in (
        b.post("labels/create", run="run"),
        b.edit("labels/apply", store=a.store(), base_revision=1, class_id=1, sample_ids=[sample_id(5)]),
        b.post("labels/columns/add", run="run", store=a.store(), name="eyes"),
        b.get("labels/history", run="run"),
        b.get("labels/columns", run="run"),
        b.get("labels/changes", run="run", after=0),
        b.get("labels/orphans", run="run"),
        b.get("labels.tsv", run="run", tensor="im"),
        b.post("labels/save", run="run", tensor="im"),
    ):
        assert code(answer) == (409, "other_store")
        assert str(tmp_path) not in answer.text
    assert a.labels()["revision"] == 1
    with pytest.raises(LabelsPlaceUnknown, match=f"they are those of {tmp_path}/a/run: give each log dir"):
        read_labels(tmp_path / "b" / "run", **place, logdir=tmp_path / "b")
    words = [word for name, value in place.items() for word in (f"--{name.replace('_', '-')}", value)]
    options = ["--logdir", str(tmp_path / "b"), *words]
    done = CliRunner().invoke(cli, ["labels", "history", str(tmp_path / "b" / "run"), *options])
    assert done.exit_code == 2
    assert f"{tmp_path}/a/run" in done.output


def test_two_servers_on_one_log_dir_work_on_the_same_labels(serve: Serve, tmp_path: Path) -> None:
    make_run(tmp_path / "a" / "run")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    one, two = serve("a"), serve("link")
    assert label(one, 1).status_code == label(two, 2).status_code == 200
    assert one.labels()["labels"][1:3] == [1, 1]
    assert one.store() == two.store()


def test_a_log_dir_that_moved_keeps_its_labels(serve: Serve, tmp_path: Path) -> None:
    make_run(tmp_path / "a" / "run")
    label(serve("a"), 1)
    (tmp_path / "a").rename(tmp_path / "b")
    moved = serve("b")
    assert moved.labels()["labels"][1] == 1
    assert label(moved, 2).status_code == 200
    make_run(tmp_path / "a" / "run")  # the old place is another run's now; it was known before, and is refused no more
    assert label(moved, 3).status_code == 200


def test_where_the_place_was_other_samples_get_no_labels(serve: Serve, tmp_path: Path) -> None:
    make_run(tmp_path / "a" / "run")
    label(serve("a"), 1)
    shutil.rmtree(tmp_path / "a")
    make_run(tmp_path / "b" / "run", ids=OTHER_IDS)
    other = serve("b")
    assert other.labels()["store"] == ""
    assert code(other.post("labels/create", run="run")) == (409, "other_store")


def test_two_machines_work_on_the_same_labels(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(tmp_path / "a" / "run")
    make_run(tmp_path / "mount" / "run")
    here, there = serve("a"), serve("mount")
    assert label(here, 1).status_code == 200
    for row in (2, 3):
        with monkeypatch.context() as elsewhere:
            on_another_machine(elsewhere)
            assert there.labels()["labels"][1] == 1
            assert label(there, 2 * row).status_code == 200
        assert label(here, 2 * row + 1).status_code == 200
    assert here.labels()["labels"][1:8] == [1, -1, -1, 1, 1, 1, 1]


def test_another_machines_run_of_the_same_path_is_another(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As two containers are, each with its log dir at /logs."""
    make_run(tmp_path / "logs" / "run")
    api = serve("logs")
    assert label(api, 1).status_code == 200
    on_another_machine(monkeypatch)
    make_run(tmp_path / "logs" / "run", ids=OTHER_IDS)
    assert api.labels()["store"] == ""
    assert code(label(api, 1, "bee", lambda row: OTHER_IDS[row])) == (409, "other_store")


def test_before_the_first_label_whoever_labels_first_is_the_one(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(tmp_path / "a" / "run")
    make_run(tmp_path / "b" / "run", ids=OTHER_IDS)
    a, b = serve("a"), serve("b")
    store = a.store()
    with monkeypatch.context() as elsewhere:
        on_another_machine(elsewhere)
        assert b.store() != ""
        assert label(b, 1, ids=lambda row: OTHER_IDS[row]).status_code == 200
    tag = {"store": store, "base_revision": 1, "class_id": 1}
    assert code(a.edit("labels/apply", **tag, sample_ids=[sample_id(1)])) == (409, "other_store")
    assert a.labels()["store"] == ""


def test_row_numbers_name_samples_only_in_a_run_of_as_many(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, count in (("a", 60), ("same", 60), ("more", 80)):
        make_run(tmp_path / name / "run", blobs(count)[0])
        (tmp_path / name / "run" / "metadata.tsv").write_text("label\tx\n" + "unlabeled\ty\n" * count)
    assert label(serve("a"), 1, ids=lambda row: f"row-{row}").status_code == 200
    on_another_machine(monkeypatch)
    assert serve("same").labels()["labels"][1] == 1
    assert serve("more").labels()["store"] == ""


def forget_places(api: Api) -> None:
    """Makes the labels those of an earlier version, which kept no places."""
    with api.workspace.stores.of(api.workspace.run("run")).database.write() as connection:
        connection.execute(text("DELETE FROM label_places"))


def test_labels_of_an_earlier_version_are_the_first_ones_that_know_any_of_them(serve: Serve, tmp_path: Path) -> None:
    make_run(tmp_path / "a" / "run")
    make_run(tmp_path / "b" / "run")
    make_run(tmp_path / "c" / "run", ids=OTHER_IDS)
    a, b, c = serve("a"), serve("b"), serve("c")
    label(a, 1)
    forget_places(a)
    assert c.labels()["store"] == ""
    assert b.labels()["labels"][1] == 1  # to look at labels does not claim them
    assert label(a, 2).status_code == 200
    assert b.labels()["store"] == ""


def test_labels_in_a_runs_own_folder_go_where_the_folder_goes(tmp_path: Path) -> None:
    make_run(tmp_path / "a" / "run")
    here = Api(tmp_path / "a")
    label(here, 1)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    copied = Api(tmp_path / "b")
    assert copied.labels()["labels"] == here.labels()["labels"]
    assert copied.store() != here.store()
    assert label(copied, 2).status_code == label(here, 3).status_code == 200


@pytest.mark.parametrize("text_of_place", ["", "nonsense", "file://[", "file://%s/%%00", "http://x/y", "file://%s"])
def test_a_place_that_is_none_is_nowhere(tmp_path: Path, text_of_place: str) -> None:
    make_run(tmp_path / "logs" / "run")
    api = Api(tmp_path / "logs", tsne_labels_dir=str(tmp_path / "labels"))
    label(api, 1)
    text_of_place = text_of_place.replace("%s", socket.gethostname()).replace("%%", "%")
    with closing(sqlite3.connect(tmp_path / "labels" / "run" / STORE_NAME)) as connection:
        connection.execute("UPDATE label_places SET place = ?", (text_of_place,))
        connection.commit()
    assert label(api, 2).status_code == 200
    assert places.shown(text_of_place)


def test_a_folder_whose_name_is_no_text_is_a_place(tmp_path: Path) -> None:
    logdir = tmp_path / "b\udcff\u732b %?#"
    make_run(logdir / "run")
    api = Api(logdir, tsne_labels_dir=str(tmp_path / "labels"))
    assert label(api, 1).status_code == 200
    store = LabelStore(Database(tmp_path / "labels" / "run" / STORE_NAME))
    with store.database.read() as connection:
        (place,) = connection.execute(text("SELECT place FROM label_places")).scalars()
    assert places.folder_at(place) == bytes(logdir / "run")
