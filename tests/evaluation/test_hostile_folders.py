"""Evaluating a run from anybody, into a folder from anybody, in a working directory from anybody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.evaluation import jobs
from tests.builders import make_run
from tests.evaluation.data import clustered

OPTIONS = ["--true-labels", "label", "--folds", "2", "--epochs", "2", "--jobs", "1"]
FILES = ["embedding.csv", "report.md"]
LABELING = ["--true-labels", "label", "--folds", "2", "--settings", "unsupervised:s=30", "--jobs", "1"]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "photo").write_text("precious")
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    features, truth = clustered(60, 3, width=8)
    return make_run(tmp_path / "monkeys", features, [f"class {label}" for label in truth], tensors=("im",))


def evaluate(command: str, run: Path, out: Path, options: list[str]) -> Result:
    return CliRunner().invoke(cli, ["evaluate", command, str(run), "--out", str(out), *options])


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["link", "dangling link", "FIFO", "folder", "hard link"])
def test_results_replace_links_and_follow_none(run: Path, outside: Path, tmp_path: Path, name: str, kind: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    if kind == "FIFO":
        os.mkfifo(out / name)
    elif kind == "folder":
        (out / name).mkdir()
    elif kind == "hard link":
        os.link(outside / "photo", out / name)
    else:
        (out / name).symlink_to(outside / ("photo" if kind == "link" else "planted"))
    done = evaluate("embedding", run, out, OPTIONS)
    if kind == "folder":
        assert done.exit_code == 1
        assert done.stderr.endswith(f"Error: {out} cannot be written: Is a directory.\n")
    else:
        assert done.exit_code == 0, done.output
        assert (out / name).is_file()
        assert not (out / name).is_symlink()
    assert [(path.name, path.read_text()) for path in outside.iterdir()] == [("photo", "precious")]


@pytest.mark.parametrize("name", ["jobs", "scalars", "scalars/monkeys", "scalars/monkeys/im"])
def test_folders_of_ours_are_no_links(run: Path, outside: Path, tmp_path: Path, name: str) -> None:
    link = tmp_path / "out" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    done = evaluate("labeling", run, tmp_path / "out", LABELING)
    assert done.exit_code == 1, done.output
    assert f"{name} is a link, and links are not followed here." in done.stderr
    assert [path.name for path in outside.iterdir()] == ["photo"]


def test_a_result_that_is_no_result_is_worked_out_again(run: Path, tmp_path: Path) -> None:
    assert evaluate("embedding", run, tmp_path / "out", OPTIONS).exit_code == 0
    report = (tmp_path / "out" / "report.md").read_text()
    for content in (b"[" * 10**5, b"7", b"\xff", b"[7]", None):
        for path in (tmp_path / "out" / "jobs").iterdir():
            path.unlink()
            os.mkfifo(path) if content is None else path.write_bytes(content)
        done = evaluate("embedding", run, tmp_path / "out", OPTIONS)
        assert done.exit_code == 0, done.output
        assert (tmp_path / "out" / "report.md").read_text() == report


@pytest.mark.parametrize("content", ["", "a\n1\n", "run,features,fold\n1,2,3,4\n", '"'])
def test_a_table_that_is_none_is_one_sentence(run: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "labeling.csv").write_text(content)
    done = evaluate("embedding", run, tmp_path, OPTIONS)
    assert done.exit_code == 2
    assert "labeling.csv is no table of an evaluation" in done.stderr


@pytest.mark.parametrize("features", ["../../../escaped", "/tmp/escaped", "..", ".", "a/../../b"])
def test_features_called_anything_write_into_the_folder_only(tmp_path: Path, features: str) -> None:
    rows, truth = clustered(60, 3, width=8)
    run = make_run(tmp_path / "runs" / "x", rows, [f"class {label}" for label in truth], tensors=("im",))
    config = run / "projector_config.pbtxt"
    config.write_text(config.read_text().replace('tensor_name: "im"', f'tensor_name: "{features}"'))
    before = set(tmp_path.rglob("*"))
    done = evaluate("labeling", run, tmp_path / "out", [*LABELING, "--features", "all"])
    assert done.exit_code == 0, done.output
    made = set(tmp_path.rglob("*")) - before
    assert all(path == tmp_path / "out" or tmp_path / "out" in path.parents for path in made)
    assert len(list((tmp_path / "out" / "scalars" / "x").glob("*/*/events*"))) == 1


def test_partial_files_have_no_names_that_could_be_known(
    run: Path, outside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job's result went through JOB.PID.partial."""
    (tmp_path / "out" / "jobs").mkdir(parents=True)
    monkeypatch.setattr(jobs.Job, "key", "known")
    (tmp_path / "out" / "jobs" / f"known.{os.getpid()}.partial").symlink_to(outside / "photo")
    assert evaluate("embedding", run, tmp_path / "out", OPTIONS).exit_code == 0
    assert (outside / "photo").read_text() == "precious"


def test_workers_import_nothing_from_the_working_directory(run: Path, tmp_path: Path) -> None:
    """In a process of its own: joblib keeps workers from one evaluation to the next."""
    here = tmp_path / "here"
    here.mkdir()
    for name in ("joblib", "json", "numpy", "pickle", "runpy", "sklearn", "tb_tsne_plugin", "threadpoolctl"):
        (here / f"{name}.py").write_text(f"open({str(here / 'ran')!r}, 'a').write({name!r} + ' ')")
    code = "import sys; sys.path[:] = [x for x in sys.path if x]; from tb_tsne_plugin.cli import main; main()"
    command = [sys.executable, "-c", code, "evaluate", "embedding", str(run), "--out", "out", *OPTIONS[:-1], "2"]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=300, check=False)
    assert not (here / "ran").exists(), (here / "ran").read_text()
    assert done.returncode == 0, done.stderr
    assert (here / "out" / "report.md").exists()
