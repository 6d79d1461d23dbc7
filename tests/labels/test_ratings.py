"""What each person gave to samples themselves, out of the history of a column."""

from __future__ import annotations

from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.model import DeleteClass, MergeClass, NewClass
from tests.labels.test_givers import DORA
from tests.labels.test_people import BEN, CLEO, by


def test_the_last_label_of_each_person_counts(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a", "b"])
    store.apply(by(CLEO, store), 2, ["b"], only_unlabeled=False)
    store.apply(by(BEN, store), 2, ["a"], only_unlabeled=False)
    store.apply(by(BEN, store), 2, ["b"], state="verified", only_unlabeled=False)
    assert store.own_labels() == {"cleo": {"a": "ant", "b": "bee"}, "ben": {"a": "bee", "b": "bee"}}


def test_what_is_undone_does_not_count_and_who_undoes_gives_nothing(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a"])
    undone = store.apply(by(BEN, store), 2, ["a"], only_unlabeled=False)
    store.undo(by(DORA, store), undone.revision)
    assert store.own_labels() == {"cleo": {"a": "ant"}}
    store.redo(by(DORA, store), undone.revision)
    assert store.own_labels() == {"cleo": {"a": "ant"}, "ben": {"a": "bee"}}


def test_imports_and_going_back_are_nobodys_own(store: LabelStore) -> None:
    then = store.apply(by(CLEO, store), 1, ["a"]).revision
    store.import_labels(by(BEN, store), {"b": "ant"}, source="a table")
    store.restore(by(BEN, store), then)
    assert store.own_labels() == {"cleo": {"a": "ant"}}


def test_whoever_clears_or_sets_aside_has_no_label_of_it(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a", "b", "c"])
    store.apply(by(CLEO, store), None, ["a"], only_unlabeled=False)
    store.apply(by(CLEO, store), None, ["b"], state="unsure", only_unlabeled=False)
    assert store.own_labels() == {"cleo": {"c": "ant"}}


def test_labels_of_classes_that_were_merged_are_of_what_they_became(store: LabelStore) -> None:
    fly = store.apply(by(CLEO, store), NewClass("fly"), ["a"]).class_id
    assert fly is not None
    store.apply(by(BEN, store), 2, ["a"], only_unlabeled=False)
    into_ant = store.change_classes(by(DORA, store), MergeClass(fly, 1))  # nothing is a fly by now
    assert store.own_labels() == {"cleo": {"a": "ant"}, "ben": {"a": "bee"}}
    store.change_classes(by(DORA, store), MergeClass(1, 2))
    assert store.own_labels() == {"cleo": {"a": "bee"}, "ben": {"a": "bee"}}
    store.undo(by(DORA, store))
    store.undo(by(DORA, store), into_ant.revision)
    assert store.own_labels() == {"cleo": {"a": "fly"}, "ben": {"a": "bee"}}
    store.change_classes(by(DORA, store), DeleteClass(2))
    assert store.own_labels() == {"cleo": {"a": "fly"}, "ben": {}}
