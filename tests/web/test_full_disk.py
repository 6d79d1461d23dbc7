"""A disk that is full, and one that is read-only: one sentence each, nothing half-written, and the t-SNE runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from tb_tsne_plugin.cli import cli
from tests.builders import make_run, sample_id
from tests.missing import missing
from tests.web.conftest import Api


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB with a run in it."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        missing("only root can mount a small file system")
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], check=False).returncode:
        missing("this machine lets nobody mount")
    make_run(place / "run", labels=["ant", "bee"] * 30)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path) -> None:
    with suppress(OSError), (disk / "ballast").open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


def protect(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def files(disk: Path) -> dict[str, str]:
    """Every file by what is in it, but the ballast, and the empty one with which SQLite begins: no store yet."""
    found = (path for path in sorted(disk.rglob("*")) if path.is_file() and path.name != "ballast")
    kept = (path for path in found if path.name != "labels.sqlite" or path.stat().st_size)
    return {str(path.relative_to(disk)): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


ELSEWHERE = "their folder cannot be written; start TensorBoard with --tsne_labels_dir FOLDER to keep labels elsewhere"
COMMANDS = {
    "labels export": (["--out", "{disk}/out.tsv"], "{disk}/out.tsv cannot be written: {why}."),
    "labels import": (["{table}", "--overwrite"], "Labels cannot be stored: {labels}."),
    "labels save": ([], "Labels cannot be stored: {why}; download the TSV instead."),
    "labels propagate": (["--out", "{disk}/out.tsv"], "{disk}/out.tsv cannot be written: {why}."),
    "labels classifier": (["--out", "{disk}/made"], "{disk}/made cannot be written: {why}."),
    "embed": (["--epochs", "1", "--out", "{disk}/out.tsv"], "{disk}/out.tsv cannot be written: {why}."),
}
WHY = {
    "full": ("No space left on device", "the disk is full; free some space and try again"),
    "read-only": ("Read-only file system", ELSEWHERE),
}


@pytest.mark.parametrize("kind", WHY)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_so_and_leaves_nothing(disk: Path, tmp_path: Path, name: str, kind: str) -> None:
    if name == "labels classifier":
        pytest.importorskip("onnx", reason="needs the extra [onnx]")
    table = tmp_path / "table.tsv"
    table.write_text(f"sample_id\tlabel\n{sample_id(9)}\tcat\n")
    (fill if kind == "full" else protect)(disk)
    before = files(disk)
    words, sentence = COMMANDS[name]
    arguments = [*name.split(), str(disk / "run"), *(word.format(disk=disk, table=table) for word in words)]
    done = CliRunner().invoke(cli, arguments)
    why, labels = WHY[kind]
    expected = sentence.format(disk=disk, why=why, labels=labels)
    assert (done.exit_code, done.output) == (1, f"Error: {expected}\n")
    assert files(disk) == before


@pytest.mark.parametrize("kind", WHY)
def test_a_run_is_shown_and_embedded_and_the_page_is_told(disk: Path, kind: str) -> None:
    api = Api(disk)
    (fill if kind == "full" else protect)(disk)
    before = files(disk)
    assert api.labels()["labels"][:2] == [1, 2]
    why, labels = WHY[kind]
    refused = api.post("labels/create", run="run")
    assert (refused.status_code, refused.get_json()["error"]["message"]) == (507, f"Labels cannot be stored: {labels}.")
    refused = api.post("labels/save", run="run", tensor="im")
    assert refused.get_json()["error"]["message"] == f"Labels cannot be stored: {why}; download the TSV instead."
    tensor = {"run": "run", "tensor": "im"}
    assert api.post("session/start", **tensor, parameters={"n_epochs": 60}).status_code == 200
    until = time.monotonic() + 60
    while (state := api.get("session/state", **tensor).get_json())["status"] != "settled":
        assert time.monotonic() < until, state
        time.sleep(0.1)
    assert state["notes"][-1].startswith("Where the t-SNE stands cannot be kept")
    api.close()
    assert files(disk) == before


def test_when_there_is_room_again_labels_are_stored_as_before(disk: Path) -> None:
    api = Api(disk)
    store = api.store()
    fill(disk)
    known, edit = api.labels(), {}
    for number in range(100):
        edit = {"run": "run", "store": store, "op_id": f"operation-full-{number}", "base_revision": known["revision"]}
        edit |= {"new_class": {"name": f"{number} " + "x" * 100}, "sample_ids": [sample_id(row) for row in range(60)]}
        answer = api.post("labels/apply", **edit)
        if answer.status_code != 200:
            break
        known = api.labels()
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (507, "labels_not_stored")
    assert api.labels() == known
    (disk / "ballast").unlink()
    assert api.post("labels/apply", **edit).status_code == 200  # the page sends the very same again
    assert api.labels()["revision"] == known["revision"] + 1
