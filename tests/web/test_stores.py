"""Every write says which labels it is for; every read leaves everything as it is."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.labels import read_labels
from tb_tsne_plugin.labels.migrations import IDENTIFIED
from tests.builders import make_run, sample_id
from tests.labels.test_migrations import EARLIER, expected, kept
from tests.web.conftest import Api

RUN = {"run": "run", "tensor": "im"}
TABLE = f"sample_id\tlabel\n{sample_id(9)}\tbee\n"


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def everything(folder: Path) -> dict[str, str]:
    """Every file and folder below one, and what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


READS: list[tuple[str, dict[str, Any]]] = [
    ("runs", {}),
    ("samples", RUN),
    ("labels", RUN),
    ("labels", {**RUN, "column": "file"}),
    ("labels/changes", {"run": "run", "after": 0}),
    ("labels/changes", {"run": "run", "after": 5, "wait": 0.1}),
    ("labels/history", {"run": "run"}),
    ("labels/columns", {"run": "run"}),
    ("labels/orphans", {"run": "run"}),
    ("labels.tsv", RUN),
    ("session/state", RUN),
    ("guidance/candidates", RUN),
]


@pytest.mark.parametrize("place", ["run", "dir", "database"])
def test_reading_makes_no_store(logdir: Path, tmp_path: Path, place: str) -> None:
    make_run(logdir / "run", labels=["ant", *["unlabeled"] * 59])
    places: dict[str, Any] = {
        "run": {},
        "dir": {"tsne_labels_dir": str(tmp_path / "labels")},
        "database": {"tsne_labels_db": f"sqlite:///{tmp_path}/db"},
    }
    api = Api(logdir, **places[place])
    before = everything(tmp_path)
    for route, query in READS:
        api.get(route, **query)
    value = api.labels()
    assert (value["store"], value["revision"], value["labels"][:2], value["problem"]) == ("", 0, [1, -1], None)
    assert (value["columns"], value["classes"][0]["name"], value["can_undo"]) == (["label"], "ant", False)
    assert api.get("labels/changes", run="run", after=0).get_json()["store"] == ""
    assert api.get("labels/columns", run="run").get_json() == {"columns": ["label"], "blind": {}}
    body = {"store": "", "op_id": "operation-1", "base_revision": 0, "tensor": "im", "table": TABLE, "preview": True}
    preview = api.post("labels/import", run="run", **body).get_json()
    assert (preview["revision"], preview["labeled"], preview["new_classes"]) == (0, 1, ["bee"])
    refused = api.post("labels/apply", run="run", store="", op_id="operation-2", base_revision=0, class_id=1, **SAMPLES)
    assert error(refused) == (409, "other_store")
    assert everything(tmp_path) == before


SAMPLES = {"sample_ids": [sample_id(1)]}


@pytest.mark.parametrize("version", EARLIER)
def test_reading_leaves_a_store_of_an_earlier_schema_as_it_is(version: int, logdir: Path, tmp_path: Path) -> None:
    kept(version, make_run(logdir / "run") / "labels.sqlite")
    labels = expected(version)[0]["labels"]
    api = Api(logdir)
    before = everything(tmp_path)
    for route, query in READS:
        api.get(route, **query)
    value = api.labels()
    assert (value["problem"], value["orphans"]) == (None, len(labels))
    assert bool(value["store"]) == (version >= IDENTIFIED)
    assert value["revision"] == expected(version)[0]["revision"]
    assert api.get("labels/changes", run="run", after=0).get_json()["store"] == value["store"]
    assert everything(tmp_path) == before
    made = api.post("labels/create", run="run").get_json()["store"]
    assert made
    assert api.labels() == {**value, "store": made}
    assert everything(tmp_path) != before


def test_commands_that_read_make_no_store(logdir: Path, tmp_path: Path) -> None:
    make_run(logdir / "run", labels=["ant", *["unlabeled"] * 59])
    (tmp_path / "table.tsv").write_text(TABLE)
    before = everything(tmp_path)
    run = str(logdir / "run")
    for words in (
        ["labels", "export", run],
        ["labels", "history", run],
        ["labels", "import", run, str(tmp_path / "table.tsv"), "--dry-run"],
    ):
        done = CliRunner().invoke(cli, words)
        assert done.exit_code == 0, done.output
    assert "1 of 1 rows change a label, and 1 new class is made. Nothing was changed." in done.output
    assert read_labels(run)["label"].iloc[0] == "ant"
    assert everything(tmp_path) == before


def test_an_import_by_a_command_begins_with_the_labels_that_the_run_came_with(logdir: Path, tmp_path: Path) -> None:
    make_run(logdir / "run", labels=["ant", *["unlabeled"] * 59])
    (tmp_path / "table.tsv").write_text(TABLE)
    done = CliRunner().invoke(cli, ["labels", "import", str(logdir / "run"), str(tmp_path / "table.tsv")])
    assert done.exit_code == 0, done.output
    value = Api(logdir).labels()
    assert (value["revision"], value["labels"][0], value["labels"][9]) == (2, 1, 2)


def test_a_store_is_made_when_asked_for_with_the_labels_that_the_run_came_with(api: Api) -> None:
    make_run(api.logdir / "run", labels=["ant", *["unlabeled"] * 59])
    assert api.store() == api.store() == api.labels()["store"]
    assert api.labels()["revision"] == 1
    assert error(api.post("labels/create", run="nope")) == (404, "unknown_run")


EDITS: list[tuple[str, dict[str, Any]]] = [
    ("labels/apply", {"class_id": 1, **SAMPLES}),
    ("labels/apply", {"class_id": 1, "sample_ids": ["a sample of the other run"]}),
    ("labels/apply", {"class_id": 1, "tensor": "other", "version": "1", "rows": [1]}),
    ("labels/apply", {"class_id": 1, "tensor": "im", "version": "1", "rows": [1]}),
    ("labels/apply", {"class_id": 1, "group": {"tensor": "other", "sample_id": "s0001", "k": 3}}),
    ("labels/apply", {"class_id": 99, **SAMPLES}),
    ("labels/apply", {"class_id": 1, "column": "a column of the other run", **SAMPLES}),
    ("labels/undo", {}),
    ("labels/redo", {}),
    ("labels/restore", {"revision": 99}),
    ("classes", {"action": "add", "name": "bee"}),
    ("labels/import", {"tensor": "im", "table": TABLE}),
    ("labels/import", {"tensor": "other", "table": TABLE}),
    ("labels/import", {"tensor": "im", "table": "one\ttwo\n"}),
]


@pytest.mark.parametrize(("route", "body"), EDITS)
def test_an_edit_for_another_store_is_refused_as_that_whatever_else_is_wrong(
    api: Api, route: str, body: dict[str, Any]
) -> None:
    """It waits in the browser then, and is not given up as one that can never be made."""
    api.add_class("ant")
    for revision in (0, 1, 7):
        assert error(api.edit(route, store="0" * 32, base_revision=revision, **body)) == (409, "other_store")
    assert api.labels()["revision"] == 1
    (api.logdir / "run" / "labels.sqlite").unlink()
    assert error(api.edit(route, store="0" * 32, base_revision=1, **body)) == (409, "other_store")
    assert not (api.logdir / "run" / "labels.sqlite").exists()


@pytest.mark.parametrize("store", [7, "x", "0" * 31, "G" * 32, "0" * 32 + "\n", "0" * 33])
def test_an_edit_says_which_store_it_is_for(api: Api, store: object) -> None:
    assert error(api.edit("labels/undo", store=store, base_revision=0)) in ((422, "invalid"), (400, "bad_request"))


def test_an_edit_of_a_script_that_names_no_store_is_for_the_labels_that_there_are(api: Api) -> None:
    """As it saw them: without a store they have revision 0."""
    (api.logdir / "run" / "metadata.tsv").write_text("".join("ant\n" for _ in range(60)))
    asked = {"run": "run", "base_revision": 0, "only_unlabeled": False}
    body = {**asked, "op_id": "operation-1", "new_class": {"name": "bee"}, "sample_ids": ["row-0"]}
    edit = api.post("labels/apply", **body).get_json()
    assert edit["changes"] == [["row-0", 2, "labeled"]]
    assert api.post("labels/apply", **body).get_json()["repeated"]
    assert api.labels()["labels"][:2] == [2, 1]
    stale = {**asked, "op_id": "operation-2", "class_id": 1, "sample_ids": ["row-0"]}
    assert error(api.post("labels/apply", **stale)) == (409, "conflict")


def test_every_answer_tells_the_store(api: Api) -> None:
    edit = api.edit("classes", action="add", name="ant").get_json()
    changes = api.get("labels/changes", run="run", after=0).get_json()
    assert edit["store"] == changes["store"] == api.labels()["store"] == api.store()


def replaced(api: Api) -> None:
    """Another store at the same revision, as after deleting the file."""
    (api.logdir / "run" / "labels.sqlite").unlink()
    api.add_class("bee")


def test_a_page_notices_that_another_store_answers(api: Api) -> None:
    api.add_class("ant")
    first = api.get("labels", **RUN)
    replaced(api)
    again = api.client.get("/labels", query_string=RUN, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert again.get_json()["revision"] == first.get_json()["revision"]
    assert again.get_json()["store"] != first.get_json()["store"]
    assert api.get("labels/changes", run="run", after=1).get_json()["store"] == again.get_json()["store"]


def test_a_change_made_before_a_backup_was_put_back_is_a_conflict(api: Api, tmp_path: Path) -> None:
    api.edit("labels/apply", new_class={"name": "ant"}, **SAMPLES)
    store = api.logdir / "run" / "labels.sqlite"
    shutil.copy(store, tmp_path / "backup")
    api.edit("labels/apply", class_id=None, only_unlabeled=False, **SAMPLES)
    seen = api.labels()
    shutil.copy(tmp_path / "backup", store)
    tag = {"store": seen["store"], "base_revision": seen["revision"]}
    answer = api.edit("labels/apply", **tag, class_id=None, only_unlabeled=False, **SAMPLES)
    assert error(answer) == (409, "conflict")
    assert answer.get_json()["error"]["details"]["revision"] == 1
    assert api.labels()["labels"][1] == 1


SAME: list[Callable[[dict[str, Any]], dict[str, Any]]] = [
    lambda body: body,
    lambda body: {**body, "base_revision": 0},
    lambda body: dict(reversed(body.items())),
    lambda body: {**body, "selection": {"kind": "box"}, "only_unlabeled": True},
    lambda body: {**body, "a field that a later version adds": 1},
]
OTHER: list[tuple[str, dict[str, Any]]] = [
    ("labels/apply", {"class_id": 2, "sample_ids": [sample_id(1)]}),
    ("labels/apply", {"class_id": None, "sample_ids": [sample_id(1)]}),
    ("labels/apply", {"class_id": 1, "sample_ids": [sample_id(2)]}),
    ("labels/apply", {"class_id": 1, "sample_ids": [sample_id(1)], "only_unlabeled": False}),
    ("labels/undo", {}),
    ("labels/restore", {"revision": 1}),
    ("classes", {"action": "delete", "class_id": 1}),
    ("labels/import", {"tensor": "im", "table": TABLE}),
]


@pytest.mark.parametrize("again", SAME)
def test_the_same_change_sent_again_is_a_repetition(
    api: Api, again: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    api.add_class("ant")
    body = {"op_id": "the-same-one", "base_revision": 1, "class_id": 1, **SAMPLES}
    assert not api.edit("labels/apply", **body).get_json()["repeated"]
    assert api.edit("labels/apply", **again(body)).get_json()["repeated"]
    assert api.labels()["revision"] == 2


@pytest.mark.parametrize(("route", "body"), OTHER)
def test_another_change_under_the_same_op_id_is_refused(api: Api, route: str, body: dict[str, Any]) -> None:
    for name in ("ant", "bee"):
        api.add_class(name)
    tag = {"op_id": "the-same-one", "base_revision": 2}
    api.edit("labels/apply", **tag, class_id=1, **SAMPLES)
    answer = api.edit(route, op_id="the-same-one", base_revision=3, **body)
    assert error(answer) == (422, "invalid")
    assert answer.get_json()["error"]["message"] == "Another change has this op_id; give every change one of its own."
    assert api.labels()["revision"] == 3


@pytest.mark.parametrize(
    "selection",
    [
        {"kind": "neighbors", "k": 2**31},
        {"kind": "neighbors", "k": 1.5},
        {"kind": "neighbors", "k": "3"},
        {"kind": "neighbors", "focus": "x" * 2_001},
        {"kind": "neighbors", "focus": {"a": [1]}},
        {"kind": "box", "dropped": 10**30},
        {"kind": "search", "query": ["a"]},
    ],
)
def test_what_cannot_be_a_selection_is_refused(api: Api, selection: dict[str, Any]) -> None:
    api.add_class("ant")
    assert error(api.edit("labels/apply", class_id=1, selection=selection, **SAMPLES))[0] in (400, 422)
    assert api.get("labels/history", run="run").status_code == 200
    assert api.labels()["revision"] == 1


@pytest.mark.parametrize("raw", ['{"kind": "box", "dropped": 1e999}', '{"kind": "box", "more": 1e999}'])
def test_a_number_beyond_all_bounds_ends_no_history(api: Api, raw: str) -> None:
    api.add_class("ant")
    tag = {"run": "run", "store": api.store(), "op_id": "operation-1", "base_revision": 1, "class_id": 1, **SAMPLES}
    body = json.dumps(tag)[:-1] + f', "selection": {raw}}}'
    headers = {"X-TSNE-Request": "1", "Content-Type": "application/json"}
    assert api.client.post("/labels/apply", data=body, headers=headers).status_code in (200, 400, 422)
    history = api.get("labels/history", run="run")
    assert history.status_code == 200
    assert "more" not in (history.get_json()["entries"][0]["selection"] or {})


def test_deep_nesting_in_what_is_not_kept_ends_nothing(api: Api) -> None:
    api.add_class("ant")
    more: Any = 1
    for _ in range(200):
        more = [more]
    api.edit("labels/apply", class_id=1, selection={"kind": "box", "more": more}, **SAMPLES)
    assert api.get("labels/history", run="run").status_code == 200
