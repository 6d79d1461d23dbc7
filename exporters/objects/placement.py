"""Where an object is in the picture as it is seen, in pixels."""

from __future__ import annotations

from exporters.images.crops import Box
from exporters.images.headers import PictureSize
from exporters.objects.annotation import Odd

NEAR = 0.01
"""Shares are written with six digits: so near to whole pixels, as a share of one, they mean these."""


def place(box: Box, told_size: tuple[int, int] | None, extent: PictureSize, in_shares: bool) -> Box | Odd:
    """The box in pixels of the upright picture.

    Annotation tools show pictures upright, as their EXIF orientation says, and their boxes are meant so. A file that
    tells the size of the pixels as they are stored, and not that, is of a tool that did not turn the picture: its boxes
    are turned with it.

    Args:
        box: The box as the file gives it.
        told_size: The picture's width and height as the file tells them.
        extent: The picture's own.
        in_shares: Whether the box is in shares of width and height, not in pixels.
    """
    upright = extent.width, extent.height
    is_stored = told_size == extent.stored and told_size != upright
    if in_shares:
        box = _in_pixels(box, extent.stored if is_stored else upright)
    elif told_size is not None and told_size != upright and not is_stored:
        return Odd(
            f"it was drawn in a picture of {told_size[0]:,} x {told_size[1]:,} pixels, and this one has "
            f"{extent.width:,} x {extent.height:,}"
        )
    box = _turned(box, extent) if is_stored else box
    if box.x >= extent.width or box.y >= extent.height or box.x + box.width <= 0 or box.y + box.height <= 0:
        return Odd(f"its box lies outside of the picture ({extent.width:,} x {extent.height:,} pixels)")
    return box


def inside(box: Box, extent: PictureSize) -> Box:
    """The part of a box that lies in its picture."""
    left, top = max(0.0, box.x), max(0.0, box.y)
    right, bottom = min(extent.width, box.x + box.width), min(extent.height, box.y + box.height)
    return Box(left, top, right - left, bottom - top)


def _in_pixels(box: Box, size: tuple[int, int]) -> Box:
    left, top = _near_whole(box.x * size[0]), _near_whole(box.y * size[1])
    right, bottom = _near_whole((box.x + box.width) * size[0]), _near_whole((box.y + box.height) * size[1])
    return Box(left, top, right - left, bottom - top)


def _near_whole(value: float) -> float:
    return float(round(value)) if abs(value - round(value)) < NEAR else value


def _turned(box: Box, extent: PictureSize) -> Box:
    """The box of the stored pixels, once these are turned upright; of the turns that exchange width and height."""
    width, height = extent.stored
    right, bottom = width - box.x - box.width, height - box.y - box.height
    left, top = {5: (box.y, box.x), 6: (bottom, box.x), 7: (bottom, right), 8: (box.y, right)}[extent.turn]
    return Box(left, top, box.height, box.width)
