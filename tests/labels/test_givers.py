"""Who gave the labels that stand: whose they are after undoing, going back, merging and looking again."""

from __future__ import annotations

import re

from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.model import NOBODY, MergeClass, Person
from tests.labels.test_people import BEN, CLEO, by

DORA = Person("dora", "tag-of-dora")


def whose(store: LabelStore) -> dict[str, str]:
    """The author of what each sample has."""
    givers = store.snapshot(givers=True).givers
    assert givers is not None
    return {sample_id: giver.author for sample_id, giver in givers.items()}


def test_who_gave_a_label_is_told_with_the_time(store: LabelStore) -> None:
    assert store.snapshot().givers is None
    store.apply(by(CLEO, store), 1, ["a", "b"])
    store.apply(by(BEN, store), 2, ["b", "c"], only_unlabeled=False)
    assert whose(store) == {"a": "cleo", "b": "ben", "c": "ben"}
    givers = store.snapshot(givers=True).givers or {}
    assert givers["a"].time == store.history()[1].time
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", givers["a"].time)


def test_looking_again_leaves_a_label_whose_it_was(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a", "b"])
    store.apply(by(BEN, store), 1, ["a"], state="verified", only_unlabeled=False)
    store.apply(by(BEN, store), 2, ["b"], state="verified", only_unlabeled=False)
    assert whose(store) == {"a": "cleo", "b": "ben"}


def test_what_is_set_aside_is_whose_decision_it_was(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a", "b"])
    store.apply(by(BEN, store), None, ["a"], state="unsure", only_unlabeled=False)
    store.apply(by(BEN, store), None, ["b"], only_unlabeled=False)
    assert whose(store) == {"a": "ben"}


def test_undoing_gives_nobodys_name_to_what_comes_back(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a", "b"])
    changed = store.apply(by(BEN, store), 2, ["a"], only_unlabeled=False)
    store.undo(by(DORA, store), changed.revision)
    assert whose(store) == {"a": "cleo", "b": "cleo"}
    store.redo(by(DORA, store), changed.revision)
    assert whose(store) == {"a": "ben", "b": "cleo"}


def test_a_label_stands_by_the_edit_that_stands(store: LabelStore) -> None:
    """Dora's edit is undone without any change to the sample, since what stood before it is the same."""
    store.apply(by(CLEO, store), 1, ["a"])
    other = store.apply(by(BEN, store), 2, ["a"], only_unlabeled=False)
    again = store.apply(by(DORA, store), 1, ["a"], only_unlabeled=False)
    assert whose(store) == {"a": "dora"}
    store.undo(by(BEN, store), other.revision)
    store.undo(by(DORA, store), again.revision)
    assert whose(store) == {"a": "cleo"}


def test_whoever_looked_again_answers_for_it_where_the_first_edit_is_taken_back(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a"])
    changed = store.apply(by(BEN, store), 2, ["a"], only_unlabeled=False)
    store.apply(by(DORA, store), 2, ["a"], state="verified", only_unlabeled=False)
    store.undo(by(BEN, store), changed.revision)
    assert store.snapshot().names() == {"a": "bee"}
    store.apply(by(CLEO, store), 1, ["b"])
    store.undo(by(CLEO, store))
    merged = store.change_classes(by(CLEO, store), MergeClass(2, 1))
    assert whose(store) == {"a": "dora"}
    store.undo(by(CLEO, store), merged.revision)
    assert whose(store) == {"a": "dora"}


def test_going_back_gives_nobodys_name_to_what_it_brings_back(store: LabelStore) -> None:
    then = store.apply(by(CLEO, store), 1, ["a", "b"]).revision
    store.apply(by(BEN, store), 2, ["a", "c"], only_unlabeled=False)
    store.restore(by(DORA, store), then)
    assert whose(store) == {"a": "cleo", "b": "cleo"}


def test_merging_classes_gives_no_label(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a"])
    store.apply(by(BEN, store), 2, ["b"])
    store.change_classes(by(DORA, store), MergeClass(1, 2))
    assert store.snapshot().names() == {"a": "bee", "b": "bee"}
    assert whose(store) == {"a": "cleo", "b": "ben"}


def test_nobody_gave_what_a_run_came_with(sqlite_store: LabelStore) -> None:
    other = LabelStore(sqlite_store.database, column="other")
    other.create({"a": "ant"})
    other.import_labels(by(BEN, other), {"b": "ant"}, source="a table")
    givers = other.snapshot(givers=True).givers or {}
    assert givers["a"] == NOBODY
    assert whose(other) == {"a": "", "b": "ben"}
