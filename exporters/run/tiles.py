"""Larger tiles than those of the sprite sheet, on pages of a fixed number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO, TypeVar

import numpy as np
from PIL import Image

from exporters.images.renditions import PADDING, Bytes
from tb_tsne_plugin.runs.format import Tiles

Anything = TypeVar("Anything")

COLUMNS = PAGE_ROWS = 16
PAGE = COLUMNS * PAGE_ROWS
MAX_PAGE_SIDE = 128
# Images whose size is looked at to choose that of the larger tiles.
PEEKED = 64


def larger_tile_side(
    images: Sequence[Anything], longest_side: Callable[[Anything], int], sheet_side: int
) -> int | None:
    """The side of a tile on the pages: at most 128 pixels, and no more than some of the images have.

    Args:
        images: All images; up to 64 of them, evenly drawn, are looked at.
        longest_side: Says how large one is, in pixels.
        sheet_side: Side of a tile in the sprite sheet.

    Returns:
        Pixels; None where pages would show no more than the sheet does.
    """
    if not images:
        return None
    places = np.unique(np.linspace(0, len(images) - 1, PEEKED).astype(int))
    side = min(MAX_PAGE_SIDE, max(longest_side(images[place]) for place in places))
    return side if side > sheet_side else None


def write_page(file: BinaryIO, tiles: Sequence[Bytes]) -> None:
    """Writes at most `PAGE` tiles, (side, side, 3) uint8 each, row by row, as one JPEG."""
    side = tiles[0].shape[0]
    sheet = np.full((PAGE_ROWS * side, COLUMNS * side, 3), PADDING, np.uint8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, COLUMNS)
        sheet[row * side : (row + 1) * side, column * side : (column + 1) * side] = tile
    Image.fromarray(sheet).save(file, "JPEG", quality=88)


def tile_layout(side: int, count: int) -> Tiles:
    """How `count` tiles of this side lie on their pages."""
    return Tiles(side, COLUMNS, PAGE_ROWS, pages=-(-count // PAGE), count=count)
