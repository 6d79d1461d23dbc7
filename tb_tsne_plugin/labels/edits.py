"""What an edit is, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True)
class ClassInfo:
    """A class of labels.

    Attributes:
      id: Its number, never used again for another class.
      name: What people call it.
      color: #RRGGBB.
      position: Its place in the list.
    """

    id: int
    name: str
    color: str
    position: int


class LabelChange(NamedTuple):
    """One sample's class before and after an edit; None is unlabelled."""

    sample_id: str
    before: int | None
    after: int | None


class ClassChange(NamedTuple):
    """One class before and after an edit; None where it does not exist."""

    class_id: int
    before: ClassInfo | None
    after: ClassInfo | None


@dataclass(frozen=True)
class Change:
    """All that an edit changes."""

    labels: tuple[LabelChange, ...] = ()
    classes: tuple[ClassChange, ...] = ()

    @property
    def after(self) -> dict[str, int | None]:
        """Class id after the change by sample id; None is unlabelled."""
        return {change.sample_id: change.after for change in self.labels}

    def inverse(self) -> Change:
        """What takes this change back."""
        return Change(
            tuple(LabelChange(change.sample_id, change.after, change.before) for change in self.labels),
            tuple(ClassChange(change.class_id, change.after, change.before) for change in self.classes),
        )


@dataclass(frozen=True)
class Edit:
    """An edit as it was stored: what every write answers with.

    Attributes:
      revision: Its number.
      repeated: Whether it had been stored before, under the same `op_id`.
      kind: "apply", "undo", "redo", "restore", "import", or a class action.
      target: The revision that an undo, redo or restore is about.
      class_id: The class that it gave, added or changed, if one.
      changes: Class id after the edit by sample id; None is unlabelled.
      classes: All classes after the edit, in order.
      can_undo: Whether there is something to undo.
      can_redo: Whether there is something to redo.
    """

    revision: int
    repeated: bool
    kind: str
    target: int | None
    class_id: int | None
    changes: dict[str, int | None]
    classes: list[ClassInfo]
    can_undo: bool
    can_redo: bool


@dataclass(frozen=True)
class Snapshot:
    """The labels at one revision.

    Attributes:
      revision: The number of edits so far.
      labels: Class id by sample id; unlabelled samples are left out.
      classes: All classes, in order.
      can_undo: Whether there is something to undo.
      can_redo: Whether there is something to redo.
    """

    revision: int
    labels: dict[str, int]
    classes: list[ClassInfo]
    can_undo: bool
    can_redo: bool

    def names(self) -> dict[str, str]:
        """Class name by sample id."""
        by_id = {info.id: info.name for info in self.classes}
        return {sample_id: by_id[class_id] for sample_id, class_id in self.labels.items()}


@dataclass(frozen=True)
class HistoryEntry:
    """One line of the history.

    Attributes:
      revision: Its number.
      kind: As in `Edit`.
      time: ISO 8601, UTC.
      author: Who.
      summary: What, in words.
      class_id: The class given, if one was.
      count: Samples changed.
      target: The revision that an undo, redo or restore is about.
      undone: Whether it has been undone, and not redone.
      selection: How the samples were selected.
    """

    revision: int
    kind: str
    time: str
    author: str
    summary: str
    class_id: int | None
    count: int
    target: int | None
    undone: bool
    selection: dict[str, Any] | None
