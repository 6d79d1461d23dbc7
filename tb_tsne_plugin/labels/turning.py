"""Undo and redo among several people: what an edit that stands no more, or stands again, changes. Without a database.

A sample has what the newest edit that stands gave it. So taking an edit back changes only samples that nobody gave
anything since, and the same with doing it again; the others stay. Classes follow where they can: one that is used
stays, and a sample cannot get back a class that is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from tb_tsne_plugin.labels.model import Change, ClassChange, ClassInfo, LabelChange, Mark, Theirs


@dataclass(frozen=True)
class Now:
    """How things are where an edit is turned.

    Attributes:
      marks: Mark of each of its samples.
      since: The newest edit that stands and came after it, of the samples that one is about.
      classes: All classes by id.
      members: The samples of a class, those that were set aside with it too.
    """

    marks: Mapping[str, Mark]
    since: Mapping[str, int]
    classes: Mapping[int, ClassInfo]
    members: Callable[[int], Collection[str]]


@dataclass(frozen=True)
class Turned:
    """What turning an edit changes.

    Attributes:
      change: What is changed.
      stayed: How many samples stay as they are, by the edit that keeps them; 0 where a class that is gone does.
    """

    change: Change
    stayed: Counter[int]


def turned(asked: Change, now: Now) -> Turned:
    """What is left of a change that other people's edits came after.

    Args:
      asked: What would be changed without them.
      now: How things are.

    Returns:
      What is changed, from what there is now.
    """
    free = {item.sample_id: item.after for item in asked.labels if item.sample_id not in now.since}
    wanted = {item.class_id: _merged(item, now.classes.get(item.class_id)) for item in asked.classes}
    wanted = {class_id: info for class_id, info in wanted.items() if info != now.classes.get(class_id)}
    while True:
        present = {key: info for key, info in {**now.classes, **wanted}.items() if info is not None}
        marks = {key: mark for key, mark in free.items() if mark.class_id is None or mark.class_id in present}
        impossible = next((key for key in wanted if _is_impossible(key, wanted, present, marks, now)), None)
        if impossible is None:
            break
        del wanted[impossible]
    labels = (LabelChange(key, now.marks[key], mark) for key, mark in marks.items())
    classes = (ClassChange(key, now.classes.get(key), info) for key, info in wanted.items())
    stayed = Counter(now.since[item.sample_id] for item in asked.labels if item.sample_id in now.since)
    stayed[0] = sum(now.marks[key] != mark for key, mark in free.items() if key not in marks)
    return Turned(Change(tuple(item for item in labels if item.before != item.after), tuple(classes)), +stayed)


def said_of_stayed(stayed: Collection[Theirs], count: int) -> str:
    """Why not all samples of an edit are as before it, or after it, again; empty where they are.

    Args:
      stayed: Those that are not, by whose they are now.
      count: How many it is about.
    """
    if not stayed:
        return ""
    kept = sum(each.count for each in stayed)
    names = [each.author for each in stayed if each.author]
    reasons = [f"{listed(names)} changed {'it' if kept == 1 else 'them'} since"] if names else []
    if len(names) < len(stayed):
        reasons.append("a class is gone")
    return f"{kept:,} of {count:,} {'stays' if kept == 1 else 'stay'}: {', and '.join(reasons)}"


def _merged(asked: ClassChange, now: ClassInfo | None) -> ClassInfo | None:
    """What a class becomes: each of its properties changes where it is as the turned edit left it."""
    if now is None:
        return asked.after if asked.before is None else None
    if asked.before is None:
        return now
    if asked.after is None:
        return None if (now.name, now.color) == (asked.before.name, asked.before.color) else now
    properties = ("name", "color", "position")
    before, after = vars(asked.before), vars(asked.after)
    return replace(now, **{name: after[name] for name in properties if vars(now)[name] == before[name]})


def _is_impossible(
    class_id: int,
    wanted: Mapping[int, ClassInfo | None],
    present: Mapping[int, ClassInfo],
    marks: Mapping[str, Mark],
    now: Now,
) -> bool:
    """Whether a class cannot become what is wanted: it would have another one's name, or go while it is used."""
    info = wanted[class_id]
    if info is None:
        return any(sample_id not in marks for sample_id in now.members(class_id))
    return any(other.name == info.name and other.id != class_id for other in present.values())


def listed(names: list[str]) -> str:
    """A few names as people say them."""
    shown = names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} others"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
