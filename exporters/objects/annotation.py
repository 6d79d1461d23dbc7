"""What every annotation file comes to: objects, each a box in a picture."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from exporters.images.outcomes import Skipped
from tb_tsne_plugin.runs.boxes import Box, Odd, box_around, number_of
from tb_tsne_plugin.runs.format import clean_text

_SHOWN = 40


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
        sample_id: What a run calls it, where the file was made of one.
    """

    picture: GivenPicture
    object_id: str
    box: Box | Odd
    label: str = ""
    has_id: bool = False
    sample_id: str = ""


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


def turned_box(box: Box, degrees: object, center: tuple[float, float]) -> Box | Odd:
    """The box around a box that is turned clockwise."""
    number = number_of(degrees)
    if number is None:
        return Odd(f"its box is turned by what is no number ({clean_text(str(degrees))[:_SHOWN]})")
    sine, cosine = math.sin(math.radians(number)), math.cos(math.radians(number))
    points: list[float] = []
    for x in (box.x, box.x + box.width):
        for y in (box.y, box.y + box.height):
            right, down = x - center[0], y - center[1]
            points += [center[0] + cosine * right - sine * down, center[1] + sine * right + cosine * down]
    return box_around(points)
