"""The label store's promises: durable, once, never over somebody else's edit, always undoable."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from sqlalchemy import select

from tb_tsne_plugin.labels import Conflict, Database, InvalidEdit, LabelStore, NothingToUndo
from tb_tsne_plugin.labels.model import AddClass, MergeClass, NeighborsSelection, RenameClass
from tb_tsne_plugin.labels.sql import label_changes
from tests.labels.conftest import labels_of, operation


def fold(store: LabelStore) -> dict[str, int]:
    """The labels, folded from the log alone."""
    folded: dict[str, int | None] = {}
    with store.database.read() as connection:
        rows = connection.execute(select(label_changes).order_by(label_changes.c.revision))
        for row in rows:
            folded[row.sample_id] = row.after
    return {key: label for key, label in folded.items() if label is not None}


def test_labels_are_there_for_whoever_opens_the_file_next(store: LabelStore) -> None:
    edit = store.apply(operation(store), 1, ["a", "b"])
    assert labels_of(edit) == {"a": 1, "b": 1}
    assert edit.revision == 3
    again = LabelStore(store.database).snapshot()
    assert again.labels == {"a": 1, "b": 1}
    assert again.names() == {"a": "ant", "b": "ant"}
    assert [info.name for info in again.classes] == ["ant", "bee"]


def test_current_labels_are_the_fold_of_the_log(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a", "b", "c"])
    store.apply(operation(store), 2, ["b", "d"], only_unlabeled=False)
    store.apply(operation(store), None, ["a"], only_unlabeled=False)
    store.undo(operation(store))
    store.undo(operation(store))
    store.redo(operation(store))
    store.change_classes(operation(store), MergeClass(2, 1))
    assert store.snapshot().labels == fold(store) == {"a": 1, "b": 1, "c": 1, "d": 1}


def test_labelled_samples_are_left_alone_unless_asked(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a"])
    assert labels_of(store.apply(operation(store), 2, ["a", "b"])) == {"b": 2}
    assert labels_of(store.apply(operation(store), 2, ["a", "b"], only_unlabeled=False)) == {"a": 2}


def test_an_edit_that_changes_nothing_leaves_no_trace(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a"])
    edit = store.apply(operation(store), 2, ["a"])
    assert (edit.revision, labels_of(edit)) == (3, {})
    assert store.revision() == 3


def test_the_same_operation_acts_once_also_for_another_process(store: LabelStore) -> None:
    first = store.apply(operation(store, op_id="the-same-one"), 1, ["a"])
    second = LabelStore(store.database).apply(operation(store, base=0, op_id="the-same-one"), 1, ["a"])
    assert not first.repeated
    assert second.repeated
    assert (second.revision, second.changes) == (first.revision, first.changes)
    assert store.revision() == first.revision


def test_an_edit_based_on_what_changed_since_is_refused(store: LabelStore) -> None:
    base = store.revision()
    store.apply(operation(store, base), 1, ["a"])
    with pytest.raises(Conflict, match="1 image changed elsewhere since revision 2") as caught:
        store.apply(operation(store, base), 2, ["a", "b"], only_unlabeled=False)
    assert (caught.value.revision, labels_of(caught.value)) == (3, {"a": 1})
    assert store.snapshot().labels == {"a": 1}


def test_a_cleared_sample_still_counts_as_changed(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a"])
    base = store.revision()
    store.undo(operation(store))
    with pytest.raises(Conflict):
        store.apply(operation(store, base), 2, ["a"], only_unlabeled=False)


def test_edits_of_different_samples_do_not_collide(store: LabelStore) -> None:
    base = store.revision()
    store.apply(operation(store, base), 1, ["a"])
    store.apply(operation(store, base), 2, ["b"])
    assert store.snapshot().labels == {"a": 1, "b": 2}


def test_undo_and_redo_are_entries_and_go_all_the_way(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a"])
    store.apply(operation(store), 2, ["a", "b"], only_unlabeled=False)
    undone = store.undo(operation(store))
    assert (undone.kind, undone.target, undone.revision) == ("undo", 4, 5)
    assert labels_of(undone) == {"a": 1, "b": None}
    assert (undone.can_undo, undone.can_redo) == (True, True)
    for _ in range(3):
        store.undo(operation(store))
    assert store.snapshot().labels == {}
    assert store.snapshot().classes == []
    with pytest.raises(NothingToUndo, match="There is nothing to undo"):
        store.undo(operation(store))
    for _ in range(4):
        store.redo(operation(store))
    assert store.snapshot().labels == {"a": 2, "b": 2}
    with pytest.raises(NothingToUndo, match="There is nothing to redo"):
        store.redo(operation(store))
    assert [entry.kind for entry in store.history()] == ["redo"] * 4 + ["undo"] * 4 + ["apply"] * 2 + ["add"] * 2


def test_a_new_edit_ends_redoing(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a"])
    store.undo(operation(store))
    store.apply(operation(store), 2, ["a"])
    with pytest.raises(NothingToUndo):
        store.redo(operation(store))


def test_undo_is_refused_where_there_is_something_unseen(store: LabelStore) -> None:
    base = store.revision()
    store.apply(operation(store), 1, ["a"])
    with pytest.raises(Conflict, match="The labels changed elsewhere"):
        store.undo(operation(store, base))


def test_history_tells_who_what_and_how(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a", "b"], selection=NeighborsSelection(k=2))
    store.undo(operation(store))
    undo, apply = store.history(limit=2)
    assert (apply.summary, apply.author, apply.count, apply.class_id) == ("2 images labelled ant", "ann", 2, 1)
    assert (apply.undone, apply.selection) == (True, NeighborsSelection(k=2))
    assert (undo.summary, undo.target) == ("undone: 2 images labelled ant", 3)
    assert apply.time.endswith("Z")
    assert [entry.revision for entry in store.history(before=3)] == [2, 1]


def test_labels_a_run_came_with_are_where_everything_starts(database: Database) -> None:
    store = LabelStore(database)
    store.create({"a": "cat", "b": "ant", "c": "cat"})
    store.create({"a": "something else"})
    snapshot = store.snapshot()
    assert snapshot.names() == {"a": "cat", "b": "ant", "c": "cat"}
    assert [info.name for info in snapshot.classes] == ["ant", "cat"]
    assert not snapshot.can_undo
    assert store.history()[0].summary == "3 images labelled in the metadata"


def test_a_store_that_is_not_there_is_empty_and_stays_away(database: Database) -> None:
    store = LabelStore(database)
    assert store.snapshot().labels == {}
    assert store.history() == []
    assert not store.exists
    assert database.path is None or not database.path.exists()


def test_changes_since_a_revision_are_the_newest_of_each_sample(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a", "b"])
    store.apply(operation(store), 2, ["b"], only_unlabeled=False)
    assert labels_of(store.changes_since(2)) == {"a": 1, "b": 2}
    assert labels_of(store.changes_since(3)) == {"b": 2}
    assert labels_of(store.changes_since(4)) == {}
    assert labels_of(store.changes_since(99)) == {"a": 1, "b": 2}


def test_many_samples_at_once(store: LabelStore) -> None:
    ids = [f"sample-{number}" for number in range(12_000)]
    store.apply(operation(store), 1, ids)
    assert len(store.snapshot().labels) == 12_000
    store.undo(operation(store))
    assert store.snapshot().labels == {}


def test_threads_and_connections_do_not_lose_each_others_edits(store: LabelStore) -> None:
    def label(worker: int) -> None:
        own = LabelStore(store.database)
        for number in range(15):
            own.apply(operation(own), 1, [f"{worker}-{number}"])

    threads = [threading.Thread(target=label, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.snapshot().labels) == 60
    assert store.revision() == 62


def test_restoring_brings_a_revision_back_and_can_be_undone(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a", "b"])
    store.change_classes(operation(store), RenameClass(1, "wasp"))
    store.apply(operation(store), 2, ["b", "c"], only_unlabeled=False)
    store.change_classes(operation(store), MergeClass(1, 2))
    after = store.snapshot()
    restored = store.restore(operation(store), 3)
    assert (restored.kind, restored.target, labels_of(restored)) == ("restore", 3, {"a": 1, "b": 1, "c": None})
    assert store.snapshot().names() == {"a": "ant", "b": "ant"}
    store.undo(operation(store))
    assert (store.snapshot().labels, store.snapshot().classes) == (after.labels, after.classes)
    assert labels_of(store.restore(operation(store), store.revision())) == {}
    with pytest.raises(InvalidEdit, match="There is no revision 99 yet"):
        store.restore(operation(store), 99)
    with pytest.raises(Conflict):
        store.restore(operation(store, base=2), 1)


def test_label_columns_of_a_run_and_of_several_runs_are_apart(database: Database) -> None:
    first, second, other = LabelStore(database), LabelStore(database, column="eye colour"), LabelStore(database, "b")
    for store in (first, second, other):
        store.create({})
    first.change_classes(operation(first), AddClass("ant"))
    first.apply(operation(first), 1, ["a"])
    second.change_classes(operation(second, op_id="operation-x"), AddClass("blue"))
    assert first.columns() == ["label", "eye colour"]
    assert other.columns() == ["label"]
    assert (first.revision(), second.revision(), other.revision()) == (2, 1, 0)
    assert second.snapshot().labels == {}
    assert [info.name for info in second.snapshot().classes] == ["blue"]
    second.create({})
    assert second.revision() == 1
    with pytest.raises(InvalidEdit):
        LabelStore(database, column="a\tb").create({})


def test_imported_names_become_classes_and_one_edit(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a"])
    names = {"a": "bee", "b": "cat", "c": None, "d": "ant"}
    planned = store.planned_import(names)
    assert planned.after == {"b": (3, "labeled"), "d": (1, "labeled")}
    assert store.revision() == 3
    edit = store.import_labels(operation(store), names, source="labels.tsv")
    assert labels_of(edit) == {"b": 3, "d": 1}
    assert store.history(limit=1)[0].summary == "2 images labelled in labels.tsv"
    edit = store.import_labels(operation(store), {**names, "d": None}, only_unlabeled=False, source="labels.tsv")
    assert labels_of(edit) == {"a": 2, "d": None}
    store.undo(operation(store))
    store.undo(operation(store))
    assert store.snapshot().names() == {"a": "ant"}
    assert len(store.snapshot().classes) == 2


def test_undo_follows_two_stacks_whatever_happens(store: LabelStore) -> None:
    """Against the plain model of two stacks, over a long random walk."""
    random = np.random.default_rng(0)
    undoable: list[int] = [1, 2]
    redoable: list[int] = []
    undone: set[int] = set()
    for step in range(150):
        wanted = random.choice(["apply", "undo", "redo"], p=[0.4, 0.4, 0.2])
        if wanted == "apply":
            edit = store.apply(operation(store), 1, [f"s{step}"])
            if edit.changes:
                undoable.append(edit.revision)
                redoable.clear()
        elif wanted == "undo" and undoable and undoable[-1] > 2:
            redoable.append(undoable.pop())
            undone.add(redoable[-1])
            assert store.undo(operation(store)).target == redoable[-1]
        elif wanted == "redo" and redoable:
            undoable.append(redoable.pop())
            undone.discard(undoable[-1])
            assert store.redo(operation(store)).target == undoable[-1]
    assert {entry.revision for entry in store.history(limit=500) if entry.undone} == undone
    assert len(undone) > 3
    assert store.snapshot().can_undo == bool(undoable)
