"""Pictures of more than 8 bits a value: grey ones, and the lower half of 16-bit colours, which Pillow leaves out."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ImageFile import ImageFile

Values = npt.NDArray[Any]

LOWER = "lower bytes"
"""Where an RGB picture, whose pixels are the upper bytes of its colours, carries the lower ones: in its `info`."""

# Pillow takes the first or the second byte of each colour, by the name of the order in which they lie.
_OTHER = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B" if sys.byteorder == "little" else ";16L"}


def has_more_bits(picture: Image.Image) -> bool:
    """Whether a picture holds more than 8 bits a value: in one channel, or with its `LOWER` bytes."""
    return is_gray_with_more_bits(picture) or LOWER in picture.info


def is_gray_with_more_bits(picture: Image.Image) -> bool:
    """Whether a picture has one channel of more than 8 bits: whole numbers, or floats."""
    return picture.mode.startswith("I") or picture.mode == "F"


def has_16_bit_colors(opened: ImageFile) -> bool:
    """Whether a file, of which nothing is decoded yet, has colours of 16 bits."""
    return opened.mode in ("RGB", "RGBA") and _order(opened) is not None


def choose_lower_bytes(opened: ImageFile) -> None:
    """Has the lower bytes of colours decoded, where the upper ones are decoded otherwise."""
    order = _order(opened)
    if order is not None:
        # Tiles have had names since Pillow 11; before, they were tuples.
        tiles: list[Any] = [(type(tile), (*tile[:3], _replaced(tile[3], order))) for tile in opened.tile]
        opened.tile = [getattr(kind, "_make", kind)(parts) for kind, parts in tiles]


def values_of(picture: Image.Image) -> Values:
    """What a picture with more than 8 bits a value holds: (H, W), or (H, W, 3)."""
    if LOWER in picture.info:
        upper, lower = (np.asarray(half, np.uint16) for half in (picture, picture.info[LOWER]))
        return upper * 256 + lower
    return np.asarray(picture)


def _order(opened: ImageFile) -> str | None:
    for tile in opened.tile[:1]:
        raw = tile[3][0] if isinstance(tile[3], tuple) else tile[3]
        return next((order for order in _OTHER if isinstance(raw, str) and raw.endswith(order)), None)
    return None


def _replaced(arguments: Any, order: str) -> Any:
    if isinstance(arguments, str):
        return arguments.removesuffix(order) + _OTHER[order]
    return (arguments[0].removesuffix(order) + _OTHER[order], *arguments[1:])
