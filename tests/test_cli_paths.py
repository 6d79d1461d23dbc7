"""Paths that commands are given: `~`, addresses, nothing, pipes, folders of runs, patterns that a shell replaced."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin.cli import cli
from tests.builders import make_run
from tests.exporters.drawn import draw_folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a folder of images and two runs; the home folder is another one."""
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "work")
    draw_folder(Path("photos"), 4)
    for name in ("a", "b"):
        make_run(Path("runs", name), [[1.0, 0.0], [0.0, 1.0]], ["ant", "bee"])
    return tmp_path / "work"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_the_home_folder_is_meant_by_its_sign_everywhere(here: Path) -> None:
    home = here.parent / "home"
    done = run("export", "photos", "--logdir=~/run", "--features", "pix", "--labels", "folders")
    assert done.exit_code == 0, done.output
    os.rename("photos", home / "photos")
    assert run("export", "~/photos/**/*.png", "--logdir=~/again", "--features", "pix").exit_code == 0
    assert run("labels", "export", "~/run", "--out=~/labels.tsv").exit_code == 0
    assert run("export", "~/photos", "--logdir=~/third", "--features", "pix", "--labels=~/labels.tsv").exit_code == 0
    done = run("labels", "import", "~/again", "~/labels.tsv", "--labels-dir=~/labels", "--logdir=~")
    assert done.exit_code == 0, done.output
    assert run("embed", "~/run", "--epochs", "1", "--out=~/positions.tsv").exit_code == 0
    there = ["again", "labels", "labels.tsv", "photos", "positions.tsv", "run", "third"]
    assert sorted(path.name for path in home.iterdir()) == there
    assert [path.name for path in here.iterdir()] == ["runs"]


WITH_PATHS = [
    ["export", "photos", "--features", "pix", "--logdir"],
    ["demo", "--no-serve", "--logdir"],
    ["labels", "history", "runs/a", "--labels-dir"],
    ["labels", "history", "runs/a", "--logdir"],
    ["labels", "export", "runs/a", "--out"],
    ["labels", "import", "runs/a"],
    ["labels", "save"],
    ["labels", "propagate", "runs/a", "--out"],
    ["labels", "propagate", "runs/a", "--out", "x.tsv", "--pool"],
    ["labels", "classifier", "runs/a", "--out"],
    ["predict", "photos", "--classifier", "runs/a", "--out"],
    ["predict", "photos", "--out", "x.tsv", "--classifier"],
    ["predict", "photos", "--classifier", "runs/a", "--out", "x.tsv", "--weights"],
    ["embed", "runs/a", "--out"],
    ["evaluate", "embedding", "runs/a", "--out"],
    ["evaluate", "embedding", "--out", "x"],
]


@pytest.mark.parametrize("words", WITH_PATHS, ids=" ".join)
def test_addresses_and_nothing_are_no_paths(here: Path, words: list[str]) -> None:
    before = sorted(here.rglob("*"))
    for value, message in (
        ("", "it is empty. Is a variable unset?"),
        ("s3://bucket/q", "s3://bucket/q is an address: give a path of this machine."),
        ("file:///tmp/q", "file:///tmp/q is an address"),
    ):
        done = run(*words, value)
        assert done.exit_code == 2
        assert message in done.output
        assert done.output.count("\n") == 1
    assert sorted(here.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["export", "", "--logdir", "x"], "The images' folder is empty text. Is a variable unset?"),
        (["predict", "a.png", "b.png", "--classifier", "c", "--out", "x"], "there are 2, the first a.png: write a"),
        (["labels", "classifier", "runs", "--out", "x"], "There are runs below: a, b."),
        (["labels", "history", "runs/a", "--labels-db", ""], "--labels-db is empty. Is a variable unset?"),
        (
            ["export", "photos/1.png", "photos/2.png", "photos/3.png", "--logdir", "x"],
            "there are 3, the first photos/1.png: write a pattern in quotes",
        ),
        (["labels", "export", "runs"], "runs is no run itself. There are runs below: a, b."),
        (["embed", "runs"], "There are runs below: a, b."),
        (["evaluate", "embedding", "runs", "--out", "x"], "There are runs below: a, b."),
        (["labels", "propagate", "runs/a", "--out", "x", "--pool", "runs"], "There are runs below: a, b."),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(here: Path, words: list[str], message: str) -> None:
    done = run(*words)
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
    assert message in done.output
    assert not Path("x").exists()


def test_a_single_image_is_told_to_be_one(here: Path) -> None:
    done = run("export", "photos/class_0/0000.png", "--logdir", "x")
    assert done.output == "Error: photos/class_0/0000.png is a single image: give its folder, photos/class_0.\n"


@pytest.mark.parametrize(
    "words",
    [
        ["export", "pipe.csv", "--logdir", "x"],
        ["export", "pipe.npz", "--logdir", "x"],
        ["labels", "import", "runs/a", "pipe.csv"],
    ],
)
def test_nothing_waits_for_a_pipe(here: Path, words: list[str]) -> None:
    os.mkfifo("pipe.csv")
    os.mkfifo("pipe.npz")
    done = subprocess.run(
        [sys.executable, "-m", "tb_tsne_plugin.cli", *words], check=False, capture_output=True, text=True, timeout=20
    )
    assert done.returncode in (1, 2)
    assert f"{words[-1] if words[0] == 'labels' else words[1]} is not a regular file." in done.stderr


def test_a_table_may_come_from_a_shell(here: Path) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"sample_id\tlabel\n" + Path("runs/a/metadata.tsv").read_bytes().split(b"\n")[1].split(b"\t")[0])
    os.close(theirs)
    command = [sys.executable, "-m", "tb_tsne_plugin.cli", "labels", "import", "runs/a", f"/dev/fd/{ours}", "--dry-run"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, pass_fds=[ours], timeout=20)
    os.close(ours)
    assert "rows" in done.stdout, done.stderr
