"""Stores of earlier schemas are read without a change to them; only a write brings them up to date."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tb_tsne_plugin.labels import LabelsNotStored, LabelStore, Operation, earlier, migrations
from tb_tsne_plugin.labels.errors import OtherStore
from tb_tsne_plugin.labels.identity import NOT_YET
from tests.labels.conftest import operation
from tests.labels.hostile import READS, change, everything
from tests.labels.test_migrations import EARLIER, expected, kept, migrated, state
from tests.read_only import read_only


def label(path: Path, sample: str) -> None:
    """What an earlier tb-tsne does while this one runs."""
    change(path, f"INSERT INTO labels VALUES (1, '{sample}', 1, 2)")


@pytest.mark.parametrize("version", EARLIER)
def test_reading_changes_nothing_and_an_edit_brings_up_to_date(version: int, tmp_path: Path) -> None:
    path = kept(version, tmp_path / "labels.sqlite")
    before = everything(tmp_path)
    (column,) = (each for each in expected(version) if (each["run"], each["column"]) == ("", "label"))
    store = LabelStore(path)
    for read in READS.values():
        read(store)
    assert state(store.snapshot()) == {name: column[name] for name in ("labels", "marks", "classes")}
    assert everything(tmp_path) == before
    store.apply(operation(store), 1, ["new"])
    assert store.snapshot().labels == {**column["labels"], "new": 1}
    assert (tmp_path / f"labels.sqlite.version-{version}.backup").is_file()


def test_it_has_no_identity_until_it_is_brought_up_to_date(tmp_path: Path) -> None:
    store = LabelStore(kept(2, tmp_path / "labels.sqlite"))
    assert store.exists
    assert store.identity == store.changes_since(0).store == ""
    with pytest.raises(OtherStore):
        store.undo(Operation("for-no-store", store.revision(), "ann", store=NOT_YET))
    other = LabelStore(kept(2, tmp_path / "other.sqlite"))
    assert other.identity == ""
    other.create({})
    assert len(other.identity) == 32
    assert other.identity == LabelStore(tmp_path / "other.sqlite").identity != store.identity


def test_one_that_nobody_may_write_can_be_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        migrated(kept(2, folder / "warm.sqlite")).snapshot()  # imports all that it takes
        path = kept(2, folder / "labels.sqlite")
        with read_only(folder):
            assert LabelStore(path).snapshot().labels == expected(2)[0]["labels"]


def test_what_an_earlier_version_changes_meanwhile_is_seen(tmp_path: Path) -> None:
    path = kept(2, tmp_path / "labels.sqlite")
    store = LabelStore(path)
    before = store.snapshot().labels
    label(path, "late")
    assert store.snapshot().labels == {**before, "late": 1}


def test_what_another_process_brought_up_to_date_is_read_itself(tmp_path: Path) -> None:
    path = kept(2, tmp_path / "labels.sqlite")
    store = LabelStore(path)
    assert store.identity == ""
    migrated(path)
    assert store.identity == LabelStore(path).identity != ""


def test_a_copy_is_made_once_and_read_by_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kept(2, tmp_path / "labels.sqlite")
    made: list[Connection] = []

    def migrate(connection: Connection) -> None:
        made.append(connection)
        migrations.migrate(connection)

    monkeypatch.setattr(earlier, "migrate", migrate)
    store, found = LabelStore(path), []
    threads = [threading.Thread(target=lambda: found.append(store.snapshot().labels)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected(2)[0]["labels"]] * 8
    assert len(made) == 1


def test_all_copies_together_take_a_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [kept(2, tmp_path / f"{number}.sqlite") for number in range(5)]
    monkeypatch.setattr(earlier, "MOST_BYTES", 2 * paths[0].stat().st_size)
    copies = earlier.EarlierStores()
    monkeypatch.setattr("tb_tsne_plugin.labels.database._earlier_stores", copies)
    for path in paths:
        assert LabelStore(path).snapshot().labels == expected(2)[0]["labels"]
    assert [copies.find(path, path.stat()) is not None for path in paths] == [False] * 3 + [True] * 2
    monkeypatch.setattr(earlier, "MOST_BYTES", paths[0].stat().st_size - 1)
    with pytest.raises(LabelsNotStored, match="too large to be read before it is brought up to date"):
        LabelStore(paths[0]).snapshot()


def test_a_size_that_a_header_only_says_is_not_copied(tmp_path: Path) -> None:
    path = kept(2, tmp_path / "labels.sqlite")
    size = 3 * 10**9 // 4096 * 4096
    os.truncate(path, size)
    with path.open("r+b") as file:
        file.seek(28)
        file.write((size // 4096).to_bytes(4, "big"))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA page_count").fetchone() == (size // 4096,)
    for use in (LabelStore.snapshot, lambda store: store.create({})):
        with pytest.raises(LabelsNotStored, match="is damaged"):
            use(LabelStore(path))
    assert [found.name for found in tmp_path.iterdir()] == ["labels.sqlite"]
