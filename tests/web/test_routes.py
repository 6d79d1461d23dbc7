"""Each route as docs/http_api.md promises it."""

from __future__ import annotations

import json
import shutil
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tb_tsne_plugin import __version__
from tb_tsne_plugin.runs.metadata import read_metadata
from tb_tsne_plugin.web.handlers import page
from tests.builders import blobs, make_run, sample_id
from tests.web.conftest import Api

RUN: dict[str, Any] = {"run": "run", "tensor": "im"}


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def wait_until(api: Api, **wanted: Any) -> dict[str, Any]:
    """Polls the session's state until it has these values."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        state: dict[str, Any] = api.get("session/state", **RUN).get_json()
        if all(state[name] == value for name, value in wanted.items()):
            return state
        time.sleep(0.02)
    raise AssertionError(f"{wanted} did not come; the last state was {state}")


def frame(api: Api, after: int = 0) -> tuple[tuple[int, int, int], npt.NDArray[np.float32]]:
    answer = api.get("session/frame", **RUN, after=after, wait=25)
    assert answer.status_code == 200, answer.text
    number, epoch, revision, d, zero = struct.unpack("<IIIHH", answer.data[:16])
    assert zero == 0
    return (number, epoch, revision), np.frombuffer(answer.data[16:], dtype="<f4").reshape(d, -1)


def test_runs_lists_good_and_bad_ones_and_new_ones_as_they_come(api: Api) -> None:
    (api.logdir / "bad").mkdir()
    (api.logdir / "bad" / "projector_config.pbtxt").write_text("nonsense")
    make_run(api.logdir / "deep" / "er", tensors=("im", "pix"))
    value = api.get("runs").get_json()
    assert value["version"] == __version__
    bad, deep, run = value["runs"]
    assert bad["run"] == "bad"
    assert bad["problem"].startswith("projector_config.pbtxt cannot be read, line 1")
    assert [(tensor["name"], tensor["shape"]) for tensor in deep["tensors"]] == [("im", [60, 8]), ("pix", [60, 8])]
    assert (run["run"], run["problem"], run["tensors"][0]["name"]) == ("run", None, "im")


def test_what_nobody_foresaw_in_one_run_costs_that_run_only_and_is_logged(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read(folder: Path, *rest: Any) -> Any:
        if folder.name == "odd":
            raise MemoryError
        return read_metadata(folder, *rest)

    monkeypatch.setattr("tb_tsne_plugin.runs.run.read_metadata", read)
    make_run(api.logdir / "odd")
    odd, good = api.get("runs").get_json()["runs"]
    assert (odd["run"], odd["tensors"]) == ("odd", [])
    assert "cannot be read" in odd["problem"]
    assert (good["run"], good["problem"]) == ("run", None)
    (record,) = caplog.records
    assert "'odd'" in record.getMessage()
    assert record.exc_info
    assert record.exc_info[0] is MemoryError


def test_activity_turns_true_without_a_restart(tmp_path: Path) -> None:
    api = Api(tmp_path / "logs")
    assert not api.plugin.is_active()
    make_run(tmp_path / "logs" / "run")
    assert api.plugin.is_active()


def test_samples_come_in_row_order_with_every_column(api: Api) -> None:
    value = api.get("samples", **RUN).get_json()
    assert value["count"] == 60
    assert value["sample_ids"][:2] == ["s0000", "s0001"]
    assert [column["name"] for column in value["columns"]] == ["sample_id", "file", "label"]
    assert value["sprite"] == {"pages": 1, "tile": [8, 8], "columns": 8}
    assert value["notes"] == []


def test_sprite_is_the_file(api: Api) -> None:
    answer = api.get("sprite", **RUN)
    assert answer.content_type == "image/png"
    assert answer.data == (api.logdir / "run" / "sprite.png").read_bytes()


def test_a_run_without_sprite_is_drawn_without(api: Api) -> None:
    make_run(api.logdir / "run", sprite=False)
    assert api.get("samples", **RUN).get_json()["sprite"] is None
    assert error(api.get("sprite", **RUN)) == (404, "no_sprite")


def test_a_sprite_that_is_no_image_costs_the_pictures_only(api: Api) -> None:
    (api.logdir / "run" / "sprite.png").write_text("<script>alert(1)</script>")
    value = api.get("samples", **RUN).get_json()
    assert value["sprite"] is None
    assert value["notes"] == ["sprite.png is not an image that can be read."]

    assert error(api.get("sprite", **RUN)) == (422, "bad_run")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, (400, "bad_request")),
        ({"run": "run"}, (400, "bad_request")),
        ({"run": "nope", "tensor": "im"}, (404, "unknown_run")),
        ({"run": "../logs/run", "tensor": "im"}, (404, "unknown_run")),
        ({"run": "run", "tensor": "../im"}, (404, "unknown_tensor")),
    ],
)
@pytest.mark.parametrize("route", ["samples", "sprite", "labels", "labels.tsv", "session/state", "session/frame"])
def test_runs_and_tensors_that_are_not_there_are_said(
    api: Api, route: str, query: dict[str, str], expected: tuple[int, str]
) -> None:
    assert error(api.get(route, **query)) == expected


def test_the_page_is_told_what_the_export_had_to_say(api: Api, logdir: Path) -> None:
    before = api.get("samples", **RUN)
    report = {
        "made_by": "tb-tsne",
        "left_out": [{"file": "z.png", "reason": "cannot be decoded"}],
        "notes": ["Scaled."],
    }
    (logdir / "run" / "export_report.json").write_text(json.dumps(report))
    after = api.client.get("/samples", query_string=RUN, headers={"If-None-Match": before.headers["ETag"]})
    assert after.get_json()["notes"] == ["1 image was left out: z.png: cannot be decoded.", "Scaled."]


def test_labels_go_all_the_way_round(api: Api) -> None:
    ant = api.add_class("ant")
    answer = api.edit("labels/apply", class_id=ant, sample_ids=[sample_id(3), sample_id(5)]).get_json()
    assert answer["changes"] == [["s0003", ant, "labeled"], ["s0005", ant, "labeled"]]
    assert (answer["revision"], answer["kind"], answer["repeated"]) == (2, "apply", False)
    assert answer["classes"] == [{"id": ant, "name": "ant", "color": "#E69F00", "position": 0}]
    value = api.labels()
    assert [row for row, label in enumerate(value["labels"]) if label == ant] == [3, 5]
    assert (value["revision"], value["can_undo"], value["can_redo"], value["problem"]) == (2, True, False, None)
    undone = api.edit("labels/undo").get_json()
    assert undone["changes"] == [["s0003", None, "unlabeled"], ["s0005", None, "unlabeled"]]
    assert api.edit("labels/redo").get_json()["target"] == 2
    cleared = api.edit("labels/apply", class_id=None, sample_ids=[sample_id(3)], only_unlabeled=False).get_json()
    assert cleared["changes"] == [["s0003", None, "unlabeled"]]
    entries = api.get("labels/history", run="run").get_json()["entries"]
    assert [entry["kind"] for entry in entries] == ["apply", "redo", "undo", "apply", "add"]
    assert [entry["actions"] for entry in entries] == [1, 0, 0, 2, 0]
    effort = api.get("labels/effort", run="run").get_json()
    assert effort == {"actions": [2, 3], "labels": [2, 2]}
    assert api.get("labels/effort", run="run", before=5).get_json()["actions"] == [2]
    assert error(api.get("labels/effort", run="run", before=0))[0] == 422


def test_an_answer_that_got_lost_can_be_asked_for_again(api: Api) -> None:
    ant = api.add_class("ant")
    body = {"class_id": ant, "sample_ids": [sample_id(3)], "op_id": "operation-lost", "base_revision": 1}
    first, second = (api.edit("labels/apply", **body).get_json() for _ in range(2))
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert {**first, "repeated": None} == {**second, "repeated": None}


def test_conflicts_say_what_changed(api: Api) -> None:
    ant = api.add_class("ant")
    api.edit("labels/apply", class_id=ant, sample_ids=[sample_id(3)])
    answer = api.edit("labels/apply", base_revision=1, class_id=ant, sample_ids=[sample_id(3)])
    assert error(answer) == (409, "conflict")
    assert answer.get_json()["error"]["details"] == {"revision": 2, "changes": [["s0003", ant, "labeled"]]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"class_id": 99}, (422, "invalid")),
        ({"class_id": True}, (422, "invalid")),
        ({"class_id": "1"}, (422, "invalid")),
        ({"sample_ids": ["nope"]}, (422, "invalid")),
        ({"sample_ids": []}, (422, "invalid")),
        ({"sample_ids": "s0001"}, (422, "invalid")),
        ({"sample_ids": [1]}, (422, "invalid")),
        ({"op_id": "short"}, (422, "invalid")),
        ({"op_id": "has spaces in it"}, (422, "invalid")),
        ({"base_revision": -1}, (422, "invalid")),
        ({"base_revision": 1.5}, (422, "invalid")),
        ({"only_unlabeled": "yes"}, (422, "invalid")),
        ({"selection": {"kind": "magic"}}, (422, "invalid")),
        ({"selection": {"kind": "search", "query": "x" * 3_000}}, (422, "invalid")),
        ({"run": "nope"}, (404, "unknown_run")),
    ],
)
def test_operations_out_of_range_change_nothing(api: Api, changes: dict[str, Any], expected: tuple[int, str]) -> None:
    api.add_class("ant")
    body = {"class_id": 1, "sample_ids": [sample_id(1)], "base_revision": 1, **changes}
    assert error(api.edit("labels/apply", **body)) == expected
    assert api.labels()["revision"] == 1
    assert set(api.labels()["labels"]) == {-1}


@pytest.mark.parametrize("name", ["=cmd()", "<img src=x onerror=alert(1)>", "__proto__", "constructor"])
def test_odd_names_are_kept_as_they_are(api: Api, name: str) -> None:
    ant = api.add_class(name)
    api.edit("labels/apply", class_id=ant, sample_ids=[sample_id(0)])
    assert api.labels()["classes"][0]["name"] == name
    assert api.get("labels.tsv", **RUN).text.splitlines()[1].endswith(f"\t{name}\tlabeled")


def test_changes_wait_for_other_peoples_edits(api: Api) -> None:
    import threading

    ant = api.add_class("ant")
    other = Api(api.logdir)
    threading.Timer(
        0.3, lambda: other.edit("labels/apply", class_id=ant, sample_ids=[sample_id(7)], base_revision=1)
    ).start()
    began = time.monotonic()
    value = api.get("labels/changes", run="run", after=1, wait=20).get_json()
    assert value["changes"] == [["s0007", ant, "labeled"]]
    assert value["revision"] == 2
    assert time.monotonic() - began < 5.0
    assert api.get("labels/changes", run="run", after=2).get_json()["changes"] == []


def test_download_and_save_hold_the_current_labels(api: Api) -> None:
    ant = api.add_class("ant")
    api.edit("labels/apply", class_id=ant, sample_ids=[sample_id(0)])
    answer = api.get("labels.tsv", **RUN)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="run.tsv"'
    assert answer.content_type == "text/tab-separated-values; charset=utf-8"
    assert answer.text.splitlines()[:3] == [
        "sample_id\tfile\tlabel\tstate",
        "s0000\tclass/0.png\tant\tlabeled",
        "s0001\tclass/1.png\tunlabeled\tunlabeled",
    ]
    assert api.post("labels/save", **RUN).get_json() == {"file": "metadata.tsv", "revision": 2}
    assert (api.logdir / "run" / "metadata.tsv").read_text() == answer.text
    assert api.labels()["revision"] == 2


def test_labels_can_be_kept_elsewhere(logdir: Path, tmp_path: Path) -> None:
    api = Api(logdir, tsne_labels_dir=str(tmp_path / "elsewhere"))
    api.add_class("ant")
    assert (tmp_path / "elsewhere" / "run" / "labels.sqlite").exists()
    assert not (logdir / "run" / "labels.sqlite").exists()


def test_where_labels_cannot_be_stored_reading_goes_on(logdir: Path, tmp_path: Path) -> None:
    make_run(logdir / "run", labels=["ant", *["unlabeled"] * 59])
    (tmp_path / "file").write_text("in the way")
    api = Api(logdir, tsne_labels_dir=str(tmp_path / "file"))
    value = api.labels()
    assert value["labels"][0] == 1
    assert "Labels cannot be stored" in value["problem"]
    assert "--tsne_labels_dir" in value["problem"]
    answer = api.edit("labels/apply", base_revision=0, class_id=1, sample_ids=[sample_id(1)])
    assert error(answer) == (507, "labels_not_stored")
    assert str(tmp_path) not in answer.text


def test_labels_that_came_with_the_run_are_there(api: Api) -> None:
    make_run(api.logdir / "run", labels=["bee", "ant", *["unlabeled"] * 58])
    value = api.labels()
    assert [info["name"] for info in value["classes"]] == ["ant", "bee"]
    assert value["labels"][:3] == [2, 1, -1]


def test_orphans_are_counted_and_kept(api: Api) -> None:
    ant = api.add_class("ant")
    api.edit("labels/apply", class_id=ant, sample_ids=[sample_id(0), sample_id(59)])
    make_run(api.logdir / "run", blobs(30)[0])
    assert api.labels()["orphans"] == 1
    make_run(api.logdir / "run")
    assert api.labels()["orphans"] == 0
    assert api.labels()["labels"][59] == ant


def test_a_session_runs_hears_labels_and_settles(api: Api) -> None:
    assert error(api.get("session/state", **RUN)) == (404, "no_session")
    ant = api.add_class("ant")
    state = api.post("session/start", **RUN, parameters={"n_epochs": 300}).get_json()
    assert state["parameters"]["n_epochs"] == 300
    (number, _, _), positions = frame(api)
    assert number >= 1
    assert positions.shape == (3, 60)
    state = wait_until(api, status="settled", epoch=300)
    assert state["notes"][0].startswith("Perplexity lowered from 20 to 19.7")
    assert len(state["cost_curve"]) == 6
    (number, epoch, _), before = frame(api)
    assert epoch == 300
    api.edit("labels/apply", class_id=ant, sample_ids=[sample_id(row) for row in range(20)])
    (later, epoch, revision), _ = frame(api, after=number)
    assert later > number
    assert (epoch > 300, revision) == (True, 2)
    wait_until(api, status="settled", epoch=800, revision=2)
    assert np.abs(frame(api)[1] - before).max() > 0.01


def test_a_session_is_paused_stepped_perturbed_and_restarted(api: Api) -> None:
    api.post("session/start", **RUN, parameters={"n_epochs": 100})
    wait_until(api, status="settled")
    api.post("session/step", **RUN, epochs=7)
    wait_until(api, status="paused", epoch=107)
    (number, _, _), before = frame(api)
    api.post("session/perturb", **RUN, scale=0.5)
    _, after = frame(api, after=number)
    assert np.abs(after - before).max() > 0
    wait_until(api, status="paused", epoch=107)
    api.post("session/resume", **RUN)
    wait_until(api, status="settled", epoch=607)
    api.post("session/restart", **RUN)
    wait_until(api, status="settled", epoch=100)
    api.post("session/resume", **RUN)
    api.post("session/pause", **RUN)
    assert wait_until(api, status="paused")["epoch"] < 600


def test_parameters_change_while_it_runs(api: Api) -> None:
    api.post("session/start", **RUN, parameters={"n_epochs": 60})
    wait_until(api, status="settled")
    answer = api.post("session/parameters", **RUN, parameters={"label_importance": 0.5}).get_json()
    assert answer["parameters"]["label_importance"] == 0.5
    wait_until(api, status="settled", epoch=560)
    api.post("session/parameters", **RUN, parameters={"n_components": 2})
    wait_until(api, status="settled", epoch=60)
    assert frame(api)[1].shape == (2, 60)
    for bad in ({"perplexity": 0}, {"nonsense": 1}, {"speed_limit": -1}, {"theta": None}):
        assert error(api.post("session/parameters", **RUN, parameters=bad)) == (422, "invalid")
    assert wait_until(api, status="settled")["parameters"]["n_components"] == 2


def test_starting_twice_starts_once(api: Api) -> None:
    api.post("session/start", **RUN, parameters={"n_epochs": 60})
    wait_until(api, status="settled")
    api.post("session/start", **RUN)
    assert wait_until(api, status="settled")["epoch"] == 60


def test_frames_that_do_not_come_are_no_content(api: Api) -> None:
    api.post("session/start", **RUN, parameters={"n_epochs": 10})
    wait_until(api, status="settled")
    (number, _, _), _ = frame(api)
    assert api.get("session/frame", **RUN, after=number, wait=0.1).status_code == 204
    api.post("session/pause", **RUN)  # nothing moved: no new frame
    wait_until(api, status="paused")
    assert api.get("session/frame", **RUN, after=number, wait=0.3).status_code == 204


def test_features_that_are_not_finite_are_said_and_labels_go_on(api: Api) -> None:
    features, _ = blobs()
    features[4] = np.nan
    make_run(api.logdir / "run", features)
    api.post("session/start", **RUN)
    state = wait_until(api, status="running")
    assert "1 sample has features that are not finite (rows 4, counted from 0)" in state["notes"][0]
    _, positions = frame(api)
    assert np.isfinite(positions).all()
    others = np.delete(positions, 4, axis=1)
    assert np.linalg.norm(positions[:, 4]) > np.abs(others).max()
    ant = api.add_class("ant")
    assert api.edit("labels/apply", class_id=ant, sample_ids=[sample_id(4), sample_id(5)]).status_code == 200
    assert wait_until(api, revision=2)["message"] is None


def test_a_run_that_goes_away_is_unknown(api: Api) -> None:
    api.add_class("ant")
    shutil.rmtree(api.logdir / "run")
    assert error(api.get("labels", **RUN)) == (404, "unknown_run")
    assert error(api.edit("labels/undo", base_revision=1)) == (404, "unknown_run")
    assert not (api.logdir / "run").exists()


def test_only_built_files_are_served(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    for name in ("static/index.js", "static/assets/app.js", "static/assets/notes.txt", "outside.js"):
        (tmp_path / name).write_text("export {};")
    (static / "assets" / "link.js").symlink_to(tmp_path / "outside.js")
    monkeypatch.setattr(page, "STATIC", static)
    for path in ("/index.js", "/assets/app.js"):
        assert api.client.get(path).data == b"export {};"
    # All but the first are there, but are no files of the page.
    for path in (
        "/assets/none.js",
        "/assets/notes.txt",
        "/assets/link.js",
        "/assets/../index.js",
        "/assets/%2e%2e/index.js",
        "/assets/../../outside.js",
        "/assets/%2e%2e%2f%2e%2e%2foutside.js",
        "/assets/none.js?name=../index.js",
    ):
        assert api.client.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("folder", "plain", "named"),
    [
        ("a b", 'filename="a b.tsv"', ""),
        ("größe", 'filename="gr__e.tsv"', "filename*=UTF-8''gr%C3%B6%C3%9Fe.tsv"),
        ('x"; filename=evil.exe; y="', "_~", ""),
        ("x\r\nSet-Cookie: a=b", "x__Set-Cookie_ a=b~", ""),
        ("deep/run", "deep_run~", ""),
    ],
)
def test_a_download_is_called_after_the_run_whatever_that_is_called(
    api: Api, folder: str, plain: str, named: str
) -> None:
    make_run(api.logdir / folder)
    header = api.get("labels.tsv", run=folder, tensor="im").headers["Content-Disposition"]
    assert header.startswith('attachment; filename="')
    assert header.count('"') == 2
    assert not set(header.split('"')[1]) & set("\r\n;/\\")
    assert plain in header
    assert named in header


def test_words_that_are_no_classes_stay_in_the_table_and_in_the_file(api: Api) -> None:
    words = [f"word-{row}" for row in range(100)]
    make_run(api.logdir / "words", np.zeros((100, 2)), words, sprite=False)
    of_words = {"run": "words", "tensor": "im"}
    value = api.get("samples", **of_words).get_json()
    assert "The column 'label' holds 100 different values in 100 rows, not classes" in value["notes"][0]
    assert {"name": "given_label", "kind": "text", "values": words} in value["columns"]
    assert api.get("labels", **of_words).get_json()["classes"] == []
    assert api.post("labels/save", **of_words).status_code == 200
    header, first, *_ = (api.logdir / "words" / "metadata.tsv").read_text().splitlines()
    assert header == "sample_id\tfile\tgiven_label\tlabel\tstate"
    assert first == "s0000\tclass/0.png\tword-0\tunlabeled\tunlabeled"
