"""Commands called in a working directory from anybody: nothing there is read but what they are told to read."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.cli.elsewhere import Elsewhere
from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.database import STORE_NAME, Database
from tests.builders import WORDS, blobs, make_run, sample_id

FEATURES, GROUP = blobs(60)
PLANTED = {".numba_config.yaml": "cache_dir: planted\n", "matplotlibrc": "backend: planted\n"}
EVALUATED = ["--true-labels", "label", "--folds", "2", "--jobs", "1", "--out", "out"]
COMMANDS = {
    "embed": ["embed", "../run", "--epochs", "1", "--out", "out"],
    "check": ["labels", "check", "../run"],
    "propagate": ["labels", "propagate", "../run", "--pool", "../pool", "--out", "out"],
    "evaluate embedding": ["evaluate", "embedding", "../run", "--epochs", "1", *EVALUATED],
    "evaluate labeling": ["evaluate", "labeling", "../run", "--settings", "slight:s=30", *EVALUATED],
    "evaluate active-learning": ["evaluate", "active-learning", "../run", "--methods", "randselect", *EVALUATED],
    "labels export": ["labels", "export", "../run", "--out", "out"],
    "demo": ["demo", "--no-serve", "--logdir", "out"],
}
if importlib.util.find_spec("onnx"):
    COMMANDS["classifier"] = ["labels", "classifier", "../run", "--out", "out"]
# Says which planted file is opened, then what numba took from there; the working directory is not on the path.
CALL = f"""\
import os, sys
sys.path[:] = [folder for folder in sys.path if folder]
planted = [os.path.abspath(name) for name in {list(PLANTED)}]
def watch(event, arguments):
    if event == "open" and os.path.abspath(str(arguments[0])) in planted:
        print("opened", arguments[0], file=sys.stderr)
sys.addaudithook(watch)
from tb_tsne_plugin.cli import cli
try:
    cli(prog_name="tb-tsne")
finally:
    if "numba" in sys.modules:
        print("numba's cache:", sys.modules["numba"].config.CACHE_DIR, file=sys.stderr)
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    labels = [WORDS[group] if row % 2 else "unlabeled" for row, group in enumerate(GROUP)]
    make_run(tmp_path / "run", FEATURES, labels)
    make_run(tmp_path / "pool", FEATURES)
    folder = tmp_path / "here"
    folder.mkdir()
    for name, content in PLANTED.items():
        (folder / name).write_text(content)
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_settings_in_the_working_directory_count_for_nothing(here: Path, name: str) -> None:
    """numba unpickles compiled code from where its settings say, and that runs code."""
    command = [sys.executable, "-c", CALL, *COMMANDS[name]]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "opened" not in done.stderr
    assert "planted" not in done.stderr
    assert ("numba's cache:" in done.stderr) == (name not in ("labels export", "demo"))
    assert {path.name for path in here.iterdir()} - {"out"} == set(PLANTED)
    assert (here / "out").exists() == ("out" in COMMANDS[name])


@pytest.mark.parametrize("way", ["folder", "folder in the environment", "file", "file in the environment"])
def test_relative_places_of_labels_stay_where_they_are(here: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = {sample_id(row): WORDS[(GROUP[row] + row // 30) % 3] for row in range(60)}
    wrong = {**labels, sample_id(59): WORDS[(GROUP[59] + 2) % 3]}
    kind, _, variable = way.partition(" ")
    if kind == "folder":
        LabelStore(here / "kept" / "run" / STORE_NAME).create(wrong)
        place = {"--labels-dir": "kept"} if not variable else {"TB_TSNE_LABELS_DIR": "kept"}
    else:
        LabelStore(Database(f"sqlite:///{here}/kept"), "run").create(wrong)
        place = {"--labels-db": "sqlite:///kept"} if not variable else {"TB_TSNE_LABELS_DB": "sqlite:///kept"}
    monkeypatch.chdir(here)
    options = [] if variable else [*place, *place.values()]
    done = CliRunner().invoke(
        cli, ["labels", "check", "../run", "--logdir", "..", *options], env=place if variable else None
    )
    assert done.exit_code == 0, done.output
    assert f"{sample_id(59)}\t" in done.stdout
    assert Path.cwd() == here


@pytest.mark.parametrize("name", ["embed", "propagate", "labels export"])
def test_what_out_names_stays_a_fifo(here: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(here / "out")
    reader = os.open(here / "out", os.O_RDONLY | os.O_NONBLOCK)
    monkeypatch.chdir(here)
    done = CliRunner().invoke(cli, COMMANDS[name])
    assert done.exit_code == 0, done.output
    assert os.read(reader, 1 << 16).startswith(b"sample_id\t")
    os.close(reader)
    assert (here / "out").is_fifo()


def test_a_working_directory_that_was_removed_is_none_to_stay_in(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    done = CliRunner().invoke(cli, ["labels", "check", str(tmp_path / "run")])
    os.chdir(here)
    assert done.exit_code == 0, done.output


def test_every_evaluation_works_from_elsewhere() -> None:
    """The test above knows those that are there today."""
    assert all(isinstance(command, Elsewhere) for command in cli.commands["evaluate"].commands.values())  # type: ignore[attr-defined]
