"""What every annotation file comes to: objects, each a box in a picture."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from exporters.images.crops import Box
from exporters.images.outcomes import Skipped
from tb_tsne_plugin.runs.format import clean_text

_SHOWN = 40


class Odd(NamedTuple):
    """Why an object cannot be cut out, to be read after its name."""

    reason: str


class GivenPicture(NamedTuple):
    """A picture as an annotation file tells of it.

    Attributes:
        names: What it may be called, the most exact first; one without an image's suffix stands for any.
        size: Its width and height, where the file tells them.
    """

    names: tuple[str, ...]
    size: tuple[int, int] | None = None


class Annotation(NamedTuple):
    """One object.

    Attributes:
        picture: The picture that it is in.
        object_id: What its file calls it, or its number in the picture's file, from 0.
        box: Where it is, or why that cannot be said.
        label: Its class; empty where there is none.
        has_id: Whether `object_id` is an id, which stays when objects before it go; a number does not.
    """

    picture: GivenPicture
    object_id: str
    box: Box | Odd
    label: str = ""
    has_id: bool = False


@dataclass
class Told:
    """What a reader has to tell beside the objects; it is complete when all of them were taken.

    Attributes:
        skipped: Files, or parts of one, that cannot be read.
        passed_over: How many annotations are no objects, by what they are.
        notes: Sentences that the user should read.
    """

    skipped: list[Skipped] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


ReadAnnotations: TypeAlias = Callable[[Path, Told], Iterator[Annotation]]
"""Reads a file, or a folder of files, and yields its objects in its order; raises an ExportError if it is none."""


def box_of_sides(values: Sequence[object]) -> Box | Odd:
    """The box of x, y, width and height."""
    numbers = _numbers(values, 4)
    return numbers if isinstance(numbers, Odd) else _checked(Box(*numbers))


def box_of_corners(values: Sequence[object]) -> Box | Odd:
    """The box of left, top, right and bottom."""
    numbers = _numbers(values, 4)
    if isinstance(numbers, Odd):
        return numbers
    left, top, right, bottom = numbers
    for begin, end in ((left, right), (top, bottom)):
        if end < begin:
            return Odd(f"its box is inside out: it ends at {end:.7g}, before it begins at {begin:.7g}")
    return _checked(Box(left, top, right - left, bottom - top))


def box_of_center(values: Sequence[object]) -> Box | Odd:
    """The box of the centre's x and y, width and height."""
    numbers = _numbers(values, 4)
    if isinstance(numbers, Odd):
        return numbers
    x, y, width, height = numbers
    return _checked(Box(x - width / 2, y - height / 2, width, height))


def box_around(values: Sequence[object]) -> Box | Odd:
    """The box around points, x and y in turn."""
    numbers = _numbers(values, None)
    if isinstance(numbers, Odd):
        return numbers
    if len(numbers) < 2 or len(numbers) % 2:
        return Odd("its outline is not made of points")
    across, down = numbers[::2], numbers[1::2]
    return box_of_corners((min(across), min(down), max(across), max(down)))


def turned_box(box: Box, degrees: object, center: tuple[float, float]) -> Box | Odd:
    """The box around a box that is turned clockwise."""
    numbers = _numbers([degrees], 1)
    if isinstance(numbers, Odd):
        return numbers
    sine, cosine = math.sin(math.radians(numbers[0])), math.cos(math.radians(numbers[0]))
    points: list[float] = []
    for x in (box.x, box.x + box.width):
        for y in (box.y, box.y + box.height):
            right, down = x - center[0], y - center[1]
            points += [center[0] + cosine * right - sine * down, center[1] + sine * right + cosine * down]
    return box_around(points)


def size_of(width: object, height: object) -> tuple[int, int] | None:
    """A picture's size as a file tells it; None where it tells none that a picture can have."""
    numbers = _numbers([width, height], 2)
    if isinstance(numbers, Odd) or min(numbers) < 1:
        return None
    return round(numbers[0]), round(numbers[1])


def _numbers(values: Sequence[object], count: int | None) -> list[float] | Odd:
    if count is not None and len(values) != count:
        return Odd("it has no box" if not values else f"its box has {len(values):,} values, not {count}")
    numbers: list[float] = []
    for value in values:
        number = number_of(value)
        if number is None:
            shown = "nothing" if value is None else clean_text(str(value))[:_SHOWN]
            return Odd(f"its box has a value that is no number ({shown})")
        numbers.append(number)
    return numbers


def number_of(value: object) -> float | None:
    """A finite number, however it is written; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _checked(box: Box) -> Box | Odd:
    if box.width > 0 and box.height > 0 and math.isfinite(sum(box)):
        return box
    return Odd(f"its box has no area ({box.width:.7g} x {box.height:.7g})")
