"""Values out of a store, checked: SQLite keeps any kind of value in any column, whoever wrote it.

What is not as we store it is no answer and no reason to fail: the store is damaged, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from tb_tsne_plugin.labels.errors import LabelsNotStored
from tb_tsne_plugin.labels.failures import DAMAGED
from tb_tsne_plugin.labels.model import COUNTED, MAX_CLASS_ID, MAX_ID_LENGTH, STATES, ClassInfo, Mark
from tb_tsne_plugin.runs.format import MAX_LABEL_LENGTH, has_unsafe_characters

MAX_REVISION = 2**31 - 1
_IDENTITY = re.compile(r"[0-9a-f]{32}")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def damaged() -> LabelsNotStored:
    """What to raise for a value that no version of ours stores."""
    return LabelsNotStored(DAMAGED)


def is_whole(value: object, least: int = 0, most: int = MAX_REVISION) -> bool:
    """Whether a value is a whole number in a range."""
    return type(value) is int and least <= value <= most


def whole(value: Any, least: int = 0) -> int:
    """A number, a revision by its range.

    Raises:
      LabelsNotStored: If it is something else.
    """
    if not is_whole(value, least):
        raise damaged()
    return int(value)


def whole_or_none(value: Any, least: int = 0) -> int | None:
    """The same, or nothing."""
    return None if value is None else whole(value, least)


def name(value: Any) -> str:
    """The name of a class or of a label column.

    Raises:
      LabelsNotStored: If it cannot be one.
    """
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_LABEL_LENGTH or has_unsafe_characters(value):
        raise damaged()
    return value


def identity(value: Any) -> str:
    """What tells a run's labels from all others.

    Raises:
      LabelsNotStored: If it cannot be one.
    """
    if not isinstance(value, str) or not _IDENTITY.fullmatch(value):
        raise damaged()
    return value


def class_info(found: ClassInfo) -> ClassInfo:
    """A class.

    Raises:
      LabelsNotStored: If it cannot be one.
    """
    name(found.name)
    is_color = isinstance(found.color, str) and _COLOR.fullmatch(found.color)
    if not (is_whole(found.id, 1, MAX_CLASS_ID) and is_whole(found.position) and is_color):
        raise damaged()
    return found


def check_samples(ids: Collection[Any]) -> None:
    """Checks the names of many samples at once.

    Raises:
      LabelsNotStored: If one of them cannot be one.
    """
    try:
        longest = max(map(len, ids), default=0)
        "".join(ids)
    except TypeError:
        raise damaged() from None
    if longest > MAX_ID_LENGTH:
        raise damaged()


def check_wholes(values: Collection[Any], *, least: int = 0, optional: bool = False) -> None:
    """Checks many numbers at once: class ids (from 1) or revisions.

    Raises:
      LabelsNotStored: If one of them is no number in their range; None is, where they are optional.
    """
    different = set(values)
    if optional:
        different.discard(None)
    # The types of all: 1.0 hides behind 1 in a set.
    if not set(map(type, values)) <= ({int, type(None)} if optional else {int}):
        raise damaged()
    if different and not least <= min(different) <= max(different) <= MAX_REVISION:
        raise damaged()


class Marks(dict[tuple[int | None, int], Mark]):
    """Marks by class and number of the state; of each that a store has there is one object."""

    def __missing__(self, key: tuple[int | None, int]) -> Mark:
        """Makes a mark.

        Raises:
          LabelsNotStored: If no sample of ours has it.
        """
        class_id, number = key
        if not 0 <= number < len(STATES):
            raise damaged()
        made = self[key] = Mark(class_id, STATES[number])
        if made.state in COUNTED if class_id is None else made.state == "unlabeled":
            raise damaged()
        return made


def marks(class_ids: Sequence[Any], numbers: Sequence[Any], known: Marks) -> Iterable[Mark]:
    """Many marks at once.

    Args:
      class_ids: As they were read.
      numbers: Of their states, as they were read.
      known: Those that were met before.

    Raises:
      LabelsNotStored: If one of them cannot be one; some only as they are taken.
    """
    check_wholes(class_ids, least=1, optional=True)
    check_wholes(numbers)
    return map(known.__getitem__, zip(class_ids, numbers, strict=True))


def check_classes(found: Iterable[Mark], classes: Sequence[ClassInfo]) -> None:
    """Checks that the classes of all marks are there, each once.

    Raises:
      LabelsNotStored: If one is missing.
    """
    ids = {info.id for info in classes}
    if len(ids) != len(classes) or not {mark.class_id for mark in set(found)} <= {None, *ids}:
        raise damaged()
