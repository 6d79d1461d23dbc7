"""What each class action changes: pure rules from the classes as they are to a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from tb_tsne_plugin.labels.classes import checked_color, checked_name, next_color
from tb_tsne_plugin.labels.edits import Change, ClassChange, ClassInfo, LabelChange
from tb_tsne_plugin.labels.errors import ClassExists, InvalidEdit


class Before(NamedTuple):
    """What an action starts from.

    Attributes:
      classes: All classes, in order.
      next_id: An id for a new class.
      samples_of: The samples of a class.
    """

    classes: list[ClassInfo]
    next_id: int
    samples_of: Callable[[int], list[str]]

    def named(self, class_id: Any) -> ClassInfo:
        """The class of an id.

        Raises:
          InvalidEdit: If there is none.
        """
        for info in self.classes:
            if info.id == class_id and not isinstance(class_id, bool):
                return info
        raise InvalidEdit(f"There is no class with the id {class_id!r}.")

    def free_name(self, name: object, own: int | None = None) -> str:
        """A name that no other class has.

        Raises:
          ClassExists: If another has it.
        """
        checked = checked_name(name)
        if any(info.name == checked and info.id != own for info in self.classes):
            raise ClassExists(f"There is a class named {checked!r} already.")
        return checked


class Action(NamedTuple):
    """What an action changes, and how the history tells it."""

    change: Change
    summary: str
    class_id: int


def _add(before: Before, arguments: dict[str, Any]) -> Action:
    name = before.free_name(arguments.get("name"))
    wanted = arguments.get("color")
    color = next_color([info.color for info in before.classes]) if wanted is None else checked_color(wanted)
    position = max((info.position for info in before.classes), default=-1) + 1
    added = ClassInfo(before.next_id, name, color, position)
    return Action(Change(classes=(ClassChange(added.id, None, added),)), f"class {name} added", added.id)


def _rename(before: Before, arguments: dict[str, Any]) -> Action:
    info = before.named(arguments.get("class_id"))
    renamed = replace(info, name=before.free_name(arguments.get("name"), own=info.id))
    change = Change(classes=(ClassChange(info.id, info, renamed),))
    return Action(change, f"class {info.name} renamed {renamed.name}", info.id)


def _recolor(before: Before, arguments: dict[str, Any]) -> Action:
    info = before.named(arguments.get("class_id"))
    recolored = replace(info, color=checked_color(arguments.get("color")))
    return Action(Change(classes=(ClassChange(info.id, info, recolored),)), f"class {info.name} recoloured", info.id)


def _move(before: Before, arguments: dict[str, Any]) -> Action:
    info = before.named(arguments.get("class_id"))
    position = arguments.get("position")
    if not isinstance(position, int) or isinstance(position, bool) or not 0 <= position < len(before.classes):
        raise InvalidEdit(f"A position is a whole number from 0 to {len(before.classes) - 1}.")
    order = [other for other in before.classes if other.id != info.id]
    order.insert(position, info)
    moved = [(other, replace(other, position=place)) for place, other in enumerate(order)]
    change = Change(classes=tuple(ClassChange(old.id, old, new) for old, new in moved if old != new))
    return Action(change, f"class {info.name} moved", info.id)


def _merge(before: Before, arguments: dict[str, Any]) -> Action:
    info = before.named(arguments.get("class_id"))
    into = before.named(arguments.get("into"))
    if info.id == into.id:
        raise InvalidEdit("A class cannot be merged into itself.")
    relabeled = tuple(LabelChange(sample_id, info.id, into.id) for sample_id in before.samples_of(info.id))
    change = Change(relabeled, (ClassChange(info.id, info, None),))
    return Action(change, f"class {info.name} merged into {into.name}", into.id)


def _delete(before: Before, arguments: dict[str, Any]) -> Action:
    info = before.named(arguments.get("class_id"))
    cleared = tuple(LabelChange(sample_id, info.id, None) for sample_id in before.samples_of(info.id))
    return Action(Change(cleared, (ClassChange(info.id, info, None),)), f"class {info.name} deleted", info.id)


ACTIONS: dict[str, Callable[[Before, dict[str, Any]], Action]] = {
    "add": _add,
    "rename": _rename,
    "recolor": _recolor,
    "move": _move,
    "merge": _merge,
    "delete": _delete,
}
"""Every class action by its name."""
