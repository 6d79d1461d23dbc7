"""What TensorBoard may be started on: several log dirs, links to runs, nothing at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_tsne_plugin.web.routes import ROUTES
from tests.builders import make_run, sample_id
from tests.e2e.tensorboard_server import TensorBoard
from tests.web.conftest import Api


def names(api: Api) -> list[str]:
    return [each["run"] for each in api.get("runs").get_json()["runs"]]


def label(api: Api, run: str) -> None:
    answer = api.edit("labels/apply", run=run, base_revision=0, new_class={"name": "ant"}, sample_ids=[sample_id(1)])
    assert answer.status_code == 200, answer.text


def notes(api: Api, run: str) -> list[str]:
    found: list[str] = api.get("samples", run=run, tensor="im").get_json()["notes"]
    return found


def test_the_runs_of_all_log_dirs_are_served_and_never_the_current_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(tmp_path / "here" / "private")
    monkeypatch.chdir(tmp_path / "here")
    make_run(tmp_path / "logs1" / "r")
    make_run(tmp_path / "logs2" / "r")
    api = Api(None, logdir_spec=f"one:{tmp_path}/logs1,two:{tmp_path}/logs2")
    assert api.plugin.is_active()
    assert names(api) == ["one/r", "two/r"]
    label(api, "two/r")
    assert [path.parent for path in tmp_path.rglob("labels.sqlite")] == [tmp_path / "logs2" / "r"]
    assert api.get("labels", run="one/r", tensor="im").get_json()["classes"] == []
    assert notes(api, "one/r") == []


@pytest.mark.tensorboard
def test_a_real_tensorboard_tells_us_its_log_dirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(tmp_path / "here" / "private")
    monkeypatch.chdir(tmp_path / "here")
    make_run(tmp_path / "logs1" / "r")
    make_run(tmp_path / "logs2" / "r")
    server = TensorBoard(tmp_path, "--logdir_spec", f"one:{tmp_path}/logs1,two:{tmp_path}/logs2").start()
    try:
        assert [run["run"] for run in server.get("runs").json()["runs"]] == ["one/r", "two/r"]
    finally:
        server.stop()


def test_labels_kept_elsewhere_are_below_the_log_dirs_name(tmp_path: Path) -> None:
    make_run(tmp_path / "logs1" / "r")
    make_run(tmp_path / "logs2")
    place = tmp_path / "labels"
    api = Api(None, logdir_spec=f"one:{tmp_path}/logs1,two:{tmp_path}/logs2", tsne_labels_dir=str(place))
    label(api, "one/r")
    label(api, "two")
    assert sorted(place.rglob("labels.sqlite")) == [place / "one/r/labels.sqlite", place / "two/labels.sqlite"]


def test_without_any_log_dir_there_are_no_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(tmp_path / "private")
    monkeypatch.chdir(tmp_path)
    for api in (Api(None), Api(None, logdir_spec=""), Api(None, logdir_spec=None), Api(None, logdir_spec="one:,")):
        assert not api.plugin.is_active()
        assert names(api) == []


def test_a_run_behind_a_link_is_labelled_where_it_is_and_the_page_says_so(tmp_path: Path) -> None:
    make_run(tmp_path / "store" / "run")
    make_run(tmp_path / "logs" / "plain")
    (tmp_path / "logs" / "linked").symlink_to("../store/run")
    api = Api(tmp_path / "logs")
    assert names(api) == ["linked", "plain"]
    label(api, "linked")
    assert [path.parent for path in tmp_path.rglob("labels.sqlite")] == [tmp_path / "store" / "run"]
    (note,) = notes(api, "linked")
    assert note == "The log dir holds only a link to this run: it lies elsewhere, with what is written into its folder."
    assert notes(api, "plain") == []


def test_looking_at_a_run_behind_a_link_changes_nothing_there(tmp_path: Path) -> None:
    """It may be anybody's: who made the log dir chose it."""
    make_run(tmp_path / "store" / "run")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "linked").symlink_to("../store/run")
    before = {path: path.lstat().st_mtime_ns for path in [tmp_path / "store", *(tmp_path / "store").rglob("*")]}
    api = Api(tmp_path / "logs")
    asked = {"run": "linked", "tensor": "im", "after": 0, "wait": 0, "page": 0, "sample_id": sample_id(0), "k": 3}
    for route in ROUTES:
        if not route.writes and "<" not in route.path:
            assert api.get(route.path[1:], **asked).status_code < 500
    assert {path: path.lstat().st_mtime_ns for path in before} == before
    assert len(before) == 1 + len(list((tmp_path / "store").rglob("*")))


def test_what_is_in_a_run_behind_a_link_leads_out_of_it_no_more_than_elsewhere(tmp_path: Path) -> None:
    run = make_run(tmp_path / "store" / "run")
    (run / "im.bytes").rename(tmp_path / "store" / "im.bytes")
    (run / "im.bytes").symlink_to("../im.bytes")
    (run / "labels.sqlite").symlink_to("../labels.sqlite")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "linked").symlink_to(run)
    (tmp_path / "logs" / "im.bytes").write_bytes((tmp_path / "store" / "im.bytes").read_bytes())
    api = Api(tmp_path / "logs")
    (info,) = api.get("runs").get_json()["runs"]
    assert info["problem"] == "'im.bytes' leads outside the run's folder."
    assert api.post("labels/create", run="linked").status_code == 422
    assert not (tmp_path / "store" / "labels.sqlite").exists()


def test_a_link_that_is_turned_elsewhere_takes_no_labels_along(tmp_path: Path) -> None:
    """As `ln -sfn` does with `current`: what a page still shows is stored with the run that it shows, or refused."""
    for name in ("old", "new"):
        make_run(tmp_path / name)
    (tmp_path / "logs").mkdir()
    link = tmp_path / "logs" / "current"
    link.symlink_to(tmp_path / "old")
    api = Api(tmp_path / "logs")
    assert names(api) == ["current"]
    store = api.store("current")
    link.unlink()
    link.symlink_to(tmp_path / "new")
    named = {"run": "current", "store": store, "base_revision": 0, "sample_ids": [sample_id(1)]}
    assert api.edit("labels/apply", **named, new_class={"name": "ant"}).status_code == 200
    assert not (tmp_path / "new" / "labels.sqlite").exists()
    assert names(api) == ["current"]  # another page opens, on the new run
    refused = api.edit("labels/apply", **{**named, "base_revision": 1}, new_class={"name": "bee"})
    assert refused.get_json()["error"]["code"] == "other_store"
    assert not (tmp_path / "new" / "labels.sqlite").exists()


def test_labels_kept_elsewhere_are_the_runs_that_a_name_led_to_first(tmp_path: Path) -> None:
    for name in ("old", "new"):
        make_run(tmp_path / name)
    (tmp_path / "logs").mkdir()
    link = tmp_path / "logs" / "current"
    link.symlink_to(tmp_path / "old")
    flags = {"tsne_labels_dir": str(tmp_path / "labels")}
    label(Api(tmp_path / "logs", **flags), "current")
    link.unlink()
    link.symlink_to(tmp_path / "new")
    api = Api(tmp_path / "logs", **flags)
    assert names(api) == ["current"]
    assert api.get("labels", run="current", tensor="im").get_json()["store"] == ""
    assert api.post("labels/create", run="current").get_json()["error"]["code"] == "other_store"
    link.unlink()
    (tmp_path / "old").rename(link)  # the run itself takes the link's place, and keeps its labels
    moved = Api(tmp_path / "logs", **flags)
    assert names(moved) == ["current"]
    assert moved.get("labels", run="current", tensor="im").get_json()["labels"][1] == 1
