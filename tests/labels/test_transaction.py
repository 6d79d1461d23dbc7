"""Classes of a store: named, changed, merged, deleted; and used while they are."""

from __future__ import annotations

import pytest

from tb_tsne_plugin.labels import Conflict, InvalidEdit, LabelError, LabelStore, NewClass
from tb_tsne_plugin.labels.errors import ClassExists
from tb_tsne_plugin.labels.model import (
    AddClass,
    ClassAction,
    DeleteClass,
    MergeClass,
    MoveClass,
    RecolorClass,
    RenameClass,
)
from tests.labels.conftest import labels_of, operation


def test_classes_that_changed_or_went_since_are_refused(store: LabelStore) -> None:
    base = store.revision()
    store.change_classes(operation(store), RenameClass(1, "wasp"))
    with pytest.raises(Conflict, match="The class wasp changed"):
        store.apply(operation(store, base), 1, ["a"])
    store.change_classes(operation(store), DeleteClass(1))
    with pytest.raises(Conflict, match="The class was deleted"):
        store.apply(operation(store, base), 1, ["a"])
    with pytest.raises(InvalidEdit, match="no class with the id 99"):
        store.apply(operation(store, base), 99, ["a"])


def test_classes_are_added_renamed_recoloured_moved_merged_and_deleted(store: LabelStore) -> None:
    added = store.change_classes(operation(store), AddClass(" cat ", "#abcdef"))
    assert [(info.id, info.name, info.color) for info in added.classes][2] == (3, "cat", "#ABCDEF")
    store.apply(operation(store), 3, ["a"])
    store.change_classes(operation(store), RenameClass(3, "lion"))
    store.change_classes(operation(store), RecolorClass(3, "#000000"))
    moved = store.change_classes(operation(store), MoveClass(3, 0))
    assert [info.name for info in moved.classes] == ["lion", "ant", "bee"]
    merged = store.change_classes(operation(store), MergeClass(3, 1))
    assert labels_of(merged) == {"a": 1}
    assert [info.name for info in merged.classes] == ["ant", "bee"]
    deleted = store.change_classes(operation(store), DeleteClass(1))
    assert labels_of(deleted) == {"a": None}
    for _ in range(6):
        last = store.undo(operation(store))
    assert [info.name for info in last.classes] == ["ant", "bee", "cat"]
    assert store.snapshot().labels == {}


def test_ids_of_deleted_classes_are_not_used_again(store: LabelStore) -> None:
    store.change_classes(operation(store), DeleteClass(2))
    added = store.change_classes(operation(store), AddClass("cat"))
    assert added.classes[-1].id == 3


@pytest.mark.parametrize(
    ("action", "error", "sentence"),
    [
        (AddClass("ant"), ClassExists, "There is a class named 'ant' already."),
        (RenameClass(2, "ant"), ClassExists, "There is a class named 'ant' already."),
        (RenameClass(9, "x"), InvalidEdit, "There is no class with the id 9."),
        (RecolorClass(1, "red"), InvalidEdit, "A colour is written #RRGGBB."),
        (MoveClass(1, 2), InvalidEdit, "A position is a whole number from 0 to 1."),
        (MergeClass(1, 1), InvalidEdit, "A class cannot be merged into itself."),
    ],
)
def test_class_actions_that_cannot_be_done_say_why(
    store: LabelStore, action: ClassAction, error: type[LabelError], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        store.change_classes(operation(store), action)
    assert str(caught.value).startswith(sentence)
    assert store.revision() == 2


def test_naming_a_class_and_labelling_with_it_are_one_edit(store: LabelStore) -> None:
    edit = store.apply(operation(store), NewClass("cat"), ["a", "b"])
    assert (edit.revision, edit.class_id, labels_of(edit)) == (3, 3, {"a": 3, "b": 3})
    assert edit.classes[-1].name == "cat"
    undone = store.undo(operation(store))
    assert labels_of(undone) == {"a": None, "b": None}
    assert [info.name for info in undone.classes] == ["ant", "bee"]
    with pytest.raises(ClassExists):
        store.apply(operation(store), NewClass("ant"), ["a"])
    assert store.revision() == 4


def test_a_class_named_for_samples_that_all_have_labels_is_there(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a"])
    edit = store.apply(operation(store), NewClass("cat"), ["a"])
    assert (edit.changes, edit.class_id, len(edit.classes)) == ({}, 3, 3)
