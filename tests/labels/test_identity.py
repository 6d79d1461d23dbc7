"""Whose labels a store holds: an edit for another store, or on a state that is no more, is never made."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_tsne_plugin.labels import Conflict, Database, Edit, InvalidEdit, LabelStore, Operation
from tb_tsne_plugin.labels.errors import OtherStore
from tb_tsne_plugin.labels.model import AddClass, DeleteClass, RenameClass
from tests.labels.conftest import file_of, operation, with_classes


def test_an_identity_is_made_once_and_is_another_for_every_run(database: Database) -> None:
    store = LabelStore(database, "run")
    assert store.identity == ""
    store.create({})
    assert len(store.identity) == 32
    LabelStore(database, "run", "eyes").create({})
    LabelStore(database, "other").create({})
    assert LabelStore(database, "run", "eyes").identity == LabelStore(database, "run").identity == store.identity
    assert LabelStore(database, "other").identity not in ("", store.identity)


def test_a_store_deleted_and_made_again_is_another(sqlite_store: LabelStore) -> None:
    before = sqlite_store.identity
    file_of(sqlite_store).unlink()
    sqlite_store.create({})
    assert sqlite_store.identity not in ("", before)


def test_a_copied_store_is_another_and_one_put_back_is_the_same(sqlite_store: LabelStore, tmp_path: Path) -> None:
    path = file_of(sqlite_store)
    (tmp_path / "copy").mkdir()
    shutil.copy(path, tmp_path / "copy" / path.name)
    (tmp_path / "link").symlink_to(tmp_path / "copy")
    copied, linked = (LabelStore(tmp_path / name / path.name) for name in ("copy", "link"))
    assert copied.identity == linked.identity != sqlite_store.identity
    before = sqlite_store.identity
    shutil.copy(tmp_path / "copy" / path.name, path)
    assert sqlite_store.identity == before


def test_edits_for_another_store_are_refused_whatever_they_are(store: LabelStore) -> None:
    other = LabelStore(store.database, "another run")
    with_classes(other)
    stray = operation(store)._replace(store=other.identity)
    edits: tuple[Callable[[], Edit], ...] = (
        lambda: store.apply(stray, 1, ["a"]),
        lambda: store.apply(stray, 99, ["a"]),
        lambda: store.change_classes(stray, AddClass("cat")),
        lambda: store.undo(stray),
        lambda: store.redo(stray),
        lambda: store.restore(stray, 1),
        lambda: store.import_labels(stray, {"a": "ant"}, source="a table"),
        lambda: LabelStore(store.database, "", "no such column").undo(stray),
        lambda: LabelStore(store.database, "no such run").undo(stray),
        lambda: LabelStore(store.database, "no such run").undo(stray._replace(store="")),
    )
    for make in edits:
        with pytest.raises(OtherStore):
            make()
    assert store.revision() == 2
    assert store.apply(operation(store)._replace(store=store.identity), 1, ["a"]).revision == 3


def test_an_operation_of_another_store_repeats_nothing_here(store: LabelStore) -> None:
    store.apply(operation(store, op_id="the-same-one"), 1, ["a"])
    with pytest.raises(OtherStore):
        store.apply(operation(store, op_id="the-same-one")._replace(store="0" * 32), 1, ["a"])


def test_a_revision_that_is_not_there_yet_is_a_conflict(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a"])
    ahead = operation(store, base=4)
    edits: tuple[Callable[[], Edit], ...] = (
        lambda: store.apply(ahead, 2, ["a"], only_unlabeled=False),
        lambda: store.apply(ahead, 2, ["never seen"]),
        lambda: store.change_classes(ahead, RenameClass(1, "wasp")),
        lambda: store.change_classes(ahead, DeleteClass(1)),
        lambda: store.change_classes(ahead, AddClass("cat")),
        lambda: store.undo(ahead),
        lambda: store.redo(ahead),
        lambda: store.restore(ahead, 1),
        lambda: store.import_labels(ahead, {"b": "ant"}, source="a table"),
    )
    for make in edits:
        with pytest.raises(Conflict, match="at revision 3, and this change was made on revision 4") as caught:
            make()
        assert caught.value.revision == 3
    assert store.snapshot().labels == {"a": 1}


def test_after_a_restore_from_a_backup_nothing_is_overwritten_unseen(sqlite_store: LabelStore, tmp_path: Path) -> None:
    shutil.copy(file_of(sqlite_store), tmp_path / "backup")
    sqlite_store.apply(operation(sqlite_store), 1, ["a"])
    late = operation(sqlite_store)._replace(store=sqlite_store.identity)
    shutil.copy(tmp_path / "backup", file_of(sqlite_store))
    with pytest.raises(Conflict):
        sqlite_store.apply(late, 2, ["a"], only_unlabeled=False)
    assert sqlite_store.snapshot().labels == {}


def test_an_op_id_used_again_for_something_else_is_refused(store: LabelStore) -> None:
    named = Operation("the-same-one", store.revision(), "ann", content="a" * 32)
    first = store.apply(named, 1, ["a"])
    assert store.apply(named, 1, ["a"]) == Edit(**{**vars(first), "repeated": True})
    with pytest.raises(InvalidEdit, match="Another change has this op_id"):
        store.apply(named._replace(content="b" * 32), 2, ["b"])
    assert store.snapshot().labels == {"a": 1}


def test_where_a_content_is_not_known_the_name_alone_counts(store: LabelStore) -> None:
    unknown = Operation("before-version-3", store.revision(), "ann")
    store.apply(unknown, 1, ["a"])
    assert store.apply(unknown._replace(content="a" * 32), 1, ["a"]).repeated
    known = Operation("after-version-3", store.revision(), "ann", content="a" * 32)
    store.apply(known, 1, ["b"])
    assert store.apply(known._replace(content=None), 1, ["b"]).repeated


def test_the_same_operation_twice_at_once_acts_once(store: LabelStore) -> None:
    named = Operation("the-same-one", store.revision(), "ann", store.identity, "a" * 32)
    edits: list[Edit] = []
    threads = [threading.Thread(target=lambda: edits.append(store.apply(named, 1, ["a"]))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(edit.repeated for edit in edits) == [False, True, True, True]
    assert store.revision() == 3
