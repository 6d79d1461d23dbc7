"""Several people in one label column: undo is everybody's own, and nobody's labels are taken back unseen.

50 examples with every test run; `TSNE_EXAMPLES=2000 pytest tests/labels/test_people.py` for more.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tb_tsne_plugin.labels import Conflict, Edit, InvalidEdit, LabelStore, NewClass, NothingToUndo, Operation, State
from tb_tsne_plugin.labels.errors import ClassExists
from tb_tsne_plugin.labels.model import (
    UNMARKED,
    ClassAction,
    DeleteClass,
    Mark,
    MergeClass,
    MoveClass,
    Person,
    RecolorClass,
    RenameClass,
    Theirs,
)
from tests.labels.conftest import labels_of

CLEO, BEN = Person("cleo", "tag-of-cleo"), Person("ben", "tag-of-ben")
OTHER_CLEO = Person("cleo", "tag-of-another-cleo")
"""Of the same name, in another browser."""
PEOPLE = (CLEO, BEN, OTHER_CLEO)
SAMPLES = [f"s{number}" for number in range(6)]
MEMORY = Path("/dev/shm")

_numbers = itertools.count()


def by(person: Person, store: LabelStore, base: int | None = None) -> Operation:
    """An operation of somebody, on what there is now unless told otherwise."""
    seen = store.revision() if base is None else base
    return Operation(f"operation-of-{next(_numbers)}", seen, person.author, client=person.client)


def test_undo_takes_back_ones_own_last_edit_and_nobody_elses(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a"])
    store.apply(by(BEN, store), 2, ["b"])
    assert labels_of(store.undo(by(CLEO, store))) == {"a": None}
    with pytest.raises(NothingToUndo):
        store.undo(by(CLEO, store))
    assert store.snapshot().names() == {"b": "bee"}
    assert labels_of(store.undo(by(BEN, store))) == {"b": None}
    assert labels_of(store.redo(by(CLEO, store))) == {"a": 1}
    with pytest.raises(NothingToUndo):
        store.redo(by(CLEO, store))
    assert labels_of(store.redo(by(BEN, store))) == {"b": 2}


def test_an_edit_of_somebody_else_ends_nobodys_redoing(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a"])
    store.undo(by(CLEO, store))
    store.apply(by(BEN, store), 2, ["b"])
    assert labels_of(store.redo(by(CLEO, store))) == {"a": 1}


def test_newer_labels_of_others_stay_and_that_is_told(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a", "b", "c"])
    store.apply(by(BEN, store), 2, ["b", "c"], only_unlabeled=False)
    undone = store.undo(by(CLEO, store))
    assert (labels_of(undone), undone.stayed) == ({"a": None}, (Theirs("ben", 2),))
    assert store.history(1)[0].summary == "undone: 3 images labelled ant (2 of 3 stay: ben changed them since)"
    # What cleo took back comes not back with what ben takes back.
    assert labels_of(store.undo(by(BEN, store))) == {"b": None, "c": None}
    again = store.redo(by(CLEO, store))
    assert (labels_of(again), again.stayed) == ({"a": 1, "b": 1, "c": 1}, ())


def test_what_shows_nowhere_any_more_is_taken_back_all_the_same(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a"])
    store.apply(by(BEN, store), 2, ["a"], only_unlabeled=False)
    undone = store.undo(by(CLEO, store))
    assert (undone.changes, undone.stayed, undone.revision) == ({}, (Theirs("ben", 1),), 5)
    with pytest.raises(NothingToUndo):
        store.undo(by(CLEO, store))
    assert labels_of(store.undo(by(BEN, store))) == {"a": None}


def test_two_of_one_name_are_told_apart_by_their_browsers(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a"])
    store.apply(by(OTHER_CLEO, store), 2, ["b"])
    assert labels_of(store.undo(by(CLEO, store))) == {"a": None}
    assert labels_of(store.undo(by(OTHER_CLEO, store))) == {"b": None}
    # What came without a browser (a command, an earlier version) is of whoever has the name, and has the name only.
    store.apply(by(Person("cleo"), store), 1, ["c"])
    assert labels_of(store.undo(by(CLEO, store))) == {"c": None}
    store.apply(by(OTHER_CLEO, store), 1, ["d"])
    assert labels_of(store.undo(by(Person("cleo"), store))) == {"d": None}


def test_the_history_takes_back_anybodys_edit_once(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a", "b"])
    store.apply(by(CLEO, store), 2, ["c"])
    taken = store.undo(by(BEN, store), 3)
    assert (labels_of(taken), taken.target) == ({"a": None, "b": None}, 3)
    with pytest.raises(NothingToUndo):
        store.undo(by(CLEO, store), 3)
    assert store.undo(by(CLEO, store)).target == 4
    assert labels_of(store.redo(by(BEN, store))) == {"a": 1, "b": 1}
    assert labels_of(store.redo(by(BEN, store), 4)) == {"c": 2}
    with pytest.raises(NothingToUndo):
        store.redo(by(BEN, store), 4)
    for revision in (0, 5, 99):  # none, an undo, none yet
        with pytest.raises(InvalidEdit):
            store.undo(by(BEN, store), revision)


def test_labels_that_a_run_came_with_are_nobodys_to_take_back(tmp_path: Path) -> None:
    store = LabelStore(tmp_path / "labels.sqlite")
    store.create({"a": "ant"})
    with pytest.raises(InvalidEdit):
        store.undo(by(CLEO, store), 1)
    with pytest.raises(NothingToUndo):
        store.undo(by(Person("metadata"), store))


def test_undo_needs_to_have_seen_own_edits_and_no_others(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a"])
    seen = store.revision()
    store.apply(by(BEN, store), 2, ["b"])
    assert labels_of(store.undo(by(CLEO, store, seen))) == {"a": None}
    store.apply(by(CLEO, store), 1, ["c"])  # in another window
    with pytest.raises(Conflict):
        store.undo(by(CLEO, store, seen))


def test_a_conflict_names_who_it_is_with(store: LabelStore) -> None:
    base = store.revision()
    store.apply(by(BEN, store), 1, ["a"])
    store.apply(by(CLEO, store), 1, ["b"])
    store.change_classes(by(BEN, store), RenameClass(2, "wasp"))
    told: list[tuple[Callable[[], Edit], str]] = [
        (lambda: store.apply(by(CLEO, store, base), 1, ["a", "b"]), "2 images changed elsewhere, by ben, since"),
        (lambda: store.apply(by(CLEO, store, base + 1), 1, ["b"]), "1 image changed elsewhere since"),
        (lambda: store.apply(by(CLEO, store, base), 2, ["c"]), "The class wasp changed elsewhere, by ben, since"),
        (
            lambda: store.restore(by(Person("zoe"), store, base), 1),
            "The labels changed elsewhere, by ben and cleo, since",
        ),
    ]
    for edit, sentence in told:
        with pytest.raises(Conflict, match=f"^{sentence} revision"):
            edit()


def test_whoever_is_touched_can_be_told(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a", "b", "c"])
    store.apply(by(OTHER_CLEO, store), 1, ["d"])
    store.apply(by(BEN, store), 2, ["b", "c", "d", "e"], only_unlabeled=False)
    store.apply(by(BEN, store), 1, ["e"], only_unlabeled=False)
    assert store.history(1, person=BEN)[0].yours == 0
    store.undo(by(BEN, store))
    assert store.history(1, person=BEN)[0].yours == 0
    for person, own, yours in ((CLEO, False, 2), (OTHER_CLEO, False, 1), (BEN, True, 0), (Person("zoe"), False, 0)):
        entry = store.history(3, person=person)[2]
        assert (entry.author, entry.own, entry.yours) == ("ben", own, yours)
    store.undo(by(CLEO, store), 5)
    assert [store.history(1, person=person)[0].yours for person in (CLEO, BEN)] == [0, 4]


def test_a_class_that_others_use_stays(store: LabelStore) -> None:
    store.apply(by(CLEO, store), NewClass("cat"), ["a"])
    store.apply(by(BEN, store), 3, ["b"])
    undone = store.undo(by(CLEO, store))
    assert labels_of(undone) == {"a": None}
    assert [info.name for info in undone.classes] == ["ant", "bee", "cat"]
    assert store.snapshot().names() == {"b": "cat"}


def test_a_sample_cannot_get_back_a_class_that_is_gone(store: LabelStore) -> None:
    store.apply(by(CLEO, store), 1, ["a"])
    store.apply(by(CLEO, store), None, ["a", "b"], only_unlabeled=False)
    store.change_classes(by(BEN, store), DeleteClass(1))
    undone = store.undo(by(CLEO, store))
    assert (undone.changes, undone.stayed) == ({}, (Theirs("", 1),))
    assert "a class is gone" in store.history(1)[0].summary


def test_a_name_that_somebody_took_since_is_not_given_back(store: LabelStore) -> None:
    store.change_classes(by(CLEO, store), RenameClass(1, "wasp"))
    store.change_classes(by(BEN, store), RenameClass(2, "ant"))
    store.change_classes(by(BEN, store), RecolorClass(1, "#000000"))
    undone = store.undo(by(CLEO, store))
    assert (undone.classes[0].name, undone.classes[0].color) == ("wasp", "#000000")
    store.undo(by(BEN, store))
    store.undo(by(BEN, store))
    store.redo(by(CLEO, store))
    assert [info.name for info in store.undo(by(CLEO, store)).classes] == ["ant", "bee"]


@dataclass
class Entry:
    """An edit, as the model has it: it stands, or does not."""

    revision: int
    person: Person
    after: dict[str, Mark]
    stands: bool = True


@dataclass
class Model:
    """The rule in a few lines: a sample has what the newest edit that stands gave it."""

    entries: list[Entry] = field(default_factory=list)
    undos: list[tuple[int, Person, Entry]] = field(default_factory=list)

    def marks(self) -> dict[str, Mark]:
        found: dict[str, Mark] = {}
        for entry in self.entries:
            if entry.stands:
                found.update(entry.after)
        return {sample: mark for sample, mark in found.items() if mark != UNMARKED}

    def newest_standing(self, person: Person) -> Entry | None:
        return next((each for each in reversed(self.entries) if each.person == person and each.stands), None)

    def newest_undone(self, person: Person) -> Entry | None:
        last = max((each.revision for each in self.entries if each.person == person), default=0)
        undone = (entry for at, whose, entry in reversed(self.undos) if whose == person and at > last)
        return next((entry for entry in undone if not entry.stands), None)

    def stayed(self, entry: Entry) -> dict[str, int]:
        later = [each for each in self.entries if each.stands and each.revision > entry.revision]
        keepers: Iterator[str] = (
            [each.person.author for each in later if sample in each.after][-1]
            for sample in entry.after
            if any(sample in each.after for each in later)
        )
        return dict(Counter(keepers))


class Crowd(RuleBasedStateMachine):
    """A store that three people edit."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.store = LabelStore(self.folder / "labels.sqlite")
        # The classes come with the run, so that nobody can take them back.
        self.store.create({"x": "ant", "y": "bee", "z": "cat"})
        self.model = Model()

    def teardown(self) -> None:
        shutil.rmtree(getattr(self, "folder", Path("/nonexistent")), ignore_errors=True)


class LabelingCrowd(Crowd):
    """They give labels, and the store is what the model says."""

    @rule(
        person=st.sampled_from(PEOPLE),
        samples=st.sets(st.sampled_from(SAMPLES), min_size=1).map(sorted),
        given=st.sampled_from(
            [(1, "labeled"), (2, "labeled"), (3, "labeled"), (1, "seen"), (None, "labeled"), (None, "ignored")]
        ),
        only_unlabeled=st.booleans(),
    )
    def apply(self, person: Person, samples: list[str], given: tuple[int | None, State], only_unlabeled: bool) -> None:
        before = self.store.snapshot().marks
        operation = by(person, self.store)
        edit = self.store.apply(operation, given[0], samples, state=given[1], only_unlabeled=only_unlabeled)
        if not edit.changes:
            return
        self.model.entries.append(Entry(edit.revision, person, edit.changes))
        assert all(before.get(sample, UNMARKED) != mark for sample, mark in edit.changes.items())

    @rule(person=st.sampled_from(PEOPLE))
    def undo(self, person: Person) -> None:
        entry = self.model.newest_standing(person)
        self.turn(person, entry, lambda: self.store.undo(by(person, self.store)), undone=True)

    @rule(person=st.sampled_from(PEOPLE))
    def redo(self, person: Person) -> None:
        entry = self.model.newest_undone(person)
        self.turn(person, entry, lambda: self.store.redo(by(person, self.store)), undone=False)

    @rule(person=st.sampled_from(PEOPLE), place=st.integers(0, 30), undone=st.booleans())
    def turn_any(self, person: Person, place: int, undone: bool) -> None:
        choice = [each for each in self.model.entries if each.stands == undone]
        if choice:
            entry, store = choice[place % len(choice)], self.store
            turn = store.undo if undone else store.redo
            self.turn(person, entry, lambda: turn(by(person, store), entry.revision), undone=undone)

    def turn(self, person: Person, entry: Entry | None, make: Callable[[], Edit], *, undone: bool) -> None:
        if entry is None:
            with pytest.raises(NothingToUndo):
                make()
            return
        stayed = self.model.stayed(entry)
        edit = make()
        assert (edit.target, {each.author: each.count for each in edit.stayed}) == (entry.revision, stayed)
        entry.stands = not undone
        if undone:
            self.model.undos.append((edit.revision, person, entry))

    @invariant()
    def store_and_model_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        for person in PEOPLE:
            snapshot = self.store.snapshot(person)
            marks = {sample: mark for sample, mark in snapshot.marks.items() if sample in SAMPLES}
            assert marks == self.model.marks()
            assert snapshot.can_undo == (self.model.newest_standing(person) is not None)
            assert snapshot.can_redo == (self.model.newest_undone(person) is not None)
        undone = {entry.revision for entry in self.store.history(500) if entry.undone}
        assert undone == {entry.revision for entry in self.model.entries if not entry.stands}


class EditingCrowd(Crowd):
    """They change the classes too: whatever they undo, it stays a store, and what others gave since stays."""

    @rule(
        person=st.sampled_from(PEOPLE), samples=st.sets(st.sampled_from(SAMPLES), min_size=1), place=st.integers(0, 9)
    )
    def apply(self, person: Person, samples: set[str], place: int) -> None:
        classes = self.store.snapshot().classes
        if classes:
            wanted = classes[place % len(classes)].id
            self.done(person, self.store.apply(by(person, self.store), wanted, sorted(samples), only_unlabeled=False))

    @rule(person=st.sampled_from(PEOPLE), sample=st.sampled_from(SAMPLES), name=st.sampled_from(["ant", "dog", "elk"]))
    def name_and_apply(self, person: Person, sample: str, name: str) -> None:
        try:
            self.done(person, self.store.apply(by(person, self.store), NewClass(name), [sample], only_unlabeled=False))
        except ClassExists:
            return

    @rule(
        person=st.sampled_from(PEOPLE),
        kind=st.sampled_from(["rename", "recolor", "move", "merge", "delete"]),
        place=st.integers(0, 9),
        other=st.integers(0, 9),
        name=st.sampled_from(["ant", "dog", "elk"]),
    )
    def change_classes(self, person: Person, kind: str, place: int, other: int, name: str) -> None:
        classes = self.store.snapshot().classes
        if not classes:
            return
        first, second = classes[place % len(classes)].id, classes[other % len(classes)].id
        actions: dict[str, ClassAction] = {
            "rename": RenameClass(first, name),
            "recolor": RecolorClass(first, "#123456"),
            "move": MoveClass(first, other % len(classes)),
            "merge": MergeClass(first, second),
            "delete": DeleteClass(first),
        }
        try:
            self.done(person, self.store.change_classes(by(person, self.store), actions[kind]))
        except (ClassExists, InvalidEdit):
            return

    def done(self, person: Person, edit: Edit) -> None:
        if edit.changes:
            self.model.entries.append(Entry(edit.revision, person, edit.changes))

    @rule(person=st.sampled_from(PEOPLE), back=st.integers(0, 9))
    def restore(self, person: Person, back: int) -> None:
        now = self.store.revision()
        self.done(person, self.store.restore(by(person, self.store), max(1, now - back)))

    @rule(person=st.sampled_from(PEOPLE), undone=st.booleans(), back=st.none() | st.integers(0, 9))
    def turn(self, person: Person, undone: bool, back: int | None) -> None:
        store = self.store
        target = None if back is None else max(1, store.revision() - back)
        try:
            edit = (store.undo if undone else store.redo)(by(person, store), target)
        except (NothingToUndo, InvalidEdit):
            return
        assert edit.target is not None
        keepers = [each for each in self.model.entries if each.stands and each.revision > edit.target]
        assert not {sample for each in keepers for sample in each.after} & set(edit.changes)
        for entry in self.model.entries:
            if entry.revision == edit.target:
                entry.stands = not undone

    @invariant()
    def it_is_a_store(self) -> None:
        if not hasattr(self, "model"):
            return
        snapshot = self.store.snapshot()  # which refuses labels of classes that are not there
        names = [info.name for info in snapshot.classes]
        assert len(names) == len(set(names))


OFTEN = settings(
    max_examples=int(os.environ.get("TSNE_EXAMPLES", "50")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestLabelingCrowd = pytest.mark.slow(LabelingCrowd.TestCase)
TestLabelingCrowd.settings = OFTEN
TestEditingCrowd = pytest.mark.slow(EditingCrowd.TestCase)
TestEditingCrowd.settings = OFTEN
