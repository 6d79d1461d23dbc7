"""The one way to a run's files: nothing from outside its folder, nothing that is no file."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "run"
    (inside / "deep").mkdir(parents=True)
    (inside / "deep" / "file").write_text("inside")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "run-2").mkdir()
    (tmp_path / "run-2" / "file").write_text("secret")
    (inside / "link-in").symlink_to(inside / "deep" / "file")
    (inside / "link-out").symlink_to(tmp_path / "secret")
    (inside / "folder-out").symlink_to(tmp_path)
    os.mkfifo(inside / "fifo")
    return inside


@pytest.mark.parametrize("name", ["deep/file", "./deep/../deep/file", "link-in"])
def test_files_inside_open(folder: Path, name: str) -> None:
    with open_contained(folder, name) as file:
        assert file.read() == b"inside"


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "deep/../../secret",
        "../run-2/file",
        "link-out",
        "folder-out/secret",
        "~/secret",
        "/etc/passwd",
        "",
        "a\0b",
        "/dev/zero",
    ],
)
def test_files_outside_do_not(folder: Path, name: str) -> None:
    with pytest.raises(RunError, match=r"outside the run's folder|not a path inside"):
        open_contained(folder, name)


@pytest.mark.parametrize("last", ["deep/file", "nowhere"])
def test_a_chain_of_links_without_end_is_said(folder: Path, last: str) -> None:
    for number in range(1_500):
        (folder / f"link-{number}").symlink_to(f"link-{number + 1}" if number < 1_499 else last)
    with open_contained(folder, "link-1480") if last != "nowhere" else nullcontext():
        pass
    with pytest.raises(RunError, match="link-0 cannot be read: Too many levels of symbolic links"):
        open_contained(folder, "link-0")


@pytest.mark.parametrize(("name", "why"), [("fifo", "not a regular"), ("deep", "not a regular"), ("none", "missing")])
@pytest.mark.timeout(5)
def test_what_is_no_file_is_refused_without_hanging(folder: Path, name: str, why: str) -> None:
    with pytest.raises(RunError, match=why):
        open_contained(folder, name)


def test_messages_hold_no_absolute_path(folder: Path) -> None:
    for name in ("none", "fifo", "../secret", "link-out"):
        with pytest.raises(RunError) as caught:
            open_contained(folder, name)
        assert str(folder) not in str(caught.value)
