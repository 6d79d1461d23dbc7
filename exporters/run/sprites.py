"""The sprite sheet: every sample's tile, row by row, in one square image that TensorBoard can show."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from exporters.errors import ExportError
from exporters.images.renditions import PADDING, Bytes

MAX_SHEET_SIDE = 8192  # The stock Projector refuses larger sheets.
TILE_SIDE = 64
MAX_PNG_BYTES = 3 * 2**20
JPEG_BLOCK = 8


@dataclass(frozen=True)
class SpriteSheet:
    """An encoded sheet.

    Attributes:
        suffix: `.png` or `.jpg`.
        content: The file's bytes.
        tile_side: Width and height of one tile in pixels.
    """

    suffix: str
    content: bytes
    tile_side: int


def grid_side(count: int) -> int:
    """Tiles a row (and rows) of the square sheet of `count` tiles: ceil(sqrt(count))."""
    return math.isqrt(count - 1) + 1


def fitting_tile_side(count: int, wanted: int = TILE_SIDE) -> int:
    """The largest side up to `wanted` pixels with which `count` tiles fit into 8192 x 8192 pixels.

    Raises:
        ExportError: If not even one pixel is left for each (over 67 million samples).
    """
    side = min(wanted, MAX_SHEET_SIDE // grid_side(count))
    if side < 1:
        raise ExportError(f"{count:,} samples do not fit into a sprite sheet: export fewer with --max-samples.")
    # Whole JPEG blocks, so that no tile's edge bleeds into its neighbour.
    return side - side % JPEG_BLOCK if side >= JPEG_BLOCK else side


def make_sheet(tiles: Bytes) -> SpriteSheet:
    """Lays out and encodes the tiles, in row order, as tile i at column `i mod grid`, row `i div grid`.

    A sheet that is small as a PNG is one; photographs by the thousand become a JPEG (quality 90, full colour
    resolution), which is five to ten times smaller and looks the same at this size.

    Args:
        tiles: (N, side, side, 3) uint8, N > 0; may be a memory-mapped file.

    Returns:
        The encoded sheet, square.
    """
    side = tiles.shape[1]
    grid = grid_side(len(tiles))
    image = Image.new("RGB", (grid * side, grid * side), PADDING)
    for row in range(-(-len(tiles) // grid)):
        strip = tiles[row * grid : (row + 1) * grid]
        image.paste(Image.fromarray(np.ascontiguousarray(strip.swapaxes(0, 1)).reshape(side, -1, 3)), (0, row * side))
    if 3 * image.width * image.height <= 4 * MAX_PNG_BYTES:
        content = _encoded(image, "PNG", optimize=True)
        if len(content) <= MAX_PNG_BYTES:
            return SpriteSheet(".png", content, side)
    return SpriteSheet(".jpg", _encoded(image, "JPEG", quality=90, subsampling=0), side)


def _encoded(image: Image.Image, kind: str, **settings: int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()
