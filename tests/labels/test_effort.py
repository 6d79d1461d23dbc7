"""What labeling cost, counted as in the paper's Algorithm 1."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_tsne_plugin.labels import Database, Effort, LabelStore
from tb_tsne_plugin.labels.effort import MOST_POINTS, Labeling, effort_of
from tb_tsne_plugin.labels.model import (
    BoxSelection,
    ClusterSelection,
    NeighborsSelection,
    PageSelection,
    Selection,
    SingleSelection,
    SuggestionSelection,
)
from tests.labels.conftest import operation


@pytest.mark.parametrize(
    ("selection", "count", "actions"),
    [
        (SingleSelection(k=0), 1, 1),
        (NeighborsSelection(k=20), 20, 2),
        (NeighborsSelection(k=20, dropped=3), 20, 5),
        (SingleSelection(k=3, dropped=0), 4, 4),
        (NeighborsSelection(k=20), 1, 1),
        (BoxSelection(), 5, 2),
        (None, 5, 2),
        (None, 1, 1),
        (SuggestionSelection(), 300, 1),
        (ClusterSelection(dropped=2), 300, 3),
        (PageSelection("suggestion", "surest", 50, 3), 47, 1),
        (PageSelection("labeled", "random", 60, 60, 812), 0, 1),
    ],
    ids=[
        *("one sample is one action", "a group is two", "and one for each sample taken out of it"),
        *("samples picked one by one are an action each", "of a group one was left", "a box", "unknown", "one"),
        *(
            "what was suggested is accepted in one",
            "a cluster has its size already",
            "a page is one, its strays are their own",
            "and so is a mere look",
        ),
    ],
)
def test_actions_are_counted_as_in_algorithm_1(selection: Selection | None, count: int, actions: int) -> None:
    assert Labeling(selection, count, 1).actions == actions


def test_clearing_labels_is_work_and_gives_none() -> None:
    assert effort_of([Labeling(None, 5, 1), Labeling(None, 3, None)]) == Effort([2, 4], [5, 5])


def test_labels_that_are_looked_at_again_are_not_given_again() -> None:
    given = Labeling(PageSelection("suggestion", "surest", 50, 3), 47, 1)
    verified = Labeling(PageSelection("labeled", "surest", 50, 0), 50, 1)
    assert effort_of([given, verified]) == Effort([1, 2], [47, 47])


@pytest.mark.parametrize("edits", [0, 1, MOST_POINTS, MOST_POINTS + 1, 1234])
def test_the_curve_is_short_and_ends_where_labeling_stands(edits: int) -> None:
    effort = effort_of([Labeling(None, 10, 1)] * edits)
    assert len(effort.actions) <= MOST_POINTS
    assert effort.actions[-1:] == [2 * edits][:edits]
    assert effort.labels == [5 * each for each in effort.actions]
    assert effort.actions == sorted(effort.actions)


def test_what_was_undone_or_imported_counts_nothing_and_what_was_redone_does(store: LabelStore) -> None:
    before = store.effort()
    store.apply(operation(store), 1, ["a", "b"], selection=NeighborsSelection(k=2))
    revision = store.revision()
    assert store.effort() == Effort([2], [2])
    assert store.effort(before=revision) == before == Effort()
    store.undo(operation(store))
    assert store.effort() == Effort()
    store.redo(operation(store))
    store.import_labels(operation(store), {"c": "ant"}, source="labels.tsv")
    assert store.effort() == Effort([2], [2])


def test_the_effort_is_what_the_history_sums_up_to(store: LabelStore) -> None:
    for number in range(20):
        store.apply(operation(store), 1 + number % 2, [f"{number} {each}" for each in range(1 + number % 5)])
        if number % 3 == 0:
            store.undo(operation(store))
    entries = [entry for entry in store.history(limit=500) if not entry.undone]
    assert store.effort().actions[-1] == sum(entry.actions for entry in entries) > 20
    assert store.effort().labels[-1] == sum(entry.labels for entry in entries) > 20


def test_a_store_that_is_not_there_cost_nothing_and_is_not_made(tmp_path: Path) -> None:
    store = LabelStore(Database(tmp_path / "labels.sqlite"))
    assert store.effort() == Effort()
    assert not store.database.exists
