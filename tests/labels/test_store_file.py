"""A store's file in somebody else's folder: what was planted there is refused in a sentence, and nothing is touched."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tb_tsne_plugin.labels import Database, LabelsNotStored, LabelStore
from tb_tsne_plugin.labels.errors import ColumnMissing
from tb_tsne_plugin.labels.store_file import StoreFile
from tb_tsne_plugin.runs.folder import Folder, UnsafeFile
from tests.interpreters import interpreters
from tests.labels.conftest import file_of, labels_of, operation, with_classes
from tests.labels.hostile import EDITS, MAGIC, READS, everything, journal, other_program, plant_journal
from tests.labels.test_migrations import expected, kept, migrated
from tests.missing import missing

ATTACH = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
print(*sqlite3.sqlite_version_info)
"""
"""A program that opens a database without a look at what lies beside it."""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder that somebody sent."""
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What is not theirs."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "photograph.jpg").write_bytes(b"precious")
    (folder / "empty").touch()
    other_program(folder / "browser.sqlite")
    with_classes(LabelStore(folder / "labels.sqlite"))
    return folder


def refused(store: LabelStore, *, match: str) -> None:
    """Whatever is asked of a store is refused in the same words."""
    for use in (*READS.values(), *EDITS.values()):
        with pytest.raises(LabelsNotStored, match=match) as caught:
            use(store)
        assert str(file_of(store).parent) not in str(caught.value)


@pytest.mark.parametrize("python", interpreters().values(), ids=lambda path: path.parent.parent.name)
def test_a_journal_that_names_a_super_journal_deletes_nothing(python: Path, run: Path, outside: Path) -> None:
    path = file_of(with_classes(LabelStore(run / "labels.sqlite")))
    victim = outside / "photograph.jpg"
    plant_journal(path, victim)
    before = everything(run.parent)
    refused(LabelStore(path), match="labels.sqlite-journal is no journal of ours")
    assert everything(run.parent) == before
    # The same file, and the SQLite of each Python here, without our look. The newest refuse such names themselves.
    done = subprocess.run([python, "-c", ATTACH, str(path)], check=True, capture_output=True, text=True)
    if tuple(map(int, done.stdout.split())) < (3, 41):
        assert not victim.exists()


@pytest.mark.parametrize("size", [16, 17, 511, 512, 4096, 4097])
def test_a_name_at_the_end_of_a_journal_of_any_length_is_found(size: int, run: Path, outside: Path) -> None:
    path = file_of(with_classes(LabelStore(run / "labels.sqlite")))
    whole = b"\1" * 5000 + journal(outside / "photograph.jpg", 1)
    path.with_name("labels.sqlite-journal").write_bytes(whole[-size:])
    with pytest.raises(UnsafeFile):
        StoreFile(Folder(run), "labels.sqlite").look()


def test_an_honest_journal_is_played_back(run: Path) -> None:
    """A writer was killed, and another process, which does not know the store, comes next."""
    path = file_of(with_classes(LabelStore(run / "labels.sqlite")))
    left = half_written(path, "UPDATE classes SET name = name || 'x'")
    assert left.with_name(f"{left.name}-journal").read_bytes().startswith(MAGIC)
    store = LabelStore(left)
    assert [info.name for info in store.snapshot().classes] == ["ant", "bee"]
    assert labels_of(store.apply(operation(store), 1, ["a"])) == {"a": 1}


def half_written(path: Path, *statements: str) -> Path:
    """A store as it lies there when its writer is killed in the midst of a transaction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size=1")  # everything goes to the file early
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        fill = "CREATE TABLE filling AS WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<2000) "
        connection.execute(fill + "SELECT hex(randomblob(200)) FROM n")
        connection.execute("DROP TABLE filling")
        left = path.with_name("left")
        left.mkdir()
        for suffix in ("", "-journal"):
            shutil.copy(f"{path}{suffix}", left / f"labels.sqlite{suffix}")
        connection.execute("ROLLBACK")
    return left / "labels.sqlite"


def test_a_store_whose_migration_was_killed_is_known_by_what_its_journal_brings_back(run: Path) -> None:
    left = half_written(kept(1, run / "labels.sqlite"), *(f"ALTER TABLE {name} RENAME TO {name}_1" for name in TABLES))
    with left.open("r+b") as file:  # the first page, which says what tables there are, was being written
        file.seek(100)
        file.write(b"\0" * 3996)
    with (
        closing(sqlite3.connect(f"file:{left}?immutable=1", uri=True)) as connection,
        pytest.raises(sqlite3.DatabaseError, match="malformed"),
    ):
        connection.execute("SELECT * FROM edits")
    assert LabelStore(left).snapshot().labels == expected(1)[0]["labels"]


TABLES = ("edits", "label_changes", "class_changes", "labels", "classes")


@pytest.mark.parametrize("number", range(1, 12, 2))
def test_a_process_killed_while_it_makes_a_store_leaves_room_for_the_next(number: int, run: Path) -> None:
    if not shutil.which("strace"):
        missing("strace is not installed")
    path = run / "labels.sqlite"
    code = "import sys; from pathlib import Path; from tb_tsne_plugin.labels import LabelStore;"
    code += "LabelStore(Path(sys.argv[1])).create({str(n): 'ant' for n in range(3000)})"
    fault = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e"]
    fault.append(f"inject=pwrite64:signal=SIGKILL:when={number * 5}")
    done = subprocess.run([*fault, sys.executable, "-c", code, str(path)], capture_output=True, check=False)
    assert done.returncode != 0
    store = LabelStore(path)
    for _ in range(2):  # the first may find a store that is no more
        with suppress(ColumnMissing):
            store.create({"a": "ant"})
    assert store.snapshot().labels in ({"a": 1}, {str(number): 1 for number in range(3000)})


@pytest.mark.parametrize("target", ["new.sqlite", "empty", "browser.sqlite", "labels.sqlite", "photograph.jpg"])
def test_a_store_that_is_a_link_is_not_followed(target: str, run: Path, outside: Path) -> None:
    (run / "labels.sqlite").symlink_to(outside / target)
    before = everything(run.parent)
    refused(LabelStore(run / "labels.sqlite"), match="labels.sqlite is a link, and links are not followed")
    assert everything(run.parent) == before


@pytest.mark.parametrize("target", ["empty", "browser.sqlite", "labels.sqlite", "photograph.jpg"])
def test_a_store_with_a_second_name_is_left_alone(target: str, run: Path, outside: Path) -> None:
    os.link(outside / target, run / "labels.sqlite")
    before = everything(run.parent)
    refused(LabelStore(run / "labels.sqlite"), match="a file with more than one name")
    assert everything(run.parent) == before


def test_a_store_with_a_hard_linked_backup_says_the_way_out(run: Path) -> None:
    path = file_of(with_classes(LabelStore(run / "labels.sqlite")))
    os.link(path, run / "backup")
    before = (run / "backup").read_bytes()
    with pytest.raises(LabelsNotStored, match="hard links, as `cp -al` and rsnapshot make them") as caught:
        LabelStore(path).snapshot()
    said, _, _ = str(caught.value).partition("` in its folder")
    subprocess.run(["bash", "-c", said.rpartition("`")[2]], cwd=run, check=True)
    store = LabelStore(path)
    assert labels_of(store.apply(operation(store), 1, ["a"])) == {"a": 1}
    assert (run / "backup").read_bytes() == before


def fifo(path: Path, _outside: Path) -> None:
    os.mkfifo(path)


def folder(path: Path, _outside: Path) -> None:
    path.mkdir()


def link(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "photograph.jpg")


def hard_link(path: Path, outside: Path) -> None:
    os.link(outside / "photograph.jpg", path)


def file(path: Path, _outside: Path) -> None:
    path.write_bytes(b"planted")


@pytest.mark.parametrize(
    ("suffix", "plant"),
    [
        ("", fifo),
        ("", folder),
        *[("-journal", plant) for plant in (fifo, folder, link, hard_link)],
        *[(suffix, plant) for suffix in ("-wal", "-shm") for plant in (fifo, folder, link, hard_link, file)],
    ],
)
@pytest.mark.parametrize("has_store", [False, True])
def test_what_is_no_file_of_a_store_is_not_opened(
    suffix: str, plant: Callable[[Path, Path], None], has_store: bool, run: Path, outside: Path
) -> None:
    path = run / "labels.sqlite"
    if has_store and suffix:
        with_classes(LabelStore(path))
    plant(path.with_name(path.name + suffix), outside)
    before = everything(run.parent)
    refused(LabelStore(path), match=f"labels.sqlite{suffix} is ")
    assert everything(run.parent) == before


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_database_of_another_program_is_never_changed(mode: str, run: Path) -> None:
    path = other_program(run / "labels.sqlite", f"PRAGMA journal_mode={mode}", "CREATE TABLE places (url TEXT)")
    before = everything(run)
    refused(LabelStore(path), match="labels.sqlite is a database of another program; move it away, or start")
    assert everything(run) == before


def test_nor_where_its_last_writer_was_killed(run: Path) -> None:
    left = half_written(other_program(run / "labels.sqlite"), "UPDATE places SET url = 'there'")
    before = everything(run)
    refused(LabelStore(left), match="database of another program")
    assert everything(run) == before


def test_an_empty_file_becomes_a_store(run: Path) -> None:
    (run / "labels.sqlite").touch()
    store = LabelStore(run / "labels.sqlite")
    assert not store.exists
    assert (run / "labels.sqlite").stat().st_size == 0
    assert with_classes(store).revision() == 2


def test_a_store_that_vanishes_is_not_made_anew_by_reading(sqlite_store: LabelStore) -> None:
    path = file_of(sqlite_store)
    with sqlite_store.database.read():
        path.unlink()
    with pytest.raises(LabelsNotStored), sqlite_store.database.read():
        pass
    assert not path.exists()


@pytest.mark.parametrize("name", ["labels.sqlite", "a/labels.sqlite", "a/b/labels.sqlite"])
def test_folders_below_the_labels_folder_are_made(name: str, tmp_path: Path) -> None:
    store = with_classes(LabelStore(Database(Folder(tmp_path / "new" / "labels"), name)))
    assert store.database.path == tmp_path / "new" / "labels" / name
    assert store.database.path.is_file()


@pytest.mark.parametrize("step", ["a", "a/b"])
def test_no_step_below_the_labels_folder_is_a_link(step: str, run: Path, outside: Path) -> None:
    (run / step).parent.mkdir(parents=True, exist_ok=True)
    (run / step).symlink_to(outside)
    before = everything(run.parent)
    refused(LabelStore(Database(Folder(run), "a/b/labels.sqlite")), match=f"{step} is a link")
    assert everything(run.parent) == before


def test_looking_at_a_store_keeps_the_locks_that_this_process_has_on_it(sqlite_store: LabelStore) -> None:
    """A file opened and closed beside SQLite would take them."""
    path = file_of(sqlite_store)
    other = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    with sqlite_store.database.write():
        for _ in range(2):
            assert LabelStore(path).revision() == 2
        done = subprocess.run([sys.executable, "-c", other, str(path)], capture_output=True, text=True, check=False)
    assert "database is locked" in done.stderr


@pytest.mark.parametrize("plant", [link, fifo, folder])
def test_the_copy_before_a_migration_follows_no_link(
    plant: Callable[[Path, Path], None], run: Path, outside: Path
) -> None:
    path = kept(1, run / "labels.sqlite")
    copied = run / "labels.sqlite.version-1.backup"
    plant(run / "labels.sqlite.version-1.backup.tmp", outside)
    link(run / ".labels.sqlite.version-1.backup.0123456789abcdef.tmp", outside)
    link(copied, outside)
    before = everything(outside)
    assert migrated(path).snapshot().labels == expected(1)[0]["labels"]
    assert everything(outside) == before
    assert copied.is_file()
    assert not copied.is_symlink()
    assert LabelStore(copied).snapshot().labels == expected(1)[0]["labels"]


def test_an_sqlite_url_is_a_plain_file(tmp_path: Path) -> None:
    for address in (f"sqlite:///file:{tmp_path}/a?uri=true", f"sqlite:///{tmp_path}/a?vfs=unix-none"):
        with pytest.raises(LabelsNotStored, match="is a file; write sqlite:///FILE"):
            Database(address)
    with_classes(LabelStore(Database(f"sqlite:///{tmp_path}/a.sqlite")))
    assert (tmp_path / "a.sqlite").is_file()


def test_a_copy_put_over_a_store_is_seen_at_once(tmp_path: Path) -> None:
    """Under the same inode and after as many changes, so that SQLite would take the pages it knows for the copy's."""
    store, other = with_classes(LabelStore(tmp_path / "labels.sqlite")), LabelStore(tmp_path / "other.sqlite")
    shutil.copy(tmp_path / "labels.sqlite", tmp_path / "other.sqlite")
    store.apply(operation(store), 1, ["a"])
    other.apply(operation(other), 2, ["b"])
    assert store.snapshot().labels == {"a": 1}
    shutil.copyfile(tmp_path / "other.sqlite", tmp_path / "labels.sqlite")
    assert store.snapshot().labels == {"b": 2}


def test_few_files_stay_open_however_many_stores_were_used(tmp_path: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    for number in range(30):
        with_classes(LabelStore(tmp_path / f"{number}.sqlite")).snapshot()
    assert len(os.listdir("/dev/fd")) <= before + 8
