"""Stores of earlier schemas open with all that was in them, whatever happens while they are brought up to date."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from sqlalchemy import Connection, insert, inspect, select, update

from tb_tsne_plugin.labels import (
    Database,
    LabelError,
    LabelsNotStored,
    LabelStore,
    Operation,
    Snapshot,
    migrations,
    sql,
)
from tb_tsne_plugin.labels.errors import SchemaChanged
from tb_tsne_plugin.labels.model import Theirs
from tb_tsne_plugin.runs.folder import Folder
from tests.labels.conftest import file_of, labels_of, operation, with_classes
from tests.labels.postgres_server import PostgresServer
from tests.missing import missing
from tests.read_only import read_only

ROOT = Path(__file__).resolve().parents[2]
STORES = Path(__file__).with_name("stores")
VERSIONS = range(1, sql.SCHEMA_VERSION + 1)
EARLIER = range(1, sql.SCHEMA_VERSION)
OPENS = """
import os, sys, time
from pathlib import Path
from tb_tsne_plugin.labels import LabelError, LabelStore
meeting = Path(sys.argv[2])
(meeting / str(os.getpid())).touch()
while len(list(meeting.iterdir())) < int(sys.argv[3]):
    time.sleep(0.001)
try:
    store = LabelStore(Path(sys.argv[1]))
    store.create({})
    print(len(store.snapshot().labels))
except LabelError as error:
    print(error)
"""
"""A process that opens a store to write, when so many are ready to."""


def kept(version: int, path: Path, more_samples: int = 0) -> Path:
    """A kept store as a file; with so many further changes in its history that they fill many pages."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((STORES / f"version-{version}.sql").read_text())
        rows = [(2, f"more-{number}", None, 1) for number in range(more_samples)]
        if rows:
            assert version == 1
            connection.executemany("INSERT INTO label_changes VALUES (?, ?, ?, ?)", rows)
            connection.executemany("INSERT INTO labels VALUES (?, 1, 2)", [(row[1],) for row in rows])
        connection.commit()
    return path


def migrated(path: Path) -> LabelStore:
    """The first column of a store that somebody opened to write."""
    with Database(path).write():
        pass
    return LabelStore(path)


def expected(version: int) -> list[dict[str, Any]]:
    """What the code of a version said of its store, column by column; before there were states, all are labeled."""
    columns: list[dict[str, Any]] = json.loads((STORES / f"version-{version}.json").read_text())
    for column in columns:
        for moment in (column, *column["undo"], *column["redo"]):
            moment.setdefault("marks", {sample_id: [label, "labeled"] for sample_id, label in moment["labels"].items()})
    return columns


def dump(path: Path) -> list[str]:
    """All that is in a store, found without our code."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return list(connection.iterdump())


def state(snapshot: Snapshot) -> dict[str, Any]:
    marks = {sample_id: list(mark) for sample_id, mark in snapshot.marks.items()}
    return {"labels": snapshot.labels, "marks": marks, "classes": msgspec.to_builtins(snapshot.classes)}


def walk(store: LabelStore, kind: Literal["undo", "redo"]) -> list[dict[str, Any]]:
    """What undo, or redo, gives until nothing is left of anybody's edits."""
    steps: list[dict[str, Any]] = []
    newest = sql.newest_standing if kind == "undo" else sql.newest_undone
    while True:
        with store.database.read() as connection:
            column = sql.read_state(connection, store.run, store.column)
            assert column is not None
            target = newest(connection, column.id, None)
        if target is None:
            return steps
        edit = (store.undo if kind == "undo" else store.redo)(operation(store), target)
        steps.append({"target": edit.target, **state(store.snapshot())})


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_every_version_opens_with_all_that_was_in_it(version: int, tmp_path: Path) -> None:
    path = kept(version, tmp_path / "labels.sqlite")
    columns = expected(version)
    assert columns
    for column in columns:
        store = LabelStore(Database(path), column["run"], column["column"])
        snapshot = store.snapshot()
        assert state(snapshot) == {name: column[name] for name in ("labels", "marks", "classes")}
        for name in ("revision", "can_undo", "can_redo"):
            assert getattr(snapshot, name) == column[name]
        history = msgspec.to_builtins(store.history(500))
        for entry in history:
            for name in ("actions", "labels", "own", "yours"):  # worked out, not stored
                del entry[name]
        for entry in column["history"]:
            if entry["selection"] is not None:
                entry["selection"].pop("extra", None)
                if entry["selection"]["kind"] == "from another world":
                    entry["selection"] = None
        assert history == column["history"]
        with store.database.write():  # brings it up to date
            pass
        walk(store, "redo")
        assert walk(store, "undo") == column["undo"]
        assert walk(store, "redo") == column["redo"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_every_version_can_be_edited_and_repeats_what_it_was_told(version: int, tmp_path: Path) -> None:
    store = LabelStore(kept(version, tmp_path / "labels.sqlite"))
    before = store.snapshot()
    edit = store.apply(operation(store, op_id="kept-edit-01"), 1, ["s00"])  # the store made one of that name long ago
    assert (edit.repeated, edit.revision, edit.kind, edit.class_id) == (True, 2, "add", 3)
    assert labels_of(store.apply(operation(store), 1, ["new"])) == {"new": 1}
    newest = max(info.id for info in before.classes)
    added = store.import_labels(operation(store), {"newer": "a new class"}, source="a table")
    assert added.changes["newer"].label == store.snapshot().labels["newer"] > newest
    store.undo(operation(store))
    store.undo(operation(store))
    assert state(store.snapshot()) == state(before)


def layout(path: Path) -> dict[str, Any]:
    """The tables of a store, however their statements were written."""
    found: dict[str, Any] = {}
    with Database(path).read() as connection:
        inspector = inspect(connection)
        for name in sorted(inspector.get_table_names()):
            columns = [
                (column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)
            ]
            key = inspector.get_pk_constraint(name)["constrained_columns"]
            indexes = sorted((index["name"], index["column_names"]) for index in inspector.get_indexes(name))
            unique = sorted(item["column_names"] for item in inspector.get_unique_constraints(name))
            text = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).scalar_one()
            found[name] = (columns, key, indexes, unique, "WITHOUT ROWID" in text)
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_a_migrated_store_is_made_like_a_new_one(version: int, tmp_path: Path) -> None:
    new = LabelStore(tmp_path / "new.sqlite")
    new.create({})
    path = kept(version, tmp_path / "labels.sqlite")
    migrated(path)
    assert layout(path) == layout(tmp_path / "new.sqlite")


def test_every_version_has_a_way_to_the_next_and_a_kept_store() -> None:
    assert list(migrations.MIGRATIONS) == list(range(2, sql.SCHEMA_VERSION + 1))
    assert {path.name for path in STORES.glob("*.sql")} == {f"version-{version}.sql" for version in VERSIONS}


@pytest.mark.parametrize("version", EARLIER)
def test_a_copy_is_made_before_and_can_be_gone_back_to(version: int, tmp_path: Path) -> None:
    path = kept(version, tmp_path / "labels.sqlite")
    path.chmod(0o640)
    before = dump(path)
    migrated(path)
    backup = tmp_path / f"labels.sqlite.version-{version}.backup"
    assert sorted(tmp_path.iterdir()) == [path, backup]
    assert dump(backup) == before
    assert backup.stat().st_mode & 0o777 == 0o640
    shutil.copy(backup, tmp_path / "again.sqlite")
    assert LabelStore(tmp_path / "again.sqlite").snapshot() == LabelStore(path).snapshot()


def test_the_copy_is_on_the_disk_before_the_store_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kept(1, tmp_path / "labels.sqlite")
    told: list[str] = []
    monkeypatch.setattr(migrations, "sync", lambda _descriptor: told.append("file"))
    monkeypatch.setattr(Folder, "sync", lambda folder, _name: told.append(str(folder.path)))
    monkeypatch.setitem(migrations.MIGRATIONS, 2, lambda _connection: told.append("migration"))
    with pytest.raises(LabelError):  # nothing was migrated
        migrated(path).snapshot()
    assert told == ["file", str(tmp_path), "migration"]


def test_a_store_of_our_version_is_not_touched_by_looking_at_it(tmp_path: Path) -> None:
    path = kept(sql.SCHEMA_VERSION, tmp_path / "labels.sqlite")
    before = path.read_bytes()
    LabelStore(path).history()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("99", "made by a newer version of tb-tsne; install a newer"), ("", "is damaged"), ("-1", "is damaged")],
)
def test_a_store_of_a_newer_version_is_left_alone(version: str, sentence: str, sqlite_store: LabelStore) -> None:
    path = file_of(sqlite_store)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE about SET value = ?", (version,))
        connection.commit()
    before = path.read_bytes()
    store = LabelStore(path)
    for use in (store.snapshot, store.columns, lambda: store.apply(operation(store, base=2), 1, ["a"])):
        with pytest.raises(LabelsNotStored, match=sentence):
            use()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_an_earlier_store_that_cannot_be_written_says_what_to_do_and_stays() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder nobody else may enter
        folder = Path(name)
        migrated(kept(1, folder / "warm.sqlite")).snapshot()  # imports all that it takes
        path = kept(1, folder / "labels.sqlite")
        files, before = sorted(folder.iterdir()), path.read_bytes()
        with read_only(folder), pytest.raises(LabelsNotStored) as caught:
            LabelStore(path).create({})
        assert str(caught.value) == (
            "The label store was made by an older version of tb-tsne and could not be brought up to date. "
            "Labels cannot be stored: Permission denied; "
            "copy labels.sqlite to a folder that can be written."
        )
        assert (sorted(folder.iterdir()), path.read_bytes()) == (files, before)
        assert LabelStore(path).snapshot().labels == expected(1)[0]["labels"]


@pytest.mark.parametrize("room", [0, 40, 100])
def test_a_full_disk_leaves_the_earlier_store_and_the_next_try_succeeds(small_disk: Path, room: int) -> None:
    path = kept(1, small_disk / "labels.sqlite", more_samples=1_000)
    before = dump(path)
    ballast = small_disk / "ballast"
    free = shutil.disk_usage(small_disk).free - (room << 10)
    assert free > 0
    ballast.write_bytes(b"x" * free)
    with pytest.raises(LabelsNotStored, match=r"brought up to date\. .* the disk is full"):
        migrated(path)
    assert dump(path) == before
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert len(migrated(path).snapshot().labels) == 1_000 + len(expected(1)[0]["labels"])


KILLS = [
    ("fchmod", 1),  # of the copy
    ("pwrite64", 10),  # to the copy
    ("fsync", 1),  # of the copy
    ("renameat", 1),
    ("fsync", 2),  # of the copy's name
    ("pwrite64", 60),  # to the journal
    ("fdatasync", 2),  # of the journal
    ("pwrite64", 230),  # to the store
    ("pwrite64", 270),
    ("fdatasync", 5),  # of the store
    ("unlink", 1),  # of the journal: the moment of the commit
    ("fdatasync", 6),
]


@pytest.mark.parametrize(("call", "number"), KILLS)
def test_a_process_killed_at_any_moment_leaves_a_store_that_opens_whole(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, call: str, number: int
) -> None:
    """strace kills a real process at one of its system calls."""
    if not shutil.which("strace"):
        missing("there is no strace here")
    path = kept(1, tmp_path / "labels.sqlite", more_samples=2_000)
    before = dump(path)
    fault = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    fault += ["-e", f"inject={call}:signal=SIGKILL:when={number}"]
    command = [*fault, sys.executable, "-c", OPENS, str(path), str(tmp_path_factory.mktemp("meeting")), "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if b"ptrace" in done.stderr.lower():
        missing("this machine lets nobody trace")
    assert done.returncode != 0, "the kill came too late"
    backup = tmp_path / "labels.sqlite.version-1.backup"
    assert not backup.exists() or dump(backup) == before
    assert len(migrated(path).snapshot().labels) == 2_000 + len(expected(1)[0]["labels"])
    assert LabelStore(path).revision() == expected(1)[0]["revision"]
    assert dump(backup) == before
    assert sorted(tmp_path.iterdir()) == [path, backup]


def test_many_processes_at_once_migrate_once(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = kept(1, tmp_path / "labels.sqlite", more_samples=5_000)
    before = dump(path)
    command = [sys.executable, "-c", OPENS, str(path), str(tmp_path_factory.mktemp("meeting")), "4"]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {process.communicate()[0].strip() for process in processes}
    assert said == {str(5_000 + len(expected(1)[0]["labels"]))}
    assert dump(tmp_path / "labels.sqlite.version-1.backup") == before
    assert len(list(tmp_path.iterdir())) == 2


def test_two_who_find_an_earlier_store_at_the_same_moment_migrate_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kept(1, tmp_path / "labels.sqlite")
    both, found = threading.Barrier(2), []

    def look(connection: Connection) -> int:
        version = migrations.schema_version(connection)
        found.append(version)
        if len(found) <= 2:  # not the reading afterwards
            both.wait(20)
        return version

    monkeypatch.setattr("tb_tsne_plugin.labels.database.schema_version", look)
    snapshots: list[Snapshot] = []
    threads = [threading.Thread(target=lambda: snapshots.append(migrated(path).snapshot())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[:2] == [1, 1]
    assert [snapshot.labels for snapshot in snapshots] == [expected(1)[0]["labels"]] * 2
    assert sorted(tmp_path.iterdir()) == [path, tmp_path / "labels.sqlite.version-1.backup"]


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Connection], None]], None]:
    """Makes this package one of the next version, whose step is given."""

    def make(step: Callable[[Connection], None]) -> None:
        for module in ("sql", "migrations", "database"):
            monkeypatch.setattr(
                f"tb_tsne_plugin.labels.{module}.SCHEMA_VERSION", sql.SCHEMA_VERSION + (module == "sql")
            )
        monkeypatch.setitem(migrations.MIGRATIONS, sql.SCHEMA_VERSION, step)

    return make


def identify(connection: Connection) -> None:
    connection.execute(insert(sql.about).values(key="store_id", value="0123456789abcdef"))


def about(database: Database) -> dict[str, str]:
    with database.read() as connection:
        return {row.key: row.value for row in connection.execute(select(sql.about))}


def again(database: Database) -> Database:
    """The same database, as another process would open it."""
    return Database(database.path if database.path is not None else database._engine.url.render_as_string(False))


def test_a_migration_is_one_step_on_every_kind_of_database(database: Database, newer: Callable[..., None]) -> None:
    store = with_classes(LabelStore(database))
    store.apply(operation(store), 1, ["a"])
    before, version = store.snapshot(), sql.SCHEMA_VERSION

    def fails(connection: Connection) -> None:
        identify(connection)
        connection.execute(sql.labels.delete())
        raise OSError(28, "No space left on device")

    newer(fails)
    with pytest.raises(LabelsNotStored, match="could not be brought up to date"), again(database).write():
        pass
    migrations.MIGRATIONS[version + 1] = identify
    newest = again(database)
    assert LabelStore(newest).snapshot() == before
    edit = LabelStore(newest).apply(operation(LabelStore(newest)), 2, ["b"])
    assert labels_of(edit) == {"b": 2}
    assert about(newest) == {"schema_version": str(version + 1), "store_id": "0123456789abcdef"}


def test_who_edits_while_another_version_migrates_finds_out_and_changes_nothing(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a"])
    other, failures = LabelStore(again(store.database)), []
    assert other.snapshot().labels == {"a": 1}

    def edit() -> None:
        try:
            other.apply(operation(other, base=3), 1, ["b"])
        except LabelError as error:
            failures.append(error)

    thread = threading.Thread(target=edit)
    with store.database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE label_columns IN EXCLUSIVE MODE")
        connection.execute(update(sql.about).values(value=str(sql.SCHEMA_VERSION + 1)))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join()
    assert [type(failure) for failure in failures] == [SchemaChanged]
    for use in (other.snapshot, lambda: other.undo(operation(other, base=3))):
        with pytest.raises(SchemaChanged, match="restart TensorBoard with the newer one"):
            use()


def back_to_version_4(connection: Connection) -> None:
    """Makes a server's tables those of version 4."""
    connection.exec_driver_sql("DROP TABLE leases")
    connection.exec_driver_sql("DROP INDEX edits_by_author")
    for table, lost, gained in (
        ("edits", ("client", "touched"), ("undo_top", "redo_top")),
        ("label_columns", ("owner", "blind"), ("undo_top", "redo_top")),
    ):
        for column in lost:
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
        for column in gained:
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER")
    connection.execute(update(sql.about).values(value="4"))


@pytest.mark.postgresql
def test_a_server_from_before_edits_were_ones_own_is_brought_up_to_date(postgres: PostgresServer) -> None:
    store = with_classes(LabelStore(Database(postgres.new_database())))
    store.apply(operation(store), 1, ["a", "b"])
    before = store.snapshot()
    with store.database.write() as connection:
        back_to_version_4(connection)
    found = LabelStore(again(store.database))
    assert found.snapshot() == before
    ben = Operation("operation-of-ben", found.revision(), "ben", client="tag-of-ben")
    assert labels_of(found.apply(ben, 2, ["a"], only_unlabeled=False)) == {"a": 2}
    assert found.undo(operation(found)).stayed == (Theirs("ben", 1),)
    assert found.snapshot().labels == {"a": 2}


@pytest.mark.postgresql
def test_a_server_from_before_there_were_states_is_brought_up_to_date(postgres: PostgresServer) -> None:
    store = with_classes(LabelStore(Database(postgres.new_database())))
    store.apply(operation(store), 1, ["a", "b"])
    store.apply(operation(store), None, ["a"], only_unlabeled=False)
    before = store.snapshot()
    with store.database.write() as connection:
        back_to_version_4(connection)
        for table, column in (("labels", "state"), ("label_changes", "state_before"), ("label_changes", "state_after")):
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute(update(sql.about).values(value="3"))
    found = LabelStore(again(store.database))
    assert found.snapshot() == before
    assert found.undo(operation(found)).changes == {"a": (1, "labeled")}
    assert found.undo(operation(found)).changes == {"a": (None, "unlabeled"), "b": (None, "unlabeled")}
