"""Where objects are in their pictures, as annotation files write it, and as a run has it: in pixels of the upright one.

This module imports the standard library and the file format only: `exporters` make samples of the boxes, and the plugin
finds the samples again by them, so both must come to the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tb_tsne_plugin.runs.format import clean_text

NEAR = 0.01
"""Shares are written with six digits: so near to whole pixels, as a share of one, they mean these."""
DIGITS = 6
"""Decimals of a pixel that count where boxes are shares: what is behind them depends on the order of the arithmetic."""
TURNS = (5, 6, 7, 8)
"""EXIF orientations that exchange width and height."""
_SHOWN = 40
_YOLO_BOX, _YOLO_WITH_CONFIDENCE = 5, 6


class Box(NamedTuple):
    """A rectangle in a picture: its upper left corner, and its size, in pixels or shares of the picture."""

    x: float
    y: float
    width: float
    height: float


class Odd(NamedTuple):
    """Why an object cannot be cut out, to be read after its name."""

    reason: str


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


def box_of_coco(bbox: object, outline: object) -> Box | Odd:
    """The box of an annotation of COCO: as it is given, or without one that around its polygons.

    Args:
      bbox: Its `bbox`.
      outline: Its `segmentation`; it counts where there is no box.
    """
    if bbox:
        return box_of_sides(bbox if isinstance(bbox, list) else [bbox])
    if not isinstance(outline, list) or not outline:
        return Odd("it has neither a box nor an outline")
    polygons = outline if all(isinstance(polygon, list) for polygon in outline) else [outline]
    return box_around([value for polygon in polygons for value in polygon])


def box_of_yolo(row: Sequence[str], *, has_keypoints: bool) -> Box | Odd:
    """The box of a row of YOLO, in shares: a class, and a centre and size (a confidence may follow), or an outline.

    Args:
      row: What stands in it.
      has_keypoints: Whether keypoints follow the box.
    """
    values: list[object] = [*row[1:]]
    if len(row) in (_YOLO_BOX, _YOLO_WITH_CONFIDENCE) or (has_keypoints and len(row) > _YOLO_WITH_CONFIDENCE):
        return box_of_center(values[:4])
    if len(row) < _YOLO_BOX:
        return Odd(f"its row has {len(row):,} values, fewer than {_YOLO_BOX}")
    return box_around(values)


def in_pixels(box: Box, size: tuple[int, int]) -> Box:
    """A box in shares of a picture as one in its pixels."""
    left, top = _pixel(box.x * size[0]), _pixel(box.y * size[1])
    right, bottom = _pixel((box.x + box.width) * size[0]), _pixel((box.y + box.height) * size[1])
    return Box(left, top, round(right - left, DIGITS), round(bottom - top, DIGITS))


def turned(box: Box, stored: tuple[int, int], turn: int) -> Box:
    """The box of the pixels as they are stored, once these are turned upright.

    Args:
      box: The box.
      stored: Width and height as they are stored.
      turn: The EXIF orientation, one of `TURNS`.
    """
    width, height = stored
    right, bottom = width - box.x - box.width, height - box.y - box.height
    left, top = {5: (box.y, box.x), 6: (bottom, box.x), 7: (bottom, right), 8: (box.y, right)}[turn]
    return Box(left, top, box.height, box.width)


def size_of(width: object, height: object) -> tuple[int, int] | None:
    """A picture's size as a file tells it; None where it tells none that a picture can have."""
    numbers = _numbers([width, height], 2)
    if isinstance(numbers, Odd) or min(numbers) < 1:
        return None
    return round(numbers[0]), round(numbers[1])


def number_of(value: object) -> float | None:
    """A finite number, however it is written; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


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


def _checked(box: Box) -> Box | Odd:
    if box.width > 0 and box.height > 0 and math.isfinite(sum(box)):
        return box
    return Odd(f"its box has no area ({box.width:.7g} x {box.height:.7g})")


def _pixel(value: float) -> float:
    return float(round(value)) if abs(value - round(value)) < NEAR else round(value, DIGITS)
