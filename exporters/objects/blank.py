"""Which parts of a picture show nothing: bare glass, sky, water."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from exporters.images.deep import has_more_bits
from exporters.images.intensity import EACH, Intensity
from exporters.images.mosaic import smaller
from tb_tsne_plugin.runs.boxes import Box

LEVELS = 10
"""Of 256, between which all values of a colour lie where nothing is seen: what light, sensor and JPEG make of glass."""
PIXELS = 16
"""What a part's side is averaged down to before it is looked at: noise goes, and what can be seen stays."""
MAX_SIDE = 4096
"""Of what is looked at of a picture."""


def side_to_look_at(extent: tuple[int, int], part: int) -> int:
    """How large a picture has to be for parts of a side to be looked at."""
    return min(MAX_SIDE, max(1, max(extent) * PIXELS // part))


def blank_parts(picture: Image.Image, extent: tuple[int, int], boxes: Sequence[Box], side: int) -> list[bool]:
    """Whether each part shows nothing: every colour is nearly the same all over it.

    Args:
        picture: The picture, perhaps reduced.
        extent: How many pixels wide and high it is in truth.
        boxes: The parts, in these pixels.
        side: How large it has to be to be looked at.
    """
    picture = smaller(picture, max(picture.size) // side)
    if has_more_bits(picture):
        picture = Intensity(EACH).shown(picture)
    values = np.asarray(picture)
    wide, high = picture.width / extent[0], picture.height / extent[1]

    def is_blank(box: Box) -> bool:
        rows = slice(int(box.y * high), max(int(box.y * high) + 1, int(-(-(box.y + box.height) * high // 1))))
        columns = slice(int(box.x * wide), max(int(box.x * wide) + 1, int(-(-(box.x + box.width) * wide // 1))))
        part = values[rows, columns]
        return bool(np.all(part.max((0, 1), initial=0).astype(int) - part.min((0, 1), initial=255) <= LEVELS))

    return [is_blank(box) for box in boxes]
