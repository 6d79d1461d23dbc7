"""A log dir that really cannot be written: everything can be looked at, nothing is accepted in memory only."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_run, sample_id
from tests.read_only import NOBODY, read_only
from tests.web.conftest import Api


@pytest.fixture
def logdir() -> Iterator[Path]:
    """A log dir outside pytest's own folder, which nobody else may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    make_run(folder / "run", labels=["ant", *["unlabeled"] * 59])
    yield folder
    shutil.rmtree(folder)


def warm(api: Api, logdir: Path) -> None:
    """Imports all that answering takes, while this process may still read Python's own library."""
    make_run(logdir / "warm")
    api.store("warm")
    api.post("labels/save", run="warm", tensor="im")


def test_a_read_only_run_is_shown_and_says_how_to_label_it(logdir: Path) -> None:
    api = Api(logdir)
    warm(api, logdir)
    with read_only(logdir / "run"):
        value = api.labels()
        assert (value["labels"][:2], value["store"]) == ([1, -1], "")
        refused = api.post("labels/create", run="run")
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (507, "labels_not_stored")
        assert refused.get_json()["error"]["message"] == (
            "Labels cannot be stored: their folder cannot be written; "
            "start TensorBoard with --tsne_labels_dir FOLDER to keep labels elsewhere."
        )
        answer = api.edit("labels/apply", base_revision=0, class_id=1, sample_ids=[sample_id(1)])
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "other_store")
        assert api.labels()["labels"] == value["labels"]
        assert api.get("labels.tsv", run="run", tensor="im").text.splitlines()[1].endswith("ant\tlabeled")
        assert not (logdir / "run" / "labels.sqlite").exists()


def test_labels_kept_elsewhere_can_be_given_but_not_saved_into_the_run(logdir: Path) -> None:
    elsewhere = logdir / "labels"
    elsewhere.mkdir()
    elsewhere.chmod(0o777)
    api = Api(logdir, tsne_labels_dir=str(elsewhere))
    warm(api, logdir)
    with read_only(logdir / "run"):
        before = sorted(entry.name for entry in (logdir / "run").iterdir())
        assert api.labels()["problem"] is None
        bee = api.add_class("bee")
        assert api.edit("labels/apply", class_id=bee, sample_ids=[sample_id(1)]).status_code == 200
        answer = api.post("labels/save", run="run", tensor="im")
        assert answer.status_code == 507
        assert "Permission denied; download the TSV instead" in answer.get_json()["error"]["message"]
        assert sorted(entry.name for entry in (logdir / "run").iterdir()) == before


def test_labels_that_cannot_be_read_keep_no_tsne_from_running(logdir: Path) -> None:
    (logdir / "file").write_text("in the way")
    api = Api(logdir, tsne_labels_dir=str(logdir / "file"))
    started = api.post("session/start", run="run", tensor="im", parameters={"n_epochs": 20})
    assert started.status_code == 200, started.text
    assert api.get("session/frame", run="run", tensor="im", wait=25).status_code == 200
    assert api.labels()["problem"].startswith("Labels cannot be stored")
    api.close()


@pytest.fixture
def shared(logdir: Path) -> Path:
    """A run in a folder that several people may write to, with labels."""
    (logdir / "run").chmod(0o777)
    api = Api(logdir)
    warm(api, logdir)
    api.add_class("bee")
    api.close()
    return logdir


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_a_second_user_is_told_whose_file_it_is_and_how_that_lets_them_write(shared: Path, mode: int) -> None:
    store = shared / "run" / "labels.sqlite"
    store.chmod(mode)
    owner = pwd.getpwuid(store.stat().st_uid).pw_name
    sentence = (
        "Labels cannot be stored: you may not write to labels.sqlite; "
        f"have {owner} run `chmod g+rw labels.sqlite` in its folder."
    )
    api = Api(shared)
    os.seteuid(NOBODY)
    try:
        if mode == 0o600:
            assert api.labels()["problem"] == sentence
            return
        assert api.labels()["classes"][-1]["name"] == "bee"
        for route, more in (("labels/create", {}), ("classes", {"action": "add", "name": "fly"})):
            edit = {"store": api.labels()["store"], "base_revision": api.labels()["revision"]} if more else {}
            refused = api.edit(route, **edit, **more) if more else api.post(route, run="run")
            assert (refused.status_code, refused.get_json()["error"]["message"]) == (507, sentence), route
    finally:
        os.seteuid(0)
    store.chmod(0o664)
    os.seteuid(NOBODY)  # who is still in the file's group
    try:
        assert api.edit("classes", action="add", name="fly").status_code == 200
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize(
    ("uid", "gid", "cure"),
    [
        (0, 12345, "have root run `chgrp root labels.sqlite && chmod g+rw labels.sqlite` in its folder"),
        (12345, 12345, "have user 12345 run `chgrp root labels.sqlite && chmod g+rw labels.sqlite` in its folder"),
        (NOBODY, 12345, "run `chmod u+rw labels.sqlite` in its folder"),
    ],
)
def test_what_lets_them_write_depends_on_whose_the_file_is(shared: Path, uid: int, gid: int, cure: str) -> None:
    store = shared / "run" / "labels.sqlite"
    store.chmod(0o444)
    os.chown(store, uid, gid)
    api = Api(shared)
    os.seteuid(NOBODY)
    try:
        refused = api.post("labels/create", run="run").get_json()["error"]["message"]
    finally:
        os.seteuid(0)
    assert refused == f"Labels cannot be stored: you may not write to labels.sqlite; {cure}."


def test_a_file_and_a_folder_that_cannot_be_written_are_told_as_a_folder(shared: Path) -> None:
    (shared / "run" / "labels.sqlite").chmod(0o444)
    api = Api(shared)
    with read_only(shared / "run"):
        store = api.labels()["store"]
        refused = api.edit("classes", store=store, base_revision=api.labels()["revision"], action="add", name="fly")
        assert "start TensorBoard with --tsne_labels_dir FOLDER" in refused.get_json()["error"]["message"]
