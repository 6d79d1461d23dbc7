"""The one door to a folder's files: below it, no links, nothing that is no file, replaced whole."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_tsne_plugin.runs.folder import Folder, UnsafeFile, replace_file

DOORS: dict[str, Callable[[Folder, str], object]] = {
    "open": lambda folder, name: folder.open(name).close(),
    "update": lambda folder, name: folder.update(name).close(),
    "create": lambda folder, name: folder.create(name).close(),
    "replace": lambda folder, name: folder.replace(name, b"new"),
    "rename": lambda folder, name: folder.rename(name, "other"),
    "rename to": lambda folder, name: folder.rename("file", name),
    "remove": lambda folder, name: folder.remove(name),
    "make_folder": lambda folder, name: folder.make_folder(name),
    "remove_folder": lambda folder, name: folder.remove_folder(name),
    "names": lambda folder, name: folder.names(name),
    "kind": lambda folder, name: folder.kind(name),
}
EVERY_DOOR = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """What must stay as it is."""
    folder = tmp_path / "outside"
    (folder / "deep").mkdir(parents=True)
    (folder / "secret").write_text("secret")
    before = tree(folder)
    yield folder
    assert tree(folder) == before


@pytest.fixture
def folder(tmp_path: Path, outside: Path) -> Folder:
    inside = tmp_path / "run"
    (inside / "deep").mkdir(parents=True)
    (inside / "file").write_text("inside")
    (inside / "deep" / "file").write_text("inside")
    (inside / "link").symlink_to(outside / "secret")
    (inside / "to-be-made").symlink_to(outside / "made")
    (inside / "linked").symlink_to(outside)
    (inside / "link-in").symlink_to(inside / "file")
    os.mkfifo(inside / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(inside / "socket"))
    return Folder(inside)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder: when it was changed last, and what is in it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files} | {
        str(path): (0, b"") for path in folder.rglob("*") if path.is_dir()
    }


@EVERY_DOOR
@pytest.mark.parametrize(
    "name",
    ["../outside/secret", "deep/../../outside/secret", "linked/secret", "linked/deep", "linked/new", ".", ".."],
)
def test_no_door_leads_outside(folder: Folder, outside: Path, door: Callable[[Folder, str], object], name: str) -> None:
    with pytest.raises(UnsafeFile):
        door(folder, name)


def test_the_folder_itself_is_no_file_in_it(folder: Folder) -> None:
    for what, door in DOORS.items():
        if what != "names":
            with pytest.raises(UnsafeFile):
                door(folder, "")


@EVERY_DOOR
def test_an_absolute_name_is_refused(folder: Folder, outside: Path, door: Callable[[Folder, str], object]) -> None:
    with pytest.raises(UnsafeFile):
        door(folder, f"{outside}/secret")


@pytest.mark.parametrize("door", ["open", "update"])
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("link", "a link"),
        ("link-in", "a link"),
        ("to-be-made", "a link"),
        ("fifo", "no regular file"),
        ("socket", "no regular file"),
        ("deep", "a folder"),
    ],
)
@pytest.mark.timeout(5)
def test_what_is_no_file_is_not_opened(folder: Folder, outside: Path, door: str, name: str, what: str) -> None:
    with pytest.raises(UnsafeFile, match=f"{name} is {what}"):
        DOORS[door](folder, name)


def test_a_link_gives_way_to_the_file_that_replaces_it(folder: Folder, outside: Path) -> None:
    for name in ("link", "to-be-made", "fifo"):
        folder.replace(name, b"new")
        assert folder.kind(name) == "file"
        assert (folder.path / name).read_bytes() == b"new"
    with pytest.raises(IsADirectoryError):
        folder.replace("deep", b"new")


def test_what_is_there_is_not_made_again(folder: Folder, outside: Path) -> None:
    for name in ("file", "link", "to-be-made", "fifo", "deep"):
        with pytest.raises(FileExistsError):
            folder.create(name)
    for name in ("file", "link", "linked", "to-be-made", "fifo"):
        with pytest.raises(UnsafeFile):
            folder.make_folder(name)
    assert folder.make_folder("deep") is False
    assert folder.make_folder("new") is True


def test_a_file_with_a_second_name_is_not_changed(folder: Folder, outside: Path) -> None:
    os.link(outside / "secret", folder.path / "hard")
    with pytest.raises(UnsafeFile, match="hard is a file with more than one name"):
        folder.update("hard")
    folder.replace("hard", b"new")
    with folder.open("hard") as file:
        assert file.read() == b"new"


def test_removing_a_link_removes_the_link(folder: Folder, outside: Path) -> None:
    for name in ("link", "linked", "fifo", "socket", "nothing"):
        folder.remove(name)
        assert folder.kind(name) is None


def test_renaming_takes_files_only(folder: Folder, outside: Path) -> None:
    for name in ("link", "linked", "fifo", "deep"):
        with pytest.raises(UnsafeFile):
            folder.rename(name, "new")
    folder.rename("deep/file", "link")  # a link in the way is itself replaced
    assert (folder.path / "link").read_text() == "inside"
    assert folder.names("deep") == []


def test_temporary_names_cannot_be_guessed(folder: Folder, outside: Path) -> None:
    seen = set()
    for _ in range(3):
        with folder.replacing("file") as file:
            file.write(b"half")
            (temporary,) = [name for name in folder.names() if name.endswith(".tmp")]
            seen.add(temporary)
    assert len(seen) == 3
    assert str(os.getpid()) not in "".join(seen)


def test_a_file_is_updated_in_place_and_made_where_there_is_none(folder: Folder) -> None:
    with folder.update("file") as file:
        assert file.read() == b"inside"
        file.write(b"!")
    with folder.update("new") as file:
        file.write(b"!")
    assert (folder.path / "file").read_text() == "inside!"
    assert (folder.path / "new").read_text() == "!"


@given(st.text(max_size=40), st.sampled_from(sorted(DOORS)))
def test_no_name_at_all_leads_outside(tmp_path_factory: pytest.TempPathFactory, name: str, door: str) -> None:
    root = tmp_path_factory.mktemp("root")
    (root / "run").mkdir()
    (root / "run" / "file").write_text("inside")
    with suppress(OSError):
        DOORS[door](Folder(root / "run"), name)
    assert os.listdir(root) == ["run"]


def test_a_missing_file_and_a_missing_folder_say_so(folder: Folder) -> None:
    for name in ("nothing", "nothing/deep"):
        assert folder.kind(name) is None
        with pytest.raises(FileNotFoundError):
            folder.open(name)


def test_replacing_leaves_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("linked", [False, True])
def test_what_passes_on_what_is_written_stays_what_it_is(tmp_path: Path, linked: bool) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to(tmp_path / "fifo")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    replace_file(tmp_path / ("link" if linked else "fifo"), b"content")
    assert os.read(reader, 100) == b"content"
    os.close(reader)
    assert (tmp_path / "fifo").is_fifo()
    assert (tmp_path / "link").is_symlink()


def test_nothing_takes_the_place_of_a_device(tmp_path: Path) -> None:
    """Root may replace what is in /dev. Here a link stands for that folder, so that the old code harms nothing."""
    (tmp_path / "null").symlink_to("/dev/null")
    replace_file(tmp_path / "null", b"content")
    assert (tmp_path / "null").is_symlink()
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    replace_file(Path("/dev/null"), b"content")
    assert stat.S_ISCHR(os.lstat("/dev/null").st_mode)


@pytest.mark.parametrize("to", ["file", "pipe"])
def test_standard_output_by_its_name_is_written_where_it_stands(tmp_path: Path, to: str) -> None:
    code = (
        "import os; from pathlib import Path; from tb_tsne_plugin.runs.folder import replace_file\n"
        "print('before', flush=True); replace_file(Path('/dev/fd/1'), b'content\\n'); print('after')"
    )
    command = [sys.executable, "-c", code]
    if to == "pipe":
        found = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    else:
        with (tmp_path / "out").open("wb") as file:
            subprocess.run(command, stdout=file, check=True)
        found = (tmp_path / "out").read_bytes()
    assert found == b"before\ncontent\nafter\n"


@pytest.mark.parametrize("there", [True, False])
def test_a_link_to_a_file_or_to_nothing_is_itself_replaced(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "file").write_bytes(b"precious")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    replace_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").read_bytes() == b"new"
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").exists() == there


def test_a_failed_replacement_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_where_fsync_stops_at_the_drives_cache_files_go_all_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS, whose fcntl has F_FULLFSYNC."""
    done: list[tuple[str, int]] = []
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda _descriptor, command: done.append(("fcntl", command)))
    monkeypatch.setattr(os, "fsync", lambda _descriptor: done.append(("fsync", 0)))
    replace_file(tmp_path / "metadata.tsv", b"content")
    assert done == [("fcntl", 51), ("fcntl", 51)]  # the file, then its folder
    assert (tmp_path / "metadata.tsv").read_bytes() == b"content"


def test_where_a_file_system_cannot_go_all_the_way_fsync_must_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int, _command: int) -> None:
        raise OSError(45, "Operation not supported")

    done: list[int] = []
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", refuse)
    monkeypatch.setattr(os, "fsync", done.append)
    replace_file(tmp_path / "metadata.tsv", b"content")
    assert len(done) == 2


def test_a_folder_by_a_name_of_ours_is_no_link_either(folder: Folder, outside: Path) -> None:
    assert Folder(folder.path, "deep").names() == ["file"]
    assert Folder(folder.path, "deep").path == folder.path / "deep"
    assert Folder(folder.path, "later").kind("file") is None
    for below in ("linked", "linked/deep", "..", "file"):
        for what, door in DOORS.items():
            with pytest.raises(UnsafeFile):
                door(Folder(folder.path, below), "" if what == "names" else "secret")


def test_folders_are_made_down_to_the_last_and_never_through_a_link(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "new")
    folder.make_folders("")
    folder.make_folders("a/b/c")
    folder.make_folders("a/b/c")
    assert (tmp_path / "new/a/b/c").is_dir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "new/link").symlink_to(tmp_path / "outside")
    with pytest.raises(UnsafeFile, match="link is a link"):
        folder.make_folders("link/d")
    assert list((tmp_path / "outside").iterdir()) == []
