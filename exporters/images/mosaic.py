"""Pictures put together of parts, and reduced part by part, so that they are never in memory whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import numpy as np
from PIL import Image

from exporters.images.decode import UnreadableImageError
from exporters.images.deep import ALPHA, KIND, LOWER, has_more_bits, kind_of, reduced
from exporters.images.intensity import BACKGROUND

Rectangle: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels."""
# Parts of about this side are read, each reduced before the next.
_BLOCK = 1024


def put_together(size: tuple[int, int], parts: Iterable[tuple[Image.Image, tuple[int, int]]]) -> Image.Image:
    """One picture of several as `decode` makes them.

    Args:
        size: Its width and height.
        parts: Each with where its upper left corner is. Where there is none, the picture is white; of more than 8 bits
            a value, black.
    """
    placed = list(parts)
    modes = {part.mode for part, _ in placed} or {"RGB"}
    # A part with pixels that have no value holds floats.
    mode = modes.pop() if len(modes) == 1 else "F"
    whole = Image.new(mode, size, BACKGROUND if mode == "RGB" else 0)
    if mode != "RGB":
        whole.info[KIND] = kind_of(next((part for part, _ in placed if part.mode != "F"), placed[0][0]))
    for name, layer, ground in ((LOWER, "RGB", BACKGROUND), (ALPHA, "L", 255)):
        if any(name in part.info for part, _ in placed):
            whole.info[name] = Image.new(layer, size, ground)
    for part, corner in placed:
        whole.paste(part if part.mode == mode else Image.fromarray(np.asarray(part).astype(np.float32)), corner)
        for name in (LOWER, ALPHA):
            if name in part.info:
                whole.info[name].paste(part.info[name], corner)
    return whole


def reduced_to(
    size: tuple[int, int], side: int, region: Callable[[Rectangle], Image.Image], lenient: bool
) -> Image.Image:
    """A picture averaged down by a whole number, so that its longest side is not below `side`, nor twice as long.

    Args:
        size: Its width and height.
        side: What is needed.
        region: Reads a part of it.
        lenient: Whether parts that cannot be decoded are left white.

    Raises:
        UnreadableImageError: If a part cannot be decoded.
    """
    factor = max(1, max(size) // side)
    step = factor * max(1, _BLOCK // factor)

    def parts() -> Iterator[tuple[Image.Image, tuple[int, int]]]:
        for top in range(0, size[1], step):
            for left in range(0, size[0], step):
                try:
                    part = region((left, top, min(size[0], left + step), min(size[1], top + step)))
                except UnreadableImageError:
                    if not lenient:
                        raise
                    continue
                yield smaller(part, factor), (left // factor, top // factor)

    return put_together((-(-size[0] // factor), -(-size[1] // factor)), parts())


def smaller(picture: Image.Image, factor: int) -> Image.Image:
    """A picture as `decode` makes it, averaged down by a whole number."""
    if factor <= 1:
        return picture
    return reduced(picture, factor) if has_more_bits(picture) else picture.reduce(factor)
