"""States of samples: given with a class, set aside without one, never made less by the same class, always undoable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_tsne_plugin.labels import ClassInfo, Conflict, Edit, InvalidEdit, LabelStore, Mark, NewClass, State
from tb_tsne_plugin.labels.model import (
    COUNTED,
    SET_ASIDE,
    STATES,
    UNMARKED,
    DeleteClass,
    Look,
    MergeClass,
    PageSelection,
    SingleSelection,
)
from tb_tsne_plugin.labels.rules import Giving, import_change
from tests.labels.conftest import operation

CLASS_IDS = st.integers(1, 3)
MARKS = st.one_of(
    st.just(UNMARKED),
    st.builds(Mark, CLASS_IDS, st.sampled_from(COUNTED)),
    st.builds(Mark, st.one_of(st.none(), CLASS_IDS), st.sampled_from(SET_ASIDE)),
)
"""All that a sample can have."""
GIVINGS = st.one_of(
    st.builds(Giving, CLASS_IDS, st.sampled_from(COUNTED), st.booleans()),
    st.builds(Giving, st.none(), st.sampled_from(("labeled", *SET_ASIDE)), st.booleans()),
)
"""All that can be given to it."""


def can_be(mark: Mark) -> bool:
    """Whether a sample can have it."""
    has_class, state = mark.class_id is not None, mark.state
    return has_class if state in COUNTED else not has_class if state == "unlabeled" else state in SET_ASIDE


@given(MARKS, GIVINGS)
def test_whatever_is_given_a_sample_has_what_it_can_have(before: Mark, giving: Giving) -> None:
    after = giving.after(before)
    assert can_be(before)
    assert can_be(after)
    assert giving.after(after) == after  # twice is once
    if giving.only_unlabeled and before.state != "unlabeled":
        assert after == before
    elif giving.state in SET_ASIDE:
        assert (after.class_id, after.state) == (before.class_id, giving.state)
        assert after.label is None
    elif giving.class_id is None:
        assert after == (None, "unlabeled")
    else:
        assert after.label == giving.class_id
        at_least = [giving.state, before.state] if before.label == giving.class_id else [giving.state]
        assert STATES.index(after.state) == max(map(STATES.index, at_least))


@given(MARKS, GIVINGS, GIVINGS)
def test_a_label_that_is_given_again_is_never_less(before: Mark, first: Giving, second: Giving) -> None:
    once = first.after(before)
    again = second.after(once)
    if once.label is not None and again.label == once.label:
        assert again.number >= once.number


NAMES = {1: "ant", 2: "bee", 3: "cat", None: None}


@given(MARKS, st.sampled_from([*NAMES]), st.one_of(st.none(), st.sampled_from(STATES)), st.booleans())
def test_whatever_is_imported_a_sample_has_what_it_can_have(
    before: Mark, class_id: int | None, state: State | None, only_unlabeled: bool
) -> None:
    classes = [ClassInfo(number, name, "#000000", number) for number, name in NAMES.items() if number and name]
    states = {} if state is None else {"a": state}

    def imported(current: Mark) -> Mark:
        change = import_change(
            {"a": NAMES[class_id]}, states, classes=classes, current={"a": current}, only_unlabeled=only_unlabeled
        )
        return change.after.get("a", current)

    after = imported(before)
    assert can_be(after)
    if only_unlabeled and before.state != "unlabeled":
        assert after == before
    elif state in SET_ASIDE:
        assert after == (class_id or before.class_id, state)
    elif class_id is not None:
        assert after.label == class_id
        assert state not in COUNTED or after.number >= STATES.index(state)
    else:
        assert after.label is None
        assert state is None or after == UNMARKED
    assert imported(after) == after  # twice is once


CAT = ClassInfo(1, "cat", "#000000", 0)


@pytest.mark.parametrize(
    ("before", "name", "states", "after"),
    [
        (Mark(None, "unsure"), None, {}, Mark(None, "unsure")),
        (Mark(1, "ignored"), None, {}, Mark(1, "ignored")),
        (Mark(1, "ignored"), None, {"a": "unlabeled"}, UNMARKED),
        (Mark(1, "verified"), None, {}, UNMARKED),
        (Mark(1, "verified"), "cat", {}, Mark(1, "verified")),
        (Mark(1, "verified"), "cat", {"a": "labeled"}, Mark(1, "verified")),
        (UNMARKED, "cat", {"a": "unlabeled"}, Mark(1, "labeled")),
        (Mark(1, "unsure"), None, {"a": "unsure"}, Mark(1, "unsure")),
    ],
)
def test_a_table_that_clears_is_taken_at_its_word(
    before: Mark, name: str | None, states: dict[str, State], after: Mark
) -> None:
    change = import_change({"a": name}, states, classes=[CAT], current={"a": before}, only_unlabeled=False)
    assert change.after.get("a", before) == after


@pytest.mark.parametrize("state", ["unlabeled", "labeled", "seen", "verified"])
def test_a_state_of_a_label_says_nothing_without_one(state: State) -> None:
    for before in (Mark(1, "seen"), Mark(None, "unsure"), UNMARKED):
        assert import_change({}, {"a": state}, current={"a": before}, only_unlabeled=False).is_empty


@pytest.mark.parametrize(
    ("class_id", "state"), [(None, "seen"), (None, "verified"), (None, "unlabeled"), (1, "unsure"), (1, "ignored")]
)
def test_a_class_and_a_state_that_do_not_go_together_are_refused(
    store: LabelStore, class_id: int | None, state: State
) -> None:
    with pytest.raises(InvalidEdit):
        store.apply(operation(store), class_id, ["a"], state=state, only_unlabeled=False)
    with pytest.raises(InvalidEdit):
        store.apply(operation(store), NewClass("cat"), ["a"], state="ignored")
    assert store.revision() == 2


def give(store: LabelStore, class_id: int | None, ids: str, state: State = "labeled") -> Edit:
    """Gives samples, one a letter, a class and a state, whatever they have."""
    return store.apply(operation(store), class_id, list(ids), state=state, only_unlabeled=False)


def marks(store: LabelStore) -> dict[str, Mark]:
    """What is stored now."""
    return store.snapshot().marks


def test_what_is_set_aside_has_no_label_and_keeps_its_class(store: LabelStore) -> None:
    give(store, 1, "abc", "seen")
    edit = give(store, None, "bcd", "unsure")
    assert edit.changes == {"b": (1, "unsure"), "c": (1, "unsure"), "d": (None, "unsure")}
    assert edit.class_id is None
    snapshot = store.snapshot()
    assert snapshot.labels == {"a": 1}
    assert snapshot.names() == {"a": "ant"}
    assert snapshot.states() == {"a": "seen", "b": "unsure", "c": "unsure", "d": "unsure"}
    assert set(store.label_revisions()) == {"a"}
    give(store, None, "c", "ignored")
    give(store, 1, "b")
    give(store, None, "d")
    assert marks(store) == {"a": (1, "seen"), "b": (1, "labeled"), "c": (1, "ignored")}


def test_only_what_nobody_decided_about_is_unlabeled(store: LabelStore) -> None:
    give(store, None, "a", "unsure")
    give(store, None, "b", "ignored")
    assert store.apply(operation(store), 1, ["a", "b", "c"]).changes == {"c": (1, "labeled")}


def test_undo_redo_and_restore_bring_states_back(store: LabelStore) -> None:
    past = [marks(store)]
    given: list[tuple[int | None, str, State]] = [
        (1, "abcd", "labeled"),
        (1, "ab", "seen"),
        (1, "a", "verified"),
        (None, "bd", "unsure"),
        (None, "de", "ignored"),
        (2, "be", "labeled"),
        (None, "a", "labeled"),
    ]
    for class_id, ids, state in given:
        give(store, class_id, ids, state)
        past.append(marks(store))
    assert len({str(each) for each in past}) == len(past)
    for earlier in reversed(past[:-1]):
        store.undo(operation(store))
        assert marks(store) == earlier
    for later in past[1:]:
        store.redo(operation(store))
        assert marks(store) == later
    for place, wanted in enumerate(past):
        store.restore(operation(store), 2 + place)
        assert marks(store) == wanted


def test_a_class_that_goes_takes_no_decision_with_it(store: LabelStore) -> None:
    give(store, 1, "abc", "verified")
    give(store, None, "b", "unsure")
    give(store, None, "c", "ignored")
    before = marks(store)
    store.change_classes(operation(store), MergeClass(1, 2))
    assert marks(store) == {"a": (2, "verified"), "b": (2, "unsure"), "c": (2, "ignored")}
    store.change_classes(operation(store), DeleteClass(2))
    assert marks(store) == {"b": (None, "unsure"), "c": (None, "ignored")}
    store.undo(operation(store))
    store.undo(operation(store))
    assert marks(store) == before


def test_a_state_that_somebody_else_gave_is_a_conflict(store: LabelStore) -> None:
    give(store, 1, "ab")
    base = store.revision()
    give(store, 1, "a", "verified")
    with pytest.raises(Conflict) as caught:
        store.apply(operation(store, base), None, ["a", "b"], state="ignored", only_unlabeled=False)
    assert caught.value.changes == {"a": (1, "verified")}


def test_a_second_look_moves_no_label_into_another_group(store: LabelStore) -> None:
    give(store, 1, "abc")
    given = store.revision()
    give(store, 1, "ab", "verified")
    give(store, 2, "c", "seen")
    assert store.label_revisions() == {"a": given, "b": given, "c": store.revision()}
    give(store, None, "b", "unsure")
    give(store, 1, "b")
    assert store.label_revisions()["b"] == store.revision()


def test_the_history_says_it_in_plain_words(store: LabelStore) -> None:
    give(store, 1, "abcd")
    give(store, 1, "abc", "seen")
    give(store, 1, "ab", "verified")
    give(store, None, "a", "unsure")
    give(store, None, "ab", "ignored")
    give(store, None, "a")
    store.import_labels(operation(store), {"e": "bee"}, {"f": "ignored"}, source="a.tsv")
    assert [entry.summary for entry in store.history(7)] == [
        "1 image labelled and 1 image set aside in a.tsv",
        "1 image cleared",
        "2 images set aside as ignored",
        "1 image set aside as unsure",
        "2 images verified as ant",
        "3 images seen as ant",
        "4 images labelled ant",
    ]


def page(order: str, shown: int, changed: int, population: int | None = None) -> PageSelection:
    return PageSelection("suggestion", order, shown, changed, population)  # type: ignore[arg-type]


def test_looks_are_the_pages_drawn_at_random_that_are_not_undone(store: LabelStore) -> None:
    def look(class_id: int, ids: str, selection: PageSelection | SingleSelection) -> None:
        store.apply(operation(store), class_id, list(ids), state="seen", selection=selection)

    look(1, "ab", page("random", 2, 0, 812))
    look(2, "c", page("surest", 2, 1))
    look(2, "d", SingleSelection(k=0))
    look(1, "d", page("random", 5, 5, 40))  # nothing was right, and nothing changes: that is what it tells
    look(2, "e", page("random", 1, 0, 7))
    assert store.looks() == [Look(3, 1, 812, 2, 0), Look(6, 1, 40, 5, 5), Look(7, 2, 7, 1, 0)]
    store.undo(operation(store))
    assert [each.revision for each in store.looks()] == [3, 6]
    store.undo(operation(store))
    assert [each.revision for each in store.looks()] == [3]
    store.redo(operation(store))
    assert [each.revision for each in store.looks()] == [3, 6]
    assert store.effort().actions[-1] == 4


def test_pages_that_a_restore_took_back_tell_nothing(store: LabelStore) -> None:
    store.apply(operation(store), 1, ["a"], state="seen", selection=page("random", 1, 1, 30))
    before = store.revision()
    store.apply(operation(store), 1, ["b"], state="seen", selection=page("random", 1, 1, 20))
    store.restore(operation(store), before)
    assert ([each.population for each in store.looks()], store.strays_named()) == ([30], 1)
    store.apply(operation(store), 1, ["c"], state="seen", selection=page("random", 1, 1, 10))
    assert [each.population for each in store.looks()] == [30, 10]
    for _ in range(2):
        store.undo(operation(store))
    assert [each.population for each in store.looks()] == [30, 20]


def test_strays_are_counted_on_all_pages_that_are_not_undone(store: LabelStore) -> None:
    assert store.strays_named() == 0
    for class_id, ids, selection in ((1, "ab", page("surest", 4, 2)), (2, "c", page("random", 3, 1, 30))):
        store.apply(operation(store), class_id, list(ids), state="seen", selection=selection)
    store.apply(operation(store), 2, ["d"], state="seen", selection=page("surest", 1, 7))  # nobody can have seen that
    store.apply(operation(store), 2, ["e"], state="seen", selection=SingleSelection(k=0))
    assert store.strays_named() == 3
    store.undo(operation(store))
    store.undo(operation(store))
    store.undo(operation(store))
    assert store.strays_named() == 2


@pytest.mark.parametrize("impossible", [(3, 4, 10), (5, 0, 4), (2, 0, None)])
def test_a_page_that_nobody_can_have_seen_is_no_look(
    impossible: tuple[int, int, int | None], store: LabelStore
) -> None:
    edit = store.apply(operation(store), 1, ["a"], state="seen", selection=page("random", *impossible))
    assert edit.changes == {"a": Mark(1, "seen")}
    assert store.looks() == []


def test_only_a_look_leaves_a_trace_without_a_change(store: LabelStore) -> None:
    give(store, 1, "a", "seen")
    base = store.revision()
    for selection in (page("surest", 1, 0), SingleSelection(k=0), None):
        store.apply(operation(store), 1, ["a"], state="seen", only_unlabeled=False, selection=selection)
    assert store.revision() == base
    assert store.looks() == []
