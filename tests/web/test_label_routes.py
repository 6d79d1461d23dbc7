"""Label columns, imports, restoring, compact operations, and what a client need not load again."""

from __future__ import annotations

import gzip
import json
from typing import Any

import numpy as np
import pytest

from tb_tsne_plugin.labels import LabelStore, Mark, Operation
from tb_tsne_plugin.labels.database import STORE_NAME
from tb_tsne_plugin.labels.rules import MOST_NEW_CLASSES
from tb_tsne_plugin.live import Session
from tests.builders import blobs, make_run, sample_id
from tests.web.conftest import Api

RUN = {"run": "run", "tensor": "im"}


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def version(api: Api) -> str:
    return str(api.get("samples", **RUN).get_json()["version"])


def test_a_class_is_named_and_given_at_once(api: Api) -> None:
    edit = api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0)]).get_json()
    assert (edit["revision"], edit["class_id"], edit["changes"]) == (1, 1, [["s0000", 1, "labeled"]])
    again = api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(1)])
    assert error(again) == (409, "class_exists")
    for bad in ({}, {"name": "a\tb"}, {"name": 3}, {"name": "x", "color": "red"}, "ant"):
        assert error(api.edit("labels/apply", new_class=bad, sample_ids=[sample_id(1)])) == (422, "invalid")
    both = api.edit("labels/apply", new_class={"name": "bee"}, class_id=1, sample_ids=[sample_id(1)])
    assert error(both) == (422, "invalid")
    assert api.labels()["revision"] == 1


def test_rows_and_ranges_name_samples_of_a_version(api: Api) -> None:
    rows: dict[str, Any] = {"tensor": "im", "version": version(api), "rows": [3, [10, 12]]}
    edit = api.edit("labels/apply", new_class={"name": "ant"}, **rows).get_json()
    assert [key for key, *_ in edit["changes"]] == ["s0003", "s0010", "s0011", "s0012"]
    make_run(api.logdir / "run", blobs(59)[0])
    assert error(api.edit("labels/apply", class_id=1, **rows)) == (409, "run_changed")


@pytest.mark.parametrize(
    "rows",
    [[], [60], [-1], [[3, 2]], [[0, 60]], [True], [1.5], ["1"], [[1, 2, 3]], {}, "1", [[0, 10**12]], [None]],
)
def test_rows_that_are_none_are_refused(api: Api, rows: Any) -> None:
    api.add_class("ant")
    answer = api.edit("labels/apply", class_id=1, tensor="im", version=version(api), rows=rows)
    assert error(answer) == (422, "invalid")
    assert api.labels()["revision"] == 1


def test_a_hundred_thousand_samples_are_one_request_and_one_step_of_undo(api: Api) -> None:
    n = 100_001
    make_run(api.logdir / "run", np.zeros((n, 1), dtype=np.float32), sprite=False)
    api.add_class("ant")
    rows: dict[str, Any] = {"tensor": "im", "version": version(api)}
    scattered = list(range(0, n, 2))  # the longest way to say it: no two of them make a range
    assert len(json.dumps(scattered, separators=(",", ":"))) < 1 << 20
    assert error(api.edit("labels/apply", class_id=1, **rows, rows=[[0, 100_000]])) == (422, "invalid")
    edit = api.edit("labels/apply", class_id=1, **rows, rows=[[0, 99_999]])
    assert len(edit.get_json()["changes"]) == 100_000
    assert len(api.edit("labels/undo").get_json()["changes"]) == 100_000
    assert set(api.labels()["labels"]) == {-1}


def test_bodies_may_come_compressed(api: Api) -> None:
    api.add_class("ant")
    body = {"run": "run", "op_id": "operation-gzip", "base_revision": 1, "class_id": 1, "sample_ids": [sample_id(0)]}
    body["store"] = api.store()
    headers = {"X-TSNE-Request": "1", "Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = api.client.post("/labels/apply", data=gzip.compress(json.dumps(body).encode()), headers=headers)
    assert answer.get_json()["changes"] == [["s0000", 1, "labeled"]]
    bomb = gzip.compress(b" " * (1 << 28))
    assert len(bomb) < 1 << 20
    assert error(api.client.post("/labels/apply", data=bomb, headers=headers)) == (413, "too_large")
    assert error(api.client.post("/labels/apply", data=b"{}", headers=headers)) == (400, "bad_request")
    other = {**headers, "Content-Encoding": "br"}
    assert error(api.client.post("/labels/apply", data=b"{}", headers=other)) == (415, "content_type")


def test_a_group_of_neighbors_is_labelled_as_the_route_lists_it(api: Api) -> None:
    group = {"tensor": "im", "sample_id": sample_id(4), "k": 7, "space": "features"}
    found = api.get("runs/neighbors", run="run", **group).get_json()["sample_ids"]
    edit = api.edit("labels/apply", new_class={"name": "ant"}, group=group).get_json()
    assert sorted(key for key, *_ in edit["changes"]) == sorted([sample_id(4), *found])
    for bad in ({**group, "k": 0}, {**group, "sample_id": "nope"}, {**group, "space": "moon"}, "all"):
        assert error(api.edit("labels/apply", class_id=1, group=bad)) == (422, "invalid")
    both = api.edit("labels/apply", class_id=1, group=group, sample_ids=[sample_id(1)])
    assert error(both) == (422, "invalid")


def test_label_columns_have_their_own_labels_and_leave_together(api: Api) -> None:
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0)])
    assert api.get("labels/columns", run="run").get_json() == {"columns": ["label"], "blind": {}}
    for _ in range(2):
        added = api.post("labels/columns/add", run="run", store=api.store(), name="eye colour").get_json()
        assert added == {"columns": ["label", "eye colour"], "blind": {}}
    eyes = {"column": "eye colour", "base_revision": 0}
    assert api.edit("labels/apply", new_class={"name": "blue"}, sample_ids=[sample_id(0)], **eyes).status_code == 200
    value = api.get("labels", **RUN, column="eye colour").get_json()
    assert (value["revision"], value["labels"][0], value["columns"]) == (1, 1, ["label", "eye colour"])
    assert value["classes"][0]["name"] == "blue"
    assert api.labels()["revision"] == 1
    lines = api.get("labels.tsv", **RUN).text.splitlines()
    assert lines[:2] == [
        "sample_id\tfile\tlabel\tstate\teye colour\teye colour_state",
        "s0000\tclass/0.png\tant\tlabeled\tblue\tlabeled",
    ]
    assert error(api.get("labels", **RUN, column="nope")) == (404, "unknown_column")
    assert error(api.edit("labels/undo", base_revision=0, column="nope")) == (404, "unknown_column")
    assert error(api.post("labels/columns/add", run="run", store=api.store(), name="a\tb")) == (422, "invalid")


def test_an_edit_can_be_the_first_thing_asked(api: Api) -> None:
    answer = api.edit("labels/apply", base_revision=0, new_class={"name": "ant"}, sample_ids=[sample_id(5)])
    assert (answer.status_code, answer.get_json()["revision"]) == (200, 1)
    assert api.labels()["labels"][5] == 1


def test_an_edit_that_changes_nothing_hides_no_edit_of_another_server(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Mark]] = []
    send = Session.send_labels

    def noted(session: Session, revision: int, changes: dict[str, Mark], *batches: Any) -> None:
        told.append(changes)
        send(session, revision, changes, *batches)

    monkeypatch.setattr(Session, "send_labels", noted)
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0)])
    api.post("session/start", **RUN)
    elsewhere = LabelStore(api.logdir / "run" / STORE_NAME)
    elsewhere.apply(Operation("operation-elsewhere", 1, "bob"), 1, [sample_id(5)])
    assert api.edit("labels/apply", class_id=1, sample_ids=[sample_id(0)]).get_json()["changes"] == []
    assert told[-1] == {sample_id(5): Mark(1, "labeled")}


def test_a_metadata_column_can_become_a_label_column(api: Api) -> None:
    api.post("labels/columns/add", run="run", store=api.store(), name="file")
    value = api.get("labels", **RUN, column="file").get_json()
    assert value["classes"][0]["name"] == "class/0.png"
    assert -1 not in value["labels"]


def test_a_restored_revision_is_one_more_entry(api: Api) -> None:
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0)])
    api.edit("labels/apply", class_id=1, sample_ids=[sample_id(1)])
    restored = api.edit("labels/restore", revision=1).get_json()
    assert (restored["kind"], restored["target"], restored["changes"]) == ("restore", 1, [["s0001", None, "unlabeled"]])
    assert error(api.edit("labels/restore", revision=99)) == (422, "invalid")
    assert error(api.edit("labels/restore", revision=1, base_revision=0)) == (409, "conflict")
    assert api.edit("labels/undo").get_json()["changes"] == [["s0001", 1, "labeled"]]


def test_orphans_are_listed_by_name(api: Api) -> None:
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0), sample_id(59)])
    make_run(api.logdir / "run", blobs(30)[0])
    expected = {"sample_id": "s0059", "class_id": 1, "name": "ant"}
    assert api.get("labels/orphans", run="run").get_json() == {"count": 1, "orphans": [expected]}


def test_a_table_is_previewed_then_imported_and_can_be_undone(api: Api) -> None:
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0)])
    table = "sample_id\tlabel\ns0000\tbee\ns0001\tant\ns0002\tunlabeled\nelsewhere\tcat\n"
    preview = api.edit("labels/import", tensor="im", table=table, preview=True).get_json()
    assert preview == {
        **{
            "revision": 1,
            "rows": 4,
            "labeled": 1,
            "changed": 0,
            "cleared": 0,
            "set_aside": 0,
            "unchanged": 1,
            "unknown": 1,
        },
        **{"unknown_examples": ["elsewhere"], "new_classes": [], "many_classes": False, "notes": []},
    }
    assert api.labels()["revision"] == 1
    edit = api.edit("labels/import", tensor="im", table=table, only_unlabeled=False, file_name="mine.tsv").get_json()
    assert edit["changes"] == [["s0000", 2, "labeled"], ["s0001", 1, "labeled"]]
    assert [info["name"] for info in edit["classes"]] == ["ant", "bee"]
    entry = api.get("labels/history", run="run", limit=1).get_json()["entries"][0]
    assert entry["summary"] == "2 images labelled in mine.tsv"
    cleared = api.edit(
        "labels/import", tensor="im", table="sample_id\tlabel\ns0000\t\n", clear=True, only_unlabeled=False
    )
    assert cleared.get_json()["changes"] == [["s0000", None, "unlabeled"]]
    api.edit("labels/undo")
    assert api.edit("labels/undo").get_json()["changes"] == [["s0000", 1, "labeled"], ["s0001", None, "unlabeled"]]


def test_very_many_classes_are_made_only_where_they_are_meant(api: Api) -> None:
    """A column of names or measurements, imported as labels, makes a class of each."""
    count = MOST_NEW_CLASSES + 1
    make_run(api.logdir / "run", blobs(count)[0])
    table = "sample_id\tlabel\n" + "".join(f"{sample_id(row)}\tword {row}\n" for row in range(count))
    asked = {"tensor": "im", "table": table}
    preview = api.edit("labels/import", **asked, preview=True).get_json()
    assert (len(preview["new_classes"]), preview["many_classes"]) == (count, True)
    answer = api.edit("labels/import", **asked, op_id="this-import")
    assert error(answer) == (422, "many_classes")
    sentence = answer.get_json()["error"]["message"]
    assert f"{count} new classes, such as 'word 0', 'word 1', " in sentence
    assert api.labels()["revision"] == 0
    edit = api.edit("labels/import", **asked, many_classes=True, op_id="this-import").get_json()
    assert len(edit["classes"]) == count
    few = "sample_id\tlabel\n" + "".join(f"{sample_id(row)}\tplace {row}\n" for row in range(MOST_NEW_CLASSES))
    assert api.edit("labels/import", tensor="im", table=few, only_unlabeled=False).status_code == 200


def test_the_stock_projectors_edited_metadata_is_taken(api: Api) -> None:
    """It writes all columns; labels alone get a header that the file did not have."""
    rows = [f"s{row:04d}\tclass/{row}.png\t{'ant' if row < 2 else 'unlabeled'}" for row in range(60)]
    edit = api.edit("labels/import", tensor="im", table="\n".join(["sample_id\tfile\tlabel", *rows])).get_json()
    assert [key for key, *_ in edit["changes"]] == ["s0000", "s0001"]
    (api.logdir / "run" / "metadata.tsv").write_text("".join("unlabeled\n" for _ in range(60)))
    alone = "\n".join(["label", *("bee" if row == 5 else "" for row in range(59)), "bee"])
    changes = api.edit("labels/import", tensor="im", table=alone).get_json()["changes"]
    assert [key for key, *_ in changes] == ["row-5", "row-59"]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("sample_id\tlabel\ns0000\tant\ns0000\tbee\n", "names 's0000' more than once, with different labels (line 3)"),
        ("sample_id\tother\ns0000\tant\n", "has no column 'label'; it has sample_id, other"),
        ("label\nant\nbee\n", "no column that names the samples, and 2 rows for 60 samples"),
        ("ant\nbee\n", "has no column 'label'; it has ant"),
        ("sample_id\tlabel\ns0000\tant\tbee\n", "line 2: 3 values, but there are 2 columns"),
    ],
)
def test_tables_that_cannot_be_taken_say_where(api: Api, table: str, sentence: str) -> None:
    answer = api.edit("labels/import", tensor="im", table=table)
    assert error(answer) == (422, "invalid")
    assert sentence in answer.get_json()["error"]["message"]
    assert api.labels()["revision"] == 0


def test_what_was_made_of_a_table_is_told_in_its_preview(api: Api) -> None:
    table = "File;Label\nclass\\0.png;ant\n./class/1.png;" + "x" * 200 + "\nclass/2.png;a\x07b\n"
    preview = api.edit("labels/import", tensor="im", table=table, preview=True).get_json()
    assert (preview["labeled"], preview["unknown"]) == (3, 0)
    assert preview["new_classes"][:2] == ["a_b", "ant"]
    assert [note.split(",")[0] for note in preview["notes"]] == [
        "1 label has more than 128 characters and a shorter name here",
        "1 label holds characters that cannot be seen",
    ]


def test_what_did_not_change_is_not_sent_again(api: Api) -> None:
    api.store()
    for route, query in (("labels", RUN), ("samples", RUN), ("sprite", RUN)):
        first = api.get(route, **query)
        tag = first.headers["ETag"]
        again = api.client.get("/" + route, query_string=query, headers={"If-None-Match": tag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["X-Content-Type-Options"] == "nosniff"
    tag = api.get("labels", **RUN).headers["ETag"]
    api.add_class("ant")
    changed = api.client.get("/labels", query_string=RUN, headers={"If-None-Match": tag})
    assert changed.get_json()["revision"] == 1


def test_a_run_exported_again_has_another_version_and_a_saved_one_has_not(api: Api) -> None:
    first = version(api)
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0)])
    api.post("labels/save", **RUN)
    assert version(api) == first == api.labels()["version"]
    make_run(api.logdir / "run", blobs(60, seed=1)[0])  # as many samples, other features
    assert version(api) != first
    assert api.labels()["version"] == version(api)


def test_a_spreadsheet_runs_no_label_as_a_formula(api: Api) -> None:
    api.edit("labels/apply", new_class={"name": "=cmd()"}, sample_ids=[sample_id(0)])
    assert api.get("labels.tsv", **RUN, format="spreadsheet").text.splitlines()[1].endswith("\t'=cmd()\tlabeled")
    assert error(api.get("labels.tsv", **RUN, format="xls")) == (422, "invalid")


def test_labels_in_a_database_are_apart_by_run(api: Api, tmp_path: Any) -> None:
    make_run(api.logdir / "other")
    shared = Api(api.logdir, tsne_labels_db=f"sqlite:///{tmp_path}/all.sqlite")
    shared.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0)])
    assert shared.get("labels", run="other", tensor="im").get_json()["revision"] == 0
    assert not (api.logdir / "run" / "labels.sqlite").exists()
    broken = Api(api.logdir, tsne_labels_db="nonsense")
    assert broken.labels()["problem"] == "The label database's address is no URL; write it as KIND://HOST/NAME."
