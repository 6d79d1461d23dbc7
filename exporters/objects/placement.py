"""Where an object is in the picture as it is seen, in pixels."""

from __future__ import annotations

from exporters.images.headers import PictureSize
from tb_tsne_plugin.runs.boxes import Box, Odd, in_pixels, turned


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
        box = in_pixels(box, extent.stored if is_stored else upright)
    elif told_size is not None and told_size != upright and not is_stored:
        return Odd(
            f"it was drawn in a picture of {told_size[0]:,} x {told_size[1]:,} pixels, and this one has "
            f"{extent.width:,} x {extent.height:,}"
        )
    box = turned(box, extent.stored, extent.turn) if is_stored else box
    if box.x >= extent.width or box.y >= extent.height or box.x + box.width <= 0 or box.y + box.height <= 0:
        return Odd(f"its box lies outside of the picture ({extent.width:,} x {extent.height:,} pixels)")
    return box


def inside(box: Box, extent: PictureSize) -> Box:
    """The part of a box that lies in its picture."""
    left, top = max(0.0, box.x), max(0.0, box.y)
    right, bottom = min(extent.width, box.x + box.width), min(extent.height, box.y + box.height)
    return Box(left, top, right - left, bottom - top)
