"""Whatever is done in whatever order, the store is what a plain dict would be.

80 examples with every test run; `TSNE_EXAMPLES=2000 pytest tests/labels/test_machine.py` for more.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tb_tsne_plugin.labels import Conflict, Edit, InvalidEdit, LabelStore, NewClass, NothingToUndo, Operation, State
from tb_tsne_plugin.labels.errors import ClassExists
from tb_tsne_plugin.labels.model import DeleteClass, MergeClass, RenameClass

pytestmark = pytest.mark.slow

SAMPLES = st.lists(st.sampled_from([f"s{number}" for number in range(8)]), min_size=1, max_size=6)
NAMES = st.sampled_from(["ant", "bee", "cat", "dog"])
PLACES = st.integers(0, 5)
MEMORY = Path("/dev/shm")


LEVELS = ["labeled", "seen", "verified"]


class Model(NamedTuple):
    """Class and state of everything that is not unlabeled, and the classes' names by id in order."""

    marks: dict[str, tuple[int | None, str]]
    classes: dict[int, str]


class LabelMachine(RuleBasedStateMachine):
    """A store and a model, edited alike."""

    numbers = itertools.count()

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.store = LabelStore(self.folder / "labels.sqlite")
        self.store.create({})
        self.model = Model({}, {})
        self.next_id = 1
        self.past: list[Model] = [deepcopy(self.model)]  # by revision
        self.undo_stack: list[tuple[Model, Model]] = []
        self.redo_stack: list[tuple[Model, Model]] = []
        self.last: tuple[Operation, Any, Edit] | None = None

    def teardown(self) -> None:
        shutil.rmtree(getattr(self, "folder", Path("/nonexistent")), ignore_errors=True)

    def operation(self, behind: int = 0) -> Operation:
        return Operation(f"operation-{next(self.numbers)}", max(0, self.store.revision() - behind), "ann")

    def edited(self, before: Model, edit: Edit) -> None:
        """Notes an edit that can be undone; one that changed nothing left no trace."""
        if edit.revision == len(self.past):
            self.past.append(deepcopy(self.model))
            self.undo_stack.append((before, deepcopy(self.model)))
            self.redo_stack.clear()
        else:
            assert self.model == before

    def become(self, model: Model) -> None:
        self.model = deepcopy(model)
        self.past.append(deepcopy(model))

    def some_class(self, place: int) -> int:
        ids = list(self.model.classes)
        return ids[place % len(ids)] if ids else 99

    @rule(samples=SAMPLES, place=PLACES, state=st.sampled_from(LEVELS), only_unlabeled=st.booleans())
    def apply(self, samples: list[str], place: int, state: State, only_unlabeled: bool) -> None:
        wanted = self.some_class(place)
        if wanted not in self.model.classes:
            with pytest.raises((InvalidEdit, Conflict)):
                self.store.apply(self.operation(), wanted, samples, state=state)
            return
        before = deepcopy(self.model)
        for sample in self.meant(samples, only_unlabeled):
            class_id, now = self.model.marks.get(sample, (None, "unlabeled"))
            keeps = class_id == wanted and now in LEVELS
            self.model.marks[sample] = (wanted, max(now, state, key=LEVELS.index) if keeps else state)
        self.applied(before, wanted, samples, state, only_unlabeled)

    @rule(samples=SAMPLES, only_unlabeled=st.booleans())
    def clear(self, samples: list[str], only_unlabeled: bool) -> None:
        before = deepcopy(self.model)
        for sample in self.meant(samples, only_unlabeled):
            self.model.marks.pop(sample, None)
        self.applied(before, None, samples, "labeled", only_unlabeled)

    @rule(samples=SAMPLES, state=st.sampled_from(["unsure", "ignored"]), only_unlabeled=st.booleans())
    def set_aside(self, samples: list[str], state: State, only_unlabeled: bool) -> None:
        before = deepcopy(self.model)
        for sample in self.meant(samples, only_unlabeled):
            self.model.marks[sample] = (self.model.marks.get(sample, (None, ""))[0], state)
        self.applied(before, None, samples, state, only_unlabeled)

    def meant(self, samples: list[str], only_unlabeled: bool) -> list[str]:
        """Those of some samples that are to change."""
        return [sample for sample in samples if not (only_unlabeled and sample in self.model.marks)]

    def applied(self, before: Model, wanted: int | None, samples: list[str], state: State, only: bool) -> None:
        """Gives the store what the model was given."""
        operation = self.operation()
        edit = self.store.apply(operation, wanted, samples, state=state, only_unlabeled=only)
        self.edited(before, edit)
        if edit.changes:
            self.last = (operation, (wanted, samples, state, only), edit)

    @rule(samples=SAMPLES, name=NAMES)
    def name_and_apply(self, samples: list[str], name: str) -> None:
        before = deepcopy(self.model)
        if name in self.model.classes.values():
            with pytest.raises(ClassExists):
                self.store.apply(self.operation(), NewClass(name), samples)
            return
        self.model.classes[self.next_id] = name
        for sample in samples:
            self.model.marks.setdefault(sample, (self.next_id, "labeled"))
        self.next_id += 1
        self.edited(before, self.store.apply(self.operation(), NewClass(name), samples))

    @rule()
    def send_the_last_one_again(self) -> None:
        if self.last is not None:
            operation, (wanted, samples, state, only), edit = self.last
            again = self.store.apply(operation, wanted, samples, state=state, only_unlabeled=only)
            assert (again.repeated, again.revision, again.changes) == (True, edit.revision, edit.changes)

    @rule(sample=st.sampled_from(["s0", "s1"]), behind=st.integers(1, 3))
    def apply_without_having_seen(self, sample: str, behind: int) -> None:
        base = max(0, len(self.past) - 1 - behind)
        changed = any(model.marks.get(sample) != self.past[base].marks.get(sample) for model in self.past[base:])
        if changed:
            with pytest.raises(Conflict):
                self.store.apply(self.operation(behind), None, [sample], only_unlabeled=False)

    @rule(place=PLACES, name=NAMES)
    def rename(self, place: int, name: str) -> None:
        before, class_id = deepcopy(self.model), self.some_class(place)
        taken = name in [other for key, other in before.classes.items() if key != class_id]
        if class_id not in before.classes or taken:
            with pytest.raises((InvalidEdit, ClassExists)):
                self.store.change_classes(self.operation(), RenameClass(class_id, name))
            return
        self.model.classes[class_id] = name
        edit = self.store.change_classes(self.operation(), RenameClass(class_id, name))
        self.past.append(deepcopy(self.model))  # a name that stays is an edit too
        self.undo_stack.append((before, deepcopy(self.model)))
        self.redo_stack.clear()
        assert edit.revision == len(self.past) - 1

    @rule(place=PLACES, other=PLACES)
    def merge(self, place: int, other: int) -> None:
        before, class_id, into = deepcopy(self.model), self.some_class(place), self.some_class(other)
        action = MergeClass(class_id, into)
        if class_id == into or class_id not in before.classes:
            with pytest.raises(InvalidEdit):
                self.store.change_classes(self.operation(), action)
            return
        del self.model.classes[class_id]
        for sample, (label, state) in before.marks.items():
            if label == class_id:
                self.model.marks[sample] = (into, state)
        self.edited(before, self.store.change_classes(self.operation(), action))

    @rule(place=PLACES)
    def delete(self, place: int) -> None:
        before, class_id = deepcopy(self.model), self.some_class(place)
        if class_id in before.classes:
            del self.model.classes[class_id]
            for sample, (label, state) in before.marks.items():
                if label == class_id and state in LEVELS:
                    del self.model.marks[sample]
                elif label == class_id:
                    self.model.marks[sample] = (None, state)
            self.edited(before, self.store.change_classes(self.operation(), DeleteClass(class_id)))

    @rule()
    def undo(self) -> None:
        if not self.undo_stack:
            with pytest.raises(NothingToUndo):
                self.store.undo(self.operation())
            return
        step = self.undo_stack.pop()
        self.redo_stack.append(step)
        self.store.undo(self.operation())
        self.become(step[0])

    @rule()
    def redo(self) -> None:
        if not self.redo_stack:
            with pytest.raises(NothingToUndo):
                self.store.redo(self.operation())
            return
        step = self.redo_stack.pop()
        self.undo_stack.append(step)
        self.store.redo(self.operation())
        self.become(step[1])

    @rule(back=st.integers(0, 6))
    def restore(self, back: int) -> None:
        revision = max(0, len(self.past) - 1 - back)
        before = deepcopy(self.model)
        self.model = deepcopy(self.past[revision])
        self.edited(before, self.store.restore(self.operation(), revision))

    @rule(back=st.integers(0, 6), from_nothing=st.booleans())
    def catch_up(self, back: int, from_nothing: bool) -> None:
        since = 0 if from_nothing else max(0, len(self.past) - 1 - back)
        seen: dict[str, tuple[int | None, str]] = {**self.past[since].marks, **self.store.changes_since(since).changes}
        assert {sample: mark for sample, mark in seen.items() if mark != (None, "unlabeled")} == self.model.marks

    @rule()
    def restart(self) -> None:
        self.store = LabelStore(self.folder / "labels.sqlite")

    @invariant()
    def store_and_model_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        snapshot = self.store.snapshot()
        assert snapshot.marks == self.model.marks
        assert set(self.store.label_revisions()) == set(snapshot.labels)
        assert {info.id: info.name for info in snapshot.classes} == self.model.classes
        assert (snapshot.can_undo, snapshot.can_redo) == (bool(self.undo_stack), bool(self.redo_stack))
        assert snapshot.revision == len(self.past) - 1


TestLabelMachine = LabelMachine.TestCase
TestLabelMachine.settings = settings(
    max_examples=int(os.environ.get("TSNE_EXAMPLES", "80")),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
