"""What TensorBoard is started on: read as TensorBoard reads it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.data_ingester import _parse_event_files_spec

from tb_tsne_plugin.runs import find_run, run_names
from tb_tsne_plugin.runs.logdirs import LogDirs
from tests.builders import make_run

SPECS = [
    "one:{0}/a,two:{0}/b",
    "{0}/a,{0}/b",
    "one:{0}/a,{0}/b",
    "one:~/a,two:~",
    "one:{0}/a,two:{0}/a",
    "{0}/a:b,two:{0}/c:d",
    "one:a,two:.",
    "x/y:{0}/a",
    "one:{0}/b/../a",
    "gs://bucket/a,one:{0}/b",
    "one:gs://bucket/a",
]


@pytest.mark.parametrize("spec", SPECS)
def test_a_spec_is_read_as_by_tensorboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    spec = spec.format(tmp_path)
    found = LogDirs.served("", spec).folders
    expected = _parse_event_files_spec(spec)
    assert found == tuple((name or "", Path(path)) for path, name in expected.items() if "://" not in path)


@pytest.mark.parametrize("spec", ["", ",", "one:", "one:,two:", "gs://bucket"])
def test_nothing_is_named_by_what_names_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    """TensorBoard takes an empty folder for the current one."""
    make_run(tmp_path / "private")
    monkeypatch.chdir(tmp_path)
    assert run_names(LogDirs.served("", spec)) == []


def test_runs_have_the_name_of_their_log_dir_before_their_own(tmp_path: Path) -> None:
    for name in ("a/r", "a/deep/r", "b/r", "b", "c/r", "d/r", "d"):
        make_run(tmp_path / name)
    dirs = LogDirs.served("", f"one:{tmp_path}/a,two:{tmp_path}/b,{tmp_path}/c,{tmp_path}/d,../up/./x:{tmp_path}/c/r")
    assert run_names(dirs) == [".", "one/deep/r", "one/r", "r", "r (2)", "two", "two/r"]
    assert find_run(dirs, "two").folder == tmp_path / "b"
    assert find_run(dirs, "r (2)").folder == tmp_path / "d" / "r"


def test_a_name_leads_nowhere_else(tmp_path: Path) -> None:
    make_run(tmp_path / "r")
    dirs = LogDirs.served("", f"../..//x/./y:{tmp_path}")
    assert run_names(dirs) == ["x/y/r"]


def test_a_link_between_log_dirs_gives_no_second_name(tmp_path: Path) -> None:
    make_run(tmp_path / "b" / "r")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "link").symlink_to(tmp_path / "b" / "r")
    assert run_names(LogDirs.served("", f"one:{tmp_path}/a,two:{tmp_path}/b")) == ["two/r"]


def test_commands_take_a_folder_as_it_is_and_anything_else_as_a_spec(tmp_path: Path) -> None:
    (tmp_path / "a:b,c").mkdir()
    assert LogDirs.given(tmp_path / "a:b,c") == LogDirs.of(tmp_path / "a:b,c")
    assert LogDirs.given(tmp_path / "none") == LogDirs.of(tmp_path / "none")
    assert LogDirs.given(f"one:{tmp_path}") == LogDirs((("one", tmp_path),))


def test_a_folder_is_in_a_log_dir_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    os.symlink(tmp_path / "real", tmp_path / "logs")
    dirs = LogDirs.of(tmp_path / "logs")
    assert dirs.hold(tmp_path / "logs" / "run")
    assert dirs.hold(tmp_path / "real" / "run")
    assert not dirs.hold(tmp_path / "realm")
